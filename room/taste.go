package room

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"kinoautomat/story"
)

// Limits of what is kept of one viewer's taste.
const (
	MarksKept  = 100  // marks of each kind; beyond it the oldest goes
	RatedKept  = 50   // stories of which a viewer's stars are remembered; beyond it no more are
	tasteEvery = 1000 // milliseconds between two times that a viewer asks for picks of their own
	likedStars = 4    // from which on a viewer liked a show
	meantStars = 2    // up to which they did not
)

// storyItem is the id of a story among picks.
func storyItem(id string) string { return "story:" + id }

// marked are a viewer's marks of a kind.
func (v *View) marked(action PickAction) *[]string {
	switch action {
	case PickOpened:
		return &v.Opened
	case PickDismissed:
		return &v.Dismissed
	case PickWanted:
		return &v.Wanted
	}
	return &v.Picks
}

// mark adds a mark, or takes it back, and counts it.
func (s *State) mark(v *View, action PickAction, item string, off bool) {
	marks, counts := v.marked(action), s.live.marks[action]
	lose := func(at int) {
		lost := (*marks)[at]
		*marks = slices.Delete(*marks, at, at+1)
		if counts[lost]--; counts[lost] == 0 {
			delete(counts, lost)
		}
	}
	if at := slices.Index(*marks, item); at >= 0 {
		lose(at)
	}
	if off {
		return
	}
	if len(*marks) >= MarksKept {
		lose(0)
	}
	*marks = append(*marks, item)
	counts[item]++
}

// countMarks adds somebody's marks to the counts, or takes them out (by = -1).
func (s *State) countMarks(v *View, by int) {
	for _, action := range PickActions {
		counts := s.live.marks[action]
		for _, item := range *v.marked(action) {
			if counts[item] += by; counts[item] == 0 {
				delete(counts, item)
			}
		}
	}
}

func (s *State) pick(c Command, p PickItem, _ int64) (any, error) {
	action := cmp.Or(p.Action, PickLiked)
	if !slices.Contains(PickActions, action) {
		return nil, Refuse(CodeBadData, "action must be one of %v", PickActions)
	}
	v := s.People[c.Viewer]
	has := slices.Contains(*v.marked(action), p.ID)
	switch {
	case !has && !s.offers(v, p.ID):
		return nil, Refuse(CodeBadData, "the sidebar does not show that pick")
	case action == PickWanted && !strings.HasPrefix(p.ID, storyItem("")):
		return nil, Refuse(CodeBadData, "only a story of this node can be the next show")
	case has == p.Off:
		from, known := s.Shown[p.ID]
		if !known {
			from = exposed{s.sourceFor(v, p.ID), 1}
		}
		s.record(evPicked, "", nil, &pickMarked{Viewer: c.Viewer, Item: p.ID, Off: p.Off, Action: p.Action, exposed: from})
	}
	return nil, nil
}

// offers says whether a viewer was shown a pick: in the room's list, now or earlier in the show, or in their own.
func (s *State) offers(v *View, item string) bool {
	_, shown := s.Shown[item]
	return shown || slices.Contains(v.offered, item) || slices.ContainsFunc(s.live.picks, func(p Pick) bool { return p.ID == item })
}

func (s *State) sourceFor(v *View, item string) PickSource {
	for _, p := range s.live.picks {
		if p.ID == item {
			return p.Source
		}
	}
	if slices.Contains(v.offered, item) {
		return SourceOwn
	}
	return SourceRanked
}

func (s *State) remember(c Command, r Remember, _ int64) (any, error) {
	if s.People[c.Viewer].Remembered != r.On {
		s.record(evRemembered, "", nil, &viewerRemembered{Viewer: c.Viewer, On: r.On})
	}
	return nil, nil
}

// forgetTaste drops at once what a viewer gave.
func (s *State) forgetTaste(viewer string) {
	if v := s.People[viewer]; v != nil {
		s.record(evForgotten, "", nil, &viewerForgotten{Viewer: viewer})
		v.offered = nil
	}
}

