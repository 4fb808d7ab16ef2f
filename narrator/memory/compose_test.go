package memory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bible is one of about 800 tokens with the contract, as an author of a one-evening show writes it.
func bible(language string) Bible {
	b := Bible{
		Language: language, Title: "The Fog Whistle",
		Premise: "An island with a lighthouse, a harbour and eleven people, in the last week before the light is put out for good. Every night " +
			"somebody sounds the old fog whistle, although its boiler has been cold for years. Those who live there have each their reason to " +
			"want to know who it is, and each a reason not to. The audience follows Anna, who keeps the light, and decides what she does.",
		Rules: []string{"Nobody on the island can swim.", "The whistle is heard only in fog.", "The mail boat comes on the third day and on the sixth.",
			"There is no telephone; the wireless works at night.", "Nothing supernatural happens, whatever people say."},
		Style: "Short sentences and dry humour. Concrete things rather than feelings. Dialogue in every scene. Close to Anna, never in her head.",
		Facts: []Fact{{Subject: "Anna", Predicate: "fears", Object: "the sea"}, {Subject: "Ben", Predicate: "is", Object: "the younger one"}},
	}
	for _, e := range []string{"Anna", "Ben", "the cook", "the pilot", "Widow Hale", "the priest", "Doctor Voss", "Little Jo", "the surveyor", "Old Tam"} {
		b.Cast = append(b.Cast, Entity{Name: e, About: "has lived on the island for longer than most, owes money to one of the others, and was seen near the " +
			"boiler house on the first night"})
	}
	return b
}

// show is a made-up show: beats of about 200 tokens, 60 lore entries of which one comes up in most beats, three facts for each beat, and now
// and then a pinned one or a thread.
func show(beats int, language string) Show {
	r := rand.New(rand.NewPCG(1, uint64(beats)))
	s := Show{Bible: bible(language)}
	for i := range 60 {
		s.Lore = append(s.Lore, Lore{ID: fmt.Sprint("lore", i), Keys: []string{fmt.Sprint("key", i)}, Order: i % 7, Sticky: i % 3,
			Text: fmt.Sprintf("What there is to know about key%d: %s", i, strings.Repeat("it is old and worn. ", 6))})
	}
	for i := range beats {
		var text strings.Builder
		for text.Len() < 660 {
			text.WriteString([]string{"The fog comes in over the wall. ", "Anna counts the steps and stops. ", "Ben says nothing for a while. ",
				"Far out a bell is ringing. "}[r.IntN(4)])
			if r.IntN(20) == 0 {
				fmt.Fprintf(&text, "There lies key%d. ", r.IntN(60))
			}
		}
		b := Beat{Number: i + 1, Title: fmt.Sprintf("Night %d", i+1), Text: text.String(), Choice: "Go down to the water",
			Summary: fmt.Sprintf("On night %d the fog came in and somebody rang a bell far out.", i+1),
			FactsAdded: []Fact{
				{Subject: []string{"Anna", "Ben", "the cook", "the pilot"}[r.IntN(4)], Predicate: "saw", Object: fmt.Sprint("sail number ", i)},
				{Subject: fmt.Sprint("key", r.IntN(60)), Predicate: "was seen", Object: fmt.Sprint("near house number ", r.IntN(40))},
				{Subject: "the cook", Predicate: At, Object: fmt.Sprint("house ", r.IntN(9))},
			}}
		if i%20 == 3 {
			b.FactsAdded = append(b.FactsAdded, Fact{Subject: fmt.Sprint("Sailor ", i), Predicate: Dead, Pinned: true})
		}
		if i%15 == 0 {
			b.Threads = []ThreadChange{{ID: fmt.Sprint("t", i), Text: "Who rang the bell?"}}
		} else if i%15 == 9 {
			b.Threads = []ThreadChange{{ID: fmt.Sprint("t", i-9), Status: Closed}}
		}
		s.Beats = append(s.Beats, b)
	}
	return s
}

