package room

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kinoautomat/story"
)

// Reading pace: whoever writes the words, and however fast, the room releases them on its own clock, so that everybody reads the
// same words at the same time.

// telling says whether words of the scene are still to be released.
func (s *State) telling() bool {
	return s.Scene != nil && s.Scene.ToldAt == 0 && s.Phase != PhaseEnded
}

func (s *State) text() []rune {
	if s.live.runes == nil && s.Scene != nil {
		s.live.runes = []rune(s.Scene.Written)
	}
	return s.live.runes
}

// unreleased is how many written characters are still to be released.
func (s *State) unreleased() int { return len(s.text()) - s.live.released }

// nextWords is when words are due again.
func (s *State) nextWords() int64 {
	if s.Scene.Held != nil {
		return s.Scene.Held.Until
	}
	if s.unreleased() == 0 && !s.Scene.Complete {
		return 0 // the narrator's next words wake the room
	}
	return s.live.clock + deltaEvery
}

// release lets out the words that are due.
func (s *State) release(now int64) {
	if !s.telling() || s.PausedAt > 0 || s.holding(now) {
		return
	}
	due := len(s.text())
	if pace := s.Scene.Pace; pace > 0 {
		read := s.live.paceFrom + int(math.Floor(float64(now-s.live.paceAt)*pace/1000))
		if read > due { // the writer is slower than the readers: no burst when it goes on
			s.live.paceFrom, s.live.paceAt = due, now
		}
		due = min(due, read)
	}
	s.releaseTo(due)
	if s.Scene.Complete && s.unreleased() == 0 {
		s.told()
	}
}

func (s *State) releaseTo(end int) {
	if end <= s.live.released {
		return
	}
	s.pass(evNarrationDelta, &NarrationDelta{Scene: s.Scene.Scene, Offset: s.live.released, Text: string(s.text()[s.live.released:end])})
	s.live.released = end
}

// releaseAgain tells all words that are out once more: for those who may have missed some.
func (s *State) releaseAgain() {
	if s.telling() && s.live.released > 0 {
		s.pass(evNarrationDelta, &NarrationDelta{Scene: s.Scene.Scene, Text: string(s.text()[:s.live.released])})
	}
}

func (s *State) told() {
	s.record(evSceneTold, "", &SceneTold{Scene: s.Scene.Scene, Text: s.Scene.Written, Source: s.Scene.Source, Why: s.Scene.Why}, nil)
}

// tellRest releases at once what is written, and gives up what is not: the show goes on. What nobody has read is not released.
func (s *State) tellRest() {
	if !s.telling() {
		return
	}
	if s.Scene.Held != nil {
		s.drop(whyUnread, Person{})
	}
	if !s.Scene.Complete {
		s.complete(story.Telling{Source: story.SourceModel, Why: "cut_short"})
	}
	s.releaseTo(len(s.text()))
	s.told()
}

// complete ends the writing of a scene. A scene is never without words: where the narrator had none, the author's stand in.
func (s *State) complete(done story.Telling) {
	if text, source := standIn(s.Scene.Script); s.Scene.Written == "" && text != "" {
		s.record(evNarrationWritten, "", nil, &narrationWritten{Scene: s.Scene.Scene, Text: text})
		done.Source = source
	}
	s.record(evNarrationCompleted, "", nil, &narrationCompleted{Scene: s.Scene.Scene, Telling: done})
}

// keepUntold keeps what was written ahead for choices that lost, for the end of the show; not with the shield on, for nobody has read it.
func (s *State) keepUntold(texts map[string]string) {
	n := len(s.Path)
	if s.Shield || n < 2 {
		return
	}
	for _, c := range s.Scene.Others {
		text := []rune(strings.TrimSpace(texts[c.ID]))
		if len(text) > MaxUntoldLength {
			text = append(text[:MaxUntoldLength-1:MaxUntoldLength-1], '…')
		}
		if len(text) > 0 {
			s.Untold = append(s.Untold, Untold{Number: n - 1, Title: s.Path[n-2].Title, Label: c.Label, Text: string(text)})
		}
	}
	s.Untold = s.Untold[max(0, len(s.Untold)-UntoldKept):]
}

// standIn is what a cue's author wrote for the case that the narrator has nothing.
func standIn(script story.Scene) (string, story.Source) {
	if script.Cue != nil && len(script.Cue.Reserve) > 0 {
		return script.Cue.Reserve[0], story.SourceReserve
	}
	return script.Text, story.SourceAuthored
}

// Telling names a scene that a narrator is to tell: its show and its number in it, since a scene can be met twice.
type Telling struct {
	Show   string
	Number int
	Try    int // counts how often it was asked for anew
}

// Telling names the scene whose words a narrator is to write now; false when none is.
func (s *State) Telling() (Telling, bool) {
	if !s.telling() || s.Scene.Complete || s.Scene.Script.Cue == nil {
		return Telling{}, false
	}
	return Telling{Show: s.Show, Number: s.Scene.Number, Try: s.tries()}, true
}

