package narrator

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

// errFull ends a stream that has told enough.
var errFull = errors.New("told enough")

// prose turns what a model streams into whole sentences and writes them until a cue's length is reached.
type prose struct {
	write      func(text string) error
	onSentence func() // called once, before the first sentence is written

	clean  cleaner
	split  splitter
	lead   string   // between what was told before and the first sentence
	labels []string // of the choices, folded: models like to list them although told not to
	room   int      // characters that may still be written
	begun  bool     // a sentence was written
	script script   // of its words
	failed error    // of write
}

func newProse(cue story.Cue, write func(text string) error) *prose {
	p := &prose{write: write, script: script{language: cue.Language}, onSentence: func() {}, room: maxChars(cue) - utf8.RuneCountInString(cue.Told)}
	if cue.Told != "" && !inChinese(cue) && !strings.HasSuffix(cue.Told, "\n") {
		p.lead = " "
	}
	for _, label := range cue.Next {
		if label = fold(label); label != "" {
			p.labels = append(p.labels, label)
		}
	}
	return p
}

// push takes a piece of the stream. It returns errFull when the scene is long enough, or the error of write.
func (p *prose) push(piece string) error {
	for _, sentence := range p.split.push(p.clean.push(piece)) {
		if err := p.release(sentence); err != nil {
			return err
		}
	}
	if len(p.split.held) > p.room { // the sentence will not fit any more
		return errFull
	}
	return nil
}

// end takes the end of the stream and why the model stopped there; "" means that push returned errFull. It returns errEmpty if there was no
// whole sentence.
func (p *prose) end(finish string) error {
	var sentences []string
	if finish != "" {
		sentences = p.split.push(p.clean.close())
	}
	if finish != "" && finish != "length" { // the model chose to end there, so what follows the last whole sentence is one as well
		sentences = append(sentences, p.split.rest())
	}
	for _, sentence := range sentences {
		if err := p.release(sentence); err == errFull {
			break
		} else if err != nil {
			return err
		}
	}
	if !p.begun {
		return errEmpty
	}
	return nil
}

func (p *prose) release(sentence string) error {
	if !p.begun {
		sentence = strings.TrimLeftFunc(sentence, unicode.IsSpace)
	}
	if strings.TrimSpace(sentence) == "" || slices.Contains(p.labels, fold(sentence)) {
		return nil
	}
	n := utf8.RuneCountInString(sentence)
	if n > p.room {
		return errFull
	}
	if p.script.foreign(sentence) {
		return errLanguage
	}
	if !p.begun {
		p.begun = true
		p.onSentence()
		sentence = p.lead + sentence
	}
	p.room -= n
	p.failed = p.write(sentence)
	return p.failed
}

// fold is a text without what differs between a label and its repetition: case, marks and space around it.
func fold(text string) string {
	return strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) }))
}

// leastJudged is how many letters a text needs to be judged by its script, a character of Chinese counting for three: a word cried in another
// language is part of a story.
const leastJudged = 24

// script hears whether words stay in the script of the story's language.
type script struct {
	language string // BCP 47
	unjudged string // the last sentences, too short to be judged
}

// foreign says whether with this sentence the words have fallen into another language.
func (s *script) foreign(sentence string) bool {
	s.unjudged += sentence
	if plan.Letters(s.unjudged) < leastJudged {
		return false
	}
	text := s.unjudged
	s.unjudged = ""
	return !plan.InLanguage(text, s.language)
}
