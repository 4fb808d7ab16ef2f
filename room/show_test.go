package room

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
	"kinoautomat/vote"
)

func TestShow_ToAnEnding(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo", "cy")
	s.host("start", nil)
	s.pass(4) // 36 characters at 20 a second are told; the poll opened with the last of them
	s.vote("ada", "a")
	s.vote("bo", "b")
	s.vote("cy", "a")
	s.pass(14)
	telling, ok := s.state.Telling()
	if !ok {
		t.Fatalf("the narrator is not asked; phase %s, scene %+v", s.state.Phase, s.state.Scene)
	}
	s.keep(s.state.Write(s.now, telling, "The model's voice. "))
	s.pass(1)
	s.keep(s.state.Write(s.now, telling, "It goes on."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	s.pass(3)
	s.vote("ada", "a", "b")
	s.vote("bo", "b")
	s.pass(60)

	want := []string{
		"show.started", "scene.started", "poll.opened", "scene.told", "poll.closed",
		"scene.started", "poll.opened", "scene.told", "poll.closed",
		"scene.started", "scene.told", "show.ended",
	}
	if diff := cmp.Diff(want, kinds(s.events)); diff != "" {
		t.Error("events (-want +got):", diff)
	}
	ended := last[*ShowEnded](s, evShowEnded)
	if ended.Ending != "dark" || len(ended.Path) != 3 || ended.Path[0].Share < 0.66 || ended.Path[1].Source != story.SourceModel {
		t.Errorf("ended with %+v", ended)
	}
	if told := last[*SceneTold](s, evSceneTold); !strings.Contains(told.Text, "You knocked, though.") {
		t.Errorf("what was chosen first does not matter at the end: %q", told.Text)
	}
	s.seqsHaveNoGaps()
	s.sameAfterReplay()
}

// The words come out of deltas as of a tap: in order, without gaps, and at the pace of reading.
func TestShow_Pace(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.host("start", nil)
	text := s.state.Scene.Written
	for range 10 {
		s.pass(0.25)
		out := ""
		for _, e := range s.of(evNarrationDelta) {
			delta := e.Data.(*NarrationDelta)
			if delta.Offset != len([]rune(out)) {
				t.Fatalf("delta at %d after %d characters", delta.Offset, len(out))
			}
			out += delta.Text
		}
		elapsed := float64(s.now-s.state.Scene.StartedAt) / 1000
		if due := 20 * elapsed; float64(len(out)) > due+1 || float64(len(out)) < min(due-20*0.16, float64(len(text))) {
			t.Errorf("after %.2f s %d characters are out, about %.0f are due", elapsed, len(out), due)
		}
	}
	if told := last[*SceneTold](s, evSceneTold); told.Text != text || told.Source != story.SourceAuthored {
		t.Errorf("told %+v", told)
	}
}

// A writer slower than the readers is not made up for in a burst when it goes on.
func TestShow_SlowWriter(t *testing.T) {
	s := cueStage(t)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "One. "))
	s.pass(10)
	s.keep(s.state.Write(s.now, telling, strings.Repeat("word ", 40)))
	s.pass(1)
	out := 0
	for _, e := range s.of(evNarrationDelta) {
		if d := e.Data.(*NarrationDelta); d.Scene == "Hall" {
			out += len(d.Text)
		}
	}
	if out > 5+22 {
		t.Errorf("%d characters are out a second after the pause, want about 25", out)
	}
}

// cueStage is at the scene that the narrator tells.
func cueStage(t testing.TB) *stage {
	t.Helper()
	s := toPoll(t, Settings{})
	s.vote("ada", "a")
	s.pass(13.1)
	if s.state.Scene.Script.Kind != story.KindCue {
		t.Fatalf("at scene %q", s.state.Scene.Scene)
	}
	return s
}

// The poll is announced while the words still run, opens when they are out, and closes on time.
func TestShow_PollOnTheTimeline(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.pass(20)
	opened := s.of(evPollOpened)[0]
	told := s.of(evSceneTold)[0]
	closed := s.of(evPollClosed)[0]
	poll := opened.Data.(*PollOpened)
	if opened.At >= told.At {
		t.Errorf("the poll was announced %d ms after the last words", opened.At-told.At)
	}
	if poll.OpensAt-opened.At != 2000 || poll.ClosesAt-poll.OpensAt != 10_000 {
		t.Errorf("announced at %d, opens %d, closes %d", opened.At, poll.OpensAt, poll.ClosesAt)
	}
	if gap := poll.OpensAt - told.At; gap < -200 || gap > 200 {
		t.Errorf("the poll opens %d ms after the last words", gap)
	}
	if closed.At < poll.ClosesAt || closed.At > poll.ClosesAt+10 {
		t.Errorf("closed at %d, due at %d", closed.At, poll.ClosesAt)
	}
	if result := closed.Data.(*PollClosed); result.DecidedBy != vote.ByDefault || result.Why == "" || result.Words["zh-Hans"] == "" {
		t.Errorf("nobody voted: %+v", result)
	}
}

