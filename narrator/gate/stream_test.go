package gate

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestStream_Release(t *testing.T) {
	g := New(BuiltIn(), Options{})
	var told strings.Builder
	s := g.Stream("", func(text string) error { told.WriteString(text); return nil })
	release := func(text string) error { return s.Release(t.Context(), text) }
	for _, sentence := range []string{"The door opened.", " “Who is there?”", "\n\n", "", "“Nobody.”", "\n\n雨还在下。", "灯灭了。"} {
		if err := release(sentence); err != nil {
			t.Fatalf("%q: %v", sentence, err)
		}
	}
	const want = "The door opened. “Who is there?”\n\n“Nobody.”\n\n雨还在下。灯灭了。"
	if told.String() != want {
		t.Fatalf("told %q", told.String())
	}
	err := release(" What the fuck? It was late.")
	var b *BlockedError
	if !errors.As(err, &b) || b.Verdict.Category != Profanity {
		t.Fatalf("got %v", err)
	}
	for _, sentence := range []string{" A harmless sentence.", "\n\n", ""} {
		if again := release(sentence); again != err {
			t.Errorf("after a blocked sentence %q: %v", sentence, again)
		}
	}
	if told.String() != want {
		t.Errorf("told %q", told.String())
	}
}

func TestStream_JoinsWhatWasTold(t *testing.T) {
	g := New(BuiltIn(), Options{})
	tests := map[string]struct {
		told      string
		sentences []string
		blocked   int // index of the sentence that does not pass, -1 for none
	}{
		"before the stream":        {"He sighed. As an AI", []string{" language model, he slept."}, 0},
		"in the sentence before":   {"", []string{"As an AI", " language model, he slept."}, 1},
		"in short sentences":       {"", []string{"g.", " o.", " k.", " i.", " l.", " l.", " y.", "o.", "u.", "r.", "s.", "e.", "l.", "f."}, 13},
		"over a paragraph":         {"", []string{"As an AI", "\n\n", "language model."}, 2},
		"over many paragraphs":     {"", append(append([]string{"As an AI"}, strings.Split(strings.Repeat("\n ", 500), " ")...), "language model."), 502},
		"in a long sentence":       {"", []string{"As an AI, language" + strings.Repeat(" ", 300), "model."}, 1},
		"too far apart to be read": {"", []string{"As an AI", strings.Repeat(" on", 100) + ".", " language model."}, -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := g.Stream(test.told, func(string) error { return nil })
			for i, sentence := range test.sentences {
				if err := s.Release(t.Context(), sentence); (err != nil) != (i == test.blocked) {
					t.Fatalf("sentence %d: %v", i, err)
				} else if err != nil {
					return
				}
			}
		})
	}
}

func TestStream_Errors(t *testing.T) {
	g := New(BuiltIn(), Options{})
	full := errors.New("the scene is full")
	s := g.Stream("", func(string) error { return full })
	for range 2 {
		if err := s.Release(t.Context(), "Hello."); err != full {
			t.Errorf("got %v, want the error of write", err)
		}
	}

	over := errors.New("the scene is over")
	ctx, cancel := context.WithCancelCause(t.Context())
	guard := guardFunc(func(context.Context, string) (Judgement, error) { cancel(over); return Judgement{Safe: true}, nil })
	s = New(BuiltIn(), Options{Guard: guard}).Stream("", func(text string) error { t.Errorf("wrote %q", text); return nil })
	for range 2 {
		if err := s.Release(ctx, "Hello."); err != over {
			t.Errorf("got %v, want the cause of the context", err)
		}
	}
	s = g.Stream("", func(text string) error { t.Errorf("wrote %q", text); return nil })
	if err := s.Release(ctx, "\n\n"); err != over {
		t.Errorf("got %v, want the cause of the context", err)
	}
}

// However a text is cut: no character is written before the verdict on all of its sentence and what came before, what is written is the
// beginning of the text, and nothing comes after what is blocked.
func FuzzStream(f *testing.F) {
	for i, s := range blockedFixture(f) {
		f.Add("He came home. 他回来了。\n\n"+s.text+" Nobody spoke. 没有人说话。", uint64(i))
	}
	for i, sentence := range fixture(f, "ordinary.txt") {
		f.Add(sentence, uint64(i))
	}
	lists, err := BuiltIn().Extend(strings.NewReader("*ab*\n密码"))
	if err != nil {
		f.Fatal(err)
	}
	words := lists.matcher()
	f.Fuzz(func(t *testing.T, text string, cuts uint64) {
		var (
			wrote   strings.Builder
			current string
			passed  bool
		)
		guard := guardFunc(func(_ context.Context, pair string) (Judgement, error) {
			if !strings.HasSuffix(pair, current) {
				t.Fatalf("the guard saw %q, which does not end with %q", pair, current)
			}
			passed = len(pair)%7 != 0
			return Judgement{Safe: passed}, nil
		})
		g := &Gate{words: words, guard: guard, timeout: GuardTimeout}
		s := g.Stream("", func(piece string) error {
			if piece != current || strings.TrimSpace(piece) != "" && !passed {
				t.Fatalf("wrote %q of %q before its verdict", piece, current)
			}
			wrote.WriteString(piece)
			return nil
		})
		var ended error
		for rest := text; rest != ""; {
			size := min(1+int(cuts%13), len(rest)) // in the middle of characters too
			cuts = cuts*6364136223846793005 + 1442695040888963407
			current, rest, passed = rest[:size], rest[size:], false
			before := wrote.Len()
			err := s.Release(t.Context(), current)
			switch {
			case ended != nil && err != ended:
				t.Fatalf("after %v: %v", ended, err)
			case err != nil && wrote.Len() != before:
				t.Fatalf("wrote %q of what was blocked", wrote.String()[before:])
			case err == nil && wrote.String() != text[:len(text)-len(rest)]:
				t.Fatalf("wrote %q of %q", wrote.String(), text[:len(text)-len(rest)])
			}
			ended = err
		}
		if !strings.HasPrefix(text, wrote.String()) {
			t.Fatalf("%q is no beginning of %q", wrote.String(), text)
		}
	})
}

// Nothing makes a check panic or change its mind, and what is read twice is read alike.
func FuzzCheck(f *testing.F) {
	for _, s := range blockedFixture(f) {
		f.Add("", s.text)
		f.Add(s.text[:len(s.text)/2], s.text[len(s.text)/2:])
	}
	for _, sentence := range fixture(f, "ordinary.txt") {
		f.Add(sentence, sentence)
	}
	g := New(BuiltIn(), Options{})
	f.Fuzz(func(t *testing.T, previous, text string) {
		v := g.Check(t.Context(), previous, text)
		if v != g.Check(t.Context(), previous, text) || v.Pass != (v.Layer == "") || v.Pass != (v.Category == "") {
			t.Fatalf("%q + %q: %s", previous, text, v)
		}
	})
}
