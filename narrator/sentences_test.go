package narrator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
)

func TestSplitter(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string // whole sentences; the last is what stays
	}{
		"two":               {"It rains. You wait.", []string{"It rains.", " You wait."}},
		"begun":             {"It rains. You", []string{"It rains.", " You"}},
		"nothing follows":   {"It rains. ", []string{"It rains. "}},
		"question":          {"Rain? Wait! So.", []string{"Rain?", " Wait!", " So."}},
		"closing quote":     {"“It rains.” You wait.", []string{"“It rains.”", " You wait."}},
		"said":              {"“Wait!” she says. Rain.", []string{"“Wait!” she says.", " Rain."}},
		"ellipsis inside":   {"It… rains... still. Yes.", []string{"It… rains... still.", " Yes."}},
		"ellipsis ends":     {"It rains… You wait.", []string{"It rains…", " You wait."}},
		"several marks":     {"Rain?!) Wait.", []string{"Rain?!)", " Wait."}},
		"number":            {"3.5 metres. Deep.", []string{"3.5 metres.", " Deep."}},
		"abbreviation":      {"Dr. Novak and J. K. wait. It rains.", []string{"Dr. Novak and J. K. wait.", " It rains."}},
		"the word I":        {"It was I. You wait.", []string{"It was I.", " You wait."}},
		"paragraph":         {"The rain\n\nIt rains.\n\nYou", []string{"The rain", "\n\nIt rains.", "\n\nYou"}},
		"Chinese":           {"下雨了。你等着！走吗？走", []string{"下雨了。", "你等着！", "走吗？", "走"}},
		"Chinese quote":     {"“下雨了。”她说。「走！」好", []string{"“下雨了。”", "她说。", "「走！」", "好"}},
		"Chinese ellipsis":  {"我……不知道。雨……”她说", []string{"我……不知道。", "雨……”她说"}},
		"narrow marks":      {"走!走?好", []string{"走!", "走?", "好"}},
		"empty":             {"", []string{""}},
		"only space":        {" \n", []string{" \n"}},
		"space, then words": {"\n\nIt rains. Y", []string{"\n\nIt rains.", " Y"}},
	} {
		t.Run(name, func(t *testing.T) {
			var once, pieces splitter
			got := append(once.push(test.text), once.rest())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("at once (-want +got):\n%s", diff)
			}
			got = nil
			for _, r := range test.text {
				got = append(got, pieces.push(string(r))...)
			}
			if diff := cmp.Diff(test.want, append(got, pieces.rest())); diff != "" {
				t.Errorf("one by one (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEnough(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want bool
	}{
		"nothing":        {"", false},
		"one sentence":   {"It rains.", false},
		"two sentences":  {"It rains. You wait.", true},
		"just too short": {strings.Repeat("a", enoughChars-1), false},
		"long":           {strings.Repeat("a", enoughChars), true},
		"Chinese":        {"下雨了。你等着。", true},
	} {
		if got := enough(test.text); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestProse_ChoicesAreNotListed(t *testing.T) {
	var text strings.Builder
	p := newProse(story.Cue{Next: []string{"Open the door", "Hide"}}, func(piece string) error {
		text.WriteString(piece)
		return nil
	})
	if err := p.push("It knocks. Do you open the door?\n\n1. **Open the door.**\n2. hide\n\n“……”\n"); err != nil {
		t.Fatal(err)
	}
	if err := p.end("stop"); err != nil {
		t.Fatal(err)
	}
	if want := "It knocks. Do you open the door?\n\n“……”"; text.String() != want {
		t.Errorf("told %q, want %q", text.String(), want)
	}
}
