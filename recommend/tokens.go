package recommend

import (
	"bytes"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokens are what a text is compared by: English words without their endings and without those that say nothing, and each two Chinese
// characters that follow each other, for Chinese doesn't part its words. A token is only good until the next one.
func tokens(text string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		word, pair := make([]byte, 0, 64), make([]byte, 0, 2*utf8.UTFMax)
		var before rune // the Han character just seen, else 0
		for _, r := range text + " " {
			han := unicode.Is(unicode.Han, r)
			if !han && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				word = utf8.AppendRune(word, unicode.ToLower(r))
				before = 0
				continue
			}
			if len(word) > 0 && r != '’' && r != '\'' {
				if w := stem(word); worthwhile(word) && !yield(w) {
					return
				}
				word = word[:0]
			}
			if han && before != 0 {
				pair = utf8.AppendRune(utf8.AppendRune(pair[:0], before), r)
				if !yield(pair) {
					return
				}
			}
			before = 0
			if han {
				before = r
			}
		}
	}
}

// worthwhile says whether a whole word says anything by itself.
func worthwhile(word []byte) bool {
	return len(word) > 1 && !idle[string(word)]
}

// filler says whether two Chinese characters are less than a word: one of them only joins or points.
func filler(pair []byte) bool {
	first, n := utf8.DecodeRune(pair)
	if !unicode.Is(unicode.Han, first) {
		return false
	}
	second, _ := utf8.DecodeRune(pair[n:])
	return strings.ContainsRune(joining, first) || strings.ContainsRune(joining, second)
}

const joining = "的了着她他它我你们是在不也就都还这那把被给和与个一之而却又只没有要会能让再很太才吗呢吧啊么什谁得地从向对为以于到去来说"

// stem takes an English word's ending off, much like step 1 of M. F. Porter, "An algorithm for suffix stripping" (1980). It only has to
// make forms of one word alike; what is left need not be a word. It works in place.
func stem(w []byte) []byte {
	switch {
	case len(w) < 4 || w[len(w)-1] >= utf8.RuneSelf:
		return w
	case len(w) > 4 && bytes.HasSuffix(w, []byte("ies")):
		w = w[:len(w)-2]
	case bytes.HasSuffix(w, []byte("sses")):
		w = w[:len(w)-2]
	case bytes.HasSuffix(w, []byte("ss")), bytes.HasSuffix(w, []byte("us")), bytes.HasSuffix(w, []byte("is")):
	case w[len(w)-1] == 's':
		w = w[:len(w)-1]
	case len(w) > 5 && bytes.HasSuffix(w, []byte("ing")):
		w = single(w[:len(w)-3])
	case len(w) > 4 && bytes.HasSuffix(w, []byte("ed")):
		w = single(w[:len(w)-2])
	}
	if len(w) > 3 && w[len(w)-1] == 'e' {
		w = w[:len(w)-1]
	} else if len(w) > 3 && w[len(w)-1] == 'y' {
		w[len(w)-1] = 'i'
	}
	return w
}

// single undoes the doubling of a last consonant: runn becomes run.
func single(w []byte) []byte {
	if n := len(w); n > 3 && w[n-1] == w[n-2] && strings.IndexByte("bdgmnprt", w[n-1]) >= 0 {
		return w[:n-1]
	}
	return w
}

// idle are words that say nothing of what a text is about.
var idle = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`a about above after again against all almost along already also always am an and any are arent around
as at away back be became because become been before began begin being below between both but by came can cannot cant come could
couldnt did didnt do does doesnt doing done dont down during each either else end enough even ever every everybody everyone everything
far few first for from further get gets give given gives go goes going gone got had hadnt half has hasnt have havent having he hed her
here hers herself hes him himself his how however id if ill im in into is isnt it its itself ive just keep keeps kept know knows last
least less let lets like little long look looks made make makes making many may me might more most much must my myself near never new
next no nobody none nor not nothing now of off often on once one only onto or other others our ours out over own perhaps put quite
rather said same saw say says see seen seems several she shes should shouldnt since small so some somebody someone something still
such take takes than that thats the their theirs them themselves then there theres these they theyre thing things this those though
three through to too took toward towards turn turned turns two under until up upon us used very want wants was wasnt way we well went
were werent what whats when where which while who whom whose why will with within without wont would wouldnt yes yet you youre your
yours yourself`) {
		set[word] = true
	}
	return set
}()
