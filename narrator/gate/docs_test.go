package gate

import (
	"os"
	"strings"
	"testing"
)

// The word list of docs/narrator.md is one that an operator can copy, and does to the texts below it what the page says.
func TestDocs_WordList(t *testing.T) {
	page, err := os.ReadFile("../../docs/narrator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```words\n")
	example, rest, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("the page has no ```words")
	}
	lists, err := BuiltIn().Extend(strings.NewReader(example))
	if err != nil {
		t.Fatalf("the page's list: %v", err)
	}
	changed, builtIn := New(lists, Options{}), New(BuiltIn(), Options{})
	verdicts, differ := 0, 0
	for line := range strings.Lines(strings.TrimLeft(rest, "\n")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 {
			break // the table is over
		}
		told, want := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])
		if told == "told" || strings.HasPrefix(told, "-") {
			continue
		}
		verdicts++
		got := changed.Check(t.Context(), "", told)
		if got.String() != want {
			t.Errorf("%q: %s, the page says %s", told, got, want)
		}
		if got != builtIn.Check(t.Context(), "", told) {
			differ++
		}
	}
	if verdicts < 5 || differ < 5 {
		t.Errorf("%d verdicts, of which the list changes %d", verdicts, differ)
	}
	for _, category := range []Category{Hate, Minors, Sexual, SelfHarm, Personal, Link, Leak, Profanity, Custom} {
		if !strings.Contains(string(page), "`"+string(category)+"`") {
			t.Errorf("the page does not name the category %s", category)
		}
	}
}
