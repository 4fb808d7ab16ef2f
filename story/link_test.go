package story

import (
	"strings"
	"testing"
)

func TestLink_Syntax(t *testing.T) {
	for source, want := range map[string]Choice{
		"[[Hall]]":                             {Label: "Hall", Target: "Hall"},
		"[[Go in->Hall]]":                      {Label: "Go in", Target: "Hall"},
		"[[ Go in -> Hall ]]":                  {Label: "Go in", Target: "Hall"},
		"[[a->b->Hall]]":                       {Label: "a->b", Target: "Hall"},
		"[[Hall<-Go in]]":                      {Label: "Go in", Target: "Hall"},
		"[[Hall<-a<-b]]":                       {Label: "a<-b", Target: "Hall"},
		"[[Go in|Hall]]":                       {Label: "Go in", Target: "Hall"},
		"[[''Go'' //in//->Hall]]":              {Label: "Go in", Target: "Hall"},
		"[[Fish &amp; chips->Hall]]":           {Label: "Fish & chips", Target: "Hall"},
		"[[->Hall]]":                           {Label: "Hall", Target: "Hall"},
		"[[Go in->Hall][$x to 1]]":             {Label: "Go in", Target: "Hall", Effects: []string{"$x to 1"}},
		"[[Go in|Hall][$x to 1; $y += 2]]":     {Label: "Go in", Target: "Hall", Effects: []string{"$x to 1", "$y += 2"}},
		"[[Hall][$x to [1, 2]]]":               {Label: "Hall", Target: "Hall", Effects: []string{"$x to [1, 2]"}},
		`[[Go in->Hall][$x to "]]"]]`:          {Label: "Go in", Target: "Hall", Effects: []string{`$x to "]]"`}},
		"[[Go in->Hall][nonsense]]":            {Label: "Go in", Target: "Hall"},
		"[[Take $thing->Hall]]":                {Label: "Take the lamp", Target: "Hall"},
		"[[$thing->Hall]]":                     {Label: "the lamp", Target: "Hall"},
		"[[$nothing->Hall]]":                   {Label: "Hall", Target: "Hall"},
		"[[进门->Hall]]":                         {Label: "进门", Target: "Hall"},
		"[[Go in->Hall [old]]]":                {Label: "Go in", Target: "Hall [old]"},
		"[[Go in->$x]]":                        {Label: "Go in", Target: "$x"},
		`<<link "Go in" "Hall">><</link>>`:     {Label: "Go in", Target: "Hall"},
		`<<link 'Go in' 'Hall'>><</link>>`:     {Label: "Go in", Target: "Hall"},
		`<<button "Go in" "Hall">><</button>>`: {Label: "Go in", Target: "Hall"},
		`<<link [[Go in->Hall]]>><</link>>`:    {Label: "Go in", Target: "Hall"},
		`<<link $thing "Hall">><</link>>`:      {Label: "the lamp", Target: "Hall"},
		`<<link "Go" "Hall">> <<set $x to 1>> <<set $y to 2>> <</link>>`: {Label: "Go", Target: "Hall", Effects: []string{"$x to 1", "$y to 2"}},
		`<<link "Go">><<set $x to 1>><<goto "Hall">><</link>>`:           {Label: "Go", Target: "Hall", Effects: []string{"$x to 1"}},
	} {
		s, _ := parse(t, "SugarCube", ":: StoryInit\n<<set $thing to \"the lamp\">>\n:: Start\n"+source+"\n:: Hall\nhi\n:: $x\nhi\n:: Hall \\[old\\]\nhi\n")
		told, _ := enter(t, s, s.Begin(1), "Start")
		want.ID = "a"
		diff(t, source, told.Choices, []Choice{want})
		diff(t, source+": text", told.Text, "")
	}
}

