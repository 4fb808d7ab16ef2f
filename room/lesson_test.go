package room

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lesson plays a show to its end by the host, and is what there is to learn from it.
func (s *stage) lesson() []Lesson {
	s.t.Helper()
	s.host("end", nil)
	return s.state.Lessons()
}

func TestLesson_IsWhatViewersOfTheShowDid(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo", "cy", "dot")
	s.sidebar("a", "b", "story:bridge")
	s.host("start", nil)
	s.do("bo", RoleViewer, "pick", PickItem{ID: "a"})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "b", Action: PickDismissed})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "story:bridge", Action: PickWanted})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a", Action: PickOpened})
	s.do("dot", RoleViewer, "pick", PickItem{ID: "a"})
	s.do("dot", RoleViewer, "pick", PickItem{ID: "a", Off: true})
	s.keep(s.state.Leave(s.now, "bo", "bo-1")) // who has gone was there all the same
	s.pass(20)
	show := s.state.Show
	got := s.lesson()
	want := []Lesson{{Show: show, EndedAt: time.UnixMilli(s.now), Baskets: []Basket{
		{Liked: []string{"story:bridge"}, Opened: []string{"a"}},
		{Liked: []string{"a"}, Dismissed: []string{"b"}},
	}}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the lesson (-want +got):\n%s", diff)
	}
	if again := s.state.Lessons(); again != nil {
		t.Errorf("it can be had twice: %v", again)
	}
	if diff := cmp.Diff(want, s.replay().Lessons(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("who rebuilds the room (-want +got):\n%s", diff)
	}
	s.sameAfterReplay()
}

func TestLesson_NothingIsToldTwice(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.sidebar("a", "b")
	s.host("start", nil)
	for _, viewer := range []string{"ada", "bo"} {
		s.do(viewer, RoleViewer, "pick", PickItem{ID: "a"})
	}
	s.lesson()
	s.do("ada", RoleViewer, "remember", Remember{On: true}) // after the end, and all that she did comes along
	s.host("restart", nil)
	s.host("start", nil)
	s.sidebar("a", "b")
	if got := s.kept("ada"); len(got.Liked) != 1 {
		t.Fatalf("what is kept of who wants it: %+v", got)
	}
	s.do("ada", RoleViewer, "pick", PickItem{ID: "b"})
	got := s.lesson()
	if len(got) != 1 || !cmp.Equal(got[0].Baskets, []Basket{{Liked: []string{"b"}}}, cmpopts.EquateEmpty()) {
		t.Errorf("the second lesson is %+v", got)
	}
	s.host("restart", nil)
	s.host("start", nil)
	if got := s.lesson(); got != nil {
		t.Errorf("a show in which nobody did anything teaches %+v", got)
	}
	s.sameAfterReplay()
}

func TestLesson_WhoIsForgottenIsInNone(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.sidebar("a")
	s.host("start", nil)
	s.do("ada", RoleViewer, "pick", PickItem{ID: "a"})
	s.do("ada", RoleViewer, "forget", nil)
	if got := s.lesson(); got != nil {
		t.Errorf("it teaches %+v", got)
	}
}
