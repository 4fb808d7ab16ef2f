package room

import (
	"encoding/json"
	"slices"
	"testing"

	"kinoautomat/story"
)

// A break in which nothing could be kept is a pause that nobody asked for: a poll has as much time left as it had.
func TestThaw_GivesTimeBack(t *testing.T) {
	s := newStage(t, Settings{})
	s.do("host", RoleHost, "join", nil)
	s.do("host", RoleHost, "start", nil)
	s.pass(3)
	before := *s.state.Poll
	s.now += 30_000
	s.keep(s.state.Thaw(s.now, 30_000))
	if p := s.state.Poll; p.ClosesAt != before.ClosesAt+30_000 || p.OpensAt != before.OpensAt+30_000 || s.state.PausedAt != 0 {
		t.Errorf("open from %d to %d, before from %d to %d", p.OpensAt, p.ClosesAt, before.OpensAt, before.ClosesAt)
	}
	s.sameAfterReplay()
	s.do("host", RoleHost, "pause", nil)
	if events := s.state.Thaw(s.now, 30_000); len(events) != 0 {
		t.Errorf("a paused show was thawed: %+v", events)
	}
}

// Words that stood still through a pause stand where they were for the next owner too.
func TestRecover_WordsAfterAPause(t *testing.T) {
	s := newStage(t, Settings{Rules: story.Rules{Pace: new(5.0)}})
	s.do("host", RoleHost, "join", nil)
	s.do("host", RoleHost, "start", nil)
	s.pass(2)
	s.do("host", RoleHost, "pause", nil)
	s.pass(60)
	s.do("host", RoleHost, "resume", nil)
	s.pass(1)
	released := s.state.live.released
	events := s.state.Recover(s.now)
	if s.state.live.released != released {
		t.Errorf("%d characters were out, and now %d", released, s.state.live.released)
	}
	if !slices.ContainsFunc(events, func(e Event) bool {
		d, ok := e.Data.(*NarrationDelta)
		return ok && d.Offset == 0 && len([]rune(d.Text)) == released
	}) {
		t.Error("the words that are out are not told from their beginning")
	}
}

// A command is known again by its ref, also by an owner that has only the journal, or only a checkpoint.
func TestApply_OnceByRef(t *testing.T) {
	s := newStage(t, Settings{})
	s.do("host", RoleHost, "join", nil)
	s.do("host", RoleHost, "start", nil)
	s.pass(3)
	extend := Command{Type: "extend_poll", Viewer: "host", Role: RoleHost, Ref: "n1/7", Data: json.RawMessage(`{"seconds":60}`)}
	events, answer := s.state.Apply(s.now, extend)
	if answer.Error != nil || len(events) == 0 || events[0].Ref != extend.Ref {
		t.Fatalf("%+v, %+v", events, answer)
	}
	s.keep(events)
	if events, answer := s.state.Apply(s.now, extend); len(events) != 0 || answer.Error != nil {
		t.Errorf("done again: %+v, %+v", events, answer)
	}
	s.sameAfterReplay()
	for range doneKept {
		extend.Ref += "x"
		s.state.Apply(s.now, extend)
	}
	if len(s.state.Done) != doneKept || slices.Contains(s.state.Done, "n1/7") {
		t.Errorf("%d refs are kept", len(s.state.Done))
	}
}

// A node tells a new owner who is connected; they stay, without having joined again. Whoever is not named leaves.
func TestHere_StayThroughATakeover(t *testing.T) {
	s := newStage(t, Settings{})
	for _, who := range []string{"ada", "bo", "cy", "dee"} {
		s.do(who, RoleViewer, "join", nil)
	}
	s.do("mod", RoleModerator, "join", nil)
	s.do("mod", RoleModerator, "ban", Moderate{Viewer: "dee"})
	for _, v := range s.state.People {
		v.connections = nil
	}
	s.keep(s.state.Recover(s.now))
	here := []Presence{
		{Person{"ada", "ada", RoleViewer}, "c1"}, {Person{"new", "new", RoleViewer}, "c2"}, {Person{"dee", "dee", RoleViewer}, "c3"},
		{Person{"", "", RoleOverlay}, "c4"}, {Person{"mod", "mod", RoleModerator}, "c5"},
	}
	raw, err := json.Marshal(here)
	if err != nil {
		t.Fatal(err)
	}
	events, answer := s.state.Apply(s.now, Command{Type: "here", Data: raw})
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	s.keep(events)
	s.pass(20)
	for who, want := range map[string]bool{"ada": true, "new": true, "mod": true, "bo": false, "dee": false} {
		if got := s.state.People[who].Here; got != want {
			t.Errorf("%s is here: %v", who, got)
		}
	}
	if refused := Check(Command{Type: "here", Role: RoleHost, Data: raw}); refused == nil {
		t.Error("a viewer may name connections")
	}
}

// What passes of a snapshot is what its events would have told.
func TestPassingOf(t *testing.T) {
	s := newStage(t, Settings{Rules: story.Rules{Pace: new(5.0)}})
	s.do("host", RoleHost, "join", nil)
	s.do("host", RoleHost, "start", nil)
	s.pass(2)
	raw, err := json.Marshal(s.state.Snapshot(false))
	if err != nil {
		t.Fatal(err)
	}
	events, err := PassingOf(raw)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, e := range events {
		types = append(types, e.Type)
	}
	if want := []string{evNarrationDelta, evViewersChanged, evReactionsChanged, evRatingChanged, evSidebarChanged}; !slices.Equal(types, want) {
		t.Errorf("got %v, want %v", types, want)
	}
	if _, err := PassingOf([]byte("{")); err == nil {
		t.Error("half a snapshot was understood")
	}
}

func TestIsHole(t *testing.T) {
	for frame, want := range map[string]bool{
		`{"type":"narration.delta","data":{"scene":"s","offset":3,"text":"x"}}`: true,
		`{"type":"narration.delta","data":{"scene":"s","offset":0,"text":"x"}}`: false,
	} {
		if IsHole(evNarrationDelta, []byte(frame)) != want || IsHole(evBeat, []byte(frame)) {
			t.Errorf("%s: %v", frame, !want)
		}
	}
}

// A welcome holds all that was told before it, and nothing is told with it that it does not hold. Words that were released in the same breath
// were once missing in the newcomer's text.
func TestJoin_NothingIsToldBesideTheWelcome(t *testing.T) {
	s := newStage(t, Settings{})
	s.do("host", RoleHost, "join", nil)
	s.do("host", RoleHost, "start", nil)
	s.now += 1000
	events, answer := s.state.Apply(s.now, Command{Type: "join", Viewer: "ada", Role: RoleViewer, Name: "Ada", Conn: "c"})
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	for _, e := range events {
		if forAll(e) {
			t.Errorf("told %+v", e)
		}
	}
}