func TestShow_SettingsBeatStory(t *testing.T) {
	s := newStage(t, Settings{Rules: story.Rules{VoteSeconds: new(0.5), ArmSeconds: new(0.0), TailSeconds: new(0.0), Pace: new(0.0), Method: new("plurality")}})
	s.audience("ada")
	s.host("start", nil)
	s.pass(0.1)
	if s.state.Poll == nil || s.state.Poll.ClosesAt-s.state.Poll.OpensAt != 500 {
		t.Fatalf("poll %+v", s.state.Poll)
	}
	s.pass(0.6)
	if s.state.Scene.Scene != "Hall" {
		t.Fatalf("at %q", s.state.Scene.Scene)
	}
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "Told."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel}))
	s.pass(0.1)
	if s.state.Poll.Method != vote.Plurality {
		t.Errorf("the room's method does not beat the scene's: %s", s.state.Poll.Method)
	}
}

func TestShow_PauseHoldsEverything(t *testing.T) {
	s := toPoll(t, Settings{})
	left := s.state.Poll.ClosesAt - s.now
	s.host("pause", nil)
	s.pass(100)
	if s.state.Poll.Closed != nil {
		t.Fatal("the poll closed during the pause")
	}
	s.vote("ada", "b")
	s.host("resume", nil)
	if now := s.state.Poll.ClosesAt - s.now; now != left {
		t.Errorf("%d ms are left after the pause, %d before", now, left)
	}
	if changed := last[*PollChanged](s, evPollChanged); changed.Why != "resumed" || changed.ClosesAt != s.state.Poll.ClosesAt {
		t.Errorf("told %+v", changed)
	}
	s.pass(30)
	s.sameAfterReplay()
}

func TestShow_Host(t *testing.T) {
	s := toPoll(t, Settings{})
	closes := s.state.Poll.ClosesAt
	s.host("extend_poll", ExtendPoll{Seconds: 30})
	if s.state.Poll.ClosesAt != closes+30_000 {
		t.Error("not extended")
	}
	s.host("override_poll", OverridePoll{Choice: "b"})
	if closed := last[*PollClosed](s, evPollClosed); closed.Winner != "b" || closed.DecidedBy != vote.ByHost {
		t.Errorf("closed with %+v", closed.Result)
	}
	s.host("next", nil)
	if s.state.Scene.Scene != "Hall" {
		t.Errorf("next did not go on: %s", s.state.Scene.Scene)
	}
	s.host("next", nil) // the narrator is slow: the reserve is told
	if told := last[*SceneTold](s, evSceneTold); told.Text != "The reserve voice says hello." || told.Source != story.SourceReserve {
		t.Errorf("told %+v", told)
	}
	s.host("open_poll", nil)
	s.host("void_poll", nil)
	if s.state.Poll != nil || s.state.Phase != PhaseTelling {
		t.Error("the poll was not voided")
	}
	s.pass(60)
	if s.state.Poll != nil {
		t.Error("a voided poll came back by itself")
	}
	s.host("open_poll", nil)
	s.host("close_poll", nil)
	s.host("end", nil)
	s.host("restart", nil)
	if s.state.Phase != PhaseLobby || s.state.Show != "" {
		t.Errorf("after restart: %s", s.state.Phase)
	}
	s.seqsHaveNoGaps()
	s.sameAfterReplay()
}

func TestShow_HostBreaksTie(t *testing.T) {
	s := toPoll(t, Settings{Rules: story.Rules{Tie: new("host"), Tallies: new("hidden")}})
	s.vote("ada", "a")
	s.vote("bo", "b")
	s.pass(11)
	if !s.state.Poll.AwaitsHost {
		t.Fatal("the tie does not wait for the host")
	}
	if tally := last[*TallyChanged](s, evTallyChanged); tally.Counts["a"] != 1 { // the host once had to choose among counts that stayed hidden
		t.Errorf("the tie is between %v", tally)
	}
	s.refused(CodePollClosed, "ada", RoleViewer, "vote", Vote{Poll: s.state.Poll.Poll, Choices: []string{"b"}})
	s.sameAfterReplay()
	s.host("override_poll", OverridePoll{Choice: "b"})
	if closed := last[*PollClosed](s, evPollClosed); closed.Winner != "b" {
		t.Errorf("closed with %+v", closed.Result)
	}
}

