package room

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kinoautomat/story"
)

// shielded is a stage at its scene for the narrator, with the shield on.
func shielded(t *testing.T) *stage {
	t.Helper()
	s := toCue(t, func(text string) bool { return !strings.Contains(text, "slur") })
	s.do("mod", RoleModerator, "shield", Shield{On: true})
	return s
}

// viewersNever fails if anything that viewers were told, or that a newcomer would be, holds the words; what staff and journal have is theirs.
func (s *stage) viewersNever(words string) {
	s.t.Helper()
	for _, e := range s.events {
		frame, err := e.Frame()
		if err != nil {
			s.t.Fatal(err)
		}
		if forAll(e) && strings.Contains(string(frame), words) {
			s.t.Errorf("everybody was told %q: %s", words, frame)
		}
	}
	snapshot, err := json.Marshal(s.state.Snapshot(false))
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Contains(string(snapshot), words) {
		s.t.Errorf("a newcomer sees %q", words)
	}
}

// held is what the staff were told last, and see on joining.
func (s *stage) held() *Pending {
	s.t.Helper()
	s.pass(0.3) // told at most every 250 ms
	told := last[*PendingChanged](s, evPendingChanged).Pending
	if snap := s.state.Snapshot(true).Pending; !reflect.DeepEqual(told, snap) {
		s.t.Errorf("the staff were told %+v, and one who joins %+v", told, snap)
	}
	for _, e := range s.of(evPendingChanged) {
		if e.To != ToStaff || e.N != 0 {
			s.t.Fatalf("told to %q, place %d", e.To, e.N)
		}
	}
	return told
}

// told lets the show go on and is what the scene for the narrator became.
func (s *stage) told() (told SceneTold) {
	s.t.Helper()
	s.pass(30)
	for _, e := range s.of(evSceneTold) {
		if scene := e.Data.(*SceneTold); scene.Scene == "Hall" {
			told = *scene
		}
	}
	return told
}

