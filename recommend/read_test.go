package recommend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

const good = `{"id":"the-film","year":1926,"country":"US","director":"Somebody","genres":["comedy"],"themes":["trains"],"mood":{"joy":0.5},
"rights":"public domain","words":{"en":{"title":"The Film","sentence":"A film."}}}`

func TestLoad_NamesEntryAndField(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	words := func(title, sentence string) string {
		return fmt.Sprintf(`{"en":{"title":%q,"sentence":%q}}`, title, sentence)
	}
	many := func(what string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(what+",", n), ",") + "]"
	}
	languages := func(n int) string {
		var all []string
		for i := range n - 1 {
			all = append(all, fmt.Sprintf(`"x%c":{"title":"T","sentence":"S."}`, 'a'+i))
		}
		return `{"en":{"title":"T","sentence":"S."},` + strings.Join(all, ",") + "}"
	}
	for _, test := range []struct {
		key, value, field string // field "" = accepted
	}{
		{"id", `"` + long(MaxIDBytes) + `"`, ""},
		{"id", `"` + long(MaxIDBytes+1) + `"`, "id"},
		{"id", `""`, "id"},
		{"id", `"Big Film"`, "id"},
		{"id", `"story:film"`, "id"},
		{"year", `1870`, ""},
		{"year", `1869`, "year"},
		{"year", `2100`, ""},
		{"year", `2101`, "year"},
		{"year", `"1926"`, "year"},
		{"country", `"usa"`, "country"},
		{"director", `""`, "director"},
		{"director", `"` + long(MaxNameRunes) + `"`, ""},
		{"director", `"` + long(MaxNameRunes+1) + `"`, "director"},
		{"director", `"A\nB"`, "director"},
		{"original", `"` + long(MaxTitleRunes+1) + `"`, "original"},
		{"minutes", `1500`, ""},
		{"minutes", `1501`, "minutes"},
		{"minutes", `-1`, "minutes"},
		{"genres", `[]`, "genres"},
		{"genres", `["comedie"]`, "genres"},
		{"genres", many(`"comedy"`, MaxGenres), ""},
		{"genres", many(`"comedy"`, MaxGenres+1), "genres"},
		{"themes", many(`"a theme of one's own"`, MaxThemes), ""},
		{"themes", many(`"sea"`, MaxThemes+1), "themes"},
		{"themes", `["` + long(MaxThemeRunes) + `"]`, ""},
		{"themes", `["` + long(MaxThemeRunes+1) + `"]`, "themes"},
		{"themes", `[""]`, "themes"},
		{"mood", `{"joy":1,"fear":0}`, ""},
		{"mood", `{"joy":1.1}`, "mood.joy"},
		{"mood", `{"joy":-0.1}`, "mood.joy"},
		{"mood", `{"bliss":1}`, "mood"},
		{"rights", `""`, "rights"},
		{"rights", `"` + long(MaxNameRunes+1) + `"`, "rights"},
		{"editors", `3`, ""},
		{"editors", `4`, "editors"},
		{"url", `"https://example.org/film"`, ""},
		{"url", `"http://e/` + long(MaxURLBytes-9) + `"`, ""},
		{"url", `"http://e/` + long(MaxURLBytes-8) + `"`, "url"},
		{"url", `"javascript:alert(1)"`, "url"},
		{"url", `"//example.org"`, "url"},
		{"url", `"https://a:b@example.org"`, "url"},
		{"words", words(long(MaxTitleRunes), strings.Repeat("长", MaxSentenceRunes)), ""},
		{"words", words(long(MaxTitleRunes+1), "S."), "words.en.title"},
		{"words", words("T", strings.Repeat("长", MaxSentenceRunes+1)), "words.en.sentence"},
		{"words", words("T", " "), "words.en.sentence"},
		{"words", `{"zh-Hans":{"title":"题","sentence":"句。"}}`, "words.en"},
		{"words", `{"en":{"title":"T","sentence":"S."},"English!":{"title":"T","sentence":"S."}}`, "words"},
		{"words", languages(MaxLanguages), ""},
		{"words", languages(MaxLanguages + 1), "words"},
		{"stars", `3`, "*"}, // no such field; the reason names it
	} {
		entry := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(good), &entry); err != nil {
			t.Fatal(err)
		}
		entry[test.key] = json.RawMessage(test.value)
		raw, err := json.Marshal(entry)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(strings.NewReader(`{"items":[` + strings.Replace(good, "the-film", "first", 1) + "," + string(raw) + `]}`))
		problem, _ := errors.AsType[*EntryError](err)
		switch {
		case test.field == "" && err != nil:
			t.Errorf("%s %.40s: %v", test.key, test.value, err)
		case test.field == "*" && (problem == nil || !strings.Contains(problem.Why, test.key)):
			t.Errorf("%s: %v", test.key, err)
		case test.field != "" && test.field != "*" && (problem == nil || problem.Entry != 2 || problem.Field != test.field):
			t.Errorf("%s %.40s: error %v, want entry 2 and %s", test.key, test.value, err, test.field)
		}
	}
}

