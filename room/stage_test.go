package room

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
)

// testStory is small but has everything that a show meets: state, a cue, an approval poll, a scene with one way out, two endings.
const testStory = `:: StoryTitle
The Test

:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","format":"SugarCube","format-version":"2.37.3","start":"Door",
"kino":{"language":"en","pace":20,"arm_seconds":2,"vote_seconds":10,"tail_seconds":3,"tie":"listed"}}

:: Door
A door in the rain. It is not locked.

[[Knock->Hall][$polite to true]]
[[Walk in->Hall][$polite to false]]

:: Hall {"kino":{"llm":{"direction":"Somebody answers.","reserve":["Hall reserve"]},"vote":{"rule":"approval","default":2}}}
A voice, short.

[[Go up->Stairs]]
[[Go down->Cellar]]
[[Wait->Stairs]]

:: Hall reserve [reserve]
The reserve voice says hello.

:: Stairs
One step, then another.

[[On->Roof]]

:: Cellar {"kino":{"end":"dark"}}
It is dark. <<if $polite>>You knocked, though.<</if>>

:: Roof {"kino":{"end":"light"}}
Light.
`

// bridgeStory leads from one authored scene to another by three beats, of which two have reserve passages.
const bridgeStory = `:: StoryTitle
The Bridge

:: StoryData
{"ifid":"6C1B7D52-4F0B-4A57-9E0D-1B2C3D4E5F60","format":"SugarCube","format-version":"2.37.3","start":"Quay",
"kino":{"language":"en","pace":20,"arm_seconds":2,"vote_seconds":10,"tail_seconds":3}}

:: Quay
The boat is full.

[[Cast off->Voyage]]

:: Voyage {"kino":{"title":"The crossing","vote":{"default":2},"llm":{"mode":"bridge","to":"Harbour","beats":3,"direction":"Fog.","tension":[0.3,0.6,0.9],"reserve":["V1","V2"]}}}
[[Row->Voyage][$rowed to true]]
[[Drift->Voyage]]

:: V1 [reserve]
You row into the fog.

:: V2 [reserve]
You row out of the fog.

:: Gull {"kino":{"storylet":{"in":["Voyage"],"when":"$rowed"}}}
A gull lands on the oar.

:: Harbour {"kino":{"title":"Land","end":"home"}}
Lights.
`

type shelf map[string]*story.Story

func (s shelf) Story(id, _ string) (*story.Story, bool) { st, ok := s[id]; return st, ok }

func testShelf(t testing.TB) shelf {
	t.Helper()
	all := shelf{}
	for name, source := range map[string]string{"test.twee": testStory, "bridge.twee": bridgeStory} {
		st, report := story.Parse(name, []byte(source))
		if st == nil {
			t.Fatal(report.Err())
		}
		all[st.ID] = st
	}
	return all
}

// stage drives a State by hand: its clock moves only when told to, and every event is kept.
type stage struct {
	t      testing.TB
	state  *State
	now    int64
	events []Event
	shelf  shelf
	ids    int
}

func newStage(t testing.TB, settings Settings) *stage { return newStageOf(t, "test", settings) }

func newStageOf(t testing.TB, storyID string, settings Settings) *stage {
	t.Helper()
	s := &stage{t: t, now: 1_000_000, shelf: testShelf(t)}
	s.state = New(s.shelf)
	s.keep(s.state.Create(s.now, "abc234", "A room", "en", storyID, settings))
	return s
}

func (s *stage) keep(events []Event) { s.events = append(s.events, events...) }

// pass lets time pass, with every tick where it is due.
func (s *stage) pass(seconds float64) {
	end := s.now + millis(seconds)
	for next := s.state.Next(); next <= end; next = s.state.Next() {
		s.now = max(s.now, next)
		s.keep(s.state.Tick(s.now))
	}
	s.now = end
	s.keep(s.state.Tick(s.now))
}