func TestLink_Warnings(t *testing.T) {
	for source, want := range map[string]string{
		"[[Go->Nowhere]]":                       `there is no passage "Nowhere"`,
		"[[Go->$where]]":                        `"$where": a target cannot be computed`,
		"[[Go->_where]]":                        `"_where": a target cannot be computed`,
		"[[Go->https://example.org/a]]":         `"https://example.org/a" is outside the story`,
		"[[Go->Stand-in]]":                      `"Stand-in" is a reserve passage`,
		"[[Go->Look]]":                          `"Look" is not a scene`,
		"[[Go->Hall][$x]]":                      "cannot be read",
		"[[Go->Hall][_x to 1]]":                 "a temporary variable is gone",
		`<<link "Go">><</link>>`:                "<<link>> needs a text and a passage",
		`<<link "Go" "Nowhere">><</link>>`:      `there is no passage "Nowhere"`,
		`<<link "Go" "Hall">>run<</link>>`:      "the text inside <<link>> is not supported",
		`<<link "Go" "Hall">>[[Hall]]<</link>>`: "what is inside <<link>> is not supported",
		`<<link "Go" "Hall">>`:                  "<<link>> is not closed",
		`<<goto "Nowhere">>`:                    `there is no passage "Nowhere"`,
		`<<goto $x>>`:                           "<<goto>> needs a passage",
	} {
		_, report := parse(t, "SugarCube", ":: Start\n"+source+"\n:: Hall\nhi\n:: Stand-in [reserve]\nhi\n:: Look [stylesheet]\n")
		mustContain(t, report, want)
	}
}

// What a dead link leaves: its words inside a sentence, nothing on a line of its own; and a scene without choices is an ending.
func TestLink_Dead(t *testing.T) {
	s, report := parse(t, "", ":: Start\nYou could [[run->Nowhere]].\n\n[[Hide->Nowhere]]\n")
	told, _ := enter(t, s, s.Begin(1), "Start")
	diff(t, "scene", told, Scene{ID: "Start", Title: "Start", Kind: KindText, Text: "You could run.", Ending: "Start"})
	diff(t, "ending", s.Endings(), 1)
	diff(t, "report", report, []string{
		`warning: there is no passage "Nowhere"; the link is left out`, `warning: there is no passage "Nowhere"; the link is left out`,
	})
}

func TestLink_InText(t *testing.T) {
	for source, want := range map[string]string{
		"One.\n\n[[Hall]]\n\nTwo.":                               "One.\n\nTwo.",
		"One.\n[[Hall]]\nTwo.":                                   "One. Two.",
		"One.\n* [[Hall]]\n- [[Hall]]\n1. [[Hall]]\n2) [[Hall]]": "One.",
		"[[Hall]] | [[Hall]]":                                    "",
		"> ''[[Hall]]''":                                         "",
		"<li>[[Hall]]</li>":                                      "",
		"You [[go in->Hall]] or [[wait->Hall]].":                 "You go in or wait.",
		"What now? [[Hall]]":                                     "What now? Hall",
		"[[not closed":                                           "[[not closed",
		"[[]]":                                                   "[[]]",
		"[[two\nlines]]":                                         "[[two lines]]",
	} {
		s, _ := parse(t, "SugarCube", ":: Start\n"+source+"\n:: Hall\nhi\n")
		told, _ := enter(t, s, s.Begin(1), "Start")
		diff(t, source, told.Text, want)
	}
}

func TestLink_Effects(t *testing.T) {
	s, _ := parse(t, "SugarCube", `:: StoryInit
<<set $coins to 5, $bag to ["rope"]>>
:: Start
[[Pay->Shop][$coins -= 2, $bag to $bag + ["lamp"]]]
[[Fail->Shop][$coins to $coins / $nothing; $paid to true]]
:: Shop
$coins; $bag; <<if $bag contains "lamp">>lit<</if>><<if $paid>>paid<</if>>
`)
	told, p := enter(t, s, s.Begin(1), "Start")
	shop, _ := choose(t, s, p, told, "Pay")
	diff(t, "effects", shop.Text, "3; rope, lamp; lit")
	shop, _ = choose(t, s, p, told, "Fail")
	diff(t, "one effect fails alone, and the other choice changed nothing", shop.Text, "5; rope; paid")
}

func TestChoose_NoSuchChoice(t *testing.T) {
	s, _ := parse(t, "", ":: Start\n[[Go->Start]]\n")
	p := s.Begin(1)
	got, err := s.Choose(p, Choice{Label: "Fly", Target: "Sky", Effects: []string{"$x to 1"}})
	if err == nil || !strings.Contains(err.Error(), ErrNoSuchChoice.Error()) {
		t.Errorf("error is %v", err)
	}
	diff(t, "progress", got, p)
}
