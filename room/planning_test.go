package room

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kinoautomat/story"
)

var threeWays = story.Plan{
	Notes: json.RawMessage(`{"summary":"a bell"}`),
	Choices: []story.Choice{
		{Label: "Follow the bell", Hook: "It leads them onto a sandbank.", P: 0.5},
		{Label: "Cut the rope", Hook: "The other boat is let go.", P: 0.3},
		{Label: "Ask who is there", Hook: "Somebody answers from below.", P: 0.2},
	},
	Words: map[string][]string{"en": {"one", "two", "three"}, "zh-Hans": {"一", "二", "三"}},
	Record: json.RawMessage(`{"mode":"max_entropy","from":"model","offered":4,"refused":[{"id":"c4","reason":"duplicate","of":"c1"}],
		"candidates":[{"id":"c1","label":"Follow the bell","p":0.5,"score":1,"parts":{"chance":1}}],"t":1.5,"h":1,"floor":0.8,"shown":["c1","c2","c3"],"seed":"7"}`),
}

// toBeat lets time pass until a beat of the bridge waits for words.
func (s *stage) toBeat(beat int) {
	s.t.Helper()
	for range 1000 {
		if at := s.state.Progress.Bridge; at.Beat == beat && s.state.Phase == PhaseTelling {
			return
		}
		s.pass(0.1)
	}
	s.t.Fatalf("beat %d never comes: %+v", beat, s.state.Scene)
}

// tell tells the running cue as a model does.
func (s *stage) tell(text string) {
	s.t.Helper()
	telling, ok := s.state.Telling()
	if !ok {
		s.t.Fatalf("nothing is to be told: %+v", s.state.Scene)
	}
	s.keep(s.state.Write(s.now, telling, text))
	s.keep(s.state.Written(s.now, telling, story.Telling{Source: story.SourceModel, Why: "model_answered"}))
}

func (s *stage) plan(p story.Plan) {
	s.t.Helper()
	planning, _, ok := s.state.Planning()
	if !ok {
		s.t.Fatalf("nothing is to be planned: %+v", s.state.Scene)
	}
	s.keep(s.state.Planned(s.now, planning, p))
}

func (s *stage) toOpenPoll() {
	s.t.Helper()
	for range 1000 {
		if s.state.Poll != nil && s.state.Poll.Closed == nil && s.now >= s.state.Poll.OpensAt {
			return
		}
		s.pass(0.1)
	}
	s.t.Fatalf("no poll opens: %+v", s.state.Scene)
}

// toVoyage is a show in the first beat of its bridge.
func toVoyage(t *testing.T) *stage {
	t.Helper()
	s := newStageOf(t, "bridge", Settings{})
	s.audience("ada", "bo")
	s.host("start", nil)
	s.toBeat(1)
	return s
}

func (s *stage) labels() []string {
	var all []string
	if s.state.Poll != nil {
		for _, c := range s.state.Poll.Choices {
			all = append(all, c.Label)
		}
	}
	return all
}

func (s *stage) offers(labels ...string) {
	s.t.Helper()
	if diff := cmp.Diff(labels, s.labels()); diff != "" {
		s.t.Errorf("offered (-want +got):\n%s", diff)
	}
}

