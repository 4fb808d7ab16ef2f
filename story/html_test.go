package story

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestHTML(t *testing.T) {
	s := example(t, "tide.html")
	place := func(at string) map[string]json.RawMessage {
		return map[string]json.RawMessage{"position": encode(at), "size": encode("100,100")}
	}
	diff(t, "story", s, &Story{
		ID: "tide", Title: "Tide & Time", Language: "en", Summary: "The tide comes in.", Rules: Rules{VoteSeconds: new(30.0)},
		IFID: "7E3C1B52-4F5B-4B9A-9C57-0C6E0F0D2A11", Format: "SugarCube", FormatVersion: "2.37.3", Start: "Beach",
		Data: map[string]json.RawMessage{
			"creator": encode("Twine"), "creator-version": encode("2.10.0"), "tags": encode("draft night"), "zoom": encode("1"),
			"tag-colors": json.RawMessage(`{"end":"red"}`),
		},
		Passages: []Passage{
			{Name: "Rocks [low]", Tags: []string{"end"}, Meta: place("100,300"), Text: "The rocks <b>bite</b>. &amp; more.", Line: 7},
			{
				Name: "Beach", Tags: []string{"vote:9s", "default:2"}, Meta: place("100,100"), Line: 8,
				Text: "The tide is out.\n<<set $shoes to \"wet\">>\n:: not a header\n\n[[Walk on->Rocks [low]]]\n[[Wait->Later]]",
			},
			{Name: "Later", Meta: place("300,300"), Text: "<<if $shoes is 'wet'>>Your shoes are wet.<</if>>", Line: 14},
			{Name: "StoryStylesheet", Tags: []string{"stylesheet"}, Text: "body { color: white }", Line: 6},
		},
	}, cmpopts.IgnoreUnexported(Story{}))

	told, p := enter(t, s, s.Begin(1), s.Start)
	diff(t, "text", told.Text, "The tide is out. :: not a header")
	diff(t, "choices", labels(told), []string{"Walk on", "Wait"})
	later, _ := choose(t, s, p, told, "Wait")
	diff(t, "later", later.Text, "Your shoes are wet.")
	rocks, _ := choose(t, s, p, told, "Walk on")
	diff(t, "rocks", rocks.Text, "The rocks bite. & more.")
}

func TestHTML_Problems(t *testing.T) {
	raw, err := os.ReadFile("testdata/tide.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, from, to, want string }{
		{"script", `"text/twine-javascript">`, `"text/twine-javascript">if (a</s/.test(b)) { alert(1) }`, "a script is never run"},
		{"several stories", "<body>", `<body><tw-storydata name="A" startnode="1"><tw-passagedata pid="1" name="One">x</tw-passagedata></tw-storydata>`, "several stories"},
		{"no such start node", `startnode="2"`, `startnode="77"`, `error: there is no passage "Start"`},
		{"not closed", "</tw-passagedata>\n</tw-storydata>\n<tw-passagedata pid=\"9\" name=\"Outside\">x</tw-passagedata>", "", "the passage is not closed"},
		{"twice", `name="Later"`, `name="Beach"`, "the passage is there twice: in line 8 and in line 14"},
	} {
		_, report := Parse("tide.html", []byte(strings.Replace(string(raw), test.from, test.to, 1)))
		t.Log(test.name)
		mustContain(t, texts(report), test.want)
	}
}

// A passage may speak of Twine's tags: what begins with a header is Twee.
func TestHTML_NotTwee(t *testing.T) {
	s, report := parse(t, "", ":: Start\n<tw-storydata name=\"x\">\n")
	diff(t, "report", len(report), 0)
	diff(t, "text", s.Passages[0].Text, "<tw-storydata name=\"x\">")
}
