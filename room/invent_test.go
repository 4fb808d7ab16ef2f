package room

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/story"
)

// ledger is a journal that a test can read.
type ledger struct {
	mu     sync.Mutex
	events []Event
}

func (*ledger) Hold(context.Context) (time.Duration, error) { return 0, nil }

func (l *ledger) Append(_ context.Context, events []Event, _ []Emission) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	return nil
}

func (*ledger) Checkpoint(context.Context, uint64, []byte) error { return nil }

func (l *ledger) of(kind string) (found []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.Type == kind {
			found = append(found, e)
		}
	}
	return found
}

type speaker string

func (s speaker) Tell(_ context.Context, _ story.Cue, write func(string) error) (story.Telling, error) {
	return story.Telling{Source: story.SourceModel, Why: "model_answered"}, write(string(s))
}

// running is a room whose show has begun, in a bubble. It ends with the test, or before that by stop.
func running(t *testing.T, planner Planner) *ledger {
	t.Helper()
	kept, _, _ := runningRoom(t, planner)
	return kept
}

func runningRoom(t *testing.T, planner Planner) (kept *ledger, r *Room, stop func()) {
	t.Helper()
	kept = &ledger{}
	state := New(testShelf(t))
	kept.events = state.Create(time.Now().UnixMilli(), "abc234", "A room", "en", "bridge", Settings{Rules: story.Rules{Pace: new(0.0)}})
	r = NewRoom(state, Config{Journal: kept, Narrator: speaker("Fog."), Plan: planner, Emit: func([]Emission) {}, Log: zap.NewNop()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	for _, kind := range []string{"join", "start"} {
		r.Do(Request{
			Command: Command{Type: kind, Viewer: "host", Role: RoleHost, Conn: "1", Name: "host", Data: json.RawMessage("null"), Entropy: []byte("entropy of this test, 32 bytes..")},
			Answer: func(reply Reply) {
				if reply.Error != nil {
					t.Error(reply.Error)
				}
			},
		})
	}
	return kept, r, stop
}

// However its planner behaves, a room has a vote at most 4 s after the last word of a beat.
func TestRoom_Invents(t *testing.T) {
	two := story.Plan{Choices: []story.Choice{{Label: "Up", P: 0.5}, {Label: "Down", P: 0.5}}}
	for name, c := range map[string]struct {
		think func(ctx context.Context, release <-chan struct{}) story.Plan
		first string // label that is offered
		after int64  // milliseconds from the last word
	}{
		"at once":       {func(context.Context, <-chan struct{}) story.Plan { return two }, "Up", 0},
		"when hurried":  {func(ctx context.Context, _ <-chan struct{}) story.Plan { <-ctx.Done(); return two }, "Up", planHurry},
		"too late":      {func(_ context.Context, release <-chan struct{}) story.Plan { <-release; return two }, "Row", planGiveUp},
		"with nothing":  {func(context.Context, <-chan struct{}) story.Plan { return story.Plan{} }, "Row", 0},
		"with a panic":  {func(context.Context, <-chan struct{}) story.Plan { panic("no idea") }, "Row", 0},
		"there is none": {nil, "Row", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				var planner Planner
				if c.think != nil {
					planner = func(ctx context.Context, _ story.Cue, _ string) story.Plan { return c.think(ctx, release) }
				}
				firstPoll(t, running(t, planner), c.first, c.after)
				close(release)
			})
		})
	}
}

func firstPoll(t *testing.T, kept *ledger, label string, after int64) {
	t.Helper()
	time.Sleep(15 * time.Second)
	opened, told := kept.of(evPollOpened), kept.of(evSceneTold)
	if len(opened) == 0 || len(told) < 2 {
		t.Fatalf("%d polls after %d scenes", len(opened), len(told))
	}
	if got := opened[0].Data.(*PollOpened).Choices[0].Label; got != label {
		t.Errorf("offered %q first, want %q", got, label)
	}
	if since := opened[0].At - told[1].At; since != after {
		t.Errorf("announced %d ms after the last word, want %d", since, after)
	}
}