// A whole bridge: what the narrator invents is voted on, what wins is the next beat, the last beat leads to the anchor without a vote, and
// what the narrator has in mind reaches the narrator and nobody else.
func TestBridge_Show(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog, and in the fog a bell.")
	if s.state.Poll != nil {
		t.Fatal("a poll before there are choices")
	}
	s.plan(threeWays)
	s.toOpenPoll()
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")
	opened := last[*PollOpened](s, evPollOpened)
	if diff := cmp.Diff(threeWays.Words, opened.Words); diff != "" || opened.Rules.Default != "" {
		t.Errorf("opened %+v: %s", opened, diff)
	}
	s.vote("ada", "b")
	s.vote("bo", "b")
	s.toBeat(2)
	cue := s.state.Cue()
	if cue.Hook != "The other boat is let go." || cue.Path[len(cue.Path)-1].Label != "Cut the rope" || cue.Bridge.Beat != 2 || string(cue.Notes[2]) != `{"summary":"a bell"}` {
		t.Errorf("cue %+v", cue)
	}
	s.tell("The rope is cut.")
	s.plan(threeWays)
	s.toOpenPoll()
	s.vote("ada", "a")
	s.toBeat(3)
	s.tell("A lamp.")
	if _, _, ok := s.state.Planning(); ok {
		t.Error("choices are wanted after the last beat")
	}
	s.pass(5)
	if s.state.Scene.Scene != "Harbour" || len(s.of(evPollOpened)) != 2 {
		t.Errorf("after the last beat: %+v", s.state.Scene)
	}
	s.pass(5)
	for _, e := range s.events {
		if frame, err := e.Frame(); err != nil {
			t.Fatal(err)
		} else if strings.Contains(string(frame), "boat is let go") {
			t.Errorf("somebody is told the narrator's mind: %s", frame)
		} else if e.To == "" && e.Seq > 0 && strings.Contains(string(frame), `"offered"`) {
			t.Errorf("everybody is told the record: %s", frame)
		}
	}
	s.sameAfterReplay()
	s.seqsHaveNoGaps()
}

