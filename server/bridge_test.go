package server

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/narrator/plan"
	"kinoautomat/room"
	"kinoautomat/stories"
	"kinoautomat/story"
)

const bridgeStory = `:: StoryTitle
The Bridge

:: StoryData
{"ifid":"6C1B7D52-4F0B-4A57-9E0D-1B2C3D4E5F60","format":"SugarCube","format-version":"2.37.3","start":"Quay",
"kino":{"language":"en","arm_seconds":0,"vote_seconds":1,"tail_seconds":0}}

:: Quay
The boat is full.

[[Cast off->Voyage]]

:: Voyage {"kino":{"title":"The crossing","llm":{"mode":"bridge","to":"Harbour","beats":8,"direction":"Fog.","reserve":["V","V","V","V","V","V","V","V"]}}}

:: V [reserve]
You row into the fog. It closes behind you like a door.

:: Harbour {"kino":{"end":"home"}}
Lights.
`

const bridgePlan = `{"v":1,"summary":"They hear a bell.","facts_add":[],"facts_end":[],"threads":[],"mood":{"valence":0,"arousal":0.5,"tension":0.5},"candidates":[` +
	`{"id":"a","label":"Follow the bell","hook":"It leads them onto a sandbank.","kind":"action","risk":1,"prob":0.5,"why":"","uses":[],"ends":false},` +
	`{"id":"b","label":"Ask the man his name","hook":"He has none.","kind":"dialogue","risk":1,"prob":0.3,"why":"","uses":[],"ends":false},` +
	`{"id":"c","label":"Drop the anchor","hook":"Nothing moves.","kind":"calm","risk":0,"prob":0.2,"why":"","uses":[],"ends":false}],"end":{"is_end":false,"kind":""}}`

// weather is a model server whose requests fail as often as its shares say, by chance from a seed.
type weather struct {
	mu                              sync.Mutex
	chance                          *rand.Rand
	broken, cut, stall, frame, dead float64
	lives                           int // requests for completions until it is dead for good; 0 = it lives
}

func (w *weather) script() narratortest.Script {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := narratortest.Script{JSON: bridgePlan, Delay: 4 * time.Millisecond, First: 200 * time.Millisecond}
	if w.lives > 0 {
		if w.lives--; w.lives == 0 {
			w.dead, w.lives = 1, 1
		}
	}
	switch at := w.chance.Float64(); {
	case at < w.dead:
		s.Mode = narratortest.Dead
	case at < w.dead+w.broken:
		s.JSON = bridgePlan[:w.chance.IntN(len(bridgePlan))] + "…"
	case at < w.dead+w.broken+w.cut:
		s.Mode, s.After = narratortest.Cut, 1+w.chance.IntN(80)
	case at < w.dead+w.broken+w.cut+w.stall:
		s.Mode, s.After = narratortest.HangAfter, 1+w.chance.IntN(80)
	case at < w.dead+w.broken+w.cut+w.stall+w.frame:
		s.Mode, s.After = narratortest.ErrorFrame, 1+w.chance.IntN(80)
	}
	return s
}

func (w *weather) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		narratortest.Script{}.ServeHTTP(rw, r)
		return
	}
	w.script().ServeHTTP(rw, r)
}

