package story

import "testing"

func TestKeys_Passage(t *testing.T) {
	for header, want := range map[string]Scene{
		`:: Start [vote:15s]`:     {Rules: Rules{VoteSeconds: new(15.0)}},
		`:: Start [vote:7.5]`:     {Rules: Rules{VoteSeconds: new(7.5)}},
		`:: Start [default:2]`:    {Default: "b"},
		`:: Start [rule:ranked]`:  {Rules: Rules{Method: new("ranked")}},
		`:: Start [something:15]`: {},
		`:: Start {"kino":{"vote":{"seconds":15,"arm":3,"tail":4,"default":2,"rule":"approval","quorum":0.2,"tie":"host","tallies":"hidden","change":true,"early":false},"pace":24}}`: {
			Default: "b",
			Rules: Rules{
				VoteSeconds: new(15.0), ArmSeconds: new(3.0), TailSeconds: new(4.0), Method: new("approval"), Quorum: new(0.2), Tie: new("host"),
				Tallies: new("hidden"), ChangeVotes: new(true), EarlyClose: new(false), Pace: new(24.0),
			},
		},
		`:: Start [vote:15s] {"kino":{"vote":{"seconds":8}}}`:               {Rules: Rules{VoteSeconds: new(8.0)}},
		`:: Start {"kino":{"vote":{"tie":"draw"}}}`:                         {Rules: Rules{Tie: new("draw")}},
		`:: Start {"kino":{"title":"At the start"}}`:                        {Title: "At the start"},
		`:: Start {"kino":{"vote":null,"end":null,"llm":null,"pace":null}}`: {},
		`:: Start {"other":{"vote":1}}`:                                     {},
	} {
		s, report := parse(t, "", header+"\nwords\n[[One->Start]]\n[[Two->Start]]\n")
		if len(report) > 0 {
			t.Errorf("%s: %v", header, report)
		}
		want.ID, want.Kind, want.Text = "Start", KindText, "words"
		if want.Title == "" {
			want.Title = "Start"
		}
		want.Choices = []Choice{{ID: "a", Label: "One", Target: "Start"}, {ID: "b", Label: "Two", Target: "Start"}}
		told, _ := enter(t, s, s.Begin(1), "Start")
		diff(t, header, told, want)
	}
}

func TestKeys_Warnings(t *testing.T) {
	for header, want := range map[string]string{
		`:: Start [vote:soon]`:                                           "not a time in seconds",
		`:: Start [vote:NaN]`:                                            "vote seconds must be from 0 to 3600",
		`:: Start [vote:3601s]`:                                          "vote seconds must be from 0 to 3600",
		`:: Start [default:0]`:                                           "not a number of a choice",
		`:: Start [default:3]`:                                           "there is no choice number 3",
		`:: Start [rule:loudest]`:                                        "method must be one of plurality, approval, ranked",
		`:: Start [video:clip.mp4]`:                                      "note: film is not played yet",
		`:: Start {"kino":{"video":{"src":"a.mp4"}}}`:                    "note: film is not played yet",
		`:: Start {"kino":{"colour":"red"}}`:                             "kino.colour is not known",
		`:: Start {"kino":{"vote":{"second":1}}}`:                        "kino.vote.second is not known",
		`:: Start {"kino":{"vote":{"seconds":"long"}}}`:                  `kino.vote.seconds cannot be "long", but a number; it is left out`,
		`:: Start {"kino":{"vote":{"arm":-1}}}`:                          "arm seconds must be from 0 to 60",
		`:: Start {"kino":{"vote":{"tail":61}}}`:                         "tail seconds must be from 0 to 60",
		`:: Start {"kino":{"vote":{"quorum":1.1}}}`:                      "quorum must be from 0 to 1",
		`:: Start {"kino":{"vote":{"tie":"coin"}}}`:                      "tie must be one of",
		`:: Start {"kino":{"vote":{"tallies":"loud"}}}`:                  "tallies must be one of",
		`:: Start {"kino":{"vote":{"default":-1}}}`:                      "there is no choice number -1",
		`:: Start {"kino":{"pace":1001}}`:                                "pace must be from 0 to 1000",
		`:: Start {"kino":{"llm":{"direction":"x","max_chars":199}}}`:    "max_chars must be from 200 to 4000, not 199",
		`:: Start {"kino":{"llm":{"direction":"x","max_chars":4001}}}`:   "max_chars must be from 200 to 4000, not 4001",
		`:: Start {"kino":{"llm":{"direction":"x","reserve":["Hall"]}}}`: `"Hall" is not a passage tagged reserve`,
		`:: Start {"kino":{"llm":{"mode":"bridge"}}}`:                    `a bridge needs "to"`,
		`:: Start [llm]`:                                                 "note: no direction is given",
		`:: Start [end]`:                                                 "the links are never offered",
		`:: Start {"kino":"x"}`:                                          "kino is not a JSON object",
	} {
		s, report := parse(t, "", header+"\nwords\n[[One->Start]]\n[[Two->Hall]]\n:: Hall\nhi\n")
		mustContain(t, report, want)
		if told, _ := enter(t, s, s.Begin(1), "Start"); told.Text != "words" || !cmpEmptyRules(told.Rules) {
			t.Errorf("%s: scene is %+v", header, told)
		}
	}
}

