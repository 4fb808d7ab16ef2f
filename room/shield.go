package room

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kinoautomat/story"
)

// The shield: what a narrator's model tells, and the choices that it invents, are held until somebody of the staff has read them. The author's own words are never held, and
// nothing is held for ever: after holdFor the author's words stand in.

// Hold is what is kept of words that wait to be read.
type Hold struct {
	From  int   `json:"from"`  // characters of the scene that were out before
	Until int64 `json:"until"` // then the author's words stand in
}

// What became of words that were held: in the journal, in reports and, but for the first, the why of scene.told.
const (
	didApprove  = "approved"
	whyEdited   = "edited"
	whyRejected = "rejected"
	whyUnread   = "unread" // nobody read them in time
)

// shield has words held from now on, what is not out of the running scene included, or ends that. What is held already still waits.
func (s *State) shield(c Command, d Shield, now int64) (any, error) {
	if d.On != s.Shield {
		s.release(now)
		s.changeRoom(c, func(r *RoomChanged) { r.Shield = d.On })
		s.hold()
		s.withholdPlan()
	}
	return nil, nil
}

// hold keeps the words that are not out from viewers, where they are a narrator's and the shield is on. A word that has begun is told to its end.
func (s *State) hold() {
	if s.Shield && s.telling() && s.Scene.Script.Cue != nil && s.Scene.Held == nil && !s.Scene.Read && s.unreleased() > 0 && !s.authors() {
		s.releaseTo(wordEnd(s.text(), s.live.released))
		if s.unreleased() == 0 {
			return
		}
		s.record(evNarrationHeld, "", &NarrationHeld{Scene: s.Scene.Scene, Held: true}, &holding{From: s.live.released, Until: s.standing() + holdFor})
	}
}

// wordEnd is where the word ends that goes on at a place of a text: there, if none does.
func wordEnd(text []rune, at int) int {
	for at > 0 && at < len(text) && spells(text[at-1]) && spells(text[at]) {
		at++
	}
	return at
}