func TestShield_Approve(t *testing.T) {
	s := shielded(t)
	if !s.state.Snapshot(false).RoomState.Shield || !last[*RoomChanged](s, evRoomChanged).Shield {
		t.Error("nobody was told that the shield is on")
	}
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "A lamp. "))
	s.refused(CodeNotNow, "mod", RoleModerator, "approve", nil) // still being written
	s.refused(CodeNotNow, "host", RoleHost, "next", nil)
	s.refused(CodeNotNow, "host", RoleHost, "open_poll", nil)
	if p := s.held(); p == nil || p.Text != "A lamp. " || p.Complete || p.Until != s.now-300+holdFor {
		t.Errorf("the staff have %+v at %d", p, s.now)
	}
	if now := s.state.Snapshot(false).Scene; !now.Held || now.Text != "" || s.state.Snapshot(false).Pending != nil {
		t.Errorf("a newcomer sees %+v", now)
	}
	s.keep(s.state.Write(s.now, telling, "It goes out."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	s.pass(20)
	if p := s.held(); p.Text != "A lamp. It goes out." || !p.Complete {
		t.Errorf("the staff have %+v", p)
	}
	if o, ok := s.state.Outlook(s.now); ok || s.state.Poll != nil {
		t.Errorf("words that wait were built on: %+v", o)
	}
	s.viewersNever("lamp")
	s.sameAfterReplay()

	s.refused(CodeForbidden, "ada", RoleViewer, "approve", nil)
	s.refused(CodeNotNow, "mod", RoleModerator, "approve", Approve{ID: "7.0"})
	s.do("mod", RoleModerator, "approve", Approve{ID: s.held().ID})
	deltas := len(s.of(evNarrationDelta))
	s.pass(0.5)
	if got := len(s.of(evNarrationDelta)) - deltas; got < 2 || s.state.Snapshot(false).Scene.Text == "A lamp. It goes out." {
		t.Errorf("%d deltas: the words are not told at reading pace", got)
	}
	if s.held() != nil || s.state.Snapshot(false).Scene.Held {
		t.Error("it is still held")
	}
	if told := s.told(); told.Text != "A lamp. It goes out." || told.Source != story.SourceModel || told.Why != "model_answered" {
		t.Errorf("told %+v", told)
	}
	s.refused(CodeNotNow, "mod", RoleModerator, "approve", nil)
	s.refused(CodeNotNow, "mod", RoleModerator, "reject", nil)
	s.sameAfterReplay()
	s.seqsHaveNoGaps()
}

func TestShield_Edit(t *testing.T) {
	s := shielded(t)
	s.tell("A lamp, and a secret.")
	telling := Telling{Show: s.state.Show, Number: 2}
	s.refused(CodeRefused, "mod", RoleModerator, "approve", Approve{Text: "A slur."})
	s.refused(CodeTooLong, "mod", RoleModerator, "approve", Approve{Text: strings.Repeat("雪", MaxEditLength+1)})
	s.refused(CodeBadData, "mod", RoleModerator, "approve", Approve{Text: " \u200b\n"})
	s.keep(s.state.Planned(s.now, telling, story.Plan{Notes: json.RawMessage(`{"summary":"a secret"}`)}))
	s.do("mod", RoleModerator, "approve", Approve{Text: "A lamp.\u202e\r\n\n\nNothing   more.\x07"})
	if told := s.told(); told.Text != "A lamp.\n\nNothing more." || told.Source != story.SourceModel || told.Why != whyEdited {
		t.Errorf("told %+v", told)
	}
	s.viewersNever("secret")
	done := s.of(evNarrationHeld)[1].Hidden.(*holding)
	if done.By.ID != "mod" || done.Did != whyEdited || done.Text != "A lamp.\n\nNothing more." {
		t.Errorf("the journal has %+v", done)
	}
	if text := s.state.Path[1].Text; text != "A lamp.\n\nNothing more." {
		t.Errorf("the next scene knows %q", text)
	}
	if events := s.state.Planned(s.now, telling, story.Plan{Notes: json.RawMessage(`{"summary":"a secret"}`)}); len(events) > 0 || strings.Contains(string(s.state.Notes[2]), "secret") {
		t.Errorf("the next scene knows %s", s.state.Notes[2])
	}
	s.sameAfterReplay()
	again := throughJSON(t, s.state)
	if string(again.Notes[2]) != string(s.state.Notes[2]) {
		t.Errorf("notes through a checkpoint: %s", again.Notes[2])
	}

	s = shielded(t)
	s.tell("A lamp.")
	s.do("mod", RoleModerator, "approve", Approve{Text: strings.Repeat("雪", MaxEditLength)})
	if s.state.Scene.Why != whyEdited {
		t.Error("the longest edit was not taken")
	}
	s = shielded(t)
	s.tell("A lamp.")
	s.do("mod", RoleModerator, "approve", Approve{Text: "A lamp. "})
	if s.state.Scene.Why != "model_answered" {
		t.Error("the same words count as edited")
	}
}

func TestShield_Reject(t *testing.T) {
	for name, c := range map[string]struct {
		do  func(s *stage)
		why string
	}{
		"reject":              {func(s *stage) { s.do("mod", RoleModerator, "reject", nil) }, whyRejected},
		"retract":             {func(s *stage) { s.do("mod", RoleModerator, "retract", nil) }, whyRejected},
		"nobody reads":        {func(s *stage) { s.pass(holdFor / 1000) }, whyUnread},
		"the host ends":       {func(s *stage) { s.host("end", nil) }, whyUnread},
		"a pause, and nobody": {func(s *stage) { s.host("pause", nil); s.pass(300); s.host("resume", nil); s.pass(holdFor / 1000) }, whyUnread},
	} {
		for _, complete := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				s := shielded(t)
				if complete {
					s.tell("A secret.")
				} else {
					telling, _ := s.state.Telling()
					s.keep(s.state.Write(s.now, telling, "A secret."))
				}
				c.do(s)
				if told := s.told(); told.Text != "The reserve voice says hello." || told.Source != story.SourceReserve || told.Why != c.why {
					t.Errorf("told %+v", told)
				}
				s.viewersNever("secret")
				if len(s.of(evRetracted)) > 0 {
					t.Error("viewers were told of words that they never had")
				}
				s.sameAfterReplay()
				s.seqsHaveNoGaps()
			})
		}
	}
}

// A poll that is closed before anybody has read does not let the words out either.
func TestShield_PollGoesOn(t *testing.T) {
	s := toCue(t, nil)
	s.tell(strings.Repeat("A long scene. ", 8) + "A secret.")
	s.pass(1)
	s.host("open_poll", nil)
	s.host("shield", Shield{On: true})
	s.pass(1)
	s.host("close_poll", nil)
	s.viewersNever("secret")
	if s.state.Phase != PhaseReveal || s.state.Scene.Why != whyUnread {
		t.Errorf("%s, because %s", s.state.Phase, s.state.Scene.Why)
	}
	s.sameAfterReplay()
}

