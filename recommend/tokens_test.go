package recommend

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                nil,
		"The trains, running!":            {"train", "run"},
		"A story of stories":              {"stori", "stori"},
		"Chased, chasing, chases, chase.": {"chas", "chas", "chas", "chas"},
		"the world’s dawn; don't":         {"world", "dawn"},
		"kiss bus Paris":                  {"kiss", "bus", "paris"},
		"Häxan 1922":                      {"häxan", "1922"},
		"马路天使，1937":                       {"马路", "路天", "天使", "1937"},
		"上船 aboard":                       {"上船", "aboard"},
		"上a船":                             nil,
		"\xff\xfe":                        nil,
	} {
		var got []string
		for token := range tokens(text) {
			got = append(got, string(token))
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestTokens_CanStop(t *testing.T) {
	for _, text := range []string{"one ship two ships", "马路天使"} {
		for range tokens(text) {
			break
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text, want string
		most       int
	}{{"abc", "abc", 3}, {"abcd", "ab…", 3}, {"ab, cd", "ab…", 5}, {"一二三四", "一二…", 3}} {
		if got := cut(test.text, test.most); got != test.want {
			t.Errorf("%q to %d: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestEnding(t *testing.T) {
	for _, test := range []struct {
		text, want string
		most       int
	}{{"", "", 2}, {"abc", "bc", 2}, {"ab", "ab", 2}, {"一二三", "二三", 2}} {
		if got := ending(test.text, test.most); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}