// spells says whether words are spelled with a character. Chinese and Japanese have no spaces: each of their characters stands alone.
func spells(r rune) bool {
	return (unicode.In(r, unicode.L, unicode.M, unicode.N) || r == '’' || r == '\'') && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// gap is what stands between the words that are out and those that somebody typed to follow them: what stood there, or a space between two words.
func (s *State) gap(typed string) string {
	out, rest := s.text()[:s.Scene.Held.From], string(s.text()[s.Scene.Held.From:])
	gap := rest[:len(rest)-len(strings.TrimLeftFunc(rest, unicode.IsSpace))]
	if first, _ := utf8.DecodeRuneInString(typed); gap == "" && len(out) > 0 && spells(out[len(out)-1]) && spells(first) {
		return " "
	}
	return gap
}

// authors says whether the running scene's words are one of its author's texts, and nothing else.
func (s *State) authors() bool {
	text, script := strings.TrimSpace(s.Scene.Written), s.Scene.Script
	return text == strings.TrimSpace(script.Text) || slices.ContainsFunc(script.Cue.Reserve, func(r string) bool { return text == strings.TrimSpace(r) })
}

// standing is where the show's clock stands.
func (s *State) standing() int64 {
	if s.PausedAt > 0 {
		return s.PausedAt
	}
	return s.live.clock
}

// holding says whether the running scene's words wait to be read. Nobody waits longer than the limit.
func (s *State) holding(now int64) bool {
	if s.Scene.Held == nil {
		return false
	}
	if now < s.Scene.Held.Until {
		return true
	}
	s.drop(whyUnread, Person{})
	return false
}

// settle lets the author's words go that came while a narrator's were waited for.
func (s *State) settle() {
	if s.Scene.Held != nil && s.authors() {
		s.record(evNarrationHeld, "", &NarrationHeld{Scene: s.Scene.Scene}, &holding{})
	}
}

// drop takes the words that are held away for good; the author's stand in.
func (s *State) drop(did string, by Person) {
	text, source := standIn(s.Scene.Script)
	if text == "" {
		text, source = story.GoesOn(s.Language), story.SourceAuthored
	}
	if s.Scene.Held.From > 0 { // they begin what viewers have begun to read anew
		s.record(evRetracted, "", &NarrationRetracted{Scene: s.Scene.Scene}, &retraction{By: by, Text: text, Source: source, Why: did})
		return
	}
	s.record(evNarrationHeld, "", &NarrationHeld{Scene: s.Scene.Scene}, &holding{By: by, Did: did, Text: text, Source: source})
}

// Pending is what waits to be read, for the staff alone; nil when nothing does.
func (s *State) pending() *Pending {
	if s.Scene == nil || s.Scene.Held == nil {
		return nil
	}
	var labels []string
	for _, c := range s.Scene.Invented {
		labels = append(labels, c.Label)
	}
	return &Pending{
		ID: fmt.Sprintf("%d.%d", s.Scene.Number, s.tries()), Scene: s.Scene.Scene, Text: string(s.text()[s.Scene.Held.From:]),
		Choices: labels, Complete: s.Scene.Complete && !s.awaitsPlan(), Until: s.Scene.Held.Until,
	}
}

var errNothingHeld = notNow("no words wait to be read")

// approve lets the words out that were read, as they are or as the staff would have them.
func (s *State) approve(c Command, d Approve, _ int64) (any, error) {
	pending, text := s.pending(), cleanText(d.Text)
	switch {
	case pending == nil:
		return nil, errNothingHeld
	case d.ID != "" && d.ID != pending.ID:
		return nil, notNow("other words wait to be read now")
	case !pending.Complete:
		return nil, notNow("the narrator is still writing")
	case d.Text != "" && text == "":
		return nil, Refuse(CodeBadData, "the text is empty")
	case !fits(text, MaxEditLength):
		return nil, Refuse(CodeTooLong, "an edited text has at most %d characters", MaxEditLength)
	case text != "" && !s.passesGate(text):
		return nil, Refuse(CodeRefused, "the safety gate stops that text")
	}
	done := holding{By: s.People[c.Viewer].Person, Did: didApprove}
	if text != "" && text != strings.TrimSpace(pending.Text) {
		done.Did, done.Text, done.Source = whyEdited, s.gap(text)+text, story.SourceModel
	}
	s.record(evNarrationHeld, "", &NarrationHeld{Scene: s.Scene.Scene}, &done)
	return nil, nil
}

// reject lets the author's words stand in for those that were read.
func (s *State) reject(c Command, _ int64) (any, error) {
	if s.pending() == nil {
		return nil, errNothingHeld
	}
	s.drop(whyRejected, s.People[c.Viewer].Person)
	return nil, nil
}

// foldHeld begins to hold words, begins anew with that, or ends it.
func (s *State) foldHeld(e Event) {
	sc, h := s.Scene, e.Hidden.(*holding)
	if sc == nil {
		return
	}
	if e.Data.(*NarrationHeld).Held {
		sc.Held = &Hold{From: h.From, Until: h.Until}
		if h.Again {
			s.beginAnew()
		}
		return
	}
	from := 0
	if sc.Held != nil {
		from = sc.Held.From
	}
	sc.Held, sc.Read = nil, true
	if h.Text != "" {
		sc.Written = string(s.text()[:from]) + h.Text
		sc.Complete, sc.Source, sc.Why = true, h.Source, h.Did
		if s.disownNotes(); h.Did != whyEdited { // who changed the text has read the choices with it
			s.forgetPlan()
		}
	}
	s.live.ahead, s.live.runes = nil, nil
	s.tellFrom(from)
}

// beginAnew: the running scene has no words yet, and a narrator is asked for them once more.
func (s *State) beginAnew() {
	sc := s.Scene
	sc.Written, sc.Complete, sc.Source, sc.Why, sc.Read = "", false, "", "", false
	s.live.ahead, s.live.runes = nil, nil
	s.disown()
}

// tellFrom: from this character on, the running scene's words are told at reading pace from now on.
func (s *State) tellFrom(at int) {
	s.Scene.TellFrom, s.Scene.TellAt = at, s.standing()
	s.live.paceFrom, s.live.paceAt = at, s.standing()
	s.live.released = min(s.live.released, at)
}

// disown drops what the narrator made, or still makes, of the running scene: it is of words that the scene does not have any more.
func (s *State) disown() {
	s.disownNotes()
	s.forgetPlan()
}

func (s *State) disownNotes() {
	if s.Tries == nil {
		s.Tries = map[int]int{}
	}
	s.Tries[s.Scene.Number]++
	delete(s.Notes, s.Scene.Number)
}

// cleanText makes plain paragraphs of what somebody typed; see Clean.
func cleanText(text string) string {
	var paragraphs []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		if line = Clean(line); line != "" {
			paragraphs = append(paragraphs, line)
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
