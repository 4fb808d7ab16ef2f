package room

import (
	"maps"
	"slices"
	"time"
)

// Lesson is what there is to learn from a show that has ended. It names nobody.
type Lesson struct {
	Show    string // its id
	EndedAt time.Time
	Baskets []Basket // of those who did anything, in no telling order
}

// Basket is what one viewer did with picks during one show, oldest first.
type Basket struct {
	Liked     []string // that they marked, want to see next, or gave four or five stars
	Opened    []string
	Dismissed []string
}

// learn takes note of a show that ends, before what viewers gave in it is dropped. Rebuilding a room from its journal takes note of the same
// once more: who learns has to know shows by their id.
func (s *State) learn(endedAt int64) {
	lesson := Lesson{Show: s.Show, EndedAt: time.UnixMilli(endedAt)}
	for _, id := range slices.Sorted(maps.Keys(s.People)) {
		if b := s.People[id].basket(s.StoryID); len(b.Liked)+len(b.Opened)+len(b.Dismissed) > 0 {
			lesson.Baskets = append(lesson.Baskets, b)
		}
	}
	if len(lesson.Baskets) > 0 {
		s.live.lessons = append(s.live.lessons, lesson)
	}
}

// basket is what somebody did in this show, and notes that it is learned: who wants it remembered brings it along to the next.
func (v *View) basket(story string) Basket {
	fresh := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(v.Learned, id) })
	}
	b := Basket{Liked: fresh(slices.Concat(v.Picks, v.Wanted)), Opened: fresh(v.Opened), Dismissed: fresh(v.Dismissed)}
	if id := storyItem(story); v.Stars >= likedStars && !slices.Contains(v.Learned, id) {
		b.Liked = append(b.Liked, id)
	}
	v.Learned = slices.Compact(slices.Sorted(slices.Values(slices.Concat(v.Picks, v.Wanted, v.Opened, v.Dismissed))))
	return b
}

// Lessons are what was noted to learn since they were last asked for.
func (s *State) Lessons() []Lesson {
	lessons := s.live.lessons
	s.live.lessons = nil
	return lessons
}
