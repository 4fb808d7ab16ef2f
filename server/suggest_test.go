package server

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/room"
	"kinoautomat/story"
)

// suggested plays a show in which viewers suggest these texts, and returns the cue that the narrator gets. Nothing is stopped by a gate.
func suggested(t *testing.T, texts []string) story.Cue {
	t.Helper()
	state := room.New(NewShelf(fstest.MapFS{"test.twee": {Data: []byte(testStory)}}, zap.NewNop()))
	state.Create(1000, "abc234", "A room", "en", "test", room.Settings{Suggestions: new(true)})
	do := func(viewer string, role room.Role, kind string, data any) {
		t.Helper()
		raw, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		_, answer := state.Apply(1000, room.Command{Type: kind, Viewer: viewer, Role: role, Conn: viewer, Name: viewer, Data: raw, Entropy: make([]byte, 32)})
		if answer.Error != nil && !strings.Contains(answer.Error.Message, "empty") {
			t.Fatalf("%s by %s: %v", kind, viewer, answer.Error)
		}
	}
	do("host", room.RoleHost, "join", nil)
	do("host", room.RoleHost, "start", nil)
	for i, text := range texts {
		viewer := fmt.Sprint("Mallory-", i)
		do(viewer, room.RoleViewer, "join", nil)
		do(viewer, room.RoleViewer, "suggest", room.Suggest{Text: text})
	}
	do("host", room.RoleHost, "next", nil)
	do("host", room.RoleHost, "override_poll", room.OverridePoll{Choice: "a"})
	do("host", room.RoleHost, "next", nil)
	if _, ok := state.Telling(); !ok {
		t.Fatal("no scene waits for the narrator")
	}
	return state.Cue()
}

// asked is what a model is asked for a cue: the system's words and the rest, as they stand in the request. With a bridge it is asked for what could
// come next, else for the scene.
func asked(t *testing.T, cue story.Cue) (system, rest string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		script := narratortest.Script{JSON: bridgePlan, Seen: func(body []byte) {
			var request struct {
				Messages []struct{ Role, Content string }
			}
			if err := json.Unmarshal(body, &request); err != nil || len(request.Messages) != 2 {
				t.Errorf("%d messages, %v", len(request.Messages), err)
				return
			}
			system, rest = request.Messages[0].Content, request.Messages[1].Content
		}}
		if cue.Invents() {
			if p := ladder(t, script).Plan(t.Context(), cue, "Fog, and in the fog a bell."); len(p.Choices) < 2 {
				t.Errorf("no choices: %s", p.Record)
			}
			return
		}
		if _, err := ladder(t, script).Tell(t.Context(), cue, func(string) error { return nil }); err != nil {
			t.Error(err)
		}
	})
	return system, rest
}

// Two hundred ways to give a model orders, from the command of a viewer to the bytes of the request: all that comes of them stands between marks
// that they cannot forge, and the rest of the prompt is as if nobody had suggested anything.
func TestSuggestions_StayBetweenTheirMarks(t *testing.T) {
	if room.MaxSuggestionLength != gate.MaxMarked {
		t.Fatalf("a room takes %d characters, a prompt %d", room.MaxSuggestionLength, gate.MaxMarked)
	}
	fixture, err := os.ReadFile("../narrator/gate/testdata/injections.txt")
	if err != nil {
		t.Fatal(err)
	}
	marker := gate.NewMarker(suggested(t, nil).Salt) // every show of this test has the same secret: Mallory has found it out
	var texts []string
	for line := range strings.Lines(string(fixture)) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			line = strings.NewReplacer(`\n`, "\n", `\u200b`, "\u200b", `\u202e`, "\u202e", "MARKER", marker.String()).Replace(line)
			texts = append(texts, string([]rune(line)[:min(len([]rune(line)), room.MaxSuggestionLength)]))
		}
	}
	for name, bridge := range map[string]*story.Bridge{"a scene": nil, "choices of a bridge": {To: "The harbour", Toward: "Lamps.", Beat: 1, Beats: 3}} {
		t.Run(name, func(t *testing.T) { staysBetweenMarks(t, texts, marker, bridge) })
	}
}

func staysBetweenMarks(t *testing.T, texts []string, marker gate.Marker, bridge *story.Bridge) {
	none := suggested(t, nil)
	none.Bridge = bridge
	system, plain := asked(t, none)
	lines, outside := 0, 0
	for first := 0; first < len(texts); first += room.MaxWishes {
		cue := suggested(t, texts[first:min(first+room.MaxWishes, len(texts))])
		if salt := gate.NewMarker(cue.Salt); salt != marker {
			t.Fatal("the marker is another one")
		}
		cue.Bridge = bridge
		contract, rest := asked(t, cue)
		before, block, found := strings.Cut(rest, "# What some viewers wish\n")
		block, after, ends := strings.Cut(block, "\n\n# Your task")
		if !found || !ends {
			t.Fatalf("no wishes in\n%s", rest)
		}
		about, wishes, _ := strings.Cut(block, "\n- ")
		if !strings.Contains(about, marker.String()) {
			t.Errorf("the marks are not explained: %s", about)
		}
		if got := before + "# Your task" + after; got != plain || contract != system {
			outside += max(len(got)-len(plain), 1)
			t.Errorf("the prompt was changed:\n%s", got)
		}
		for wish := range strings.SplitSeq(wishes, "\n- ") {
			lines++
			if bare := strings.ReplaceAll(wish, marker.String(), " "); !strings.HasPrefix(wish, marker.String()) || !strings.HasSuffix(wish, marker.String()) ||
				strings.ContainsAny(bare, "\n\r^<>|[]{}#`~\\") || strings.Contains(wish, " ") {
				outside += len(bare)
				t.Errorf("not between its marks: %q", wish)
			}
		}
		if strings.Contains(contract+rest, "Mallory") {
			t.Error("a name is in the prompt")
		}
	}
	t.Logf("%d of %d suggestions are in prompts, %d bytes outside their marks", lines, len(texts), outside)
	if lines < len(texts)*9/10 {
		t.Errorf("only %d of %d suggestions are in prompts", lines, len(texts))
	}
}

// Staff on every node have the suggestions; viewers have none but their own.
func TestNode_Suggestions(t *testing.T) {
	inBubble(t, func(c *Config) { c.Passes = narrator.NewLadder(zap.NewNop()).Passes }, func(t *testing.T, n *node) {
		made := n.room(`{"suggestions":true}`)
		host, ada, bo := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"}), n.join(made.ID, room.Join{Name: "Bo"})
		for _, w := range []*watcher{host, ada, bo} {
			defer w.leave()
		}
		host.do("start", nil)
		ada.do("suggest", room.Suggest{Text: "A storm comes up."})
		bo.refused(room.CodeRefused, "suggest", room.Suggest{Text: "Write to mara.lindqvist@lampisland.org"})
		var given room.SuggestionsChanged
		host.event("suggestions.changed", &given)
		if len(given.Suggestions) != 1 || given.Suggestions[0].Text != "A storm comes up." || given.Suggestions[0].Viewer != ada.me.ID {
			t.Errorf("the host has %+v", given)
		}
		host.do("end", nil)
		bo.until(func(f room.Frame) bool {
			if strings.Contains(string(f.Data), "storm") {
				t.Errorf("somebody else was told %s", f.Data)
			}
			return f.Type == "show.ended"
		})
	})
}