// The staff have the whole record, also those who come later.
func TestBridge_Record(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	s.plan(threeWays)
	e := s.of(evChoicesPlanned)
	if len(e) != 1 || e[0].To != ToStaff || e[0].Seq != 0 || e[0].N == 0 {
		t.Fatalf("told %+v", e)
	}
	want := &ChoicesPlanned{
		Scene: "Voyage", Number: 2, Beat: 1, Beats: 3,
		Choices: []PlannedChoice{{"a", "Follow the bell", 0.5}, {"b", "Cut the rope", 0.3}, {"c", "Ask who is there", 0.2}},
		Record: PlanRecord{
			From: "model", Mode: "max_entropy", Offered: 4, Refused: []RefusedChoice{{"c4", "duplicate", "c1"}},
			Candidates:  []WeighedChoice{{ID: "c1", Label: "Follow the bell", P: 0.5, Score: 1, Parts: ChoiceParts{Chance: 1}}},
			Temperature: 1.5, Entropy: 1, Floor: 0.8, Shown: []string{"c1", "c2", "c3"},
		},
		Tension: new(0.3),
	}
	if diff := cmp.Diff(want, e[0].Data, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if late := s.do("mod", RoleModerator, "join", nil).(*Welcome).Snapshot; late.Planned != e[0].Data {
		t.Errorf("a moderator who comes later sees %+v", late.Planned)
	}
	if late := s.do("cy", RoleViewer, "join", nil).(*Welcome).Snapshot; late.Planned != nil {
		t.Error("a viewer sees the record")
	}
}

// Choices that are not there are waited for, but not long: the narrator is hurried, then the author's links stand in.
func TestBridge_NoChoices(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	for s.state.Scene.ToldAt == 0 {
		s.pass(0.1)
	}
	told := s.state.Scene.ToldAt
	for {
		_, hurry, ok := s.state.Planning()
		if !ok {
			break
		}
		if since := s.now - told; hurry != (since >= planHurry) || since > planGiveUp {
			t.Fatalf("%d ms after the last word, hurried: %v", since, hurry)
		}
		s.pass(0.1)
	}
	s.offers("Row", "Drift")
	if s.now-told != planGiveUp || s.state.Poll.Rules.Default != "b" || s.state.Poll.Words != nil {
		t.Errorf("announced after %d ms: %+v", s.now-told, s.state.Poll.PollOpened)
	}
	if planned := last[*ChoicesPlanned](s, evChoicesPlanned); planned.Record.From != "none" || len(planned.Choices) != 0 {
		t.Errorf("recorded %+v", planned)
	}
	s.sameAfterReplay()
}

// A narrator that has nothing says null where an account has lists. Consoles are promised lists: a null made them stand still, as soon as a model was
// dead in a bridge with links of the author's.
func TestBridge_AccountWithoutIdeas(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	s.plan(story.Plan{Record: json.RawMessage(`{"from":"author","offered":0,"candidates":null,"shown":null}`)})
	planned := s.of(evChoicesPlanned)
	frame, err := planned[len(planned)-1].Frame()
	if err != nil || !strings.Contains(string(frame), `"from":"author"`) || !strings.Contains(string(frame), `"candidates":[]`) || !strings.Contains(string(frame), `"shown":[]`) {
		t.Errorf("the staff are told %s (%v)", frame, err)
	}
	s.sameAfterReplay()
}

// Plans that cannot be offered are as none.
func TestBridge_BadPlans(t *testing.T) {
	a, b := story.Choice{Label: "Up"}, story.Choice{Label: "Down"}
	for name, choices := range map[string][]story.Choice{
		"one":          {a},
		"ten":          {a, b, a, b, a, b, a, b, a, b},
		"without name": {a, {Label: " \n"}},
		"too long":     {a, {Label: strings.Repeat("x", story.MaxLabelRunes+1)}},
		"chance":       {a, {Label: "Down", P: 1.5}},
	} {
		s := toVoyage(t)
		s.tell("Fog.")
		s.plan(story.Plan{Choices: choices, Record: json.RawMessage(`{"from":`)})
		s.toOpenPoll()
		if diff := cmp.Diff([]string{"Row", "Drift"}, s.labels()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	s := toVoyage(t)
	s.tell("Fog.")
	long := strings.Repeat("x", story.MaxLabelRunes)
	s.plan(story.Plan{Choices: []story.Choice{a, {Label: long, P: 1}}})
	s.toOpenPoll()
	s.offers("Up", long)
}

// A beat that nobody tells, and that has no reserve passage, is skipped: the anchor comes at once, in its place. Neither recap nor report nor the
// narrator of later scenes knows an empty scene, which they once did.
func TestBridge_Skipped(t *testing.T) {
	s := toVoyage(t)
	silent := story.Telling{Source: story.SourceAuthored, Why: "no_model"}
	for beat, reserve := range []string{"You row into the fog.", "You row out of the fog."} {
		telling, _ := s.state.Telling()
		s.keep(s.state.Written(s.now, telling, silent))
		if s.state.Scene.Written != reserve {
			t.Errorf("beat %d: %q stands in", beat+1, s.state.Scene.Written)
		}
		s.toOpenPoll()
		s.vote("ada", "b")
		s.toBeat(beat + 2)
	}
	telling, _ := s.state.Telling()
	before := s.now
	s.keep(s.state.Written(s.now, telling, silent))
	s.keep(s.state.Tick(s.now))
	if s.state.Scene.Scene != "Harbour" || s.state.Scene.StartedAt != before {
		t.Errorf("went on to %+v", s.state.Scene)
	}
	if sc := s.state.Scene; sc.Number != 4 || sc.Taken == nil || sc.Taken.Label != "Drift" || len(sc.Others) > 0 {
		t.Errorf("scene %d after %v, with %v left aside", sc.Number, sc.Taken, sc.Others)
	}
	s.pass(10)
	var scenes []string
	for _, step := range s.state.Ended.Path {
		scenes = append(scenes, step.Scene+" "+step.Label)
	}
	if diff := cmp.Diff([]string{"Quay Cast off", "Voyage Drift", "Voyage Drift", "Harbour "}, scenes); diff != "" {
		t.Errorf("the path (-want +got):\n%s", diff)
	}
	var r Report
	for _, e := range s.events {
		if e.N > 0 {
			r.Add(e)
		}
	}
	if show := r.Shows[0]; show.Scenes != 4 || show.Sources["authored"] != 2 || show.Sources["reserve"] != 2 {
		t.Errorf("the report has %d scenes from %v", show.Scenes, show.Sources)
	}
	s.sameAfterReplay()
}

// The scene behind a skipped beat may be a narrator's too. It is another telling than the beat was, with words of its own.
func TestBridge_SkippedBeforeACue(t *testing.T) {
	source := strings.Replace(strings.Replace(bridgeStory, `,"reserve":["V1","V2"]`, "", 1),
		`:: Harbour {"kino":{"title":"Land","end":"home"}}`, `:: Harbour {"kino":{"title":"Land","end":"home","llm":{"direction":"Lamps."}}}`, 1)
	st, report := story.Parse("bridge.twee", []byte(source))
	if st == nil {
		t.Fatal(report.Err())
	}
	s := newStageOf(t, "bridge", Settings{})
	s.shelf["bridge"] = st
	s.audience("ada")
	s.host("start", nil)
	s.toBeat(1)
	beat, _ := s.state.Telling()
	drafted := s.state.Cue().Key
	s.keep(s.state.Written(s.now, beat, story.Telling{Source: story.SourceAuthored, Why: "no_model"}))
	s.keep(s.state.Tick(s.now))
	anchor, ok := s.state.Telling()
	if !ok || s.state.Scene.Scene != "Harbour" || anchor == beat || s.state.Cue().Key == drafted {
		t.Fatalf("%+v waits for %+v (%v), drafted as %q", s.state.Scene.Scene, anchor, ok, s.state.Cue().Key)
	}
	s.tell("Lights.")
	if s.state.Scene.Source != story.SourceModel {
		t.Errorf("told by %s", s.state.Scene.Source)
	}
	s.sameAfterReplay()
}

// A storylet takes a beat's place as soon as its condition holds, and the bridge goes on without a vote.
func TestBridge_Storylet(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	s.plan(story.Plan{})
	s.toOpenPoll()
	s.vote("ada", "a") // Row
	s.toBeat(2)
	if s.state.Scene.Scene != "Gull" {
		t.Fatalf("told %+v", s.state.Scene)
	}
	s.toBeat(3)
	if s.state.Scene.Scene != "Voyage" || len(s.of(evPollOpened)) != 1 {
		t.Errorf("after the storylet %+v", s.state.Scene)
	}
	s.sameAfterReplay()
}

// A new owner has the choices thought of again, and gives that the whole time.
func TestBridge_Takeover(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	s.pass(3)
	old, _, _ := s.state.Planning()
	s.state = s.replay()
	s.now += 60_000
	s.keep(s.state.Recover(s.now))
	s.keep(s.state.Tick(s.now))
	planning, hurry, ok := s.state.Planning()
	if planning != old || hurry || !ok || s.state.Cue().Told != "Fog." {
		t.Fatalf("planning %+v, hurried %v, %v", planning, hurry, ok)
	}
	s.plan(threeWays)
	s.toOpenPoll()
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")
	s.sameAfterReplay()
}

// What is written ahead for an invented choice is exactly what is asked for when it has won.
func TestBridge_Outlook(t *testing.T) {
	s := toVoyage(t)
	s.tell("Fog.")
	if chances, _ := s.outlook(); len(chances) > 0 {
		t.Errorf("before there are choices, %v are expected", chances)
	}
	s.plan(threeWays)
	s.toOpenPoll()
	if chances, _ := s.outlook(); len(chances) != 3 {
		t.Errorf("at the opening, %v are expected", chances)
	}
	s.vote("ada", "b")
	s.vote("bo", "b")
	chances, o := s.outlook()
	if len(chances) != 1 || chances[s.state.Show+"/3/b"] != 1 {
		t.Errorf("decided: %v", chances)
	}
	var expected story.Cue
	for _, p := range o.Prospects {
		if strings.HasSuffix(p.Cue.Key, "/b") {
			expected = p.Cue
		}
	}
	s.toBeat(2)
	unknown := cmpopts.IgnoreFields(story.Step{}, "Poll", "Share", "Turnout", "DecidedBy") // no part of a prompt
	if diff := cmp.Diff(expected, s.state.Cue(), unknown); diff != "" {
		t.Errorf("expected and asked for (-expected +asked):\n%s", diff)
	}
}

// Where words are read first, so are the choices: nobody votes on what nobody has read, and words that are rejected take their choices along.
func TestBridge_Shield(t *testing.T) {
	s := toVoyage(t)
	s.host("shield", Shield{On: true})
	s.tell("Fog.")
	s.plan(threeWays)
	s.pass(20)
	if s.state.Poll != nil {
		t.Fatal("a vote on words that are held")
	}
	s.host("reject", nil)
	s.plan(story.Plan{})
	s.toOpenPoll()
	s.offers("Row", "Drift")
	s.vote("ada", "b")
	s.toBeat(2)
	s.tell("Rain.")
	s.plan(threeWays)
	s.host("approve", Approve{})
	s.toOpenPoll()
	s.offers("Follow the bell", "Cut the rope", "Ask who is there")
	s.sameAfterReplay()
}