// A narrator that is hurried before it has said anything costs the beat its choices, but not what there is to remember of it: it is asked for that
// alone. Notes of words that were taken back meanwhile are not asked for.
func TestRoom_NotesOfAHurriedBeat(t *testing.T) {
	for name, c := range map[string]struct {
		then  string // what the host does when the narrator is hurried
		notes int    // of the first beat
	}{"": {"", 1}, "told anew": {"regenerate", 0}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var r *Room
				asked := make(chan *Room, 1)
				planner := func(ctx context.Context, cue story.Cue, told string) story.Plan {
					switch {
					case cue.Invents() && cue.Bridge.Beat == 1:
						<-ctx.Done()
						if r == nil {
							r = <-asked
							if c.then != "" {
								answered := make(chan Reply, 1)
								r.Do(Request{Command: Command{Type: c.then, Viewer: "host", Role: RoleHost, Conn: "1"}, Answer: func(reply Reply) { answered <- reply }})
								if reply := <-answered; reply.Error != nil {
									t.Error(reply.Error)
								}
							}
						}
						return story.Plan{Choices: threeWays.Choices}
					case cue.Bridge == nil && told == "Fog." && len(cue.Path) == 1:
						time.Sleep(5 * time.Second) // the vote has begun by then
						return story.Plan{Notes: json.RawMessage(`{"summary":"fog"}`)}
					}
					return story.Plan{}
				}
				kept, room, stop := runningRoom(t, planner)
				asked <- room
				time.Sleep(13 * time.Second) // notes that were asked for at once are there, those of a second telling are not
				stop()
				var of int
				for _, e := range kept.of(evNarrationNoted) {
					if noted := e.Hidden.(*narrationNoted); noted.Number == 2 && string(noted.Notes) == `{"summary":"fog"}` {
						of++
					}
				}
				if opened := kept.of(evPollOpened); c.then == "" && (len(opened) == 0 || len(opened[0].Data.(*PollOpened).Choices) != 3) {
					t.Error("the choices are not the narrator's")
				}
				if of != c.notes {
					t.Errorf("%d notes of the beat, want %d", of, c.notes)
				}
			})
		})
	}
}

// Each beat is thought over once, and the last one only for what is to be remembered.
func TestRoom_PlansEachBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var asked []story.Cue
		running(t, func(_ context.Context, cue story.Cue, told string) story.Plan {
			mu.Lock()
			defer mu.Unlock()
			if asked = append(asked, cue); told != "Fog." {
				t.Errorf("asked of %q", told)
			}
			return story.Plan{Choices: []story.Choice{{Label: "Up"}, {Label: "Down"}}}
		})
		time.Sleep(2 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if len(asked) != 3 { // two beats and the notes of the last
			t.Fatalf("asked %d times", len(asked))
		}
		if asked[0].Seed == 0 || asked[0].Seed == asked[1].Seed || asked[1].Bridge.Beat != 2 || asked[2].Invents() {
			t.Errorf("asked %+v", asked)
		}
	})
}

// The journal is all there is: read back as a new owner reads it, it makes the same room, and tells viewers the same, byte for byte.
func TestRoom_BridgeReplays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept, r, stop := runningRoom(t, func(context.Context, story.Cue, string) story.Plan { return threeWays })
		time.Sleep(2 * time.Minute)
		stop()
		replayed := New(testShelf(t))
		for _, e := range kept.events {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var read Event
			if err := json.Unmarshal(line, &read); err != nil {
				t.Fatal(err)
			}
			replayed.Fold(read)
			was, err1 := e.Frame()
			is, err2 := read.Frame()
			if err1 != nil || err2 != nil || string(was) != string(is) {
				t.Fatalf("told %s, replayed %s", was, is)
			}
		}
		want, err1 := json.Marshal(r.state)
		got, err2 := json.Marshal(replayed)
		if err1 != nil || err2 != nil || string(want) != string(got) || len(kept.of(evPollOpened)) != 2 {
			t.Errorf("after %d polls the room is\n%s\nand replayed\n%s", len(kept.of(evPollOpened)), want, got)
		}
	})
}