func TestShow_SilentHostDoesNotStallTheShow(t *testing.T) {
	s := toPoll(t, Settings{Rules: story.Rules{Tie: new("host")}})
	s.vote("ada", "b")
	s.vote("bo", "a")
	s.pass(45)
	if closed := last[*PollClosed](s, evPollClosed); closed.Winner != "a" || closed.DecidedBy != vote.ByTieBreak {
		t.Errorf("closed with %+v", closed.Result)
	}
}

func TestShow_NotNow(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.do("host", RoleHost, "join", nil)
	for _, kind := range []string{"pause", "resume", "open_poll", "close_poll", "void_poll", "end", "restart"} {
		s.refused(CodeNotNow, "host", RoleHost, kind, nil)
	}
	s.refused(CodeNotNow, "host", RoleHost, "extend_poll", ExtendPoll{Seconds: 5})
	s.refused(CodeNotNow, "ada", RoleViewer, "rate", Rate{Stars: 5})
	s.refused(CodeForbidden, "ada", RoleViewer, "start", nil)
	s.refused(CodeUnknownType, "ada", RoleViewer, "dance", nil)
	s.refused(CodeBadData, "ada", RoleViewer, "vote", nil)
	s.refused(CodeNoSuchPoll, "ada", RoleViewer, "vote", Vote{Poll: "x", Choices: []string{"a"}})
	s.refused(CodeNotJoined, "nobody", RoleViewer, "say", Say{Text: "hello"})
}

// A node dies in mid-poll and another takes over: every acknowledged ballot is there, and people have time to come back.
func TestShow_Takeover(t *testing.T) {
	s := toPoll(t, Settings{})
	s.vote("ada", "b")
	s.pass(9)
	fresh := s.replay()
	s.now += 4000
	s.state = fresh
	s.keep(s.state.Recover(s.now))
	if changed := last[*PollChanged](s, evPollChanged); changed.Why != "taken_over" || changed.ClosesAt != s.now+takeoverAtPoll {
		t.Errorf("told %+v", changed)
	}
	s.pass(1)
	s.audience("bo")
	s.vote("bo", "b")
	s.pass(5)
	if closed := last[*PollClosed](s, evPollClosed); closed.Winner != "b" || closed.Turnout != 2 || closed.Eligible != 2 {
		t.Errorf("closed with %+v", closed.Result)
	}
	s.seqsHaveNoGaps()
}

// A checkpoint is as good as the journal before it.
func TestShow_Checkpoint(t *testing.T) {
	s := toPoll(t, Settings{})
	s.vote("ada", "b")
	restored := throughJSON(t, s.state)
	restored.Restore(s.shelf)
	if diff := cmp.Diff(asJSON(t, s.state.Snapshot(true)), asJSON(t, withWords(s, restored).Snapshot(true))); diff != "" {
		t.Error("snapshot (-lived +restored):", diff)
	}
}

// An early close must wait for those who are here and have not voted, also when somebody voted and left: counting only those here
// closed a poll before the last one could vote.
func TestShow_EarlyCloseWaitsForThoseHere(t *testing.T) {
	s := toPoll(t, Settings{Rules: story.Rules{EarlyClose: new(true)}})
	s.audience("cy")
	s.vote("ada", "a")
	s.keep(s.state.Leave(s.now, "ada", "ada-1"))
	s.host("extend_poll", ExtendPoll{Seconds: 60})
	s.pass(11)
	s.vote("bo", "b")
	s.pass(0.1)
	if s.state.Poll.Closed != nil {
		t.Fatal("the poll closed although cy could vote")
	}
	s.vote("cy", "b")
	s.pass(0.1)
	if c := s.state.Poll.Closed; c == nil || c.Winner != "b" || c.Eligible != 3 {
		t.Errorf("all have voted: %+v", c)
	}
}

// What a scene with one way out led to was once written into the path beside the journal: a node that took over had forgotten it.
func TestShow_TheOnlyWayOutIsInTheJournal(t *testing.T) {
	s := toPoll(t, Settings{})
	s.vote("ada", "a")
	s.pass(20)
	for s.state.Scene.Scene == "Hall" {
		if s.state.Poll != nil && s.state.Poll.Closed == nil && s.now >= s.state.Poll.OpensAt {
			s.vote("ada", "a")
			s.host("close_poll", nil)
		} else if telling, wanted := s.state.Telling(); wanted {
			s.keep(s.state.Written(s.now, telling, story.Telling{}))
		}
		s.pass(1)
	}
	s.sameAfterReplay()
	s.pass(20)
	s.sameAfterReplay()
	path := last[*ShowEnded](s, evShowEnded).Path
	if step := path[len(path)-2]; step.Scene != "Stairs" || step.Choice != "a" || step.Label != "On" {
		t.Errorf("the last but one step is %+v", step)
	}
}