// Cue is what the narrator is asked for. Only while Telling or Planning says so.
func (s *State) Cue() story.Cue {
	cue := *s.Scene.Script.Cue
	cue.Room = s.Room
	if st, ok := s.story(); ok {
		cue.World = st.World
	}
	if s.Scene.Taken != nil {
		cue.Key = tellingKey(s.Show, s.Scene.Number, s.Scene.Taken.ID)
	}
	cue.Salt = s.salt(cue.Key)
	if tries := s.tries(); tries > 0 {
		cue.Key += fmt.Sprintf("#%d", tries) // not what was written ahead
	}
	cue.Told = s.Scene.Written
	cue.Path = slices.Clone(s.Path[:max(0, len(s.Path)-1)])
	cue.Feelings, cue.Notes = s.feelingShares(), maps.Clone(s.Notes)
	return cue
}

// tries is how often the running scene's words were taken back.
func (s *State) tries() int { return s.Tries[s.Scene.Number] }

func (s *State) awaits(t Telling) bool {
	now, ok := s.Telling()
	return ok && now == t
}

// Write takes the narrator's next words; words for a scene that is over are dropped.
func (s *State) Write(now int64, t Telling, text string) []Event {
	now = s.begin(now)
	if s.awaits(t) && text != "" {
		s.record(evNarrationWritten, "", nil, &narrationWritten{Scene: s.Scene.Scene, Text: text})
		s.hold()
		s.release(now)
	}
	return s.take()
}

// Written takes the narrator's report that it is done.
func (s *State) Written(now int64, t Telling, told story.Telling) []Event {
	now = s.begin(now)
	if s.awaits(t) {
		s.complete(told)
		s.settle()
		s.release(now)
	}
	return s.take()
}

// whyRetracted is the reason of a scene.told whose words stand in for others that were taken back.
const whyRetracted = "retracted"

// replaced says whether the author's words stand in for others that were taken back.
func (sc *Scene) replaced() bool {
	return slices.Contains([]string{whyRetracted, whyRejected, whyUnread}, sc.Why)
}

// retract takes a narrator's words off the screens; the author's stand in.
func (s *State) retract(c Command, _ int64) (any, error) {
	if !s.narrated() || s.Scene.replaced() {
		return nil, notNow("no words of a narrator's are on the screen")
	}
	if s.Scene.Held != nil && s.Scene.Held.From == 0 { // nor are they yet: that is what reject is for
		return s.reject(c, 0)
	}
	text, source := standIn(s.Scene.Script)
	s.record(evRetracted, "", &NarrationRetracted{Scene: s.Scene.Scene}, &retraction{By: s.People[c.Viewer].Person, Text: text, Source: source})
	return nil, nil
}

// regenerate takes a narrator's words off the screens and asks for others. Once the vote is announced there is no time for that.
func (s *State) regenerate(c Command, _ int64) (any, error) {
	if !s.narrated() || s.Phase != PhaseTelling {
		return nil, notNow("no narrator is telling a scene")
	}
	by := s.People[c.Viewer].Person
	if s.Scene.Held != nil && s.Scene.Held.From == 0 { // viewers have seen nothing of them
		s.record(evNarrationHeld, "", &NarrationHeld{Scene: s.Scene.Scene, Held: true}, &holding{Again: true, By: by, Until: s.standing() + holdFor})
		return nil, nil
	}
	s.record(evRetracted, "", &NarrationRetracted{Scene: s.Scene.Scene, Again: true}, &retraction{By: by})
	return nil, nil
}

// narrated says whether the scene on the screens is a narrator's to tell.
func (s *State) narrated() bool {
	return s.Scene != nil && s.Scene.Script.Cue != nil && (s.Phase == PhaseTelling || s.Phase == PhasePoll)
}

// foldRetracted begins the words of the scene anew: with those that stand in, or with none.
func (s *State) foldRetracted(e Event) {
	again, by := e.Data.(*NarrationRetracted).Again, e.Hidden.(*retraction)
	sc := s.Scene
	if sc == nil {
		return
	}
	sc.Held, sc.ToldAt, sc.AdvanceAt = nil, 0, 0
	if again {
		s.beginAnew()
	} else {
		sc.Written, sc.Complete, sc.Source, sc.Why, sc.Read = by.Text, true, by.Source, cmp.Or(by.Why, whyRetracted), true
		s.disown()
	}
	if n := len(s.Path); n > 0 {
		s.Path[n-1].Text, s.Path[n-1].Source = "", ""
	}
	s.live.ahead, s.live.runes = nil, nil
	s.tellFrom(0)
}

// feelingShares are the reactions of this show so far, those of the running scene twice as heavy, as shares of 1.
func (s *State) feelingShares() map[string]float64 {
	shares, sum := map[string]float64{}, 0.0
	for feeling, n := range s.Feelings {
		shares[feeling] += float64(n)
	}
	for feeling, n := range s.live.reactions {
		shares[feeling] += 2 * float64(n)
	}
	for _, n := range shares {
		sum += n
	}
	for feeling := range shares {
		shares[feeling] /= sum
	}
	return shares
}
