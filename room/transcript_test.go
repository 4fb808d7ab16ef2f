package room

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
)

var update = flag.Bool("update", false, "write the transcripts anew; read the diff before you commit it")

// A transcript is what one viewer got, a frame a line: a welcome, the events after it, and at the end a second welcome. The page's
// tests replay them: what the events made of the first snapshot must be what the last one says. Here they hold the room to its word.
func TestTranscripts(t *testing.T) {
	for name, play := range map[string]func(*stage){
		"show": playShow, "moderation": playModeration, "host": playHost, "bridge": playBridge, "shield": playShield, "next": playNext,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStageOf(t, map[bool]string{true: "bridge", false: "test"}[name == "bridge"], Settings{})
			s.do("host", RoleHost, "join", nil)
			s.keep(s.state.SetSidebar(s.now, Sidebar{Picks: transcriptPicks[:2]}))
			first := s.do("ada", RoleViewer, "join", nil)
			from := len(s.events)
			start := s.now
			play(s)
			s.pass(0.5) // the last counts are told
			var got bytes.Buffer
			writeFrame(t, &got, Event{Type: "welcome", At: start, Data: first})
			for _, e := range s.events[from:] {
				if forAll(e) || e.To == "ada" {
					writeFrame(t, &got, e)
				}
			}
			writeFrame(t, &got, Event{Type: "welcome", At: s.now, Data: s.do("ada", RoleViewer, "join", nil)})
			s.sameAfterReplay()
			compareGolden(t, filepath.Join("testdata", "transcripts", name+".jsonl"), got.Bytes())
		})
	}
}

func writeFrame(t *testing.T, into *bytes.Buffer, e Event) {
	t.Helper()
	frame, err := e.Frame()
	if err != nil {
		t.Fatal(err)
	}
	into.Write(append(frame, '\n'))
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-kept +played; -update writes it anew):\n%s", path, diff)
	}
}

var transcriptPicks = []Pick{
	{ID: "general", Kind: "film", Title: "The General", Year: 1926, Sentence: "A locomotive.", Reason: "Editors’ choice",
		Words: map[string]PickText{"en": {"The General", "A locomotive.", "Editors’ choice"}, "zh-Hans": {"将军号", "一台机车。", "编辑推荐"}}},
	{ID: "nosferatu", Kind: "film", Title: "Nosferatu", Year: 1922, Sentence: "A shadow.", Reason: "Because the room felt fear",
		Words: map[string]PickText{"en": {"Nosferatu", "A shadow.", "Because the room felt fear"}, "zh-Hans": {"诺斯费拉图", "一个影子。", "因为大家感到恐惧"}}},
	{ID: "moon", Kind: "film", Title: "A Trip to the Moon", Year: 1902, Sentence: "A rocket.", Reason: "Editors’ choice",
		Words: map[string]PickText{"en": {"A Trip to the Moon", "A rocket.", "Editors’ choice"}, "zh-Hans": {"月球旅行记", "一枚火箭。", "编辑推荐"}}},
}

// playShow is a whole show: chat, a poll with votes, feelings, a cue told in pieces beyond the basic plane, an approval poll, an ending.
func playShow(s *stage) {
	s.audience("bo", "cy")
	s.do("bo", RoleViewer, "say", Say{Text: "影院 is open 🎬"})
	s.pass(1)
	s.host("start", nil)
	s.pass(1)
	s.do("ada", RoleViewer, "react", React{Feeling: "fear"})
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	s.vote("ada", "a")
	s.vote("bo", "b")
	s.pass(1)
	s.vote("bo", "a")
	s.keep(s.state.SetSidebar(s.now, Sidebar{Picks: transcriptPicks[1:]}))
	s.pass(15)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "“谁？” 🎬 A voice, behind the door. "))
	s.pass(2)
	s.host("regenerate", nil)
	s.pass(1)
	telling, _ = s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "“谁？” 🎬 Another voice. It waits. 𝄞"))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	for s.state.Poll == nil || s.now < s.state.Poll.OpensAt {
		s.pass(0.1)
	}
	s.vote("ada", "b", "c")
	s.vote("cy", "b")
	s.pass(30)
	s.do("ada", RoleViewer, "rate", Rate{Stars: 5})
	s.do("bo", RoleViewer, "rate", Rate{Stars: 4})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "moon"})
	s.keep(s.state.SetSidebar(s.now, Sidebar{Picks: transcriptPicks[1:]})) // the same list, with a mark more
	s.pass(1)
}