// A ballot whose acknowledgement was lost is sent again when its sender is back. It counted, so it is acknowledged even though the poll has
// closed meanwhile; another ballot is not.
func TestShow_RetriedBallotIsAcknowledgedAfterTheClose(t *testing.T) {
	s := toPoll(t, Settings{})
	poll := s.state.Poll.Poll
	s.vote("ada", "b")
	s.host("close_poll", nil)
	s.do("ada", RoleViewer, "vote", Vote{Poll: poll, Choices: []string{"b"}})
	s.refused(CodePollClosed, "ada", RoleViewer, "vote", Vote{Poll: poll, Choices: []string{"a"}})
	if got := last[*PollClosed](s, evPollClosed); got.Turnout != 1 || len(s.of(evBallotCast)) != 1 {
		t.Errorf("turnout %d of %d ballots", got.Turnout, len(s.of(evBallotCast)))
	}
}

// Of a show in which nobody had reacted yet the checkpoint has no feelings. The first reactions after a restart once made the room panic at the
// end of every scene.
func TestShow_ReactionsAfterARestart(t *testing.T) {
	s := toPoll(t, Settings{})
	restored := throughJSON(t, s.state)
	restored.Restore(s.shelf)
	s.state = withWords(s, restored)
	s.state.Recover(s.now)
	s.audience("ada")
	s.do("ada", RoleViewer, "react", React{Feeling: "joy"})
	s.host("close_poll", nil)
	s.pass(10)
	if got := s.state.Feelings["joy"]; got != 1 {
		t.Errorf("%d times joy was counted, want 1", got)
	}
}

// A moderator takes back what a narrator told: the author's words stand in, or the narrator tells the scene anew. Nothing else of the show is
// touched by it.
func TestShow_Retract(t *testing.T) {
	s := toPoll(t, Settings{})
	s.refused(CodeNotNow, "host", RoleHost, "retract", nil) // the author's own scene
	s.vote("ada", "a")
	s.pass(20)
	s.do("mod", RoleModerator, "join", nil)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "Something that nobody should read."))
	s.pass(1)
	s.refused(CodeForbidden, "ada", RoleViewer, "retract", nil)

	s.do("mod", RoleModerator, "regenerate", nil)
	anew, wanted := s.state.Telling()
	if !wanted || anew == telling || s.state.Scene.Written != "" || s.state.Cue().Told != "" {
		t.Fatalf("the scene is not told anew: %v after %v, with %q", anew, telling, s.state.Scene.Written)
	}
	if late := s.state.Write(s.now, telling, "More of it."); len(late) > 0 {
		t.Error("the words that were taken back went on")
	}
	s.keep(s.state.Write(s.now, anew, "Again something. "))
	s.keep(s.state.Written(s.now, anew, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	s.pass(3)
	s.refused(CodeNotNow, "mod", RoleModerator, "regenerate", nil) // the vote is announced
	s.do("mod", RoleModerator, "retract", nil)
	s.sameAfterReplay()
	s.pass(5)
	told := last[*SceneTold](s, evSceneTold)
	if told.Text != "The reserve voice says hello." || told.Source != story.SourceReserve || told.Why != whyRetracted {
		t.Errorf("told %+v", told)
	}
	if s.state.Phase != PhasePoll || s.state.Poll.Closed != nil {
		t.Errorf("the vote did not go on: %s", s.state.Phase)
	}
	s.refused(CodeNotNow, "mod", RoleModerator, "retract", nil)
	s.sameAfterReplay()
	s.seqsHaveNoGaps()
}

// What a narrator noted of a scene is in the journal and in the next cue, and on no screen.
func TestShow_Notes(t *testing.T) {
	s := toPoll(t, Settings{})
	s.vote("ada", "a")
	s.pass(20)
	telling, _ := s.state.Telling()
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel}))
	seq := s.state.Seq
	notes := json.RawMessage(`{"summary":"a voice"}`)
	for _, none := range []json.RawMessage{nil, json.RawMessage(`{`), json.RawMessage(`"` + strings.Repeat("x", maxNotes) + `"`)} {
		if events := s.state.Planned(s.now, telling, story.Plan{Notes: none}); len(events) > 0 {
			t.Errorf("%.20q was noted", none)
		}
	}
	s.keep(s.state.Planned(s.now, telling, story.Plan{Notes: notes}))
	if s.state.Seq != seq || string(s.state.Cue().Notes[2]) != string(notes) {
		t.Errorf("seq %d after %d, notes %v", s.state.Seq, seq, s.state.Cue().Notes)
	}
	s.sameAfterReplay()
	s.host("end", nil)
	s.host("start", nil)
	if events := s.state.Planned(s.now, telling, story.Plan{Notes: notes}); telling.Show != s.state.Show && len(events) > 0 || len(s.state.Notes) > 0 {
		t.Errorf("notes of an earlier show: %v", s.state.Notes)
	}
}
