package room

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"unicode/utf8"

	"kinoautomat/story"
)

// FuzzFrame: whatever comes over a WebSocket is a frame that can be used or a refusal that can be answered.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"type":"join","id":"1","data":{"name":"Ada"}}`, `{"type":"vote","data":null}`, `{"type":7}`, `{"id":"x"}`, `[]`, `null`, "\xff", `{"type":"` + "a\u0000" + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		frame, refused := ParseFrame(text)
		if len(frame.ID) > maxFrameID {
			t.Errorf("an id of %d bytes was taken", len(frame.ID))
		}
		if refused == nil && (frame.Type == "" || len(frame.Type) > maxFrameID || !utf8.Valid(frame.Data)) {
			t.Errorf("taken as a frame: %q", text)
		}
		if refused != nil && (refused.Code == "" || !utf8.ValidString(refused.Message)) {
			t.Errorf("refused with %+v", refused)
		}
	})
}

// FuzzCommand: a command of any type with any data is done or refused, and a refused one changes nothing.
func FuzzCommand(f *testing.F) {
	for _, kind := range CommandTypes() {
		f.Add(kind, []byte(`{"poll":"x","choices":["a"],"seconds":3,"viewer":"bo","text":"hi","stars":3,"id":"p","feeling":"joy","settings":{"quorum":0.5}}`), byte(0))
	}
	f.Add("vote", []byte(`{"poll":7}`), byte(1))
	f.Add("set", []byte(`{"settings":{"method":"none"}}`), byte(2))
	roles := []Role{RoleViewer, RoleModerator, RoleHost, RoleOverlay, "nobody"}
	f.Fuzz(func(t *testing.T, kind string, data []byte, who byte) {
		s := toPoll(t, Settings{})
		role := roles[int(who)%len(roles)]
		viewer := map[Role]string{RoleViewer: "ada", RoleHost: "host"}[role]
		before, n := checkpoint(t, s.state), s.state.N
		events, answer := s.state.Apply(s.now, Command{Type: kind, ID: "f", Viewer: viewer, Role: role, Conn: "c", Data: data, Entropy: make([]byte, 32)})
		s.keep(events)
		if answer.Error != nil {
			if s.state.N != n || len(events) > 0 || checkpoint(t, s.state) != before {
				t.Errorf("refused with %v, and yet something changed", answer.Error)
			}
			if !slices.Contains(Codes, answer.Error.Code) || answer.Error.Code == CodeInternal {
				t.Errorf("refused with %+v", answer.Error)
			}
		}
		s.sameAfterReplay()
	})
}

func checkpoint(t testing.TB, s *State) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// FuzzState plays a room at random, two bytes a move, and holds it against what must always be true.
func FuzzState(f *testing.F) {
	f.Add(false, []byte{0, 0, 1, 0, 2, 0, 20, 0, 12, 200, 8, 0, 9, 1, 12, 255, 12, 255})
	f.Add(false, []byte{0, 0, 1, 0, 20, 0, 12, 100, 8, 0, 21, 0, 12, 50, 22, 0, 12, 100, 24, 0, 12, 255, 30, 0, 12, 255, 27, 0})
	f.Add(false, []byte{0, 0, 20, 0, 12, 255, 12, 20, 32, 1, 16, 0, 34, 0, 35, 0, 33, 0, 12, 50, 16, 0, 32, 0, 12, 255, 12, 255, 12, 255, 12, 255})
	f.Add(false, []byte{0, 0, 3, 0, 20, 0, 12, 90, 8, 0, 11, 0, 28, 1, 29, 0, 12, 255, 31, 0, 12, 255, 13, 0, 14, 0, 23, 0})
	f.Add(true, []byte{0, 0, 1, 0, 20, 0, 12, 60, 16, 0, 34, 0, 36, 3, 12, 30, 8, 1, 12, 150, 16, 0, 34, 0, 12, 60, 25, 0, 24, 0, 31, 0, 12, 255, 12, 255, 12, 255})
	f.Add(true, []byte{0, 0, 20, 0, 12, 60, 16, 0, 34, 0, 21, 0, 36, 0, 22, 0, 17, 0, 33, 2, 34, 0, 24, 0, 24, 0, 36, 1, 12, 255, 33, 1, 12, 255, 32, 1, 12, 255})
	f.Add(false, []byte{0, 0, 1, 0, 20, 0, 37, 0, 38, 0, 38, 1, 39, 4, 12, 60, 8, 0, 38, 9, 23, 0, 41, 1, 12, 20, 8, 0, 24, 0, 24, 0, 15, 4, 20, 0, 12, 90, 23, 0, 40, 1, 27, 0, 20, 0, 12, 255})
	f.Fuzz(func(t *testing.T, bridge bool, moves []byte) {
		s := newStageOf(t, map[bool]string{false: "test", true: "bridge"}[bridge], Settings{})
		s.do("host", RoleHost, "join", nil)
		g := &game{stage: s, closed: map[string]string{}}
		for i := 0; i+1 < len(moves) && i < 400; i += 2 {
			g.move(moves[i], moves[i+1])
			g.keep(g.state.Tick(g.now)) // as the loop does after every turn
			g.check()
		}
		s.seqsHaveNoGaps()
		s.sameAfterReplay()
		g.sameAfterCheckpoint()
	})
}

