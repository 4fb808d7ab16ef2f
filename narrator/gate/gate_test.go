package gate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// guardFunc is a guard for tests.
type guardFunc func(ctx context.Context, text string) (Judgement, error)

func (f guardFunc) Judge(ctx context.Context, text string) (Judgement, error) { return f(ctx, text) }

func TestGate_Guard(t *testing.T) {
	after := func(d time.Duration, j Judgement, err error) guardFunc { // deaf to ctx
		return func(context.Context, string) (Judgement, error) { time.Sleep(d); return j, err }
	}
	safe := Judgement{Safe: true}
	tests := map[string]struct {
		guard guardFunc
		want  string
		took  time.Duration
	}{
		"safe":                   {after(0, safe, nil), "passed", 0},
		"safe at the last":       {after(GuardTimeout-1, safe, nil), "passed", GuardTimeout - 1},
		"safe too late":          {after(GuardTimeout+1, safe, nil), "blocked: timeout", GuardTimeout + 1},
		"not safe":               {after(0, Judgement{Category: Hate}, nil), "blocked: guard hate", 0},
		"a category of its own":  {after(0, Judgement{Category: "politically_sensitive"}, nil), "blocked: guard politically_sensitive", 0},
		"words for a category":   {after(0, Judgement{Category: "He said: badword!"}, nil), "blocked: guard other", 0},
		"no judgement":           {after(0, Judgement{}, nil), "blocked: guard other", 0},
		"fails":                  {after(0, safe, errors.New("no route to guard")), "blocked: error", 0},
		"fails after the timout": {after(2*GuardTimeout, safe, errors.New("reset")), "blocked: timeout", 2 * GuardTimeout},
		"never answers": {func(ctx context.Context, _ string) (Judgement, error) {
			<-ctx.Done()
			return Judgement{}, ctx.Err()
		}, "blocked: timeout", GuardTimeout},
		"says safe as it is stopped": {func(ctx context.Context, _ string) (Judgement, error) {
			<-ctx.Done()
			return safe, nil
		}, "blocked: timeout", GuardTimeout},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				v := New(BuiltIn(), Options{Guard: test.guard}).Check(t.Context(), "It rained.", " He came home.")
				if v.String() != test.want {
					t.Errorf("%s, want %s", v, test.want)
				}
				if took := time.Since(begun); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
			})
		})
	}
}

func TestGate_GuardTimeoutIsAnOption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := guardFunc(func(ctx context.Context, _ string) (Judgement, error) { <-ctx.Done(); return Judgement{}, ctx.Err() })
		begun := time.Now()
		v := New(BuiltIn(), Options{Guard: hangs, Timeout: 200 * time.Millisecond}).Check(t.Context(), "", "Hello.")
		if v.Layer != LayerTimeout || time.Since(begun) != 200*time.Millisecond {
			t.Errorf("%s after %s", v, time.Since(begun))
		}
	})
}

// The lists come first, and a guard sees both sentences as they are.
func TestGate_GuardSeesThePair(t *testing.T) {
	var seen []string
	g := New(BuiltIn(), Options{Guard: guardFunc(func(_ context.Context, text string) (Judgement, error) {
		seen = append(seen, text)
		return Judgement{Safe: true}, nil
	})})
	g.Check(t.Context(), "“Who?”", " Nobody ＡＮＳＷＥＲＥＤ.")
	g.Check(t.Context(), "", "What the fuck?")
	if len(seen) != 1 || seen[0] != "“Who?” Nobody ＡＮＳＷＥＲＥＤ." {
		t.Errorf("the guard saw %q", seen)
	}
}

func TestGate_EndOfContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	g := New(BuiltIn(), Options{Guard: guardFunc(func(ctx context.Context, _ string) (Judgement, error) {
		cancel(errors.New("the scene is over"))
		return Judgement{Safe: true}, nil
	})})
	if v := g.Check(ctx, "", "Hello."); v.Pass || v.Layer != LayerError {
		t.Errorf("%s", v)
	}
}

