package gate

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func extended(t testing.TB, lists Lists, file string) *Gate {
	t.Helper()
	lists, err := lists.Extend(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return New(lists, Options{})
}

func TestLists_Extend(t *testing.T) {
	tests := map[string]struct {
		file, text string
		want       Category // "" passes
	}{
		"a term":                         {"gloomhaven", "They rode to Gloomhaven.", Custom},
		"before it":                      {"", "They rode to Gloomhaven.", ""},
		"a remark":                       {"# gloomhaven", "They rode to Gloomhaven.", ""},
		"a category":                     {"spoiler:\ngloomhaven\n", "They rode to Gloomhaven.", "spoiler"},
		"Han":                            {"剧透：\n大结局", "这就是大结局。", Custom},
		"mark and blank lines":           {"\ufeff\r\n  gloomhaven  \r\n\r\n", "Gloomhaven", Custom},
		"harmless phrase":                {"gloom\n!gloom and doom", "Gloom and doom lay on them.", ""},
		"beside a harmless phrase":       {"gloom\n!gloom and doom", "Gloom and doom, and gloom.", Custom},
		"harmless phrase in disguise":    {"gloom\n!gloom and doom", "Gl-oom and doom", Custom},
		"removed":                        {"-fuck", "What the fuck?", ""},
		"removed in another spelling":    {"- FUCK*", "What the fuck?", ""},
		"removed and added":              {"-fuck\nfuck", "What the fuck?", Custom},
		"removed Han, as traditional":    {"-做愛", "他们做爱。", ""},
		"removed harmless phrase":        {"gloom\n!gloom and doom\n-!gloom and doom", "Gloom and doom", Custom},
		"others of the category stay":    {"-fuck", "motherfucker", Profanity},
		"removing what is not there":     {"-gloomhaven", "What the fuck?", Profanity},
		"category removed":               {"-profanity:", "What the fuck, motherfucker?", ""},
		"category removed and refilled":  {"-profanity:\nprofanity:\ndarn", "Darn!", Profanity},
		"patterns removed with category": {"-personal:", "Call 138 1234 5678, ann.smith@mailbox.org.", ""},
		"leak removed":                   {"-leak:", "<|im_start|> As an AI language model", ""},
		"patterns there":                 {"", "Call 138 1234 5678.", Personal},
		"the gravest of several":         {"", "fuck, p0rn, child porn", Minors},
		"oaths last":                     {"zzz:\ngloom", "fuck the gloom", "zzz"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := extended(t, BuiltIn(), test.file).Check(t.Context(), "", test.text)
			if v.Category != test.want || v.Pass != (test.want == "") {
				t.Errorf("%q: %s, want %q", test.text, v, test.want)
			}
		})
	}
	if v := New(BuiltIn(), Options{}).Check(t.Context(), "", "What the fuck?"); v.Pass {
		t.Error("extending lists changed the built-in ones")
	}
}

func TestLists_ExtendRefuses(t *testing.T) {
	many := func(n int) string {
		var file strings.Builder
		for i := range n {
			fmt.Fprintf(&file, "x%d\n", i)
		}
		return file.String()
	}
	tests := map[string]struct {
		file string
		want error
		line string
	}{
		"one letter":        {"ok\nx", errTermShort, "line 2"},
		"no letter":         {"--!?", errTermShort, "line 1"},
		"star inside":       {"a*b", errTermStar, "line 1"},
		"term of 65":        {strings.Repeat("x", MaxTerm+1), errTermLong, "line 1"},
		"category in words": {"Bad Words:", errCategory, "line 1"},
		"category of 25":    {strings.Repeat("x", 25) + ":", errCategory, "line 1"},
		"no UTF-8":          {"ok\n\xff\xfe", errUTF8, "line 2"},
		"too many terms":    {many(MaxTerms + 1), errTerms, fmt.Sprint("line ", MaxTerms+1)},
		"too many bytes":    {strings.Repeat("# remark\n", MaxListBytes/9+1), errListLong, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Lists{}.Extend(strings.NewReader(test.file))
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.line) {
				t.Errorf("got %v, want %v at %s", err, test.want, test.line)
			}
		})
	}
	for name, file := range map[string]string{
		"term of 64":      strings.Repeat("x", MaxTerm-1) + "y",
		"category of 24":  strings.Repeat("x", 24) + ":\nterm",
		"as many terms":   many(MaxTerms),
		"as many bytes":   strings.Repeat("# remark\n", MaxListBytes/9) + strings.Repeat("#", MaxListBytes%9),
		"nothing":         "",
		"one long remark": "#" + strings.Repeat("x", MaxListBytes-1),
	} {
		if _, err := (Lists{}).Extend(strings.NewReader(file)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What WriteTo writes is the same lists again.
func TestLists_WriteTo(t *testing.T) {
	var file strings.Builder
	if _, err := BuiltIn().WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	again, err := Lists{}.Extend(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	if again.Len() != BuiltIn().Len() {
		t.Fatalf("%d terms became %d", BuiltIn().Len(), again.Len())
	}
	for i, e := range BuiltIn().entries {
		if a := again.entries[i]; a.text != e.text || a.category != e.category || a.excuse != e.excuse {
			t.Errorf("%s %q became %s %q", e.category, e.text, a.category, a.text)
		}
	}
}