func tailOf(n int) Tail {
	return Tail{
		Note:   Note{Tension: 0.1 + float64(n%9)/10, Mood: "uneasy", Pacing: "slow", Reach: "the light goes out", By: n + 5},
		Signal: fmt.Sprintf("wonder %d%%, fear %d%%; 61%% of 40 chose the water", n%50, n%30),
		Task:   "Write scene " + fmt.Sprint(n+1) + " in about 110 words. End at the moment when the audience must choose among exactly these: “Go down”; “Stay”.",
	}
}

func (s Show) upTo(n int) Show {
	s.Beats = s.Beats[:n]
	return s
}

func whole2(p Prompt) string { return p.System + p.User }

// shared is the length of what two prompts begin with alike.
func shared(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// reuse is the mean share of a prompt that its predecessor began with, and the mean rest in tokens.
func reuse(beats int, prompt func(n int) string) (share, rest float64) {
	before := prompt(1)
	for n := 2; n <= beats; n++ {
		now := prompt(n)
		common, all := Cautious.Count(now[:shared(before, now)]), Cautious.Count(now)
		share += float64(common) / float64(all)
		rest += float64(all - common)
		before = now
	}
	return share / float64(beats-1), rest / float64(beats-1)
}

// The goal is that a backend which keeps the last prompt's prefix has at most 15 of 100 tokens left to read at a context of 8k.
func TestCompose_reuse(t *testing.T) {
	s := show(300, "en")
	t.Logf("a beat has about %d tokens", Cautious.Count(s.Beats[9].Text))
	goals := map[int]float64{4096: 0.72, 8192: 0.85, 16384: 0.90}
	for _, context := range []int{4096, 8192, 16384} {
		budget := Budget{Tokens: context - 400}
		ours, prefill := reuse(300, func(n int) string { return whole2(Compose(s.upTo(n), tailOf(n), budget, Cautious)) })
		usual, usualPrefill := reuse(300, func(n int) string { return loreFirst(s.upTo(n), tailOf(n), budget) })
		t.Logf("context %5d: reused %.3f, %4.0f tokens to read per beat; lore first and a sliding window: %.3f, %5.0f", context, ours, prefill,
			usual, usualPrefill)
		if ours < goals[context] {
			t.Errorf("context %d: reused %.3f, want %.2f", context, ours, goals[context])
		}
	}
}

// loreFirst is the order that most programs use: bible, lore, facts, then as many of the last beats as have room.
func loreFirst(s Show, tail Tail, budget Budget) string {
	p := Compose(Show{Bible: s.Bible}, Tail{}, budget, Cautious)
	var b strings.Builder
	b.WriteString(p.System)
	for _, e := range active(s.Lore, s.Beats, tail.Task) {
		b.WriteString("\n- " + e.Text)
	}
	facts := NewLedger(s.Bible, s.Beats).Current()
	for _, f := range facts[max(len(facts)-MaxFacts, 0):] {
		b.WriteString("\n- " + f.Subject + " " + f.Predicate + " " + f.Object)
	}
	left := budget.Tokens - Cautious.Count(b.String()) - Cautious.Count(tail.Task) - 50
	first := len(s.Beats)
	for first > 0 && left >= Cautious.Count(s.Beats[first-1].Text)+20 {
		first--
		left -= Cautious.Count(s.Beats[first].Text) + 20
	}
	for _, beat := range s.Beats[first:] {
		b.WriteString("\n\n" + beat.Title + "\n" + beat.Text + "\n" + beat.Choice)
	}
	b.WriteString("\n\n" + tail.Task)
	return b.String()
}

// What is stable stays, from beat to beat within an epoch, whatever wins the poll; and what is sent ahead is a prefix of every outcome.
func TestCompose_stable(t *testing.T) {
	s := show(120, "en")
	budget := Budget{Tokens: 4096 - 400}
	closed := 0
	before := Compose(s.upTo(1), tailOf(1), budget, Cautious)
	for n := 2; n <= 120; n++ {
		open := s.upTo(n)
		open.Beats = slices.Clone(open.Beats)
		open.Beats[n-1].Choice, open.Beats[n-1].Summary, open.Beats[n-1].FactsAdded, open.Beats[n-1].Threads = "", "", nil, nil
		ahead := Compose(open, Tail{}, budget, Cautious)
		var warm strings.Builder
		for _, m := range ahead.Warm() {
			warm.WriteString(m.Text)
		}
		if len(warm.String()) != ahead.Stable || !strings.HasSuffix(warm.String(), strings.TrimSpace(open.Beats[n-1].Text)) {
			t.Fatalf("beat %d: what is sent ahead does not end with the beat", n)
		}
		for _, choice := range []string{"Stay", strings.Repeat("Go down to the black water and ", 4)} {
			open.Beats[n-1] = s.Beats[n-1]
			open.Beats[n-1].Choice = choice
			if now := Compose(open, tailOf(n), budget, Cautious); !strings.HasPrefix(whole2(now), warm.String()) || now.Epoch != ahead.Epoch {
				t.Fatalf("beat %d: what was sent ahead is no prefix once %q has won", n, choice)
			}
		}
		now := Compose(s.upTo(n), tailOf(n), budget, Cautious)
		if now.Epoch == before.Epoch && !strings.HasPrefix(whole2(now), whole2(before)[:before.Stable]) {
			t.Fatalf("beat %d: what was stable has changed", n)
		}
		if now.Epoch != before.Epoch {
			closed++
		}
		before = now
	}
	if closed < 5 {
		t.Errorf("only %d epochs were closed", closed)
	}
}

// The goal is that no pinned fact is ever forgotten.
func TestCompose_pinned(t *testing.T) {
	for _, context := range []int{4096, 8192, 16384} {
		s := show(500, "en")
		p := Compose(s, tailOf(500), Budget{Tokens: context - 400}, Cautious)
		pinned, there := 0, 0
		for _, f := range NewLedger(s.Bible, s.Beats).Current() {
			if f.Pinned {
				pinned++
				if strings.Contains(p.User, f.Subject+" ") && slices.ContainsFunc(p.Sections, func(s Section) bool {
					return s.Layer == LayerPinned && s.ID == f.ID && s.Reason == "pinned"
				}) {
					there++
				}
			}
		}
		t.Logf("context %d: %d of %d pinned facts, %d tokens in all", context, there, pinned, p.Tokens)
		if pinned < 25 || there != pinned {
			t.Errorf("context %d: %d of %d pinned facts", context, there, pinned)
		}
	}
}

// A pinned fact that ends in an epoch that began with it is called off in the tail.
func TestCompose_pinnedEnds(t *testing.T) {
	s := show(3, "en")
	s.Beats[2].FactsEnded = []string{"0.1"}
	p := Compose(s, Tail{}, Budget{Tokens: 4000}, Cautious)
	_, after, found := strings.Cut(p.User, en.ended)
	if !found || !strings.Contains(after, "Anna fears the sea.") {
		t.Errorf("the prompt does not say that it is over:\n%s", p.User)
	}
}

// counters are ways to count that a tokenizer might have; all obey what Counter asks for.
var counters = map[string]Counter{
	"cautious": Cautious, "modern": Modern,
	"bytes": counterFunc(func(s string) int { return len(s) }),
	"runes": counterFunc(func(s string) int { return len([]rune(s)) }),
	"words": counterFunc(func(s string) int { return len(strings.Fields(s)) }),
	"fours": counterFunc(func(s string) int { return (len(s) + 3) / 4 }),
}

type counterFunc func(string) int

func (f counterFunc) Count(text string) int { return f(text) }

// Whatever goes in, the prompt stays within its budget, and what it says of itself is so.
func TestCompose_budget(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 200 {
		s, tail := wild(r)
		budget := Budget{Tokens: []int{-1, 0, 1, 15, 16, 17, 40, 100, 300, 1000, 4000, 20000}[r.IntN(12)], Tail: []int{0, 0, 10, 1000, 1 << 40}[r.IntN(5)]}
		for name, count := range counters {
			p := Compose(s, tail, budget, count)
			real := 0
			for _, m := range p.Messages() {
				real += count.Count(m.Text) + messageTokens
			}
			if real > max(budget.Tokens, 0) || p.Tokens > max(budget.Tokens, 0) || real > p.Tokens {
				t.Fatalf("%s: %d tokens, said to be %d, of %d", name, real, p.Tokens, budget.Tokens)
			}
			sum := 0
			for _, section := range p.Sections {
				sum += section.Tokens
			}
			if len(p.Sections) > 0 && sum+2*messageTokens != p.Tokens {
				t.Fatalf("%s: the sections have %d tokens, the prompt %d", name, sum, p.Tokens)
			}
			if p.Stable < len(p.System) || p.Stable > len(p.System)+len(p.User) {
				t.Fatalf("%s: stable %d of %d + %d", name, p.Stable, len(p.System), len(p.User))
			}
		}
	}
}

// wild is a show without measure.
func wild(r *rand.Rand) (Show, Tail) {
	word := []string{"fog ", "灯塔", "Anna ", "安娜，", "\n", "“", "😀", "<|im_end|>", "x", "\x00", "\xff", "# ", "Donaudampfschiff", "。"}
	text := func(most int) string {
		if r.IntN(6) == 0 {
			return ""
		}
		if r.IntN(12) == 0 {
			most *= 40
		}
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(word[r.IntN(len(word))])
		}
		return b.String()
	}
	fact := func() Fact {
		return Fact{ID: text(1), Subject: text(2), Predicate: []string{text(2), Dead, Lost, At, Holds, Gave, Time}[r.IntN(7)], Object: text(3), Pinned: r.IntN(3) == 0}
	}
	s := Show{Bible: Bible{Contract: text(60), Language: []string{"en", "zh-Hans", "de", ""}[r.IntN(4)], Title: text(5), Premise: text(60), Style: text(9)}}
	for range r.IntN(5) {
		s.Bible.Cast = append(s.Bible.Cast, Entity{Name: text(2), Aliases: []string{text(1)}, Kind: []Kind{Person, Item, Place}[r.IntN(3)], About: text(9)})
		s.Bible.Rules, s.Bible.Facts = append(s.Bible.Rules, text(20)), append(s.Bible.Facts, fact())
		s.Lore = append(s.Lore, Lore{ID: text(1), Text: text(40), Keys: []string{text(1), "fog"}, Also: []string{"灯塔"}[:r.IntN(2)],
			Logic: []Logic{AndAny, AndAll, NotAny, NotAll}[r.IntN(4)], Order: r.IntN(3), Tokens: r.IntN(40), Sticky: r.IntN(60), Cooldown: r.IntN(9) - 2,
			Group: []string{"", "g"}[r.IntN(2)]})
	}
	for range r.IntN(30) {
		b := Beat{Number: r.IntN(50), Title: text(5), Text: text(120), Choice: text(6), Summary: text(20), FactsEnded: []string{text(1)}}
		for range r.IntN(4) {
			b.FactsAdded = append(b.FactsAdded, fact())
			b.Threads = append(b.Threads, ThreadChange{ID: text(1), Text: text(9), Status: []Status{Open, Advanced, Closed, ""}[r.IntN(4)]})
		}
		s.Beats = append(s.Beats, b)
	}
	return s, Tail{Note: Note{Tension: r.Float64(), Mood: text(5), Reach: text(9), By: r.IntN(60)}, Signal: text(20), Scan: text(9), Task: text(80), Told: text(90)}
}

// Equal arguments give equal bytes, and the arguments stay as they are.
func TestCompose_same(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		s, tail := wild(r)
		kept := fmt.Sprintf("%#v", s)
		first := Compose(s, tail, Budget{Tokens: 3000}, nil)
		if diff := cmp.Diff(first, Compose(s, tail, Budget{Tokens: 3000}, Cautious)); diff != "" {
			t.Fatalf("not the same again:\n%s", diff)
		}
		if fmt.Sprintf("%#v", s) != kept {
			t.Fatal("the show was changed")
		}
	}
}

func BenchmarkCompose(b *testing.B) {
	s, tail := show(500, "en"), tailOf(500)
	for b.Loop() {
		Compose(s, tail, Budget{Tokens: 8192 - 400}, Cautious)
	}
}
