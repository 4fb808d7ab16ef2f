package room

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kinoautomat/story"
)

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func throughJSON(t testing.TB, s *State) *State {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read State
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

// withWords gives a restored state what only time tells: how many words are out, and when.
func withWords(s *stage, restored *State) *State {
	restored.live.released, restored.live.clock = s.state.live.released, s.state.live.clock
	return restored
}

func TestPeople_PresenceSurvivesAReload(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.pass(1)
	s.keep(s.state.Leave(s.now, "ada", "ada-1"))
	s.pass(5)
	s.audience("ada")
	s.pass(30)
	if n := len(s.of(evViewerLeft)); n != 0 {
		t.Errorf("%d people left although ada came back", n)
	}
	s.keep(s.state.Leave(s.now, "ada", "ada-1"))
	s.pass(11)
	if got := last[*ViewersChanged](s, evViewersChanged); got.Count != 1 || got.People[0].Name != "bo" {
		t.Errorf("viewers %+v", got)
	}
	s.sameAfterReplay()
}

func TestPeople_Door(t *testing.T) {
	s := newStage(t, Settings{Capacity: new(2)})
	s.audience("ada", "bo")
	s.refused(CodeRoomFull, "cy", RoleViewer, "join", nil)
	s.do("host", RoleHost, "join", nil) // staff always get in
	s.audience("ada")                   // and so does who is here
	s.host("set", Set{Settings: Settings{Capacity: new(10)}})
	s.do("mod", RoleModerator, "join", nil)
	s.do("mod", RoleModerator, "lock", Lock{Locked: true})
	s.refused(CodeRoomLocked, "cy", RoleViewer, "join", nil)
	s.keep(s.state.Leave(s.now, "ada", "ada-1"))
	s.pass(20)
	s.audience("ada") // the lock is for newcomers
}

func TestPeople_Ban(t *testing.T) {
	s := toPoll(t, Settings{})
	s.do("mod", RoleModerator, "join", nil)
	s.vote("ada", "b")
	s.pass(1)
	s.do("mod", RoleModerator, "ban", Moderate{Viewer: "ada", Why: "  spoils\tthe end "})
	if got := last[*ViewerModerated](s, evViewerModerated); got.Action != "ban" || got.Why != "spoils the end" || got.By.ID != "mod" || got.Viewer.ID != "ada" {
		t.Errorf("journal says %+v", got)
	}
	s.pass(1)
	if got := last[*TallyChanged](s, evTallyChanged); got.Turnout != 0 || got.Counts["b"] != 0 {
		t.Errorf("the banned viewer's ballot still counts: %+v", got)
	}
	s.refused(CodeBanned, "ada", RoleViewer, "join", nil) // a reload, a second tab
	s.refused(CodeNotJoined, "ada", RoleViewer, "vote", Vote{Poll: s.state.Poll.Poll, Choices: []string{"a"}})
	s.sameAfterReplay()
	s.do("mod", RoleModerator, "unban", Moderate{Viewer: "ada"})
	s.audience("ada")
	s.vote("ada", "a")
}

func TestPeople_NobodyModeratesTheirEquals(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.do("host", RoleHost, "join", nil)
	s.do("mod", RoleModerator, "join", nil)
	s.do("mod2", RoleModerator, "join", nil)
	s.refused(CodeForbidden, "mod", RoleModerator, "ban", Moderate{Viewer: "host"})
	s.refused(CodeForbidden, "mod", RoleModerator, "mute", Moderate{Viewer: "mod2"})
	s.refused(CodeForbidden, "ada", RoleViewer, "ban", Moderate{Viewer: "mod"})
	s.refused(CodeNoSuchViewer, "mod", RoleModerator, "ban", Moderate{Viewer: "nobody"})
	s.do("host", RoleHost, "mute", Moderate{Viewer: "mod"})
	s.refused(CodeMuted, "mod", RoleModerator, "say", Say{Text: "hello"})
}

func TestPeople_Timeout(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.do("mod", RoleModerator, "join", nil)
	for _, seconds := range []float64{0, 0.9, MaxTimeout + 1} {
		s.refused(CodeBadData, "mod", RoleModerator, "timeout", Moderate{Viewer: "ada", Seconds: seconds})
	}
	s.do("mod", RoleModerator, "timeout", Moderate{Viewer: "ada", Seconds: 10})
	answer := s.try("ada", RoleViewer, "say", Say{Text: "hello"})
	if answer.Error == nil || answer.Error.Code != CodeMuted || answer.Error.Retry != 10_000 {
		t.Errorf("got %+v", answer.Error)
	}
	s.pass(10)
	s.do("ada", RoleViewer, "say", Say{Text: "hello"})
}

func TestPeople_Chat(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.do("mod", RoleModerator, "join", nil)
	s.refused(CodeBadData, "ada", RoleViewer, "say", Say{Text: " \u200b\n\t"})
	s.refused(CodeTooLong, "ada", RoleViewer, "say", Say{Text: strings.Repeat("长", MaxLineLength+1)})
	s.do("ada", RoleViewer, "say", Say{Text: strings.Repeat("长", MaxLineLength)})
	s.refused(CodeTooFast, "ada", RoleViewer, "say", Say{Text: "again"})
	s.pass(1)
	s.do("mod", RoleModerator, "slow", Slow{Seconds: 30})
	s.refused(CodeSlowMode, "ada", RoleViewer, "say", Say{Text: "again"})
	s.pass(30)
	s.do("ada", RoleViewer, "say", Say{Text: "<b>again</b>"})
	line := last[*Line](s, evChatSaid)
	if line.Text != "<b>again</b>" || line.Viewer.Name != "ada" {
		t.Errorf("line %+v", line)
	}
	s.do("mod", RoleModerator, "delete", Delete{Line: line.ID, Why: "markup"})
	s.refused(CodeNoSuchLine, "mod", RoleModerator, "delete", Delete{Line: line.ID})
	if chat := s.state.Snapshot(false).Chat; len(chat) != 1 {
		t.Errorf("chat still has %+v", chat)
	}
	s.sameAfterReplay()
}

// A browser that did not see its ack sends the line again after it is back.
func TestPeople_RetriedLineIsSaidOnce(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	for range 3 {
		s.ids = 41
		s.do("ada", RoleViewer, "say", Say{Text: "hello"})
		s.pass(2)
	}
	if n := len(s.of(evChatSaid)); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestPeople_Reactions(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.refused(CodeBadData, "ada", RoleViewer, "react", React{Feeling: "boredom"})
	for range 5 {
		s.do("ada", RoleViewer, "react", React{Feeling: "fear"})
	}
	s.do("bo", RoleViewer, "react", React{Feeling: "joy"})
	s.pass(0.5)
	if got := last[*ReactionsChanged](s, evReactionsChanged); got.Counts["fear"] != 1 || got.Counts["joy"] != 1 {
		t.Errorf("five in a moment are one: %+v", got)
	}
	s.host("end", nil)
	if s.state.Feelings["fear"] != 1 {
		t.Error("the scene's reactions are not in the journal")
	}
	s.sameAfterReplay()
}

func TestPeople_RatingAndPicks(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.host("end", nil)
	for _, stars := range []int{0, 6} {
		s.refused(CodeBadData, "ada", RoleViewer, "rate", Rate{Stars: stars})
	}
	s.do("ada", RoleViewer, "rate", Rate{Stars: 3})
	s.do("ada", RoleViewer, "rate", Rate{Stars: 5})
	s.do("bo", RoleViewer, "rate", Rate{Stars: 4})
	s.keep(s.state.SetSidebar(s.now, Sidebar{Picks: []Pick{{ID: "metropolis"}}}))
	s.refused(CodeBadData, "ada", RoleViewer, "pick", PickItem{ID: "unknown"})
	s.do("ada", RoleViewer, "pick", PickItem{ID: "metropolis"})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "metropolis"})
	s.do("bo", RoleViewer, "pick", PickItem{ID: "metropolis", Off: true})
	snap := s.state.Snapshot(false)
	if snap.Rating.Count != 2 || snap.Rating.Average != 4.5 || snap.Picks[0].Liked != 1 {
		t.Errorf("rating %+v, picks %+v", snap.Rating, snap.Picks)
	}
	s.sameAfterReplay()
}

