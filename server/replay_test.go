package server

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/room"
)

const replayStory = `:: StoryTitle
The Replay

:: StoryData
{"ifid":"6C1B7D52-4F0B-4A57-9E0D-1B2C3D4E5F61","format":"SugarCube","format-version":"2.37.3","start":"Quay",
"kino":{"language":"en","pace":60,"arm_seconds":1,"vote_seconds":5,"tail_seconds":1,"tie":"draw"}}

:: Quay
The boat is full.

[[Cast off->Voyage]]
[[Wait->Voyage]]

:: Voyage {"kino":{"title":"The crossing","llm":{"mode":"bridge","to":"Harbour","beats":5,"tension":[0.2,0.9],"direction":"Fog.","reserve":["V","V","V","V"]}}}
[[Row->Voyage][$rowed to true]]
[[Drift->Voyage]]

:: V [reserve]
You row into the fog.

:: Gull {"kino":{"storylet":{"in":["Voyage"],"when":"$rowed"}}}
A gull lands on the oar.

:: Harbour {"kino":{"end":"home"}}
Lights.
`

// The journal is all there is. A whole show, with a narrator, its bridge, words that are read first, and suggestions, is folded into a fresh state:
// every numbered frame that a viewer got is in it byte for byte, and whoever joins, while words wait, at any vote and at the end, gets the snapshot that it makes, as a viewer and as staff.
func TestNode_ReplaysAWholeShow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := cluster.NewMemory()
		shelf := NewShelf(fstest.MapFS{"test.twee": {Data: []byte(replayStory)}}, zap.NewNop())
		tell := ladder(t, narratortest.Script{JSON: bridgePlan, First: 300 * time.Millisecond, Delay: 20 * time.Millisecond})
		n := startNode(t, shared, func(c *Config) { c.Narrator, c.Plan, c.Passes, c.Shelf = tell, tell.Plan, tell.Passes, shelf })
		defer n.stop()
		made := n.room(`{"suggestions":true}`)
		host, ada, bo := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"}), n.join(made.ID, room.Join{Name: "Bo"})
		defer host.leave()
		defer ada.leave()
		defer bo.leave()
		host.do("shield", room.Shield{On: true})
		host.send("start", nil)

		joined := 0
		check := func(when string) {
			t.Helper()
			synctest.Wait()
			for token, staff := range map[string]bool{"": false, made.ModeratorToken: true} {
				joined++
				cy, err := n.dial(made.ID, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer cy.leave()
				welcome := cy.join(room.Join{Name: fmt.Sprint("Cy ", joined), Token: token})
				replayed, _ := replay(t, shared, shelf, made.ID)
				snapshot := replayed.Snapshot(staff)
				snapshot.At, welcome.Snapshot.At = 0, 0 // the clock goes on without events
				want, err1 := json.Marshal(welcome.Snapshot)
				got, err2 := json.Marshal(snapshot)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					t.Errorf("%s (-who joined got +replayed):\n%s", when, diff)
				}
			}
		}
		direct(host, ada, bo, check)
		check("at the end")

		var got []byte
		for len(ada.frames) > 0 {
			if f := <-ada.frames; f.Seq > 0 {
				got = append(got, line(t, f)...)
			}
		}
		_, events := replay(t, shared, shelf, made.ID)
		var want []byte
		read, wishes := map[string]int{}, 0
		for _, e := range events {
			if e.Seq > 0 {
				frame, err := e.Frame()
				if err != nil {
					t.Fatal(err)
				}
				want = append(append(want, frame...), '\n')
			}
			if told, ok := e.Data.(*room.SceneTold); ok {
				read[told.Why]++
			}
			if e.Type == "suggestion.made" || e.Type == "suggestion.deleted" {
				wishes++
			}
		}
		from := len(want) - len(got) // those before Ada joined
		if from < 0 || len(got) == 0 || string(want[from:]) != string(got) {
			t.Errorf("a viewer got (-) what the journal does not tell (+):\n%s", cmp.Diff(string(got), string(want)))
		}
		t.Logf("%d events, %d bytes told, %v, %d wishes, %d joined", len(events), len(got), read, wishes, joined)
		if read["edited"] == 0 || read["rejected"] == 0 || read["unread"] == 0 || read["model_answered"] == 0 || wishes < 4 {
			t.Errorf("the show had %v, and %d suggestions made or deleted", read, wishes)
		}
	})
}

// direct runs the show to its end: the staff treat what the narrator tells in another way each time, and viewers vote and suggest.
func direct(host, ada, bo *watcher, check func(when string)) {
	decided, polls, given := map[string]bool{}, 0, ""
	for {
		f := host.until(func(room.Frame) bool { return true })
		switch f.Type {
		case "scene.started":
			ada.send("suggest", room.Suggest{Text: "A storm comes up."})
			bo.send("suggest", room.Suggest{Text: "They find a light in the water."})
		case "suggestions.changed":
			var all room.SuggestionsChanged
			host.decode(f, &all)
			if len(all.Suggestions) == 2 && given == "" {
				given = all.Suggestions[0].ID
				host.send("delete", room.Delete{Line: given, Why: "no weather"})
			}
		case "pending.changed":
			var p room.PendingChanged
			host.decode(f, &p)
			if p.Pending == nil || !p.Pending.Complete || decided[p.Pending.ID] {
				continue
			}
			decided[p.Pending.ID] = true
			check(fmt.Sprint("while words wait, ", len(decided)))
			switch len(decided) {
			case 1:
				host.send("regenerate", nil)
			case 2:
				host.send("approve", room.Approve{ID: p.Pending.ID})
			case 3:
				host.send("approve", room.Approve{ID: p.Pending.ID, Text: "Fog, and a horn."})
			case 4:
				host.send("reject", nil)
			} // and then nobody reads
		case "poll.opened":
			var p room.PollOpened
			host.decode(f, &p)
			time.Sleep(1100 * time.Millisecond) // it has opened, and its last words are told
			ada.send("vote", room.Vote{Poll: p.Poll, Choices: []string{"a"}})
			bo.send("vote", room.Vote{Poll: p.Poll, Choices: []string{"b"}})
			polls++
			check(fmt.Sprint("vote ", polls))
		case "show.ended":
			return
		}
	}
}

// replay folds the journal as it is kept into a fresh state.
func replay(t *testing.T, shared *cluster.Memory, shelf *Shelf, id string) (*room.State, []room.Event) {
	t.Helper()
	state := room.New(shelf)
	var events []room.Event
	for entry, err := range shared.Read(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		var e room.Event
		if err := json.Unmarshal(entry.Body, &e); err != nil {
			t.Fatal(err)
		}
		state.Fold(e)
		events = append(events, e)
	}
	return state, events
}

func line(t *testing.T, f room.Frame) []byte {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
