package gate

import (
	"context"
	"strings"
	"unicode/utf8"
)

// MaxPrevious is how many characters of what passed before are judged again with the next sentence, so that what is split over several
// short ones is found too. The sentence before is judged again in full however long it is.
const MaxPrevious = 240

// BlockedError is why a stream ended: a sentence did not pass.
type BlockedError struct {
	Verdict Verdict
}

func (e *BlockedError) Error() string { return e.Verdict.String() }

// Stream lets a text through sentence by sentence, each after its verdict. Once one is blocked nothing passes any more: what comes next
// instead goes through a stream of its own. A Stream is for one goroutine.
type Stream struct {
	gate  *Gate
	write func(text string) error
	told  string // the end of what has passed, at least one sentence
	err   error  // why nothing passes any more
}

// Stream returns a stream that calls write with what passed, and with nothing else. Told is what viewers have read before it, all of it
// or the end; "" at the beginning.
func (g *Gate) Stream(told string, write func(text string) error) *Stream {
	return &Stream{gate: g, write: write, told: lastChars(told, MaxPrevious)}
}

// Release gives sentence, which is whole and has the blank space before it, its verdict, and writes all of it or nothing. It returns a
// *BlockedError if it did not pass, the error of write, or the cause of ctx, and the same again for every sentence after that. Blank
// space alone, such as the end of a paragraph, passes.
func (s *Stream) Release(ctx context.Context, sentence string) error {
	if s.err != nil || sentence == "" {
		return s.err
	}
	if s.err = context.Cause(ctx); s.err != nil {
		return s.err
	}
	blank := strings.TrimSpace(sentence) == ""
	if !blank {
		verdict := s.gate.Check(ctx, s.told, sentence)
		if s.err = context.Cause(ctx); s.err != nil { // there is nobody left to tell, and no verdict to count
			return s.err
		}
		if !verdict.Pass {
			s.err = &BlockedError{Verdict: verdict}
			return s.err
		}
	}
	if s.err = s.write(sentence); s.err != nil {
		return s.err
	}
	if blank {
		s.told = strings.TrimRight(s.told, "\n") + "\n"
	} else {
		s.told = lastChars(s.told+sentence, max(MaxPrevious, utf8.RuneCountInString(sentence)))
	}
	return nil
}

// lastChars is the end of a text, n characters or all of it.
func lastChars(text string, n int) string {
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return text[at:]
}
