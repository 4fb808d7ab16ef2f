package story

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzStory reads whatever it gets. What is a story is played along its first choices, and must come back from Write as it was.
func FuzzStory(f *testing.F) {
	for _, name := range []string{"testdata/library/lamp.twee", "testdata/library/ferry/zh-Hans.twee", "testdata/tide.html"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for format, body := range map[string]string{
		"Harlowe":   "(set: $n to (random: 1, 6))(if: $n is 3)[{three\n[[Start]]}](else-if: $n > 3)[(print: $n)](else:)[(link-goto: \"x\", \"Start\")]\n(live: 2s)[a]",
		"SugarCube": "<<nobr>><<if visited() gt 2>>$l[0]<<elseif not $x>>[[a->Start][$x to [1, 'b']; $y += 1]]<<else>><<goto \"Start\">><</if>><</nobr>>/* c */",
		"Chapbook":  "n: 1\nm (n is 1): either(1, 'b')\n--\n{n + 1}\n[if m]\n[[a->Start]]\n[else]\n{m}\n[continue]\nb",
		"Snowman":   "<% x %>[[Start]]<script>y</script>",
		"":          "<<set $l to [$l, $l]>>(if: $l)[ [[Start]] ] ''b'' //i// &amp; <b>",
	} {
		f.Add([]byte(source(format, ":: Start [llm end default:1] {\"kino\":{\"llm\":{\"reserve\":[\"R\"]}}}\n"+body+"\n\\:: x\n:: R [reserve]\n$n\n")))
	}
	f.Add([]byte(source("SugarCube", ":: Start\n[[Voyage]]\n"+crossing)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, report := Parse("fuzz.twee", raw)
		if (s == nil) != (report.Err() != nil) {
			t.Fatalf("story is %v, error is %v", s, report.Err())
		}
		if s == nil {
			return
		}
		play(t, s)
		again, report := Parse("fuzz.twee", s.Write())
		if again == nil {
			t.Fatalf("what was written cannot be read: %v\n%s", report.Err(), s.Write())
		}
		if d := cmp.Diff(s, again, sameStory); d != "" {
			t.Fatalf("what was written is another story (-was +is):\n%s", d)
		}
	})
}

func play(t *testing.T, s *Story) {
	p, scene := s.Begin(1), s.Start
	for range 50 {
		told, next, err := s.Enter(p, scene)
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		if err != nil || told.Ending != "" {
			return
		}
		if len(told.Choices) == 0 || len(told.Choices) > MaxChoices {
			t.Fatalf("scene %q offers %d choices", told.ID, len(told.Choices))
		}
		if p, err = s.Choose(next, told.Choices[0]); err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		scene = told.Choices[0].Target
	}
}
