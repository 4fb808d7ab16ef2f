package gate

import (
	"strings"
	"testing"
	"unicode"
)

// disguises are ways to write a term so that people still read it.
var disguises = map[string]func(string) string{
	"as it is":    func(s string) string { return s },
	"capitals":    strings.ToUpper,
	"full width":  func(s string) string { return shift(s, 'a', 0xff41) },
	"bold":        func(s string) string { return shift(s, 'a', 0x1d41a) },
	"circled":     func(s string) string { return shift(s, 'a', 0x24d0) },
	"Cyrillic":    strings.NewReplacer("a", "а", "c", "с", "e", "е", "i", "і", "o", "о", "p", "р", "s", "ѕ", "x", "х", "y", "у", "h", "һ").Replace,
	"Greek":       strings.NewReplacer("a", "α", "o", "ο", "i", "ι", "k", "κ", "n", "η", "p", "ρ", "t", "τ", "u", "υ", "v", "ν").Replace,
	"leet":        strings.NewReplacer("a", "4", "e", "3", "i", "1", "o", "0", "s", "5").Replace,
	"signs":       func(s string) string { return strings.NewReplacer("a", "@", "s", "$").Replace(s) },
	"zero width":  func(s string) string { return between(s, "\u200b", false) },
	"soft hyphen": func(s string) string { return between(s, "\u00ad", false) },
	"bidi":        func(s string) string { return "\u202d" + between(s, "\u2060", false) + "\u202c" },
	"accents":     func(s string) string { return between(s, "\u0301", false) + "\u0301" },
	"struck out":  func(s string) string { return between(s, "\u0336", false) + "\u0336" },
	"spelled out": func(s string) string { return between(s, " ", true) },
	"dotted":      func(s string) string { return between(s, ".", true) },
	"hyphens":     func(s string) string { return between(s, "-", true) },
	"middle dots": func(s string) string { return between(s, "·", true) },
	"repeated": func(s string) string {
		var out strings.Builder
		for _, r := range s {
			out.WriteRune(r)
			if unicode.IsLower(r) { // Latin only: in Han a character twice is another word
				out.WriteString(strings.Repeat(string(r), 3))
			}
		}
		return out.String()
	},
	"traditional": traditional,
}

// shift moves the letters a to z to another alphabet.
func shift(s string, from, to rune) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - from + to
		}
		return r
	}, s)
}

// between puts a mark between the letters of a word, or instead of the blanks too.
func between(s, mark string, blanks bool) string {
	var out []string
	for _, r := range s {
		if r == ' ' && blanks {
			continue
		}
		out = append(out, string(r))
	}
	return strings.Join(out, mark)
}

func traditional(s string) string {
	back := make(map[rune]rune)
	pairs := []rune(strings.ReplaceAll(variants, "\n", ""))
	for i := 0; i+1 < len(pairs); i += 2 {
		back[pairs[i+1]] = pairs[i]
	}
	return strings.Map(func(r rune) rune {
		if t := back[r]; t != 0 {
			return t
		}
		return r
	}, s)
}

// Every term of the built-in lists is found in every disguise, in the middle of a story and cut in two anywhere.
func TestGate_FindsEveryTermInEveryDisguise(t *testing.T) {
	g := New(BuiltIn(), Options{})
	tried, missed := 0, 0
	for _, e := range BuiltIn().entries {
		if e.excuse || strings.ContainsFunc(e.text, unicode.IsDigit) { // a digit in a term is not spelled with letters
			continue
		}
		for name, disguise := range disguises {
			term := disguise(strings.ToLower(strings.Trim(e.text, "*")))
			tried++
			if v := g.Check(t.Context(), "", "He said: "+term+" (说) "); v.Pass {
				missed++
				t.Errorf("%s of %q passes: %q", name, e.text, term)
			}
		}
		halves := []rune(e.text)
		for cut := 1; cut < len(halves); cut++ {
			tried++
			if v := g.Check(t.Context(), "他说 "+string(halves[:cut]), string(halves[cut:])+" 了。"); v.Pass && !strings.Contains(e.text, "*") {
				missed++
				t.Errorf("%q passes when it is cut after %d characters", e.text, cut)
			}
		}
	}
	t.Logf("%d of %d disguises missed", missed, tried)
}

// A Latin term inside another word is another word, unless the list says otherwise; Chinese has no such borders.
func TestGate_HonoursWords(t *testing.T) {
	lists, err := Lists{}.Extend(strings.NewReader("test:\ncat\nkill him\nbegin*\n*ending\n*mid*\n密码\n2 9 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	g := New(lists, Options{})
	tests := []struct {
		text string
		pass bool
	}{
		{"The cat sat.", false},
		{"concatenate, scatter, cats", true},
		{"cat", false},
		{"CAT!", false},
		{"“cat”", false},
		{"c-a-t", false},
		{"c a t", false},
		{"ca t", true}, // two words that happen to stand side by side
		{"c at", true},
		{"c a tt", false},
		{"cat2", false},
		{"2cat", false},
		{"猫cat猫", false},
		{"caat", false},
		{"kill him", false},
		{"kill\nhim", false},
		{"Kill. Him.", false},
		{"killhim", false},
		{"skill him", true},
		{"kill himself", true},
		{"kil him", true}, // a letter short
		{"killl him", false},
		{"beginning", false},
		{"rebegin", true},
		{"spending", false},
		{"pyramids", false},
		{"his密码is", false},
		{"密 码", false},
		{"密·码", false},
		{"密x码", false},
		{"密xx码", false},
		{"密xxx码", true},
		{"很密，码头", true},
		{"密。码。", false}, // each alone
		{"很密\n码头", true},
		{"292", false},
		{"2-9-2", false},
		{"2921", true},
		{"zgz", true},
	}
	for _, test := range tests {
		if v := g.Check(t.Context(), "", test.text); v.Pass != test.pass {
			t.Errorf("%q: %s", test.text, v)
		}
	}
}
