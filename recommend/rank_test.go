package recommend

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/story"
)

const listed = 6

func film(t testing.TB, c *Catalogue, id string) *Item {
	t.Helper()
	place, ok := c.place[id]
	if !ok {
		t.Fatalf("the catalogue has no %q", id)
	}
	return c.items[place]
}

func catalogue(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func aStory(t testing.TB, id, title, language, rest string) *story.Story {
	t.Helper()
	s, report := story.Parse(id+".twee", fmt.Appendf(nil, `:: StoryTitle
%s

:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","start":"A","kino":{"language":%q%s}}

:: A {"kino":{"end":"end"}}
The end.
`, title, language, rest))
	if s == nil {
		t.Fatalf("%s: %v", id, report.Problems)
	}
	return s
}

// places are where the items of a query stand when all of them are scored.
func places(c *Catalogue, q Query) map[string]int {
	w := newWork(c)
	defer w.free()
	room := c.read(q, w)
	all := make([]scored, len(c.items))
	for i := range c.items {
		all[i] = c.weigh(int32(i), room)
	}
	slices.SortStableFunc(all, func(a, b scored) int {
		switch x, y := a.score(), b.score(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	at := map[string]int{}
	for i, s := range all {
		at[c.items[s.item].ID] = i + 1
	}
	return at
}

func reasons(picks []Pick, language string) []string {
	var all []string
	for _, p := range picks {
		all = append(all, p.Reason.In(language))
	}
	return all
}

func chosen(title, text, label string) story.Step {
	return story.Step{Scene: title, Title: title, Text: text, Poll: "p", Choice: "a", Label: label, Share: 0.7, Turnout: 9, DecidedBy: "majority"}
}

func TestRank_ColdRoomGetsTheEditorsBestFromManyPlaces(t *testing.T) {
	c := catalogue(t)
	picks := c.Rank(Query{}, listed)
	if len(picks) != listed {
		t.Fatalf("%d picks, want %d", len(picks), listed)
	}
	countries, decades, genres := map[string]bool{}, map[int]bool{}, map[string]bool{}
	for _, p := range picks {
		if p.Editors != MaxEditors || p.Reason.In("en") != "Editors’ choice" || p.Reason.In("zh-Hans") != "编辑推荐" {
			t.Errorf("%s: %d stars, %q", p.ID, p.Editors, p.Reason.In("en"))
		}
		countries[p.Country], decades[p.Year/10] = true, true
		for _, g := range p.Genres {
			genres[g] = true
		}
	}
	if len(countries) < 4 || len(decades) < 4 || len(genres) < 6 {
		t.Errorf("countries %v, decades %v, genres %v: too much alike", countries, decades, genres)
	}
}

func TestRank_FearLiftsWhatFrightens(t *testing.T) {
	c := catalogue(t)
	before, after := places(c, Query{}), places(c, Query{Feelings: map[string]float64{"fear": 0.7, "wonder": 0.2, "joy": 0.1}})
	for _, id := range []string{"nosferatu-1922", "carnival-of-souls-1962", "the-hitch-hiker-1953", "white-zombie-1932", "suspense-1913"} {
		if after[id] > 25 || after[id] >= before[id] {
			t.Errorf("%s: place %d before, %d when the room is afraid", id, before[id], after[id])
		}
	}
	if joy := "labourers-love-1922"; after[joy] < 60 || after[joy] <= before[joy] {
		t.Errorf("%s: place %d before, %d when the room is afraid", joy, before[joy], after[joy])
	}
	for _, p := range c.Rank(Query{Feelings: map[string]float64{"fear": 0.7, "wonder": 0.2, "joy": 0.1}}, listed) {
		if p.Mood["fear"] < 0.6 {
			t.Errorf("%s hardly frightens: %v", p.ID, p.Mood)
		}
		if en, zh := p.Reason.In("en"), p.Reason.In("zh-Hans"); en != "Because the room felt fear" || zh != "因为大家感到了恐惧" {
			t.Errorf("%s: %q, %q", p.ID, en, zh)
		}
	}
}

func TestRank_EachFeelingFindsItsOwn(t *testing.T) {
	c := catalogue(t)
	for _, feeling := range Feelings {
		first := c.Rank(Query{Feelings: map[string]float64{feeling: 1}}, 1)[0]
		if first.Mood[feeling] < 0.5 || first.Reason.In("en") != "Because the room felt "+feeling {
			t.Errorf("%s: %s %v, %q", feeling, first.ID, first.Mood, first.Reason.In("en"))
		}
	}
}

func TestRank_NoReactionsChangeNothing(t *testing.T) {
	c := catalogue(t)
	q := Query{Path: []story.Step{chosen("Quay", "A ship waits.", "Jump aboard")}}
	want := c.Rank(q, listed)
	for _, none := range []map[string]float64{{}, {"fear": 0}, {"fear": 0.04}, {"bliss": 1}} {
		q.Feelings = none
		if got := c.Rank(q, listed); !cmp.Equal(scores(got), scores(want)) {
			t.Errorf("%v: %v, want %v", none, scores(got), scores(want))
		}
	}
}

func scores(picks []Pick) map[string]float64 {
	all := map[string]float64{}
	for _, p := range picks {
		all[p.ID] = p.Score
	}
	return all
}

func TestRank_FollowsTheChoice(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct{ label, theme, reason string }{
		{"Jump aboard", "sea", "Because the room chose “Jump aboard”"},
		{"Open the vampire’s coffin", "vampires", "Because the room chose “Open the vampire’s coffin”"},
		{"Hide in the circus tent", "circus", "Because the room chose “Hide in the circus tent”"},
		{"坐火车走", "trains", "Because the room chose “坐火车走”"},
		{"躲进马戏团", "circus", "Because the room chose “躲进马戏团”"},
	} {
		picks := c.Rank(Query{Path: []story.Step{chosen("Here", "", test.label)}}, listed)
		with := 0
		for _, p := range picks {
			if slices.Contains(p.Themes, test.theme) {
				with++
			}
		}
		if with < 2 || picks[0].Reason.In("en") != test.reason {
			t.Errorf("%s: %d of %d about %s; first %s %v, %q", test.label, with, len(picks), test.theme, picks[0].ID, picks[0].Themes, picks[0].Reason.In("en"))
		}
	}
}

func TestRank_RecentChoicesWeighMore(t *testing.T) {
	c := catalogue(t)
	deck, ring := "Sailors on the ship’s deck.", "The clown and the acrobat."
	for theme, path := range map[string][]story.Step{
		"sea":    {chosen("Here", "", "Join the circus"), chosen("Ring", ring, "Sail the ocean"), {Title: "Deck", Text: deck}},
		"circus": {chosen("Here", "", "Sail the ocean"), chosen("Deck", deck, "Join the circus"), {Title: "Ring", Text: ring}},
	} {
		if first := c.Rank(Query{Path: path}, listed)[0]; !slices.Contains(first.Themes, theme) {
			t.Errorf("%s last: first is %s %v", theme, first.ID, first.Themes)
		}
	}
}

func TestRank_OnlyTheRoomsOwnChoicesAreCalledSo(t *testing.T) {
	c := catalogue(t)
	for by, want := range map[string]string{
		"majority": "Because the room chose “Jump aboard”", "tie_break": "Because the room chose “Jump aboard”",
		"default": "Because the story went to “Jump aboard”", "quorum": "Because the story went to “Jump aboard”",
		"host": "Because the story went to “Jump aboard”", "": "Because the story went to “Jump aboard”",
	} {
		step := chosen("Quay", "", "Jump aboard")
		step.DecidedBy = by
		if got := c.Rank(Query{Path: []story.Step{step}}, 1)[0].Reason.In("en"); got != want {
			t.Errorf("decided by %q: %q, want %q", by, got, want)
		}
	}
}

func TestRank_MarksLiftTheItemAndItsLike(t *testing.T) {
	c := catalogue(t)
	q := Query{Liked: map[string]int{"nosferatu-1922": 3, "no-such-film": 9, "metropolis-1927": 0, "wings-1927": -2}}
	before, after := places(c, Query{}), places(c, q)
	if after["nosferatu-1922"] != 1 {
		t.Errorf("the marked film has place %d", after["nosferatu-1922"])
	}
	if id := "the-last-man-on-earth-1964"; after[id] > 20 || after[id] >= before[id] {
		t.Errorf("%s, also about vampires and plague: place %d before, %d after", id, before[id], after[id])
	}
	got := reasons(c.Rank(q, listed), "en")
	if got[0] != "Because 3 of you marked it" || got[1] != "Because 3 of you marked “Nosferatu”" {
		t.Errorf("reasons %q", got)
	}
	if zh := reasons(c.Rank(q, listed), "zh-Hans"); zh[0] != "因为你们中有3人标记了它" || zh[1] != "因为你们中有3人标记了《诺斯费拉图》" {
		t.Errorf("reasons %q", zh)
	}
}

func TestRank_OnePersonsMarkIsNotTold(t *testing.T) {
	c := catalogue(t)
	for marks, told := range map[int]bool{1: false, MinMarks: true} {
		for _, reason := range reasons(c.Rank(Query{Liked: map[string]int{"nosferatu-1922": marks}}, listed), "en") {
			if strings.Contains(reason, "of you") != told && reason != "Editors’ choice" || !told && strings.Contains(reason, "Nosferatu") {
				t.Errorf("%d marks: %q", marks, reason)
			}
		}
	}
}

func TestRank_NeverTheRunningStory(t *testing.T) {
	running := aStory(t, "moonship", "The Moon Ship", "en", `,"summary":"A rocket to the moon.","genres":["science fiction"],"themes":["space"]`)
	other := aStory(t, "night-train", "Night Train", "en", `,"summary":"A rocket under the rails.","genres":["science fiction"],"themes":["space"]`)
	zh := aStory(t, "night-train", "夜车", "zh-Hans", `,"summary":"铁轨下的火箭。"`)
	c := catalogue(t).With([][]*story.Story{{running}, {other, zh}})
	var kinds []string
	for _, p := range c.Rank(Query{Story: running, Liked: map[string]int{"story:moonship": 9}}, 40) {
		if p.ID == "story:moonship" {
			t.Error("the running story was picked")
		}
		if p.Kind == KindStory {
			kinds = append(kinds, p.ID)
			if p.In("en").Title != "Night Train" || p.In("zh-Hans") != (Words{"夜车", "铁轨下的火箭。"}) {
				t.Errorf("words %+v", p.Words)
			}
		}
	}
	if !cmp.Equal(kinds, []string{"story:night-train"}) {
		t.Errorf("stories %v", kinds)
	}
}

func TestRank_StoriesAreAtMostAThird(t *testing.T) {
	var shelf [][]*story.Story
	for i := range 9 {
		shelf = append(shelf, []*story.Story{aStory(t, fmt.Sprint("s", i), fmt.Sprint("Rocket ", i), "en", `,"genres":["science fiction"],"themes":["space"]`)})
	}
	c := catalogue(t).With(shelf)
	stories := 0
	for _, p := range c.Rank(Query{Path: []story.Step{chosen("Pad", "The rocket.", "Board the rocket to the moon")}}, listed) {
		if p.Kind == KindStory {
			stories++
		}
	}
	if stories != listed/3 {
		t.Errorf("%d of %d are stories", stories, listed)
	}
}

func TestRank_IsDiverse(t *testing.T) {
	c := catalogue(t)
	for _, q := range queries(t) {
		picks := c.Rank(q, listed)
		directors, countries := map[string]int{}, map[string]int{}
		for _, p := range picks {
			countries[p.Country]++
			for _, name := range directorsOf(p.Item) {
				if directors[name]++; directors[name] > 1 {
					t.Errorf("%s twice", name)
				}
			}
		}
		for country, n := range countries {
			if n > listed/2 {
				t.Errorf("%d of %d from %s", n, listed, country)
			}
		}
	}
}

func TestRank_ACatalogueOfOneDirectorStillFillsTheList(t *testing.T) {
	var entries []string
	for i := range 8 {
		entries = append(entries, strings.Replace(good, "the-film", fmt.Sprint("film-", i), 1))
	}
	c, err := Load(strings.NewReader(`{"items":[` + strings.Join(entries, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Rank(Query{}, listed)); got != listed {
		t.Errorf("%d picks, want %d", got, listed)
	}
	for n, want := range map[int]int{-1: 0, 0: 0, 1: 1, 8: 8, 99: 8} {
		if got := len(c.Rank(Query{}, n)); got != want {
			t.Errorf("asked for %d: %d picks, want %d", n, got, want)
		}
	}
}

// Films of which nobody knows the director are not all by one, and one of them can be drawn to learn from.
func TestRank_NobodyKnowsTheDirector(t *testing.T) {
	var entries []string
	for i := range 20 {
		entries = append(entries, strings.NewReplacer("the-film", fmt.Sprint("film-", i), "Somebody", Unknown, `"US"`, `"`+UnknownCountry+`"`).Replace(good))
	}
	c, err := Load(strings.NewReader(`{"items":[` + strings.Join(entries, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if picks := c.Rank(Query{Explore: 3}, listed); len(picks) != listed || picks[listed-1].Chance == 1 {
		t.Errorf("%d picks: %v", len(picks), idsOf(picks))
	}
}

// queries are rooms of many kinds.
func queries(t testing.TB) []Query {
	t.Helper()
	running := aStory(t, "pear", "One Pear", "en", `,"summary":"The only tree bears its only pear.","genres":["comedy"],"themes":["sharing"],"mood":"tender"`)
	sea := []story.Step{chosen("Quay", "A ship waits in the fog.", "Jump aboard"), chosen("Deck", "The captain whispers a secret.", "Follow the captain")}
	return []Query{
		{},
		{Story: running, Mood: "uneasy"},
		{Story: running, Path: sea, Mood: "tense", Feelings: map[string]float64{"fear": 0.5, "joy": 0.5}},
		{Path: sea, Liked: map[string]int{"sintel-2010": 1, "the-goddess-1934": 4}},
		{Path: []story.Step{chosen("码头", "一艘轮船等在雾里。", "上船")}, Feelings: map[string]float64{"wonder": 1}},
		{Feelings: map[string]float64{"anger": 1}, Liked: map[string]int{"strike-1925": 2}},
	}
}

func TestRank_IsTheSameEveryTimeAndInManyRoomsAtOnce(t *testing.T) {
	m := Training{Published: crowd(50), Live: crowd(200)}.Model()
	c, again := catalogue(t).WithModel(m), catalogue(t).WithModel(m)
	for _, q := range append(queries(t), Query{Members: []Member{likes("nosferatu-1922", "wings-1927"), likes("sintel-2010")}, Turn: 2, Explore: 7}) {
		want := told(again.Rank(q, listed))
		var rooms sync.WaitGroup
		for range 8 {
			rooms.Go(func() {
				if got := told(c.Rank(q, listed)); !cmp.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
		rooms.Wait()
	}
}

// told is what a room would be told of picks, with their scores to the last bit.
func told(picks []Pick) []string {
	var all []string
	for _, p := range picks {
		all = append(all, fmt.Sprintf("%s %b %s %s", p.ID, p.Score, p.Reason.In("en"), p.Reason.In("zh-Hans")))
	}
	return all
}

func TestRank_ReasonIsTheLargestShare(t *testing.T) {
	c := catalogue(t)
	for _, q := range queries(t) {
		w := newWork(c)
		room := c.read(q, w)
		pool := c.best(room, poolSize)
		c.askWhy(pool, room)
		for _, s := range pool {
			shares := map[string]float64{"history": s.fit, "feeling": s.feeling, "marks": s.marked, "editors": s.editors}
			family := map[kind]string{
				becauseChosen: "history", becauseTurned: "history", becauseScene: "history", becauseStory: "history", becauseFelt: "feeling",
				becauseMarked: "marks", becauseLike: "marks", becauseFew: "marks", becauseEditors: "editors",
			}[c.explain(s, c.shares(s, room)).kind]
			if most := slices.Max(slices.Collect(maps.Values(shares))); shares[family] != most {
				t.Errorf("%s: reason is %q of %v", c.items[s.item].ID, family, shares)
			}
		}
		w.free()
	}
}

// A reason has the words of its sentence, the story's own words, a film's title or a number: no field of a query holds a viewer, and no
// director gets in.
func TestRank_NoReasonNamesAPerson(t *testing.T) {
	c := catalogue(t)
	for _, q := range queries(t) {
		for _, language := range Languages() {
			for _, reason := range reasons(c.Rank(q, 50), language) {
				for _, item := range c.items {
					for _, name := range directorsOf(item) {
						if strings.Contains(reason, name) {
							t.Errorf("%q names %s", reason, name)
						}
					}
				}
			}
		}
	}
}

func TestReason_InAllLanguages(t *testing.T) {
	c := catalogue(t)
	if want := []string{"en", "zh-Hans"}; !cmp.Equal(Languages(), want) {
		t.Errorf("languages %v, want %v", Languages(), want)
	}
	for k := becauseListed; k <= becausePlayable; k++ {
		seen := map[string]bool{}
		for _, language := range Languages() {
			text := Reason{kind: k, quote: "X", item: film(t, c, "metropolis-1927"), count: 2}.In(language)
			if text == "" || strings.ContainsAny(text, "{}") || seen[text] {
				t.Errorf("kind %d in %s: %q", k, language, text)
			}
			seen[text] = true
		}
	}
	if got := (Reason{kind: becauseEditors}).In("fr"); got != "Editors’ choice" {
		t.Errorf("in French: %q", got)
	}
	long := Reason{kind: becauseChosen, quote: strings.Repeat("长", 100)}.In("en")
	if want := "Because the room chose “" + strings.Repeat("长", maxQuoteRunes-1) + "…”"; long != want {
		t.Errorf("got %q", long)
	}
}

func TestWith_LeavesTheCatalogueAlone(t *testing.T) {
	c := catalogue(t)
	query := Query{Path: []story.Step{chosen("Quay", "", "Jump aboard")}}
	before := told(c.Rank(query, listed))
	sea := aStory(t, "sea", "The Sea", "en", `,"summary":"Jump aboard the ship.","themes":["sea"]`)
	for range 2 { // both copies grow from the same lists
		if got := told(c.With([][]*story.Story{{sea}}).Rank(query, listed)); !strings.HasPrefix(got[0], "story:sea ") && !strings.HasPrefix(got[1], "story:sea ") {
			t.Errorf("with the story: %v", got)
		}
	}
	if after := told(c.Rank(query, listed)); !cmp.Equal(after, before) {
		t.Errorf("without it: %v, before %v", after, before)
	}
}

func TestRank_ShippedStories(t *testing.T) {
	library, _ := story.Open(os.DirFS("../stories"))
	c := catalogue(t).With(library.Editions())
	for _, editions := range library.Editions() {
		for _, edition := range editions {
			picks := c.Rank(Query{Story: edition}, listed)
			if len(picks) != listed || picks[0].Reason.kind != becauseStory {
				t.Errorf("%s in %s: %q", edition.ID, edition.Language, reasons(picks, "en"))
			}
		}
	}
}
