package story

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	for header, want := range map[string]Passage{
		":: Hall":                    {Name: "Hall"},
		"::Hall":                     {Name: "Hall"},
		"::   Hall  of   mirrors  ":  {Name: "Hall  of   mirrors"},
		":: Hall [dark cold]":        {Name: "Hall", Tags: []string{"dark", "cold"}},
		":: Hall[dark]":              {Name: "Hall", Tags: []string{"dark"}},
		":: Hall [ dark  cold ] ":    {Name: "Hall", Tags: []string{"dark", "cold"}},
		":: Hall []":                 {Name: "Hall"},
		`:: Hall {"size":"1,2"}`:     {Name: "Hall", Meta: map[string]json.RawMessage{"size": json.RawMessage(`"1,2"`)}},
		`:: Hall [a]{"n": 1}`:        {Name: "Hall", Tags: []string{"a"}, Meta: map[string]json.RawMessage{"n": json.RawMessage(`1`)}},
		`:: Hall [a] {}`:             {Name: "Hall", Tags: []string{"a"}},
		`:: \[Hall\] \{x\} \\ \y`:    {Name: `[Hall] {x} \ y`},
		`::  \ Second`:               {Name: "Second"},
		`:: Hall [a\]b c\ d \[e\\]`:  {Name: "Hall", Tags: []string{"a]b", "c d", `[e\`}},
		`:: ends in \`:               {Name: `ends in \`},
		":: 大厅 [夜]":                  {Name: "大厅", Tags: []string{"夜"}},
		":: a ] b } c":               {Name: "a ] b } c"},
		`:: Hall {"a":"]","b":"{}"}`: {Name: "Hall", Meta: map[string]json.RawMessage{"a": json.RawMessage(`"]"`), "b": json.RawMessage(`"{}"`)}},
	} {
		r := &reporter{}
		got := readTwee(header+"\nbody", r)
		want.Text, want.Line = "body", 1
		diff(t, header, got.passages, []Passage{want})
		if len(r.problems) > 0 {
			t.Errorf("%s: %v", header, r.problems)
		}
	}
}

func TestHeader_Warnings(t *testing.T) {
	for header, want := range map[string]string{
		`:: Start {"size":}`:     "not a JSON object",
		`:: Start [a] {oops`:     "not a JSON object",
		`:: Start {} trailing`:   "not a JSON object",
		`:: Start [a] trailing`:  `"trailing" after the tags`,
		`:: Start [a b`:          "not closed by ]",
		`:: Start [a] [b]`:       `"[b]" after the tags`,
		`:: Start {"kino":[1]}`:  "kino is not a JSON object",
		`:: Start {"kino":null}`: "",
	} {
		s, report := parse(t, "", header+"\nbody\n")
		if want == "" && len(report) > 0 {
			t.Errorf("%s: %v", header, report)
		}
		mustContain(t, report, want)
		if told, _ := enter(t, s, s.Begin(1), "Start"); told.Text != "body" {
			t.Errorf("%s: the text is %q", header, told.Text)
		}
	}
}

func TestTwee_Body(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"trailing blank lines", "one\n\ntwo\n\n  \n\n", "one\n\ntwo"},
		{"leading blank lines stay", "\n\none", "\n\none"},
		{"escaped header", `\:: not a header`, ":: not a header"},
		{"escaped escape", `\\:: still text`, `\:: still text`},
		{"backslash elsewhere", `a \:: b`, `a \:: b`},
		{"spaces before", " :: no header", " :: no header"},
		{"empty", "", ""},
	} {
		d := readTwee(":: A\n"+test.body+"\n:: B\n", &reporter{})
		if len(d.passages) != 2 || d.passages[0].Text != test.want {
			t.Errorf("%s: passages are %+v", test.name, d.passages)
		}
	}
}

func TestTwee_Encoding(t *testing.T) {
	plain := source("SugarCube", ":: Start\none\ntwo\n\n:: B\nthree\n")
	want, _ := Parse("a.twee", []byte(plain))
	for name, raw := range map[string]string{
		"byte order mark": "\uFEFF" + plain,
		"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(plain, "\n", "\r"),
		"NUL":             strings.ReplaceAll(plain, "one", "o\x00ne"),
	} {
		got, report := Parse("a.twee", []byte(raw))
		if err := report.Strict(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		diff(t, name, got, want, sameStory)
	}
	got, report := Parse("a.twee", []byte(strings.ReplaceAll(plain, "one", "o\xffne")))
	mustContain(t, texts(report), "warning: the file is not UTF-8")
	diff(t, "wrong bytes", got.Passages[0].Text, "o\uFFFDne\ntwo")
}

func TestParse_Problems(t *testing.T) {
	data := ":: StoryTitle\nT\n\n:: StoryData\n{\"ifid\":\"ABCDEFGH\"}\n\n"
	for _, test := range []struct{ name, source, want string }{
		{"text before the first header", "hello\n" + data + ":: Start\n", "a.twee:1: warning: text before"},
		{"no start", data + ":: Begin\n", `a.twee: error: there is no passage "Start"`},
		{"start elsewhere", ":: StoryData\n{\"start\":\"X\"}\n:: Start\n", `error: there is no passage "X"`},
		{"start in a script", data + ":: Start [script]\n", `the start passage "Start" is not a scene`},
		{"twice", data + ":: Start\na\n\n:: Start\nb\n", `a.twee:10: error: passage "Start": the passage is there twice: in line 7 and in line 10`},
		{"StoryData twice", data + ":: Start\n:: StoryData\n{}", "the passage is there twice: in line 4 and in line 8"},
		{"no name", data + ":: Start\n::  [tag]\n", "a.twee:8: error: the passage has no name"},
		{"no title", ":: StoryData\n{\"ifid\":\"ABCDEFGH\"}\n:: Start\n", `the story has no title; it is called "a"`},
		{"no ifid", ":: Start\n", "the story has no valid IFID"},
		{"bad ifid", ":: StoryData\n{\"ifid\":\"a b\"}\n:: Start\n", `"A B" is not an IFID`},
		{"ifid of a wrong kind", ":: StoryData\n{\"ifid\":7}\n:: Start\n", "ifid must be a string, not 7"},
		{"broken StoryData", ":: StoryData\n{,}\n:: Start\n", `passage "StoryData": it is not a JSON object`},
		{"script", data + ":: Start\n:: S [script]\nalert(1)\n", "warning: passage \"S\": a script is never run"},
		{"empty file", "", `there is no passage "Start"`},
	} {
		s, report := Parse("dir/a.twee", []byte(test.source))
		var lines []string
		for _, p := range report.Problems {
			lines = append(lines, strings.TrimPrefix(p.String(), "dir/"))
		}
		t.Log(test.name)
		mustContain(t, lines, test.want)
		if (s == nil) != (report.Err() != nil) {
			t.Errorf("%s: story is %v, error is %v", test.name, s, report.Err())
		}
		if report.Strict() == nil {
			t.Errorf("%s: passes as strict", test.name)
		}
	}
}

func TestParse_StyleSheetIsFine(t *testing.T) {
	s, report := parse(t, "", ":: Start\nhi\n:: Look [stylesheet]\nbody { color: [[red]] }\n:: StoryMenu\n[[Start]]\n")
	diff(t, "report", report, []string{"note: the passage is kept but not shown"})
	diff(t, "kept", s.Passages[1].Text, "body { color: [[red]] }")
	diff(t, "not scenes", s.Scenes(), 1)
	if _, _, err := s.Enter(s.Begin(1), "Look"); !errors.Is(err, ErrNoSuchScene) {
		t.Errorf("entering a style sheet: %v", err)
	}
}

func TestParse_IFIDIsMadeOfTheContent(t *testing.T) {
	a, _ := Parse("a.twee", []byte(":: Start\none"))
	again, _ := Parse("b.twee", []byte(":: Start\none"))
	other, _ := Parse("a.twee", []byte(":: Start\ntwo"))
	if a.IFID != again.IFID || a.IFID == other.IFID || !validIFID.MatchString(a.IFID) {
		t.Errorf("IFIDs are %s, %s and %s", a.IFID, again.IFID, other.IFID)
	}
	lower, report := Parse("a.twee", []byte(":: StoryTitle\nT\n:: StoryData\n{\"ifid\":\"abcdefgh-1\"}\n:: Start\none"))
	if lower.IFID != "ABCDEFGH-1" || report.Strict() != nil {
		t.Errorf("lower case: %s, %v", lower.IFID, report)
	}
}

func TestParse_ID(t *testing.T) {
	for name, want := range map[string]string{
		"stories/last-ferry.twee": "last-ferry", "Last Ferry!.html": "last-ferry", "渡轮.twee": "story", "a.b.twee": "a-b", "": "story",
	} {
		if s, _ := Parse(name, []byte(":: Start\n")); s.ID != want {
			t.Errorf("ID of %q is %q, want %q", name, s.ID, want)
		}
	}
}

func TestReport_Notes(t *testing.T) {
	s, report := parse(t, "", ":: Start\nx\n"+manyPassages(MaxNotes+1))
	diff(t, "notes", len(report), MaxNotes)
	diff(t, "scenes", s.Scenes(), MaxNotes+2)
}

func manyPassages(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ":: P%d\n", i)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	p := Problem{File: "a.twee", Line: 3, Passage: "Hall", Text: "dark", Severity: SeverityWarning}
	diff(t, "with all", p.String(), `a.twee:3: warning: passage "Hall": dark`)
	diff(t, "without place", Problem{File: "a.twee", Text: "dark", Severity: SeverityError}.String(), "a.twee: error: dark")

	note := Report{Problems: []Problem{{Severity: SeverityNote}}}
	warning := Report{Problems: []Problem{p, {Severity: SeverityNote}, p}}
	if note.Err() != nil || note.Strict() != nil || warning.Err() != nil {
		t.Error("notes and warnings are no errors")
	}
	diff(t, "strict", warning.Strict().Error(), `a.twee:3: warning: passage "Hall": dark (and 1 more)`)

	raw, _ := json.Marshal(p)
	diff(t, "JSON", string(raw), `{"file":"a.twee","line":3,"passage":"Hall","text":"dark","severity":"warning"}`)
}