// A term that is split over two sentences is found; one that lies in what has passed is not found again.
func TestGate_Pair(t *testing.T) {
	g := New(BuiltIn(), Options{})
	tests := []struct {
		previous, text string
		want           Category
	}{
		{"As an AI", " language model, I slept.", Leak},
		{"He sighed. As an AI.", " Language model or not, he slept.", Leak},
		{"作为一个人工", "智能，我不能说。", Leak},
		{"他说无痛", "自杀。", SelfHarm},
		{"What the fu", "ck.", Profanity},
		{"k. i. l. g0 k.", " i. l. l. y. o. u. r. s. e. l. f.", SelfHarm},
		{"Call 138 1234", " 5678 now.", Personal},
		{"What the fuck?", " Nothing.", ""},
		{"Call 138 1234 5678 now.", " Nothing.", ""},
		{"<|im_start|>", " Nothing.", ""},
		{"His cock", "tail was cold.", ""},
	}
	for _, test := range tests {
		if v := g.Check(t.Context(), test.previous, test.text); v.Category != test.want {
			t.Errorf("%q + %q: %s, want %q", test.previous, test.text, v, test.want)
		}
	}
}

func TestGate_MaxText(t *testing.T) {
	g := New(BuiltIn(), Options{})
	text := strings.Repeat("雪", MaxText/3) + strings.Repeat(".", MaxText%3)
	if v := g.Check(t.Context(), "", text); !v.Pass {
		t.Errorf("%d bytes: %s", len(text), v)
	}
	if v := g.Check(t.Context(), ".", text); v != (Verdict{Layer: LayerLexical, Category: TooLong}) {
		t.Errorf("%d bytes: %s", len(text)+1, v)
	}
}

// Whatever a verdict says can go into a log: it never quotes.
func TestVerdict_NeverQuotes(t *testing.T) {
	g := New(BuiltIn(), Options{})
	for _, s := range blockedFixture(t) {
		said := g.Check(t.Context(), "", s.text).String() + " " + (&BlockedError{g.Check(t.Context(), "", s.text)}).Error()
		for word := range strings.FieldsSeq(strings.ReplaceAll(said, "blocked:", "")) {
			if word != string(LayerLexical) && word != string(s.category) {
				t.Fatalf("a verdict says %q", word)
			}
		}
	}
}

func TestGate_Personal(t *testing.T) {
	g := New(BuiltIn(), Options{})
	tests := []struct {
		text string
		pass bool
	}{
		{"(617) 867-5309", false}, {"617-867-5309", false}, {"6178675309", false}, {"1-617-867-5309", false}, {"+16178675309", false},
		{"(617) 555-0123", true}, {"617-555-0200", false}, {"867-5309", true}, {"+1 617 555 0123", true},
		{"138 0013 8000", false}, {"13800138000", false}, {"+8613800138000", false}, {"86 138 0013 8000", false}, {"13 000 000 000", true},
		{"12800138000", true}, {"1380013800", true},
		{"020 7123 4567", false}, {"020 7946 0123", true}, {"07700 900123", true}, {"07911 123456", false}, {"010-62345678", false},
		{"+49 30 901820", false}, {"+49 30 9", true},
		{"4111 1111 1111 1111", false}, {"4111 1111 1111 1112", true},
		{"110101199003071234", false}, {"11010119900307123X", false}, {"110101199013071234", true},
		{"ann@mailbox.org", false}, {"ann@example.org", true}, {"ann@deep.example.org", true}, {"ann@notexample.org", false}, {"ann@home", true},
		{"安娜@邮箱.com", false},
		{"1420 Maple Street, Springfield, IL 62704", false}, {"1420 Maple Street", true}, {"17 Mill Lane, Leeds LS1 4DY", false},
		{"上海市静安区南京西路1266号1203室", false}, {"南京西路1266号", true}, {"三号楼的尽头", true},
		{"1914-1918, 1939-1945", true}, {"2026-11-24 20:45:00", true}, {"3.14159265358979", true}, {"10,000,000,000 stars", true},
		{"000-000-0000", true}, {"1234567890", true}, {"12 34 56 78 90", true}, {"192.168.100.200", true},
	}
	for _, test := range tests {
		if v := g.Check(t.Context(), "", "He read: "+test.text+" ("+"again)"); v.Pass != test.pass {
			t.Errorf("%s: %s", test.text, v)
		}
	}
}
