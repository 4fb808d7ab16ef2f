package room

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kept is what REST would tell a viewer.
func (s *stage) kept(viewer string) Kept {
	s.t.Helper()
	_, answer := s.state.Apply(s.now, Command{Type: "taste", Viewer: viewer})
	if answer.Error != nil {
		s.t.Fatal(answer.Error)
	}
	return answer.Data.(*OwnTaste).Kept
}

func TestTaste_PickActions(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.sidebar("a", "story:bridge")
	s.refused(CodeBadData, "ada", RoleViewer, "pick", PickItem{ID: "a", Action: "eaten"})
	s.refused(CodeBadData, "ada", RoleViewer, "pick", PickItem{ID: "never shown", Action: PickOpened})
	s.refused(CodeBadData, "ada", RoleViewer, "pick", PickItem{ID: "a", Action: PickWanted})
	for _, action := range PickActions {
		n := s.state.N
		for range 2 {
			s.do("ada", RoleViewer, "pick", PickItem{ID: "story:bridge", Action: action})
		}
		if s.state.N != n+1 {
			t.Errorf("%s twice made %d entries", action, s.state.N-n)
		}
	}
	want := Own{Picks: []string{}, Dismissed: []string{}, Wanted: []string{"story:bridge"}}
	if diff := cmp.Diff(want, s.do("ada", RoleViewer, "join", nil).(*Welcome).Own); diff != "" {
		t.Error("dismissed after it was liked, wanted after it was dismissed (-want +got):", diff)
	}
	if k := s.kept("ada"); !slices.Equal(k.Opened, []string{"story:bridge"}) || len(k.Liked)+len(k.Dismissed) > 0 {
		t.Errorf("kept %+v", k)
	}
	if p := s.state.Snapshot(false).Picks[1]; p.Wanted != 1 || p.Liked != 0 {
		t.Errorf("counted %+v", p)
	}
	s.do("ada", RoleViewer, "pick", PickItem{ID: "story:bridge", Action: PickWanted, Off: true})
	if len(s.kept("ada").Wanted) > 0 {
		t.Error("it was not taken back")
	}
	s.sameAfterReplay()
}

func TestTaste_OldMarksGo(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	for i := range MarksKept + 1 {
		id := fmt.Sprint("film", i)
		s.keep(s.state.SetSidebar(s.now, picksOf(id)))
		s.do("ada", RoleViewer, "pick", PickItem{ID: id})
	}
	liked := s.kept("ada").Liked
	if len(liked) != MarksKept || liked[0] != "film1" || s.state.live.marks[PickLiked]["film0"] != 0 {
		t.Errorf("%d marks, the first %s", len(liked), liked[0])
	}
	s.sameAfterReplay()
}

// toEnd has ada and bo vote, mark, and rate a show that has ended.
func toEnd(t *testing.T) *stage {
	t.Helper()
	s := toPoll(t, Settings{})
	s.sidebar("a", "b")
	s.vote("ada", "a")
	s.vote("bo", "b")
	s.host("override_poll", OverridePoll{Choice: "b"})
	for _, who := range []string{"ada", "bo"} {
		s.do(who, RoleViewer, "pick", PickItem{ID: "a"})
		s.do(who, RoleViewer, "pick", PickItem{ID: "b", Action: PickDismissed})
	}
	s.host("end", nil)
	s.do("ada", RoleViewer, "rate", Rate{Stars: 5})
	s.do("bo", RoleViewer, "rate", Rate{Stars: 2})
	return s
}

func TestTaste_IsDroppedWithTheShow(t *testing.T) {
	for name, over := range map[string]func(s *stage){
		"lobby": func(s *stage) { s.host("restart", nil) },
		"next":  func(s *stage) { s.host("start", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s := toEnd(t)
			s.do("bo", RoleViewer, "remember", Remember{On: true})
			if k := s.kept("ada"); k.Stars != 5 || len(k.Liked) != 1 || len(k.Dismissed) != 1 || len(k.Chose) != 1 || k.Chose[0].Label != "Knock" {
				t.Errorf("before: %+v", k)
			}
			over(s)
			empty := Kept{Viewer: "ada", Name: "ada", Liked: []string{}, Opened: []string{}, Dismissed: []string{}, Wanted: []string{}, Chose: []Chose{}}
			if diff := cmp.Diff(empty, s.kept("ada")); diff != "" {
				t.Error("of ada (-want +got):", diff)
			}
			mine := empty
			mine.Viewer, mine.Name, mine.Remembered, mine.Rated, mine.Liked, mine.Dismissed = "bo", "bo", true, map[string]int{"test": 2}, []string{"a"}, []string{"b"}
			if diff := cmp.Diff(mine, s.kept("bo")); diff != "" {
				t.Error("of bo, who is remembered (-want +got):", diff)
			}
			if s.state.live.marks[PickLiked]["a"] != 1 || s.state.Snapshot(false).Rating.Count != 0 {
				t.Errorf("counted %v, %+v", s.state.live.marks, s.state.Snapshot(false).Rating)
			}
			s.sameAfterReplay()
		})
	}
}