func (s *stage) try(viewer string, role Role, kind string, data any) Answer {
	s.t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ids++
	c := Command{Type: kind, ID: fmt.Sprint(s.ids), Viewer: viewer, Role: role, Conn: viewer + "-1", Data: raw, Entropy: []byte("entropy of this test, 32 bytes..")}
	if kind == "join" {
		c.Name = viewer
	}
	events, answer := s.state.Apply(s.now, c)
	s.keep(events)
	return answer
}

func (s *stage) do(viewer string, role Role, kind string, data any) any {
	s.t.Helper()
	answer := s.try(viewer, role, kind, data)
	if answer.Error != nil {
		s.t.Fatalf("%s by %s: %v", kind, viewer, answer.Error)
	}
	return answer.Data
}

func (s *stage) refused(code, viewer string, role Role, kind string, data any) {
	s.t.Helper()
	before := s.state.N
	answer := s.try(viewer, role, kind, data)
	if answer.Error == nil || answer.Error.Code != code {
		s.t.Errorf("%s by %s: got %v, want %s", kind, viewer, answer.Error, code)
	}
	if s.state.N != before {
		s.t.Errorf("a refused %s changed the room", kind)
	}
}

func (s *stage) audience(names ...string) {
	s.t.Helper()
	for _, name := range names {
		s.do(name, RoleViewer, "join", nil)
	}
}

func (s *stage) host(kind string, data any) any {
	s.t.Helper()
	if s.state.People["host"] == nil {
		s.do("host", RoleHost, "join", nil)
	}
	return s.do("host", RoleHost, kind, data)
}

func (s *stage) vote(viewer string, choices ...string) {
	s.t.Helper()
	s.do(viewer, RoleViewer, "vote", Vote{Poll: s.state.Poll.Poll, Choices: choices})
}

// of are the events of a type, oldest first.
func (s *stage) of(kind string) []Event {
	var found []Event
	for _, e := range s.events {
		if e.Type == kind {
			found = append(found, e)
		}
	}
	return found
}

func last[T any](s *stage, kind string) T {
	s.t.Helper()
	found := s.of(kind)
	if len(found) == 0 {
		s.t.Fatalf("no %s happened", kind)
	}
	data, ok := found[len(found)-1].Data.(T)
	if !ok {
		s.t.Fatalf("%s holds a %T", kind, found[len(found)-1].Data)
	}
	return data
}

// toPoll brings a fresh stage to its first open poll, with two viewers.
func toPoll(t testing.TB, settings Settings) *stage {
	t.Helper()
	s := newStage(t, settings)
	s.audience("ada", "bo")
	s.host("start", nil)
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	return s
}

// replay rebuilds the state from the journal alone, through JSON, as a new owner does.
func (s *stage) replay() *State {
	s.t.Helper()
	fresh := New(s.shelf)
	for _, e := range s.events {
		if e.N == 0 {
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			s.t.Fatal(err)
		}
		var read Event
		if err := json.Unmarshal(line, &read); err != nil {
			s.t.Fatal(err)
		}
		fresh.Fold(read)
	}
	return fresh
}

// sameAfterReplay is the heart of the room: what the journal tells is all there is.
func (s *stage) sameAfterReplay() {
	s.t.Helper()
	got, err := json.Marshal(s.replay())
	if err != nil {
		s.t.Fatal(err)
	}
	want, err := json.Marshal(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		s.t.Errorf("state after replay (-lived +replayed): %s", diff)
	}
}

func (s *stage) seqsHaveNoGaps() {
	s.t.Helper()
	var n, seq uint64
	for _, e := range s.events {
		if e.N > 0 {
			if n++; e.N != n {
				s.t.Fatalf("place %d of the journal after %d", e.N, n-1)
			}
		}
		if e.Seq > 0 {
			if seq++; e.Seq != seq {
				s.t.Fatalf("seq %d after %d", e.Seq, seq-1)
			}
		}
	}
}

func kinds(events []Event) []string {
	var list []string
	for _, e := range events {
		if e.Seq > 0 {
			list = append(list, e.Type)
		}
	}
	return slices.Clip(list)
}