func TestLoad_ErrorReadsWell(t *testing.T) {
	for source, want := range map[string]string{
		`{"items":[` + good + `,` + good + `]}`:                         "catalogue: entry 2 (the-film): id: entry 1 has it too",
		`{"items":[` + strings.Replace(good, "1926", "19260", 1) + `]}`: "catalogue: entry 1 (the-film): year: 19260 is not between 1870 and 2100",
		`{"items":[` + strings.Replace(good, "1926", `"x"`, 1) + `]}`:   "catalogue: entry 1 (the-film): year: a string is no int",
		`{"items":[` + strings.Replace(good, "year", "yaer", 1) + `]}`:  `catalogue: entry 1 (the-film): unknown field "yaer"`,
		`{"items":[5]}`:  "catalogue: entry 1: a number is no recommend.Item",
		`{"films":[]}`:   `catalogue: json: unknown field "films"`,
		`{}`:             `catalogue: no "items"`,
		`{"items":[]} x`: "catalogue: something follows the end of the JSON",
		``:               "catalogue: EOF",
	} {
		if _, err := Load(strings.NewReader(source)); err == nil || err.Error() != want {
			t.Errorf("%.60s: got %v, want %s", source, err, want)
		}
	}
	if c, err := Load(strings.NewReader(`{"items":[]}`)); err != nil || len(c.Rank(Query{}, 6)) != 0 {
		t.Errorf("an empty catalogue: %v", err)
	}
}

