package narrator

import (
	"slices"
	"strings"
	"unicode"
)

// splitter cuts a growing text into whole sentences. A sentence ends with . ! ? … 。！？ and the closing quotes and brackets after
// them, or with its paragraph; whether it did is known only from what follows, so the last sentence stays in the splitter.
// The sentences joined are the text: each begins with the space before it.
type splitter struct {
	held []rune
}

// push adds text and returns the sentences that it completes.
func (s *splitter) push(text string) (whole []string) {
	s.held = append(s.held, []rune(text)...)
	for {
		n := sentenceEnd(s.held)
		if n == 0 {
			return whole
		}
		whole = append(whole, string(s.held[:n]))
		s.held = s.held[n:]
	}
}

// rest is the text after the last whole sentence.
func (s *splitter) rest() string { return string(s.held) }

func countSentences(text string) int {
	var s splitter
	n := len(s.push(text))
	if strings.TrimSpace(s.rest()) != "" {
		n++
	}
	return n
}

// sentenceEnd is the length of the first sentence of text, 0 as long as that is not certain.
func sentenceEnd(text []rune) int {
	start := skipSpace(text, 0)
	for i := start; i < len(text); i++ {
		if text[i] == '\n' {
			return i
		}
		if !isStop(text[i]) {
			continue
		}
		end := i + 1
		for end < len(text) && (isStop(text[end]) || isCloser(text[end])) {
			end++
		}
		if end == len(text) {
			return 0
		}
		next := skipSpace(text, end)
		switch {
		case slices.ContainsFunc(text[i:end], isWideStop):
			return end
		case text[end] == '\n':
			return end
		case next == end: // no space: 3.5, well…then, or Chinese with narrow marks
			if (text[i] == '!' || text[i] == '?') && unicode.Is(unicode.Han, text[next]) {
				return end
			}
		case next == len(text):
			return 0
		case !unicode.IsLower(text[next]) && !isAbbreviation(text[start:end]):
			return end
		}
		i = end - 1
	}
	return 0
}

func skipSpace(text []rune, i int) int {
	for i < len(text) && unicode.IsSpace(text[i]) {
		i++
	}
	return i
}

func isStop(r rune) bool { return strings.ContainsRune(".!?…", r) || isWideStop(r) }

func isWideStop(r rune) bool { return strings.ContainsRune("。！？", r) }

func isCloser(r rune) bool { return strings.ContainsRune("”’\"')]»」』）】》〉", r) }

// abbreviations are the words whose full stop rarely ends a sentence of a story.
var abbreviations = []string{"Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Prof.", "Capt.", "Lt.", "Sgt.", "Rev.", "No.", "vs."}

// isAbbreviation says whether the text ends with a word like "Dr." or an initial.
func isAbbreviation(text []rune) bool {
	words := strings.FieldsFunc(string(text), func(r rune) bool { return r != '.' && !unicode.IsLetter(r) })
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	initial := []rune(last)
	return slices.Contains(abbreviations, last) || len(initial) == 2 && initial[1] == '.' && unicode.IsUpper(initial[0]) && last != "I."
}