func (s *State) foldTaste(e Event) {
	switch hidden := e.Hidden.(type) {
	case *pickMarked:
		v := s.People[hidden.Viewer]
		if v == nil {
			return
		}
		action := cmp.Or(hidden.Action, PickLiked)
		s.mark(v, action, hidden.Item, hidden.Off)
		opposite := map[PickAction]PickAction{PickLiked: PickDismissed, PickWanted: PickDismissed}[action]
		if action == PickDismissed {
			s.mark(v, PickLiked, hidden.Item, true)
			s.mark(v, PickWanted, hidden.Item, true)
		} else if opposite != "" && !hidden.Off {
			s.mark(v, opposite, hidden.Item, true)
		}
		kind := map[PickAction]Cause{PickLiked: CauseLiked, PickDismissed: CauseDismissed}[action]
		s.interested(s.together(kind, hidden.Item, s.live.marks[action][hidden.Item]))
	case *viewerRemembered:
		if v := s.People[hidden.Viewer]; v != nil {
			if v.Remembered = hidden.On; !v.Remembered {
				v.Rated = nil
				if s.Phase == PhaseLobby || s.Phase == PhaseEnded && !v.Here {
					s.letGo(v)
				}
			}
		}
	case *viewerForgotten:
		if v := s.People[hidden.Viewer]; v != nil {
			v.Remembered, v.Rated = false, nil
			s.letGo(v)
			s.dropStars(v)
			s.interested(cause{})
		}
	}
}

// letGo drops what somebody gave during a show, unless they want it remembered. Their ballots go in any case.
func (s *State) letGo(v *View) {
	v.Chose = nil
	if v.Remembered {
		return
	}
	if len(v.Picks)+len(v.Opened)+len(v.Dismissed)+len(v.Wanted) > 0 {
		s.live.interestAt++
	}
	s.countMarks(v, -1)
	v.Picks, v.Opened, v.Dismissed, v.Wanted, v.Learned = nil, nil, nil, nil, nil
}

func (s *State) dropStars(v *View) {
	if v.Stars == 0 {
		return
	}
	s.countStars(v.Stars, -1)
	v.Stars = 0
	s.live.dirty[evRatingChanged] = true
}

// letAllGo is the end of a show for what viewers gave in it.
func (s *State) letAllGo() {
	for _, v := range s.People {
		if v.Remembered && v.Stars > 0 && (v.Rated[s.StoryID] > 0 || len(v.Rated) < RatedKept) {
			if v.Rated == nil {
				v.Rated = map[string]int{}
			}
			v.Rated[s.StoryID] = v.Stars
		}
		s.dropStars(v)
		s.letGo(v)
	}
	s.Asked, s.Shown, s.Moved, s.Feelings = nil, nil, nil, map[string]int{}
	s.live.cause = cause{}
	s.live.interestAt++
}

// keepBallots keeps who voted for what in the poll that has closed, for picks of their own.
func (s *State) keepBallots() {
	s.Asked = append(s.Asked, asked{Poll: s.Poll.Poll, Choices: s.Poll.Choices})
	for viewer, ballot := range s.Poll.Vote.Ballots {
		if v := s.People[viewer]; v != nil && len(ballot) > 0 {
			for len(v.Chose) < len(s.Asked)-1 {
				v.Chose = append(v.Chose, "")
			}
			v.Chose = append(v.Chose, ballot[0])
		}
	}
}

// taste is what somebody showed of their taste.
func (s *State) taste(v *View) Taste {
	t := Taste{Liked: slices.Clone(v.Picks), Opened: slices.Clone(v.Opened)}
	for _, id := range v.ratedStories(func(stars int) bool { return stars >= likedStars }) {
		t.Liked = append(t.Liked, storyItem(id))
	}
	if v.Stars >= likedStars {
		t.Liked = append(t.Liked, storyItem(s.StoryID))
	}
	return t
}

