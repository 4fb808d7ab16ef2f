package room

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"kinoautomat/story"
)

// Limits of the sidebar.
const (
	MaxReasons    = 3 // of a pick that are told
	sidebarEvery  = 1000
	leastFelt     = 3   // reactions of a show, or as many as viewers are here, from which on the room felt something
	feltShareOf   = 20  // and in a large room one for so many viewers
	movedFade     = 0.5 // what a reaction counts for a scene later
	vetoShareOf   = 5   // a pick that one in so many viewers sent away is not offered to the room
	leastTogether = 2   // viewers who must have done the same before it is called what the room did
)

// Interest is what a room has shown of its taste, or one viewer has who wants picks of their own. It names nobody.
type Interest struct {
	Language string
	Story    string             // the running story's id
	Path     []story.Step       // texts included, oldest first; the last may be running
	Mood     string             // of the running scene's cue, "" when it has none
	Feelings map[string]float64 // shares of 1
	Liked    map[string]int     // viewers who marked a pick, by id; never nil
	Vetoed   []string           // ids that are not to be offered
	Tastes   []Taste            // of those here who showed any, in no telling order
	Turn     int                // 1 or more: whose favourite comes first, where that is one of several; 0: nobody's
	Explore  uint64             // seed of the pick that is there to learn from; 0: none
}

// Taste is what one viewer showed, oldest first.
type Taste struct {
	Liked  []string // ids of what they marked, and of stories that they gave four or five stars
	Opened []string
}

// Sidebar is what is offered to a room.
type Sidebar struct {
	Picks []Pick
	Next  []string // ids of stories that could be next, best first
}

// PickSource is what gave a pick.
type PickSource string

const (
	SourceRanked   PickSource = "ranked"   // the room's ranking
	SourceExplored PickSource = "explored" // drawn to learn from, with Pick.Chance
	SourceOwn      PickSource = "own"      // a viewer's own ranking
	SourceShelf    PickSource = "shelf"    // somebody chose a story that the sidebar had not shown
)

// PickSources are all of them.
var PickSources = []PickSource{SourceRanked, SourceExplored, SourceOwn, SourceShelf}

// exposed is how a pick came to be seen.
type exposed struct {
	Source PickSource `json:"source"`
	Chance float64    `json:"chance"`
}

// SetSidebar puts a new list into the sidebar. It is told if it differs from the one before, at most once a second.
func (s *State) SetSidebar(now int64, list Sidebar) []Event {
	now = s.begin(now)
	s.live.picks, s.live.next = list.Picks, list.Next
	s.show(list.Picks)
	if s.live.sidebarDue = !samePicks(s.live.told, s.counted(s.live.picks)); !s.live.sidebarDue {
		s.live.cause = cause{} // whatever happened, it did not change the list
	}
	s.tellSidebar(now)
	s.flush(now)
	return s.take()
}

// tellSidebar tells the list that waits to be told.
func (s *State) tellSidebar(now int64) {
	if !s.live.sidebarDue || now < s.live.sidebarAt {
		return
	}
	s.live.sidebarAt = now + sidebarEvery
	s.tellPicks(s.change(s.counted(s.live.picks)))
}

func (s *State) tellPicks(because *SidebarChange) {
	s.live.told, s.live.sidebarDue, s.live.cause = s.counted(s.live.picks), false, cause{}
	s.pass(evSidebarChanged, &SidebarChanged{Picks: s.live.told, Because: because})
}

func samePicks(a, b []Pick) bool {
	return a != nil && slices.EqualFunc(a, b, func(a, b Pick) bool {
		return a.ID == b.ID && a.Reason == b.Reason && a.Liked == b.Liked && a.Wanted == b.Wanted
	})
}

// counted is a list with the marks of the moment.
func (s *State) counted(list []Pick) []Pick {
	picks := append([]Pick{}, list...)
	for i, p := range picks {
		picks[i].Liked, picks[i].Wanted = s.live.marks[PickLiked][p.ID], s.live.marks[PickWanted][p.ID]
	}
	return picks
}

// change says what is new in a list, and what has risen: what has only been pushed down is neither.
func (s *State) change(picks []Pick) *SidebarChange {
	change := SidebarChange{New: []string{}, Moved: []string{}}
	var before []string // those that stayed, in the old order
	for _, p := range s.live.told {
		if slices.ContainsFunc(picks, func(now Pick) bool { return now.ID == p.ID }) {
			before = append(before, p.ID)
		}
	}
	place := 0 // among those that stayed
	for _, p := range picks {
		switch was := slices.Index(before, p.ID); {
		case was < 0:
			change.New = append(change.New, p.ID)
		default:
			if place++; was >= place {
				change.Moved = append(change.Moved, p.ID)
			}
		}
	}
	if s.live.told == nil || len(change.New)+len(change.Moved) == 0 {
		return nil
	}
	because := s.live.cause
	if because.kind == CauseFelt {
		because = s.feltMost()
	}
	change.Cause, change.Words = because.kind, because.words()
	return &change
}

