package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kinoautomat/recommend"
	"kinoautomat/room"
)

const (
	showsLearned  = 1024      // shows, the newest, of which it is known that their lesson is in the counts
	relearnWithin = time.Hour // a lesson that comes later after its show's end is not learned: nobody may know any more whether it was
)

// errLearned is that what is kept is none of ours, or damaged.
var errLearned = errors.New("what rooms have learned cannot be read")

// learned is what is kept of all lessons: counts, and which shows they are of. There is no person in it and no room.
type learned struct {
	shows  []string // ids, the newest last
	counts recommend.Counts
}

// learn adds a show's lesson, once.
func (l *learned) learn(lesson room.Lesson) {
	if slices.Contains(l.shows, lesson.Show) {
		return
	}
	l.shows = append(l.shows[max(0, len(l.shows)+1-showsLearned):], lesson.Show)
	for _, b := range lesson.Baskets {
		l.counts.Learn(recommend.Basket{Liked: b.Liked, Played: b.Opened, Dismissed: b.Dismissed})
	}
}

// encode is a line of JSON with the shows, and then the counts.
func (l *learned) encode() []byte {
	shows, err := json.Marshal(l.shows)
	if err != nil {
		panic(err) // they are strings
	}
	return slices.Concat(shows, []byte("\n"), l.counts.Encode())
}

// decodeLearned reads what encode wrote; of nothing nothing was learned. Its errors wrap errLearned.
func decodeLearned(sum []byte) (*learned, error) {
	l := &learned{}
	if len(sum) == 0 {
		return l, nil
	}
	shows, counts, _ := bytes.Cut(sum, []byte("\n"))
	if err := json.Unmarshal(shows, &l.shows); err != nil {
		return nil, fmt.Errorf("%w: %w", errLearned, err)
	}
	read, err := recommend.DecodeCounts(counts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errLearned, err)
	}
	l.counts = *read
	return l, nil
}
