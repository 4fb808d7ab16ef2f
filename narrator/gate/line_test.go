package gate

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	tests := map[string]struct {
		text  string
		limit int
		want  string
	}{
		"plain":               {"Open the door", MaxLabel, "Open the door"},
		"space":               {"  Open\tthe\r\n\r\ndoor\u00a0now　", MaxLabel, "Open the door now"},
		"compatibility forms": {"Ｏpen ｔhe ﬁne ⅸ", MaxLabel, "Open the fine ix"},
		"composed":            {"cafe\u0301", MaxLabel, "café"},
		"Chinese marks stay":  {"走，还是留？（快！）……“好～”", MaxLabel, "走，还是留？（快！）……“好～”"},
		"half-width kana":     {"ｶﾞﾗｽ", MaxLabel, "ガラス"},
		"bidi":                {"\u202eevil\u202c \u2066x\u2069\u200f", MaxLabel, "evil x"},
		"invisible":           {"O\u200bp\u00ade\u2060n\ufeff \U000e0041\u3164\ufe0f", MaxLabel, "Open"},
		"control":             {"a\x00b\x1b[31mc\x7f\u0085d", MaxLabel, "ab[31mc d"},
		"broken UTF-8":        {"a\xff\xfeb\xc3", MaxLabel, "ab"},
		"heaps of accents":    {"w\u0335\u0336\u0337\u0338x", MaxLabel, "w\u0335\u0336x"},
		"at the limit":        {strings.Repeat("雪", MaxSuggestion), MaxSuggestion, strings.Repeat("雪", MaxSuggestion)},
		"past it":             {strings.Repeat("雪", MaxSuggestion+1), MaxSuggestion, strings.Repeat("雪", MaxSuggestion)},
		"cut at a blank":      {"abc def", 4, "abc"},
		"nothing":             {" \u200b\u202e ", MaxLabel, ""},
		"no room":             {"abc", 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Line(test.text, test.limit); got != test.want {
				t.Errorf("Line(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
			}
		})
	}
}

func TestGate_Line(t *testing.T) {
	g := New(BuiltIn(), Options{})
	tests := []struct {
		text, line string
		category   Category
	}{
		{"  Open\u200b the door ", "Open the door", ""},
		{"f\u200buck the door", "fuck the door", Profanity},
		{"\u200b", "", Empty},
		{strings.Repeat("x", MaxText+1), "", TooLong},
		{strings.Repeat("x", MaxLabel+1), strings.Repeat("x", MaxLabel), ""},
	}
	for _, test := range tests {
		line, v := g.Line(t.Context(), test.text, MaxLabel)
		if line != test.line || v.Category != test.category || v.Pass != (test.category == "") {
			t.Errorf("%.20q: %.20q, %s", test.text, line, v)
		}
	}
}

// A line is one line however it was written, and making it a line once more changes nothing.
func FuzzLine(f *testing.F) {
	for _, text := range fixture(f, "injections.txt") {
		f.Add(text, 40)
	}
	f.Add("Z\u0335\u0322\u0321\u0327\u0328a\u0301\u0302\u0303l\u3099\u309a", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		line := Line(text, limit)
		if !utf8.ValidString(line) || utf8.RuneCountInString(line) > max(limit, 0) || strings.TrimSpace(line) != line {
			t.Fatalf("%q is no line", line)
		}
		for _, r := range line {
			if isInvisible(r) || r < ' ' {
				t.Fatalf("%q shows nothing for %q", line, r)
			}
		}
	})
}