// show notes what viewers see for the first time in a show.
func (s *State) show(picks []Pick) {
	if s.Show == "" || s.live.here == 0 {
		return
	}
	shown := picksShown{Viewers: s.live.here}
	for _, p := range picks {
		if _, known := s.Shown[p.ID]; !known {
			shown.Picks = append(shown.Picks, shownPick{p.ID, exposed{p.Source, p.Chance}})
		}
	}
	if len(shown.Picks) > 0 {
		s.record(evPicksShown, "", nil, &shown)
	}
}

func (s *State) foldShown(shown *picksShown) {
	if s.Shown == nil {
		s.Shown = map[string]exposed{}
	}
	for _, p := range shown.Picks {
		s.Shown[p.Item] = p.exposed
	}
}

// Interest returns the room's taste.
func (s *State) Interest() Interest {
	in := Interest{
		Language: s.Language, Story: s.StoryID, Path: slices.Clone(s.Path), Feelings: s.felt(), Liked: maps.Clone(s.live.marks[PickLiked]),
		Vetoed: s.vetoes(), Tastes: s.tastes(),
	}
	if s.Scene == nil {
		return in
	}
	if s.Scene.Script.Cue != nil {
		in.Mood = s.Scene.Script.Cue.Mood
	}
	if len(in.Tastes) >= leastTogether {
		in.Turn = s.Scene.Number
	}
	seed := s.seed(fmt.Sprintf("explore %d", s.Scene.Number))
	in.Explore = max(1, binary.BigEndian.Uint64(seed[:8]))
	return in
}

// felt are the room's feelings as shares of 1; those of scenes that are over fade. While only few have reacted it is not the room that felt.
func (s *State) felt() map[string]float64 {
	reactions, shares, sum := 0, map[string]float64{}, 0.0
	for feeling, n := range s.Feelings {
		reactions += n
		shares[feeling] = s.Moved[feeling]
	}
	for feeling, n := range s.live.reactions {
		reactions += n
		shares[feeling] += float64(n)
	}
	if reactions < max(1, min(leastFelt, s.live.here), s.live.here/feltShareOf) {
		return map[string]float64{}
	}
	for _, n := range shares {
		sum += n
	}
	for feeling := range shares {
		shares[feeling] /= sum
	}
	return shares
}

// fade makes room for the feelings of a new scene.
func (s *State) fade() {
	for feeling := range s.Moved {
		s.Moved[feeling] *= movedFade
	}
}

// vetoes are the picks that so many sent away that nobody is offered them.
func (s *State) vetoes() []string {
	var ids []string
	for id, n := range s.live.marks[PickDismissed] {
		if n*vetoShareOf >= s.live.here {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// tastes are those of people here, in the order of their ids, which say nothing.
func (s *State) tastes() []Taste {
	var ids []string
	for id, v := range s.People {
		if v.Here && (len(v.Picks) > 0 || len(v.Opened) > 0 || v.Stars >= likedStars || len(v.Rated) > 0) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var all []Taste
	for _, id := range ids {
		if t := s.taste(s.People[id]); len(t.Liked)+len(t.Opened) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// cause is what changed the list: of several the one that says most.
type cause struct {
	kind   Cause
	quotes map[string]string // by language; "" for any other
	count  int
}

var causeRank = map[Cause]int{
	CauseVoted: 7, CauseTurned: 6, CauseFelt: 5, CauseDismissed: 4, CauseLiked: 3, CauseEnded: 2, CauseRated: 2, CauseScene: 1,
}

// interested notes that the room has shown something of its taste.
func (s *State) interested(because cause) {
	s.live.interestAt++
	if causeRank[because.kind] >= causeRank[s.live.cause.kind] {
		s.live.cause = because
	}
}

// feltMost is the feeling that was shared most in the running scene, and before it where that has none; none where the room felt nothing.
func (s *State) feltMost() cause {
	felt := s.felt()
	if len(s.live.reactions) > 0 && len(felt) > 0 {
		clear(felt)
		for feeling, n := range s.live.reactions {
			felt[feeling] = float64(n)
		}
	}
	most := slices.MaxFunc(Feelings, func(a, b string) int { return cmp.Compare(felt[a], felt[b]) })
	if felt[most] == 0 {
		return cause{}
	}
	quotes := map[string]string{}
	for language, lang := range causesSpoken {
		quotes[language] = lang.feelings[most]
	}
	return cause{kind: CauseFelt, quotes: quotes}
}

// decided is the cause that a poll's result is.
func decided(label string, by string) cause {
	kind := CauseTurned
	if by == "majority" || by == "tie_break" {
		kind = CauseVoted
	}
	return cause{kind: kind, quotes: map[string]string{"": label}}
}

// together is what several did; nothing is said of what one did.
func (s *State) together(kind Cause, item string, count int) cause {
	at := slices.IndexFunc(s.live.picks, func(p Pick) bool { return p.ID == item })
	if count < leastTogether || item != "" && at < 0 {
		return cause{}
	}
	because := cause{kind: kind, count: count, quotes: map[string]string{}}
	if item != "" {
		for language, words := range s.live.picks[at].Words {
			because.quotes[language] = words.Title
		}
	}
	return because
}
