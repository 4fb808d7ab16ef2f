package narrator

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// cleaned streams a text through thoughts and a cleaner in pieces of n characters.
func cleaned(text string, n int) string {
	var c cleaner
	var t thoughts
	var out strings.Builder
	for runes := []rune(text); len(runes) > 0; {
		k := min(n, len(runes))
		out.WriteString(c.push(t.push(string(runes[:k]))))
		runes = runes[k:]
	}
	out.WriteString(c.push(t.close()) + c.close())
	return strings.TrimRight(out.String(), "\n")
}

func TestCleaner(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"plain":              {"It rains. You wait.", "It rains. You wait."},
		"spaces":             {"  It \t rains.\u00a0 You   wait. ", "It rains. You wait."},
		"paragraphs":         {"\n\nIt rains. \r\n\n \nYou wait.\nStill.\n", "It rains.\n\nYou wait.\n\nStill."},
		"thought":            {"<think>Rain?\nYes.</think>\n\nIt rains.", "It rains."},
		"thought, long tag":  {"<THINKING>a < b</THINKING>It rains.", "It rains."},
		"thought in between": {"It rains.<think>Now you.</think> You wait.", "It rains. You wait."},
		"thought never ends": {"It rains.<think>Now you.</thi", "It rains."},
		"stray end of one":   {"</think>It rains.", "It rains."},
		"no tag":             {"2 < 3, <b and <<think>x</think> <thin", "2 < 3, <b and < <thin"},
		"emphasis":           {"It **rains**. _You_ `wait`.", "It rains. You wait."},
		"heading":            {"## The rain\n\nIt rains.", "The rain\n\nIt rains."},
		"quotation":          {"> It rains.\n> You wait.", "It rains.\n\nYou wait."},
		"list":               {"- It rains.\n* You wait.\n2. They go.\n3) All.\n4、都走。", "It rains.\n\nYou wait.\n\nThey go.\n\nAll.\n\n都走。"},
		"rule":               {"It rains.\n\n---\n***\nYou wait.", "It rains.\n\nYou wait."},
		"fence":              {"```markdown\nIt rains.\n```", "It rains."},
		"number":             {"1.5 metres of rain. 3. No list.", "1.5 metres of rain. 3. No list."},
		"speaker":            {"**Narrator:** It rains.", "It rains."},
		"speaker in Chinese": {"旁白：下雨了。", "下雨了。"},
		"speaker later on":   {"It rains.\nAI: “Wait.”", "It rains.\n\nAI: “Wait.”"},
		"dialogue":           {"— It rains, — she says.", "— It rains, — she says."},
		"invisible":          {"It\x00 ra\u202eins\ufffd.", "It rains."},
		"Chinese":            {"下雨了。\n你等着。", "下雨了。\n\n你等着。"},
		"short line":         {"No", "No"},
		"only marks":         {"**\n# \n---", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 7, 1000} {
				if got := cleaned(test.text, n); got != test.want {
					t.Errorf("in pieces of %d: got %q, want %q", n, got, test.want)
				}
			}
		})
	}
}

func FuzzCleaner(f *testing.F) {
	f.Add("<think>x</think>\n**Narrator:** It *rains*.\n- “Go!”", uint8(3))
	f.Add("旁白：下雨了……“走！”\n1. 走", uint8(1))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		text = strings.ToValidUTF8(text, "")
		whole := cleaned(text, utf8.RuneCountInString(text)+1)
		if pieces := cleaned(text, int(size)+1); pieces != whole {
			t.Errorf("in pieces of %d: %q, at once: %q", int(size)+1, pieces, whole)
		}
		var s splitter
		if got := strings.Join(s.push(whole), "") + s.rest(); got != whole {
			t.Errorf("sentences joined: %q, want %q", got, whole)
		}
	})
}