func (v *View) ratedStories(with func(stars int) bool) []string {
	var ids []string
	for id, stars := range v.Rated {
		if with(stars) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// OwnTaste is what a node needs for picks of a viewer's own. It is never told to anybody else.
type OwnTaste struct {
	Kept     Kept     `json:"kept"`
	Interest Interest `json:"interest"`
}

// OwnBallot marks, before a quote in Interest.Path, what a viewer voted for and the room did not.
const OwnBallot = "\ue000"

// ownTaste answers REST. Asking only for what is kept (data null) is not limited.
func (s *State) ownTaste(c Command, now int64) (*OwnTaste, error) {
	v := s.People[c.Viewer]
	if v == nil {
		v = &View{Person: Person{ID: c.Viewer, Name: c.Name, Role: c.Role}}
	}
	if v.Banned {
		return nil, Refuse(CodeBanned, "you were removed from this room")
	}
	own := &OwnTaste{Kept: s.kept(v)}
	if absent(c.Data) {
		return own, nil
	}
	if !v.Here {
		return nil, Refuse(CodeNotJoined, "join first")
	}
	if since := now - v.tasteAt; v.tasteAt > 0 && since < tasteEvery {
		e := Refuse(CodeTooFast, "wait a little before you ask again")
		e.Retry = tasteEvery - since
		return nil, e
	}
	v.tasteAt = now
	own.Interest = s.ownInterest(v)
	return own, nil
}

func (s *State) kept(v *View) Kept {
	k := Kept{
		Viewer: v.ID, Name: v.Name, Remembered: v.Remembered, Stars: v.Stars, Rated: v.Rated,
		Liked: append([]string{}, v.Picks...), Opened: append([]string{}, v.Opened...), Dismissed: append([]string{}, v.Dismissed...),
		Wanted: append([]string{}, v.Wanted...), Chose: []Chose{},
	}
	for i, choice := range v.Chose {
		if choice != "" && i < len(s.Asked) {
			k.Chose = append(k.Chose, Chose{Poll: s.Asked[i].Poll, Choice: choice, Label: s.Asked[i].label(choice)})
		}
	}
	return k
}

func (a asked) label(choice string) string {
	for _, c := range a.Choices {
		if c.ID == choice {
			return c.Label
		}
	}
	return ""
}

// ownInterest is a viewer's taste as if they were the room: what they watched, with their own votes for the room's, and their own marks.
func (s *State) ownInterest(v *View) Interest {
	in := Interest{Language: s.Language, Story: s.StoryID, Liked: map[string]int{}, Vetoed: slices.Clone(v.Dismissed), Tastes: []Taste{s.taste(v)}}
	for _, id := range in.Tastes[0].Liked {
		in.Liked[id] = 1
	}
	for _, id := range v.ratedStories(func(stars int) bool { return stars <= meantStars }) {
		in.Vetoed = append(in.Vetoed, storyItem(id))
	}
	mine := map[string]Chose{}
	for _, chose := range s.kept(v).Chose {
		mine[chose.Poll] = chose
	}
	for _, step := range s.Path {
		own, voted := mine[step.Poll]
		if step.Poll != "" && (!voted || own.Choice != step.Choice) {
			step.Label = ""
		}
		in.Path = append(in.Path, step)
		if voted && own.Choice != step.Choice {
			in.Path = append(in.Path, story.Step{Title: OwnBallot + clipQuote(own.Label), Text: own.Label})
		}
	}
	return in
}

// offered notes which picks of their own a viewer was shown, so that they can mark them. Only the last list counts, and no journal has it.
func (s *State) offered(c Command) error {
	var ids []string
	if err := json.Unmarshal(c.Data, &ids); err != nil {
		return Refuse(CodeBadData, "the list of picks cannot be read")
	}
	if v := s.People[c.Viewer]; v != nil {
		v.offered = ids
	}
	return nil
}

// atScene is the cause that the running scene is.
func (s *State) atScene() cause {
	if s.Scene == nil {
		return cause{}
	}
	return cause{kind: CauseScene, quotes: map[string]string{"": s.Scene.Title}}
}