// Words that the shield comes too late for are followed by no more of them.
func TestShield_InTheMiddle(t *testing.T) {
	begin := func() *stage {
		s := toCue(t, nil)
		telling, _ := s.state.Telling()
		s.keep(s.state.Write(s.now, telling, "Twenty characters... "))
		s.pass(0.6)
		s.host("shield", Shield{On: true})
		s.keep(s.state.Write(s.now, telling, "A secret."))
		s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
		s.pass(5)
		s.viewersNever("secret")
		if now := s.state.Snapshot(false).Scene; !now.Held || now.Text == "" || now.Text+s.held().Text != "Twenty characters... A secret." {
			t.Fatalf("viewers have %q, the staff %q", now.Text, s.held().Text)
		}
		return s
	}
	s := begin()
	out := s.state.Snapshot(false).Scene.Text
	s.do("mod", RoleModerator, "approve", Approve{Text: "of nothing."})
	if told := s.told(); out != "Twenty characters" || told.Text != "Twenty characters of nothing." || told.Why != whyEdited {
		t.Errorf("told %+v after %q", told, out)
	}
	s.sameAfterReplay()

	s = begin()
	s.do("mod", RoleModerator, "reject", nil)
	if told := s.told(); told.Text != "The reserve voice says hello." || told.Why != whyRejected || len(s.of(evRetracted)) != 1 {
		t.Errorf("told %+v, %d retractions", told, len(s.of(evRetracted)))
	}
	s.sameAfterReplay()
	s.refused(CodeNotNow, "mod", RoleModerator, "retract", nil)

	s = begin()
	s.do("mod", RoleModerator, "regenerate", nil)
	s.tell("Other words.")
	s.pass(1)
	if s.held() == nil || s.state.Snapshot(false).Scene.Text != "" {
		t.Error("the second telling is not held from its beginning")
	}
	s.do("mod", RoleModerator, "approve", nil)
	if told := s.told(); told.Text != "Other words." {
		t.Errorf("told %+v", told)
	}
	s.sameAfterReplay()
}

func TestShield_Regenerate(t *testing.T) {
	s := shielded(t)
	s.tell("A secret.")
	first := s.held().ID
	s.pass(50)
	s.do("mod", RoleModerator, "regenerate", nil)
	if p := s.held(); p == nil || p.Text != "" || p.Complete || p.Until <= s.now+50_000 || p.ID == first {
		t.Errorf("the staff have %+v", p)
	}
	s.tell("Other words.")
	s.refused(CodeNotNow, "mod", RoleModerator, "approve", Approve{ID: first}) // it was read, but these were not
	s.do("mod", RoleModerator, "approve", nil)
	if told := s.told(); told.Text != "Other words." {
		t.Errorf("told %+v", told)
	}
	s.viewersNever("secret")
	if len(s.of(evRetracted)) > 0 {
		t.Error("viewers were told of words that they never had")
	}
	s.sameAfterReplay()

	// Where the narrator has none the second time, the author's are not waited for.
	s = shielded(t)
	s.tell("A secret.")
	s.do("mod", RoleModerator, "regenerate", nil)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "The reserve voice says hello."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceReserve, Why: "model_timeout"}))
	if told := s.told(); told.Source != story.SourceReserve || told.Why != "model_timeout" {
		t.Errorf("told %+v", told)
	}
	s.sameAfterReplay()
}

// The author's words are not held: neither a scene of the author's, nor a reserve passage, nor what stands in.
func TestShield_TheAuthorsWordsAreNotHeld(t *testing.T) {
	s := newStage(t, Settings{})
	s.audience("ada")
	s.host("shield", Shield{On: true})
	s.host("start", nil)
	s.pass(1)
	if s.state.Snapshot(false).Scene.Text == "" {
		t.Error("the author's scene is held")
	}
	s = shielded(t)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "The reserve voice says hello."))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceReserve, Why: "no_model"}))
	s.pass(1)
	if len(s.of(evNarrationHeld)) > 0 || s.state.Snapshot(false).Scene.Text == "" {
		t.Error("the reserve passage is held")
	}
	s = shielded(t)
	telling, _ = s.state.Telling()
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceAuthored, Why: "narrator_failed"}))
	if told := s.told(); len(s.of(evNarrationHeld)) > 0 || told.Text != "The reserve voice says hello." {
		t.Errorf("told %+v", told)
	}
}

// A new owner finds the words in the journal, and does not let them out.
func TestShield_Takeover(t *testing.T) {
	s := shielded(t)
	telling, _ := s.state.Telling()
	s.keep(s.state.Write(s.now, telling, "A secret. "))
	s.pass(20)
	until := s.held().Until
	s.state = s.replay()
	s.state.passes = func(string) bool { return true }
	s.keep(s.state.Recover(s.now))
	if p := s.held(); p.Text != "A secret. " || p.Until != until || !s.state.Shield {
		t.Errorf("the staff have %+v", p)
	}
	if anew, ok := s.state.Telling(); !ok || anew != telling || s.state.Cue().Told != "A secret. " {
		t.Errorf("the narrator is not asked to go on: %v", anew)
	}
	for _, name := range []string{"ada", "bo"} {
		s.do(name, RoleViewer, "join", nil)
	}
	s.do("mod", RoleModerator, "join", nil)
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
	s.pass(10)
	s.viewersNever("secret")
	s.do("mod", RoleModerator, "approve", nil)
	s.state = s.replay()
	s.keep(s.state.Recover(s.now))
	if out := s.state.Snapshot(false).Scene.Text; len(out) > 3 {
		t.Errorf("%q came all at once: it was not told before", out)
	}
	if told := s.told(); told.Text != "A secret. " {
		t.Errorf("told %+v", told)
	}
}