func cmpEmptyRules(r Rules) bool { return r == Rules{} }

func TestKeys_Story(t *testing.T) {
	for kino, want := range map[string]string{
		`{"colour":"red"}`:              "kino.colour is not known",
		`{"genres":"mystery"}`:          `kino.genres cannot be "mystery", but a list such as ["one", "two"]; it is left out`,
		`{"genres":["a",1]}`:            "kino.genres cannot be",
		`{"vote_seconds":4000}`:         "vote seconds must be from 0 to 3600",
		`{"method":"loudest"}`:          "method must be one of",
		`{"language":"not a language"}`: "is not a language tag",
		`{}`:                            "note: no language is declared",
		`[]`:                            "kino is not a JSON object",
	} {
		raw := ":: StoryTitle\nT\n:: StoryData\n{\"ifid\":\"ABCDEFGH\",\"kino\":" + kino + "}\n:: Start\nhi\n"
		s, report := Parse("a.twee", []byte(raw))
		if s == nil {
			t.Fatal(report.Err())
		}
		mustContain(t, texts(report), want)
		if s.Language != "en" || s.Genres != nil || s.Rules != (Rules{}) {
			t.Errorf("%s: story is %+v", kino, s)
		}
	}
}

// The default counts the links of the source: those that are hidden count, and the arms of one condition share their numbers.
func TestKeys_Default(t *testing.T) {
	s, report := parse(t, "SugarCube", `:: StoryInit
<<set $x to 1>>
:: Start [default:2]
<<if $x is 1>>[[A->Start]]<<else>>[[B->Start]]<</if>>
[[C->Start]]
:: Hidden [default:3]
<<if $x is 2>>[[A->Start]]<</if>>
[[B->Start]]
[[C->Start]]
:: Away [default:1]
<<if $x is 2>>[[A->Start]]<</if>>
[[B->Start]]
`)
	for name, want := range map[string]string{"Start": "b", "Hidden": "b", "Away": ""} {
		told, _ := enter(t, s, s.Begin(1), name)
		diff(t, name, told.Default, want)
	}
	mustContain(t, report, "no choice leads here")
}

// A cue without anything to go by was once only told that its own text, of which there was none, is the direction.
func TestCueWithoutWords(t *testing.T) {
	const head = ":: StoryTitle\nT\n\n:: StoryData\n{\"ifid\":\"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11\",\"start\":\"A\",\"kino\":{\"language\":\"en\"}}\n\n"
	for source, warned := range map[string]bool{
		`:: A {"kino":{"llm":{}}}` + "\n":                                             true,
		`:: A {"kino":{"llm":{}}}` + "\nWords.\n":                                     false,
		`:: A {"kino":{"llm":{"direction":"Rain."}}}` + "\n":                          false,
		`:: A {"kino":{"llm":{"reserve":["R"]}}}` + "\n\n:: R [reserve]\nIt rains.\n": false,
	} {
		_, report := Parse("t.twee", []byte(head+source))
		got := false
		for _, p := range report.Problems {
			got = got || p.Severity == SeverityWarning && p.Construct == "kino.llm"
		}
		if got != warned {
			t.Errorf("%q: warned is %v, want %v; %v", source, got, warned, report.Problems)
		}
	}
}

// A jump in the hook of a macro that is not known was once taken at once: (link: "Go")[(goto: "P")] left the scene before it was read.
func TestJumpInUnknownHook(t *testing.T) {
	const source = ":: StoryTitle\nT\n\n:: StoryData\n{\"ifid\":\"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11\",\"format\":\"Harlowe\",\"start\":\"A\",\"kino\":{\"language\":\"en\"}}\n\n" +
		":: A\nHere. (link: \"Go\")[(goto: \"B\")]\n\n[[On->B]]\n\n:: B\nThere.\n"
	s, report := Parse("t.twee", []byte(source))
	if report.Err() != nil || report.Strict() == nil {
		t.Fatalf("report: %v", report.Problems)
	}
	scene, _, err := s.Enter(s.Begin(1), s.Start)
	if err != nil || scene.ID != "A" || len(scene.Choices) != 1 {
		t.Errorf("entered %q with %v: %v", scene.ID, scene.Choices, err)
	}
}