// game plays a stage.
type game struct {
	*stage
	closed map[string]string // what polls were closed with
	seen   int               // events that were checked
}

var players = []string{"ada", "bo", "cy", "di"}

// move makes one move; much of what it tries is refused, as it should be.
func (g *game) move(what, how byte) {
	player := players[int(how)%len(players)]
	poll := ""
	if g.state.Poll != nil {
		poll = g.state.Poll.Poll
	}
	choices := [][]string{{"a"}, {"b"}, {"c"}, {"a", "b"}, {"b", "a"}, {"a", "a"}, {}, {"z"}}
	switch m := what % 42; m {
	case 0, 1, 2, 3:
		g.try(players[m], RoleViewer, "join", nil)
	case 4, 5, 6, 7:
		g.keep(g.state.Leave(g.now, players[m-4], players[m-4]+"-1"))
	case 8, 9, 10, 11:
		g.try(players[m-8], RoleViewer, "vote", Vote{Poll: poll, Choices: choices[int(how)%len(choices)]})
	case 12:
		g.pass(float64(how) / 10)
	case 13:
		g.try(player, RoleViewer, "say", Say{Text: "line"})
	case 14:
		g.try(player, RoleViewer, "react", React{Feeling: Feelings[int(how)%len(Feelings)]})
	case 15:
		g.try(player, RoleViewer, "rate", Rate{Stars: int(how)%5 + 1})
	case 16:
		if telling, ok := g.state.Telling(); ok {
			g.keep(g.state.Write(g.now, telling, "Words. "))
		}
	case 17: // another node takes over
		restored := throughJSON(g.t, g.state)
		restored.Restore(g.shelf)
		restored.live.clock = g.state.live.clock
		g.state = restored
		g.keep(g.state.Recover(g.now))
	case 18:
		g.pass(0.05)
	case 19:
		g.now -= int64(how) // a clock that runs backwards
	case 26:
		g.try("host", RoleHost, "set", Set{Settings: Settings{Rules: rulesOf(how)}})
	case 28:
		g.try("host", RoleHost, []string{"ban", "unban", "mute", "unmute"}[int(how)/4%4], Moderate{Viewer: player})
	case 29:
		g.try("host", RoleHost, "extend_poll", ExtendPoll{Seconds: float64(how)})
	case 32:
		g.try("host", RoleHost, "shield", Shield{On: how&1 > 0})
	case 33:
		g.try("host", RoleHost, []string{"reject", "retract", "regenerate"}[how%3], nil)
	case 34:
		if telling, ok := g.state.Telling(); ok {
			g.keep(g.state.Written(g.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
		}
	case 35:
		g.try("host", RoleHost, "approve", []any{nil, Approve{Text: "Edited."}}[how%2])
	case 36:
		if planning, _, ok := g.state.Planning(); ok {
			g.keep(g.state.Planned(g.now, planning, []story.Plan{threeWays, {}}[how%2]))
		}
	case 37:
		picks := []Pick{{ID: "film"}, {ID: "story:bridge", Kind: "story"}, {ID: "story:test", Kind: "story"}}
		g.keep(g.state.SetSidebar(g.now, Sidebar{Picks: picks[how%3:], Next: []string{"bridge", "test"}[how%2:]}))
	case 38:
		item := []string{"film", "story:bridge", "story:test", "nothing"}[how%4]
		g.try(player, RoleViewer, "pick", PickItem{ID: item, Action: PickActions[how/4%4], Off: how&64 > 0})
	case 39:
		g.try(player, RoleViewer, "remember", Remember{On: how&4 > 0})
	case 40:
		g.try("host", RoleHost, "set_story", SetStory{Story: []string{"bridge", "test", "nothing"}[how%3]})
	case 41:
		g.try("host", RoleHost, "poll_next", []any{nil, PollNext{Stories: []string{"test", "bridge"}}}[how%2])
	case 30:
		g.try("host", RoleHost, "override_poll", OverridePoll{Choice: string(rune('a' + how%4))})
	default:
		commands := map[byte]string{20: "start", 21: "pause", 22: "resume", 23: "end", 24: "next", 25: "void_poll", 27: "restart", 31: "close_poll"}
		g.try("host", RoleHost, commands[m], nil)
	}
}

// rulesOf makes rules out of a byte.
func rulesOf(how byte) (r story.Rules) {
	methods, ties := []string{"plurality", "approval", "ranked"}, []string{"listed", "draw", "host"}
	r.Method, r.Tie = &methods[how%3], &ties[how/3%3]
	r.EarlyClose, r.ChangeVotes = new(how&16 > 0), new(how&32 > 0)
	r.VoteSeconds = new(float64(how % 7))
	return r
}

// check holds the new events against what must be true of any.
func (g *game) check() {
	g.t.Helper()
	for _, e := range g.events[g.seen:] {
		switch data := e.Data.(type) {
		case *ShowStarted:
			clear(g.closed) // every show of a stage has the same entropy, and so the same ids
		case *PollClosed:
			if was, twice := g.closed[data.Poll]; twice {
				g.t.Fatalf("poll closed with %s, and again with %s", was, data.Winner)
			}
			g.closed[data.Poll] = data.Winner
			if data.Turnout > data.Eligible {
				g.t.Fatalf("%d of %d voted", data.Turnout, data.Eligible)
			}
		}
		if cast, ok := e.Hidden.(*ballotCast); ok && g.closed[cast.Poll] != "" {
			g.t.Fatalf("%s voted after the close", cast.Viewer)
		}
	}
	g.seen = len(g.events)
	if sc := g.state.Scene; sc != nil && sc.Held != nil {
		if out := len([]rune(g.state.Snapshot(false).Scene.Text)); out != sc.Held.From || g.state.Scene.ToldAt > 0 {
			g.t.Fatalf("%d characters are out, held from %d", out, sc.Held.From)
		}
	}
	if p := g.state.Poll; p != nil {
		for voter := range p.Vote.Ballots {
			if v := g.state.People[voter]; v == nil || v.Banned && p.Closed == nil || !votes(v.Role) {
				g.t.Fatalf("%s has a ballot", voter)
			}
		}
	}
	if g.state.PausedAt == 0 && g.state.planOver(g.state.live.clock) {
		g.t.Fatal("choices are waited for that were given up")
	}
	if next := g.state.Next(); next <= 0 {
		g.t.Fatalf("nothing is due, ever: %d", next)
	}
}

// sameAfterCheckpoint: what a checkpoint keeps is all that a snapshot shows, but for what passes.
func (g *game) sameAfterCheckpoint() {
	g.t.Helper()
	again := New(g.shelf)
	if err := json.Unmarshal([]byte(checkpoint(g.t, g.state)), again); err != nil {
		g.t.Fatal(err)
	}
	again.Restore(g.shelf)
	if got, want := checkpoint(g.t, again), checkpoint(g.t, g.state); got != want {
		g.t.Errorf("a checkpoint of a checkpoint differs:\n%s\n%s", got, want)
	}
	got, want := again.Snapshot(true), g.state.Snapshot(true)
	for _, snap := range []*Snapshot{got, want} {
		snap.At, snap.Reactions, snap.Picks, snap.Moderated = 0, nil, nil, nil // passing, or by the clock
		if snap.Scene != nil {
			snap.Scene.Text = ""
		}
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		g.t.Errorf("the snapshot differs after a checkpoint:\n%s\n%s", a, b)
	}
	for action, counts := range g.state.live.marks {
		if !maps.Equal(again.live.marks[action], counts) {
			g.t.Errorf("%s: counted %v, after a checkpoint %v", action, counts, again.live.marks[action])
		}
	}
}
