package room

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func picksOf(ids ...string) Sidebar {
	var list Sidebar
	for _, id := range ids {
		list.Picks = append(list.Picks, Pick{ID: id, Title: id, Words: map[string]PickText{"en": {Title: id}, "zh-Hans": {Title: id + "片"}}, Source: SourceRanked, Chance: 1})
	}
	return list
}

// lists are those that were told, oldest first.
func (s *stage) lists() []*SidebarChanged {
	var all []*SidebarChanged
	for _, e := range s.of(evSidebarChanged) {
		all = append(all, e.Data.(*SidebarChanged))
	}
	return all
}

func (s *stage) sidebar(ids ...string) *SidebarChanged {
	s.t.Helper()
	s.keep(s.state.SetSidebar(s.now, picksOf(ids...)))
	s.pass(1)
	all := s.lists()
	return all[len(all)-1]
}

func TestSidebar_SaysWhatChangedAndWhy(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo", "cy")
	if first := s.sidebar("a", "b", "c"); first.Because != nil {
		t.Errorf("the first list has a cause: %+v", first.Because)
	}
	s.host("start", nil)
	s.pass(0.5)
	for _, who := range []string{"ada", "bo", "cy"} {
		s.do(who, RoleViewer, "react", React{Feeling: "fear"})
	}
	want := &SidebarChange{New: []string{"d"}, Moved: []string{"c"}, Cause: CauseFelt, Words: map[string]string{"en": "The room felt fear", "zh-Hans": "大家感到了恐惧"}}
	if diff := cmp.Diff(want, s.sidebar("c", "d", "a").Because); diff != "" {
		t.Error("after reactions (-want +got):", diff)
	}
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	s.vote("ada", "b")
	s.host("close_poll", nil)
	got := s.sidebar("a", "c", "d").Because
	want = &SidebarChange{New: []string{}, Moved: []string{"a"}, Cause: CauseVoted, Words: map[string]string{"en": "You voted for “Walk in”", "zh-Hans": "你们选了“Walk in”"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("after a vote (-want +got):", diff)
	}
	n := len(s.lists())
	s.sidebar("a", "c", "d")
	if len(s.lists()) != n {
		t.Error("the same list was told again")
	}
	s.sameAfterReplay()
}

// However often the list changes, it is told once a second, and the last of it is told.
func TestSidebar_IsToldOnceASecond(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	for i := range 40 {
		s.keep(s.state.SetSidebar(s.now, picksOf([]string{"a", "b", "c", "d"}[i%4])))
		s.pass(0.1)
	}
	s.pass(1)
	events := s.of(evSidebarChanged)
	if len(events) < 4 || len(events) > 6 {
		t.Errorf("told %d times in 5 s", len(events))
	}
	for i := 1; i < len(events); i++ {
		if gap := events[i].At - events[i-1].At; gap < sidebarEvery {
			t.Errorf("told again after %d ms", gap)
		}
	}
	if last := s.lists()[len(events)-1]; last.Picks[0].ID != "d" {
		t.Errorf("the last list told is %s", last.Picks[0].ID)
	}
}

func TestSidebar_FollowsWhateverShowsTaste(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.sidebar("a", "b")
	moved := func(what string, do func()) {
		t.Helper()
		before := s.state.live.interestAt
		if do(); s.state.live.interestAt == before {
			t.Errorf("%s did not count", what)
		}
	}
	moved("a scene", func() { s.host("start", nil) })
	moved("a reaction", func() { s.do("ada", RoleViewer, "react", React{Feeling: "joy"}) })
	for _, action := range PickActions[:3] {
		moved(string(action), func() { s.do("ada", RoleViewer, "pick", PickItem{ID: "a", Action: action}) })
		moved(string(action)+" taken back", func() { s.do("ada", RoleViewer, "pick", PickItem{ID: "a", Action: action, Off: true}) })
	}
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	s.vote("ada", "a")
	moved("a result", func() { s.host("close_poll", nil) })
	moved("the end", func() { s.host("end", nil) })
	moved("a rating", func() { s.do("ada", RoleViewer, "rate", Rate{Stars: 5}) })
}

// One viewer's affair is never given as the room's.
func TestSidebar_NoCauseSinglesOut(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo", "cy")
	s.host("start", nil)
	s.pass(3) // the scene is told
	s.sidebar("a", "b")
	quiet := func(what string, ids ...string) {
		t.Helper()
		if because := s.sidebar(ids...).Because; because == nil || because.Cause != "" || because.Words != nil {
			t.Errorf("after %s: %+v", what, because)
		}
	}
	s.do("ada", RoleViewer, "react", React{Feeling: "anger"})
	quiet("one reaction", "b", "a")
	if felt := s.state.Interest().Feelings; len(felt) > 0 {
		t.Errorf("one reaction of three viewers is the room's feeling: %v", felt)
	}
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a"})
	quiet("one mark", "a", "b")
	s.do("ada", RoleViewer, "pick", PickItem{ID: "b", Action: PickDismissed})
	quiet("one dismissal", "a", "c")
	if in := s.state.Interest(); in.Turn != 0 {
		t.Errorf("one viewer's favourite has a turn")
	}
	s.do("bo", RoleViewer, "pick", PickItem{ID: "a"})
	because := s.sidebar("c", "a").Because
	if because.Cause != CauseLiked || because.Words["en"] != "2 of you marked “a”" || because.Words["zh-Hans"] != "你们中有2人标记了《a片》" {
		t.Errorf("after two marks: %+v", because)
	}
}

func TestInterest_FeelingsFade(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.host("start", nil)
	for range 8 {
		s.do("ada", RoleViewer, "react", React{Feeling: "joy"})
		s.pass(0.4)
	}
	if felt := s.state.Interest().Feelings; felt["joy"] != 1 {
		t.Fatalf("felt %v", felt)
	}
	for s.state.Scene.Number == 1 {
		s.pass(1)
	}
	for range 4 {
		s.do("ada", RoleViewer, "react", React{Feeling: "fear"})
		s.pass(0.4)
	}
	if felt := s.state.Interest().Feelings; felt["fear"] != 0.5 || felt["joy"] != 0.5 {
		t.Errorf("4 reactions now and 8 of the scene before: %v", felt)
	}
	s.sameAfterReplay()
}

// In a small room one dismissal is a veto, in a larger one it takes a fifth.
func TestInterest_Vetoes(t *testing.T) {
	for here, needed := range map[int]int{1: 1, 5: 1, 6: 2, 10: 2, 11: 3} {
		s := newStage(t, Settings{})
		for i := range here {
			s.audience(string(rune('a' + i)))
		}
		s.sidebar("film")
		dismissed := 0
		for !slices.Contains(s.state.Interest().Vetoed, "film") {
			s.do(string(rune('a'+dismissed)), RoleViewer, "pick", PickItem{ID: "film", Action: PickDismissed})
			dismissed++
		}
		if dismissed != needed {
			t.Errorf("of %d viewers it took %d, want %d", here, dismissed, needed)
		}
		s.do("a", RoleViewer, "pick", PickItem{ID: "film", Action: PickDismissed, Off: true})
		if got := s.state.Interest().Vetoed; len(got) > 0 {
			t.Errorf("of %d viewers, taken back: %v", here, got)
		}
	}
}

func TestReport_Picks(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	list := picksOf("a", "b", "story:bridge")
	list.Picks[1].Source, list.Picks[1].Chance = SourceExplored, 0.25
	s.host("start", nil)
	s.keep(s.state.SetSidebar(s.now, list))
	s.keep(s.state.SetSidebar(s.now, list)) // seen before
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a", Action: PickOpened})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a"})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a"})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a", Off: true})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "b"})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "a", Action: PickDismissed})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "story:bridge", Action: PickWanted})
	s.host("end", nil)
	s.host("set_story", SetStory{Story: "bridge"})
	s.host("start", nil)
	var report Report
	for _, e := range s.events {
		if e.N > 0 {
			report.Add(e)
		}
	}
	want := map[PickSource]*PickReport{
		SourceRanked:   {Shown: 4, Opened: 1, Dismissed: 1, Wanted: 1, Started: 1, Chance: 1},
		SourceExplored: {Shown: 2, Liked: 1, Chance: 0.25},
	}
	if diff := cmp.Diff(want, report.Shows[0].Picks, cmp.AllowUnexported(PickReport{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".chances" }, cmp.Ignore())); diff != "" {
		t.Error("(-want +got):", diff)
	}
}