func TestPeople_HostAndOverlayDoNotVote(t *testing.T) {
	s := toPoll(t, Settings{})
	s.refused(CodeNotEligible, "host", RoleHost, "vote", Vote{Poll: s.state.Poll.Poll, Choices: []string{"a"}})
	s.refused(CodeForbidden, "", RoleOverlay, "vote", Vote{Poll: s.state.Poll.Poll, Choices: []string{"a"}})
	if got := s.state.eligible(); got != 2 {
		t.Errorf("%d can vote, want the two viewers", got)
	}
}

func TestPeople_MadeUpNamesStay(t *testing.T) {
	s := newStage(t, Settings{})
	join := func() string {
		_, answer := s.state.Apply(s.now, Command{Type: "join", Viewer: "v1", Role: RoleViewer, Conn: "c"})
		return answer.Data.(*Welcome).Viewer.Name
	}
	if first, second := join(), join(); first == "" || first != second {
		t.Errorf("called %q, then %q", first, second)
	}
}

// Joiners, fillers and lone marks are drawn as nothing: a name made of them once stood in the room as an empty place.
func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		" Ada \t Lovelace\n":          "Ada Lovelace",
		"\u202eadA\u202c \x00\x1b[1m": "adA [1m",
		"👨\u200d👩\u200d👧":             "👨\u200d👩\u200d👧",
		"李\u3000明":                    "李 明",
		"e\u0301":                     "e\u0301",
		"a\xffb\ufeff":                "ab",
		"\u200d":                      "",
		"\u200d \u3164\u2800\u115f":   "",
		"\u0301\ufe0f":                "",
		"\U000e0041\U000e007f\u200b":  "",
	} {
		if got := Clean(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Who has gone is remembered, but not without end: joining and leaving as somebody new, over and over, once filled the node's memory.
func TestPeople_GoneAreForgottenAtLast(t *testing.T) {
	s := newStage(t, Settings{Capacity: new(MaxCapacity)})
	s.do("mod", RoleModerator, "join", nil)
	come := func(from, to int) {
		for i := from; i < to; i++ {
			id := fmt.Sprint("guest ", i)
			s.do(id, RoleViewer, "join", nil)
			s.keep(s.state.Leave(s.now, id, id+"-1"))
			s.now++
		}
		s.pass(11)
	}
	come(0, 1)
	s.do("mod", RoleModerator, "ban", Moderate{Viewer: "guest 0"})
	come(1, GoneKept)
	if got := len(s.state.People); got != GoneKept+1 {
		t.Fatalf("%d people are remembered, want all %d", got, GoneKept+1)
	}
	come(GoneKept, GoneKept+1)
	if got := len(s.state.People); got != GoneKept+2-GoneKept/10 {
		t.Errorf("%d people are remembered, want the first tenth forgotten", got)
	}
	if s.state.People["guest 1"] != nil || s.state.People[fmt.Sprint("guest ", GoneKept)] == nil {
		t.Error("others are forgotten than those who went first")
	}
	s.refused(CodeBanned, "guest 0", RoleViewer, "join", nil)
	s.sameAfterReplay()
}

// A story that goes round in circles once ran, and asked its models, for ever after the last page was closed.
func TestPeople_AShowWithoutAnybodyStandsStill(t *testing.T) {
	s := toPoll(t, Settings{Rules: story.Rules{VoteSeconds: new(3600.0)}})
	for _, who := range []string{"ada", "bo", "host"} {
		s.keep(s.state.Leave(s.now, who, who+"-1"))
	}
	s.pass(presenceGrace/1000 + abandonedAfter/1000 - 10)
	if s.state.PausedAt != 0 {
		t.Fatal("it stood still too early")
	}
	s.pass(20)
	if s.state.PausedAt == 0 {
		t.Fatal("it runs on without anybody")
	}
	left := s.state.Poll.ClosesAt - s.state.PausedAt
	s.sameAfterReplay()
	s.pass(100000)
	s.audience("cy")
	if s.state.PausedAt != 0 || s.state.Poll.ClosesAt-s.now != left {
		t.Errorf("somebody came: paused at %d, %d ms left of %d", s.state.PausedAt, s.state.Poll.ClosesAt-s.now, left)
	}
	s.vote("cy", "a")
	s.do("host", RoleHost, "join", nil)
	s.host("pause", nil)
	s.audience("di")
	if s.state.PausedAt == 0 {
		t.Error("a pause of the host's ended when somebody came")
	}
	s.sameAfterReplay()
}

// A new name of somebody who was here was once told only when the next one came.
func TestPeople_Rename(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.pass(1)
	events, answer := s.state.Apply(s.now, Command{Type: "join", Viewer: "ada", Role: RoleViewer, Name: "Countess", Conn: "ada-1"})
	if answer.Error != nil {
		t.Fatal(answer.Error)
	}
	s.keep(events)
	s.pass(1)
	if people := last[*ViewersChanged](s, evViewersChanged).People; len(people) != 1 || people[0].Name != "Countess" {
		t.Errorf("here are %v", people)
	}
}