// Switched off, it holds nothing more; what waits goes on waiting.
func TestShield_Off(t *testing.T) {
	s := shielded(t)
	s.tell("A secret.")
	s.host("shield", Shield{})
	s.host("shield", Shield{}) // a retry
	s.pass(10)
	s.viewersNever("secret")
	s.do("mod", RoleModerator, "approve", nil)
	s.host("shield", Shield{On: true}) // what was read is not read twice
	if told := s.told(); told.Text != "A secret." {
		t.Errorf("told %+v", told)
	}
	changes := s.of(evRoomChanged)
	by := []string{}
	for _, e := range changes {
		by = append(by, e.Hidden.(*doneBy).By.ID)
	}
	if !slices.Equal(by, []string{"mod", "host", "host"}) {
		t.Errorf("switched by %v", by)
	}
}

// What became of words that were held is in the report.
func TestShield_Report(t *testing.T) {
	s := shielded(t)
	s.tell("A secret.")
	s.do("mod", RoleModerator, "reject", nil)
	s.pass(30)
	var r Report
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	if got := r.Shows[0].Read; len(got) != 1 || got[whyRejected] != 1 {
		t.Errorf("the report has %v", got)
	}
}

// In a bridge the choices that a narrator invents are read with its words, and stay when those are changed; nobody is offered choices that no one
// of the staff has seen.
func TestShield_InventedChoices(t *testing.T) {
	begin := func() *stage {
		s := toVoyage(t)
		s.host("shield", Shield{On: true})
		s.tell("Fog, and in the fog a bell.")
		if p := s.held(); p.Complete || len(p.Choices) > 0 {
			t.Errorf("before there are choices, the staff have %+v", p)
		}
		s.refused(CodeNotNow, "host", RoleHost, "approve", nil)
		s.plan(threeWays)
		if p := s.held(); !p.Complete || len(p.Choices) != 3 || p.Choices[1] != "Cut the rope" {
			t.Errorf("the staff have %+v", p)
		}
		s.viewersNever("Cut the rope")
		return s
	}
	s := begin()
	s.host("approve", Approve{Text: "Fog, and a horn."})
	s.toOpenPoll()
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")
	s.sameAfterReplay()

	s = begin()
	s.host("reject", nil)
	if planning, _, ok := s.state.Planning(); ok { // for the author's words
		s.keep(s.state.Planned(s.now, planning, threeWays))
	}
	s.pass(60)
	s.viewersNever("Cut the rope")
	s.sameAfterReplay()
}

// When the shield comes on behind the last word of a beat, nobody of the staff gets to read the choices that were invented by then: none of them is
// offered. It once held words only, so labels that nobody had read went to the vote.
func TestShield_ChoicesWithoutWords(t *testing.T) {
	for name, tell := range map[string]func(s *stage){
		"all words are out": func(s *stage) {
			s.tell("Fog.")
			s.pass(0.5)
			s.host("pause", nil) // else the vote is announced with the plan
			s.plan(threeWays)
			s.host("shield", Shield{On: true})
			s.host("resume", nil)
		},
		"the words are the author's": func(s *stage) {
			telling, _ := s.state.Telling()
			s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceReserve, Why: "model_timeout"}))
			s.plan(threeWays)
			s.host("shield", Shield{On: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := toVoyage(t)
			tell(s)
			s.toOpenPoll()
			s.offers("Row", "Drift")
			s.viewersNever("Cut the rope")
			if plan := s.state.Snapshot(true).Planned; len(plan.Choices) > 0 || len(plan.Record.Candidates) == 0 || plan.Record.From != "unread" || len(plan.Record.Shown) > 0 {
				t.Errorf("the staff have %+v", plan)
			}
			s.sameAfterReplay()
		})
	}

	s := toVoyage(t) // but what was read once need not be read again
	s.host("shield", Shield{On: true})
	s.tell("Fog, and in the fog a bell.")
	s.plan(threeWays)
	s.host("approve", nil)
	s.host("shield", Shield{})
	s.host("shield", Shield{On: true})
	s.toOpenPoll()
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")

	s.host("void_poll", nil) // nor what everybody has seen
	s.host("shield", Shield{})
	s.host("shield", Shield{On: true})
	s.host("open_poll", nil)
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")
}