func TestLoad_Limits(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := range MaxItems {
		b.WriteString(strings.Replace(good, "the-film", fmt.Sprint("f-", i), 1) + ",")
	}
	all := strings.TrimSuffix(b.String(), ",")
	c, err := Load(strings.NewReader(all + "]}"))
	if err != nil || len(c.Items()) != MaxItems {
		t.Errorf("%d items: %v", MaxItems, err)
	}
	if _, err := Load(strings.NewReader(all + "," + good + "]}")); err == nil || !strings.Contains(err.Error(), "more than 10000 items") {
		t.Errorf("%d items: %v", MaxItems+1, err)
	}
	fits := `{"items":[]}` + strings.Repeat(" ", MaxBytes-12)
	if _, err := Load(strings.NewReader(fits)); err != nil {
		t.Errorf("%d bytes: %v", len(fits), err)
	}
	if _, err := Load(strings.NewReader(fits + " ")); err == nil || !strings.Contains(err.Error(), "more than 33554432 bytes") {
		t.Errorf("%d bytes: %v", len(fits)+1, err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"items":[` + good + `]}`))
	f.Add([]byte(`{"items":[{"id":"x","words":{"en":{}}}]}`))
	f.Add(shipped[:2000])
	f.Fuzz(func(t *testing.T, source []byte) {
		c, err := Load(bytes.NewReader(source))
		if err != nil {
			if !utf8.ValidString(err.Error()) {
				t.Errorf("error %q", err)
			}
			return
		}
		picks := c.Rank(Query{Feelings: map[string]float64{"joy": 1}}, len(c.items)+1)
		if want := min(len(c.items), poolSize); len(picks) != want {
			t.Errorf("%d picks of %d items", len(picks), len(c.items))
		}
		for _, p := range picks {
			if p.ID == "" || p.In("zh-Hans").Title == "" || p.Reason.In("en") == "" || !(p.Score >= 0) {
				t.Errorf("pick %+v", p)
			}
		}
	})
}

func TestShipped_IsAsItShouldBe(t *testing.T) {
	c := catalogue(t)
	themes, err := Themes()
	if err != nil {
		t.Fatal(err)
	}
	countries, decades, used := map[string]int{}, map[int]int{}, map[string]int{}
	for _, item := range c.items {
		countries[item.Country]++
		decades[item.Year/10]++
		for _, g := range item.Genres {
			used[g]++
		}
		for _, theme := range item.Themes {
			if !slices.Contains(themes, theme) {
				t.Errorf("%s: theme %q matches no related words", item.ID, theme)
			}
		}
		en, zh := item.Words["en"], item.Words["zh-Hans"]
		if en.Sentence == "" || utf8.RuneCountInString(en.Sentence) > 140 || zh.Sentence == "" || utf8.RuneCountInString(zh.Sentence) > 60 || zh.Title == "" {
			t.Errorf("%s: words %+v", item.ID, item.Words)
		}
		if len(item.Mood) < 2 || len(item.Themes) < 2 || item.Editors < 1 {
			t.Errorf("%s: mood %v, themes %v, %d stars", item.ID, item.Mood, item.Themes, item.Editors)
		}
	}
	genres, err := Genres()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.items) < 130 || len(countries) < 12 || countries["CN"] < 25 || len(decades) < 10 || len(used) != len(genres) {
		t.Errorf("%d items, %v, %v, genres %v", len(c.items), countries, decades, used)
	}
}

// docs/catalogue.md is what authors of catalogues go by.
func TestDocs_TellOfTagsAndLimits(t *testing.T) {
	page, err := os.ReadFile("../docs/catalogue.md")
	if err != nil {
		t.Fatal(err)
	}
	genres, err := Genres()
	if err != nil {
		t.Fatal(err)
	}
	themes, err := Themes()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(page)), " ")
	for _, want := range []string{
		strings.Join(genres, ", ") + ".", strings.Join(themes, ", ") + ".",
		fmt.Sprintf("| the file | %d MiB |", MaxBytes>>20), fmt.Sprintf("| items | %d |", MaxItems), fmt.Sprintf("| `id` | %d characters |", MaxIDBytes),
		fmt.Sprintf("| a title, `original` | %d characters |", MaxTitleRunes), fmt.Sprintf("| a sentence | %d characters |", MaxSentenceRunes),
		fmt.Sprintf("| `director`, `rights` | %d characters each |", MaxNameRunes), fmt.Sprintf("| genres of an item | %d |", MaxGenres),
		fmt.Sprintf("| themes of an item | %d, of %d characters each |", MaxThemes, MaxThemeRunes),
		fmt.Sprintf("| languages of an item | %d |", MaxLanguages), fmt.Sprintf("| `url` | %d bytes |", MaxURLBytes),
		fmt.Sprintf("| `minutes` | %d |", MaxMinutes), fmt.Sprintf("| `year` | %d–%d |", MinYear, MaxYear),
		fmt.Sprintf("from the %d best", poolSize), fmt.Sprintf("M = %g + %g · c / (c + %g)", fitFloor, 1-fitFloor, fitHalf),
		fmt.Sprintf("F = 1 + tanh(%g · Σ h · (p − m))", feelSlope), fmt.Sprintf("Σ %g · n(i) / (Σ n + %g)", markedTop, markedHalf),
		fmt.Sprintf("%g · r / r(best)", relevance), fmt.Sprintf("n is at least %d", MinMarks), fmt.Sprintf("the last %d scenes", pathSteps),
		fmt.Sprintf("last %d characters %g", textRunes, weightText), fmt.Sprintf("story's own description (%g)", weightStory),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/catalogue.md doesn't say %q", want)
		}
	}
}