// crossings plays shows of the bridge and returns the staff's accounts of each beat's choices. It fails where words or a vote are late.
func crossings(t *testing.T, w *weather, shows int, settings string) (planned []room.ChoicesPlanned, sources map[story.Source]int) {
	sources = map[story.Source]int{}
	synctest.Test(t, func(t *testing.T) {
		backend, err := narrator.ParseBackend(narratortest.Backend("http://model.example/v1"))
		if err != nil {
			t.Fatal(err)
		}
		model, err := narrator.NewModel(backend, narrator.Options{Dial: narratortest.DialHandler(t, w)}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		ladder := narrator.NewLadder(zap.NewNop(), model)
		n := startNode(t, cluster.NewMemory(), func(c *Config) {
			c.Narrator, c.Plan = ladder, ladder.Plan
			c.Shelf = NewShelf(fstest.MapFS{"test.twee": {Data: []byte(bridgeStory)}}, zap.NewNop())
		})
		defer n.stop()
		for range shows {
			made := n.room(settings)
			host := n.join(made.ID, room.Join{Token: made.HostToken})
			host.send("start", nil) // its answer may come behind the first scene
			plans, told := crossing(t, host)
			planned = append(planned, plans...)
			for source, n := range told {
				sources[source] += n
			}
			host.leave()
		}
	})
	return planned, sources
}

// crossing watches one show to its end.
func crossing(t *testing.T, host *watcher) (planned []room.ChoicesPlanned, sources map[story.Source]int) {
	t.Helper()
	sources = map[story.Source]int{}
	var started, firstWord, toldAt int64
	beats, polls := 0, 0
	for over := false; !over; {
		f := host.until(func(f room.Frame) bool { return true })
		switch f.Type {
		case "scene.started":
			started, firstWord, toldAt = f.At, 0, 0
		case "narration.delta":
			if firstWord == 0 {
				if firstWord = f.At; firstWord-started > 4000 {
					t.Errorf("the first words came after %d ms", firstWord-started)
				}
			}
		case "scene.told":
			var told room.SceneTold
			host.decode(f, &told)
			if toldAt = f.At; told.Scene == "Voyage" {
				beats++
				sources[told.Source]++
				if told.Text == "" {
					t.Error("a beat without words")
				}
			}
		case "choices.planned":
			var p room.ChoicesPlanned
			host.decode(f, &p)
			planned = append(planned, p)
		case "poll.opened":
			var opened room.PollOpened
			host.decode(f, &opened)
			polls++
			if f.At-toldAt > 4000 && toldAt > 0 {
				t.Errorf("a vote came %d ms after the last word", f.At-toldAt)
			}
			var labels []string
			for _, c := range opened.Choices {
				if strings.TrimSpace(c.Label) == "" || slices.ContainsFunc(labels, func(o string) bool { return plan.Distance(o, c.Label) < plan.MinDistance }) {
					t.Errorf("choices %+v", opened.Choices)
				}
				labels = append(labels, c.Label)
			}
			if len(labels) < 2 || len(opened.Words) != 2 {
				t.Errorf("opened with %q, %q", labels, opened.Words)
			}
		case "show.ended":
			over = true
		}
	}
	if beats != 8 || polls != 7 {
		t.Errorf("%d beats and %d votes", beats, polls)
	}
	return planned, sources
}

// Whatever a model server does to one request in five, every beat of every show has words within 4 s and a vote with two choices or more within 4 s
// of the last word, although the words come as fast as they are written.
func TestNode_BridgeInBadWeather(t *testing.T) {
	w := &weather{chance: rand.New(rand.NewPCG(1, 2)), broken: 0.10, cut: 0.05, stall: 0.02, frame: 0.02, dead: 0.01}
	planned, sources := crossings(t, w, 30, `{"pace":0}`)
	from := map[string]int{}
	for _, p := range planned {
		from[p.Record.From]++
	}
	t.Logf("of %d votes the choices came from %v, of %d beats the words from %v", len(planned), from, 30*8, sources)
	if len(planned) != 30*7 || from["model"] < 30*7*9/10 || from["none"] > 0 {
		t.Errorf("choices came from %v", from)
	}
}

// Nobody has to be there: with all models dead, from the start or in the middle of a show, the bridge is crossed all the same.
func TestNode_BridgeWithoutModels(t *testing.T) {
	for name, w := range map[string]*weather{
		"from the start": {dead: 1},
		"in mid-show":    {lives: 7},
	} {
		t.Run(name, func(t *testing.T) {
			w.chance = rand.New(rand.NewPCG(3, 4))
			planned, sources := crossings(t, w, 2, `{}`)
			if last := planned[len(planned)-1]; last.Record.From != "story" || sources[story.SourceReserve] < 8 {
				t.Errorf("at the end the choices come from %s, words from %v", last.Record.From, sources)
			}
		})
	}
}

// The account that staff get is the narrator's own, with nothing left out but its seed and what it has no part in.
func TestNode_BridgeRecordIsWhole(t *testing.T) {
	why := plan.Choose(plan.Plan{Candidates: []plan.Candidate{{ID: "a", Label: "Up", Prob: 0.5}, {ID: "b", Label: "Down", Prob: 0.2}, {ID: "c", Label: "Up!"}}}, plan.Turn{}).Why
	raw, err := json.Marshal(why)
	if err != nil {
		t.Fatal(err)
	}
	var record room.PlanRecord
	if err := json.Unmarshal(raw, &record); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &got); err != nil {
		t.Fatal(err)
	}
	delete(want, "seed")
	same(t, "record", want, got)
}

// The bridge that ships is a good show without any model: each beat has its reserve passage and the author's choices.
func TestNode_ShippedBridge(t *testing.T) {
	for _, language := range []string{"en", "zh-Hans"} {
		inBubble(t, func(c *Config) {
			ladder := narrator.NewLadder(zap.NewNop())
			c.Narrator, c.Plan, c.Shelf = ladder, ladder.Plan, NewShelf(stories.FS, zap.NewNop())
		}, func(t *testing.T, n *node) {
			status, body := n.call("POST", "/api/v1/rooms", "", map[string]any{"story": "the-fifth-voice", "language": language, "settings": map[string]any{"pace": 0}})
			var made MadeRoom
			if err := json.Unmarshal(body, &made); err != nil || status != http.StatusCreated {
				t.Fatalf("create: %d %s", status, body)
			}
			host, ada := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"})
			defer host.leave()
			defer ada.leave()
			host.do("start", nil)
			var sources []story.Source
			var sizes []int
			for over := false; !over; {
				switch f := ada.until(func(room.Frame) bool { return true }); f.Type {
				case "scene.told":
					var told room.SceneTold
					ada.decode(f, &told)
					sources = append(sources, told.Source)
				case "poll.opened":
					var opened room.PollOpened
					ada.decode(f, &opened)
					sizes = append(sizes, len(opened.Choices))
				case "show.ended":
					over = true
				}
			}
			same(t, language+": who told", []story.Source{"authored", "reserve", "reserve", "reserve", "authored", "authored"}, sources)
			same(t, language+": choices offered", []int{2, 3, 3, 2}, sizes)
		})
	}
}
