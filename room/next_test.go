package room

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/vote"
)

func ended(t *testing.T) *stage {
	t.Helper()
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.host("end", nil)
	return s
}

func TestNext_TheHostChooses(t *testing.T) {
	s := newStage(t, Settings{})
	s.state.Title = "The Test" // the story's
	s.audience("ada")
	s.host("set_story", SetStory{Story: "bridge"})
	if snap := s.state.Snapshot(false); snap.Story.ID != "bridge" || snap.Title != "The Bridge" || snap.Next != nil {
		t.Errorf("in the lobby: %+v, title %s, next %+v", snap.Story, snap.Title, snap.Next)
	}
	n := s.state.N
	s.host("set_story", SetStory{Story: "bridge"})
	if s.state.N != n {
		t.Error("the same story again was kept again")
	}
	s.refused(CodeBadData, "host", RoleHost, "set_story", SetStory{Story: "none"})
	s.host("start", nil)
	s.refused(CodeNotNow, "host", RoleHost, "set_story", SetStory{Story: "test"})
	s.host("end", nil)
	s.refused(CodeForbidden, "ada", RoleViewer, "set_story", SetStory{Story: "test"})
	s.host("set_story", SetStory{Story: "test"})
	snap := s.state.Snapshot(false)
	if snap.Story.ID != "bridge" || snap.Next == nil || snap.Next.Story.ID != "test" || snap.Next.Voted {
		t.Errorf("after the end: %+v, next %+v", snap.Story, snap.Next)
	}
	s.host("start", nil)
	if snap := s.state.Snapshot(false); snap.Story.ID != "test" || snap.Next != nil || snap.Scene.Scene != "Door" {
		t.Errorf("in the next show: %+v", snap.Story)
	}
	s.host("end", nil)
	s.host("set_story", SetStory{Story: "bridge"})
	s.host("restart", nil)
	if snap := s.state.Snapshot(false); snap.Story.ID != "bridge" || snap.Phase != PhaseLobby {
		t.Errorf("back in the lobby: %+v", snap.Story)
	}
	s.seqsHaveNoGaps()
}

func TestNext_TheAudienceVotes(t *testing.T) {
	s := ended(t)
	s.keep(s.state.SetSidebar(s.now, Sidebar{Picks: picksOf("story:bridge").Picks, Next: []string{"test", "bridge"}}))
	s.do("bo", RoleViewer, "pick", PickItem{ID: "story:bridge", Action: PickWanted})
	s.host("poll_next", nil)
	opened := last[*PollOpened](s, evPollOpened)
	want := []vote.Choice{{ID: "bridge", Label: "The Bridge"}, {ID: "test", Label: "The Test"}}
	if diff := cmp.Diff(want, opened.Choices); diff != "" || opened.About != AboutNext || s.state.Phase != PhaseEnded {
		t.Error("the most wanted first (-want +got):", diff)
	}
	for _, kind := range []string{"start", "restart", "poll_next"} {
		s.refused(CodeNotNow, "host", RoleHost, kind, nil)
	}
	s.refused(CodeNotNow, "host", RoleHost, "set_story", SetStory{Story: "bridge"})
	s.pass(opened.Rules.ArmSeconds)
	s.vote("ada", "bridge")
	s.vote("bo", "bridge")
	s.pass(opened.Rules.VoteSeconds + 1)
	closed := last[*PollClosed](s, evPollClosed)
	if closed.Winner != "bridge" || closed.Turnout != 2 || closed.DecidedBy != "majority" || s.state.Phase != PhaseEnded {
		t.Errorf("closed %+v in phase %s", closed, s.state.Phase)
	}
	chosen := last[*StoryChosen](s, evStoryChosen)
	if chosen.Story.ID != "bridge" || !chosen.Voted {
		t.Errorf("chosen %+v", chosen)
	}
	if path := s.state.Path; len(path) != 1 || path[0].Choice != "" {
		t.Errorf("the show's own path: %+v", path)
	}
	s.host("start", nil)
	if s.state.StoryID != "bridge" {
		t.Errorf("started %s", s.state.StoryID)
	}
	s.seqsHaveNoGaps()
	s.sameAfterReplay()
}

func TestNext_PollsHaveLimits(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.host("start", nil)
	s.refused(CodeNotNow, "host", RoleHost, "poll_next", nil)
	s.host("end", nil)
	s.refused(CodeNotNow, "host", RoleHost, "poll_next", nil) // nothing to choose from
	s.refused(CodeBadData, "host", RoleHost, "poll_next", PollNext{Stories: []string{"test"}})
	s.refused(CodeBadData, "host", RoleHost, "poll_next", PollNext{Stories: []string{"test", "test"}})
	s.refused(CodeBadData, "host", RoleHost, "poll_next", PollNext{Stories: []string{"test", "none"}})
	s.refused(CodeBadData, "host", RoleHost, "poll_next", PollNext{Stories: make([]string, MaxNext+1)})
	s.refused(CodeForbidden, "ada", RoleViewer, "poll_next", nil)
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.host("void_poll", nil)
	if s.state.Phase != PhaseEnded || s.state.Poll != nil {
		t.Errorf("voided: phase %s, poll %+v", s.state.Phase, s.state.Poll)
	}
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.host("next", nil) // opens it
	s.host("next", nil) // closes it: without votes the first listed, which the room has already
	if s.state.Following != nil || last[*PollClosed](s, evPollClosed).Winner != "test" {
		t.Errorf("following %+v", s.state.Following)
	}
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.host("override_poll", OverridePoll{Choice: "bridge"})
	if s.state.Following == nil || s.state.Following.Story.ID != "bridge" {
		t.Errorf("following %+v", s.state.Following)
	}
	s.sameAfterReplay()
}

// A new owner goes on with it, and an outage gives its time back.
func TestNext_PollSurvives(t *testing.T) {
	s := ended(t)
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.pass(8)
	closes := s.state.Poll.ClosesAt
	s.keep(s.state.Thaw(s.now, 5000))
	if got := s.state.Poll.ClosesAt; got != closes+5000 {
		t.Errorf("closes %d ms later after an outage of 5 s", got-closes)
	}
	s.now = s.state.Poll.ClosesAt - 1000
	restored := throughJSON(t, s.state)
	restored.Restore(s.shelf)
	s.state = restored
	s.keep(s.state.Recover(s.now))
	if left := s.state.Poll.ClosesAt - s.now; left != takeoverAtPoll {
		t.Errorf("after a takeover it is open for %d ms", left)
	}
	s.pass(6)
	if s.state.Poll.Closed == nil {
		t.Error("it was never closed")
	}
}