// playModeration is people coming, going and being moderated; ada is timed out and let off.
func playModeration(s *stage) {
	s.audience("bo", "cy")
	s.do("mod", RoleModerator, "join", nil)
	for _, line := range []string{"one", "two", "three"} {
		s.pass(1)
		s.do("bo", RoleViewer, "say", Say{Text: line})
	}
	s.do("mod", RoleModerator, "delete", Delete{Line: s.state.Chat[1].ID, Why: "off topic"})
	s.do("mod", RoleModerator, "slow", Slow{Seconds: 5})
	s.do("mod", RoleModerator, "lock", Lock{Locked: true})
	s.do("mod", RoleModerator, "timeout", Moderate{Viewer: "ada", Seconds: 60, Why: "calm down"})
	s.pass(1)
	s.do("mod", RoleModerator, "unmute", Moderate{Viewer: "ada"})
	s.do("mod", RoleModerator, "ban", Moderate{Viewer: "bo", Why: "enough"})
	s.keep(s.state.Leave(s.now, "cy", "cy-1"))
	s.pass(12)
	s.do("mod", RoleModerator, "lock", Lock{})
	s.audience("di")
}

// playHost is a host who uses everything there is.
func playHost(s *stage) {
	s.audience("bo")
	s.host("set", Set{Settings: Settings{Rules: story.Rules{Tallies: new("hidden"), VoteSeconds: new(20.0)}}})
	s.host("start", nil)
	s.pass(0.5)
	s.host("next", nil) // the poll is announced with the first words; now it opens
	s.vote("ada", "b")
	s.host("pause", nil)
	s.pass(3)
	s.host("resume", nil)
	s.host("extend_poll", ExtendPoll{Seconds: 30})
	s.pass(1)
	s.host("void_poll", nil)
	s.host("open_poll", nil)
	s.host("override_poll", OverridePoll{Choice: "b"})
	s.pass(1)
	s.host("pause", nil)
	s.pass(2)
	s.host("resume", nil)
	s.pass(3)
	s.host("end", nil)
	s.pass(1)
	s.host("restart", nil)
	s.pass(1)
	s.host("start", nil)
	s.pass(1)
}

// playBridge is a bridge: choices that the narrator invents, words taken back, a poll taken back, and a beat that nobody tells.
func playBridge(s *stage) {
	s.audience("bo")
	s.host("start", nil)
	s.toBeat(1)
	s.tell("Fog, and in the fog a bell.")
	s.plan(threeWays)
	s.toOpenPoll()
	s.vote("ada", "b")
	s.vote("bo", "b")
	s.toBeat(2)
	s.tell("The bell is nearer.")
	s.host("regenerate", nil)
	s.tell("The bell is behind you now.")
	s.pass(1)
	s.plan(story.Plan{})
	s.toOpenPoll()
	s.host("void_poll", nil)
	s.host("open_poll", nil)
	s.vote("ada", "b")
	s.toBeat(3)
	telling, _ := s.state.Telling()
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceAuthored, Why: "model_timeout"}))
	s.pass(8)
}

// playNext is an audience that votes on the next show, once void and once for good, and a host who chooses another in the lobby.
func playNext(s *stage) {
	s.audience("bo")
	s.host("start", nil)
	s.pass(1)
	s.host("end", nil)
	s.do("ada", RoleViewer, "rate", Rate{Stars: 4})
	s.pass(0.5)
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.host("void_poll", nil)
	s.host("poll_next", PollNext{Stories: []string{"test", "bridge"}})
	s.pass(s.state.Poll.Rules.ArmSeconds)
	s.vote("ada", "bridge")
	s.vote("bo", "bridge")
	s.pass(1)
	s.host("close_poll", nil)
	s.pass(1)
	s.host("start", nil)
	s.pass(1)
	s.host("end", nil)
	s.host("restart", nil)
	s.host("set_story", SetStory{Story: "test"})
	s.pass(1)
}

// playShield is a show whose narrator is read first: one scene edited, and in a second show the shield comes in the middle of it.
func playShield(s *stage) {
	s.do("mod", RoleModerator, "join", nil)
	s.host("shield", Shield{On: true})
	toHall := func() Telling {
		s.host("start", nil)
		s.host("next", nil)
		s.host("override_poll", OverridePoll{Choice: "a"})
		s.host("next", nil)
		telling, _ := s.state.Telling()
		return telling
	}
	telling := toHall()
	s.keep(s.state.Write(s.now, telling, "“谁？” Something that nobody needs to read. "))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	s.pass(7)
	s.do("mod", RoleModerator, "approve", Approve{Text: "“谁？” A voice."})
	s.pass(1)
	s.host("next", nil)
	s.host("end", nil)
	s.host("shield", Shield{})
	telling = toHall()
	s.keep(s.state.Write(s.now, telling, "A voice behind the door. "))
	s.pass(0.5)
	s.host("shield", Shield{On: true})
	s.keep(s.state.Write(s.now, telling, "Something that nobody needs to read. "))
	s.pass(2)
	s.do("mod", RoleModerator, "reject", nil)
	s.pass(0.5)
}