func TestTaste_IsDroppedWhenSomebodyLeavesAfterTheEnd(t *testing.T) {
	s := toEnd(t)
	s.do("bo", RoleViewer, "remember", Remember{On: true})
	for _, who := range []string{"ada", "bo"} {
		s.keep(s.state.Leave(s.now, who, who+"-1"))
	}
	s.pass(float64(presenceGrace)/1000 + 1)
	if len(s.kept("ada").Liked) > 0 || len(s.kept("bo").Liked) != 1 {
		t.Errorf("ada %+v, bo %+v", s.kept("ada"), s.kept("bo"))
	}
	s.host("restart", nil) // bo is not here, and is not forgotten
	if len(s.kept("bo").Liked) != 1 {
		t.Error("what was to be remembered went with the show")
	}
	s.sameAfterReplay()
}

func TestTaste_Forget(t *testing.T) {
	s := toEnd(t)
	s.do("ada", RoleViewer, "remember", Remember{On: true})
	events, answer := s.state.Apply(s.now, Command{Type: "forget", Viewer: "ada"})
	s.keep(events)
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	if k := s.kept("ada"); k.Remembered || k.Stars != 0 || len(k.Liked)+len(k.Dismissed)+len(k.Chose) > 0 {
		t.Errorf("kept %+v", k)
	}
	if got := s.state.Snapshot(false).Rating; got.Count != 1 || got.Average != 2 {
		t.Errorf("rating %+v", got)
	}
	s.sameAfterReplay()
}

// Picks of one's own go by one's own votes, marks and stars, and start cold.
func TestTaste_OwnInterest(t *testing.T) {
	s := toEnd(t)
	own := func(viewer string) Interest {
		t.Helper()
		s.pass(float64(tasteEvery) / 1000)
		_, answer := s.state.Apply(s.now, Command{Type: "taste", Viewer: viewer, Data: json.RawMessage(`{}`)})
		if answer.Error != nil {
			t.Fatal(answer.Error)
		}
		return answer.Data.(*OwnTaste).Interest
	}
	ada := own("ada") // voted for what lost
	if len(ada.Path) != 2 || ada.Path[0].Label != "" || ada.Path[1].Title != OwnBallot+"Knock" || ada.Path[1].Text != "Knock" {
		t.Errorf("ada's way: %+v", ada.Path)
	}
	if diff := cmp.Diff([]Taste{{Liked: []string{"a", "story:test"}, Opened: nil}}, ada.Tastes); diff != "" {
		t.Error("ada's taste (-want +got):", diff)
	}
	if !slices.Equal(ada.Vetoed, []string{"b"}) || ada.Liked["a"] != 1 || len(ada.Feelings) > 0 {
		t.Errorf("ada's interest: %+v", ada)
	}
	if bo := own("bo"); len(bo.Path) != 1 || bo.Path[0].Label != "Walk in" {
		t.Errorf("bo's way: %+v", bo.Path)
	}
	s.audience("new")
	if in := own("new"); len(in.Path) != 1 || in.Path[0].Label != "" || len(in.Liked) > 0 {
		t.Errorf("a newcomer's interest: %+v", in)
	}
	again := func() Answer {
		_, answer := s.state.Apply(s.now, Command{Type: "taste", Viewer: "new", Data: json.RawMessage(`{}`)})
		return answer
	}
	if answer := again(); answer.Error == nil || answer.Error.Code != CodeTooFast || answer.Error.Retry != tasteEvery {
		t.Errorf("at once again: %+v", answer.Error)
	}
	s.now += tasteEvery
	if answer := again(); answer.Error != nil {
		t.Error(answer.Error)
	}
	if _, answer := s.state.Apply(s.now, Command{Type: "taste", Viewer: "nobody", Data: json.RawMessage(`{}`)}); answer.Error == nil || answer.Error.Code != CodeNotJoined {
		t.Errorf("somebody who has not joined: %+v", answer)
	}
}

// What a viewer was offered alone can be marked by them alone.
func TestTaste_Offered(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	if _, answer := s.state.Apply(s.now, Command{Type: "offered", Viewer: "ada", Data: json.RawMessage(`["mine"]`)}); answer.Error != nil {
		t.Fatal(answer.Error)
	}
	s.refused(CodeBadData, "bo", RoleViewer, "pick", PickItem{ID: "mine"})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "mine"})
	if marked := s.of(evPicked)[0].Hidden.(*pickMarked); marked.Source != SourceOwn {
		t.Errorf("marked %+v", marked)
	}
	for _, kind := range []string{"taste", "offered", "forget"} {
		s.refused(CodeUnknownType, "ada", RoleViewer, "x"+kind, nil)
		if err := Check(Command{Type: kind, Viewer: "ada", Role: RoleViewer, Data: json.RawMessage(`[]`)}); err == nil {
			t.Errorf("a viewer may send %s", kind)
		}
	}
}

// Lines that leave the node do not say who rated or marked.
func TestWithoutSecrets_Taste(t *testing.T) {
	s := toEnd(t)
	s.do("ada", RoleViewer, "remember", Remember{On: true})
	left := 0
	for _, e := range s.events {
		if e.N == 0 {
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out, err := WithoutSecrets(line)
		if err != nil {
			t.Fatal(err)
		}
		switch e.Type {
		case evRated, evPicked, evRemembered, evForgotten:
			left++
			if text := string(out); strings.Contains(text, `"ada"`) || strings.Contains(text, `"bo"`) || !strings.Contains(text, `"hidden"`) {
				t.Errorf("left: %s", text)
			}
		case evBallotCast:
			if string(out) != string(line) {
				t.Errorf("changed: %s", out)
			}
		}
	}
	if left != 7 {
		t.Errorf("%d lines", left)
	}
}
