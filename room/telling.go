package room

import (
	"math"
	"slices"

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
	if s.unreleased() == 0 && !s.Scene.Complete {
		return 0 // the narrator's next words wake the room
	}
	return s.live.clock + deltaEvery
}

// release lets out the words that are due.
func (s *State) release(now int64) {
	if !s.telling() || s.PausedAt > 0 {
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

func (s *State) told() {
	s.record(evSceneTold, "", &SceneTold{Scene: s.Scene.Scene, Text: s.Scene.Written, Source: s.Scene.Source, Why: s.Scene.Why}, nil)
}

// tellRest releases at once what is written, and gives up what is not: the show goes on.
func (s *State) tellRest() {
	if !s.telling() {
		return
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
}

// Telling names the scene whose words a narrator is to write now; false when none is.
func (s *State) Telling() (Telling, bool) {
	if !s.telling() || s.Scene.Complete || s.Scene.Script.Cue == nil {
		return Telling{}, false
	}
	return Telling{Show: s.Show, Number: s.Scene.Number}, true
}

// Cue is what the narrator is asked for. Only while Telling says so.
func (s *State) Cue() story.Cue {
	cue := *s.Scene.Script.Cue
	cue.Room = s.Room
	cue.Told = s.Scene.Written
	cue.Path = slices.Clone(s.Path[:max(0, len(s.Path)-1)])
	cue.Feelings = s.feelingShares()
	return cue
}

func (s *State) awaits(t Telling) bool {
	now, ok := s.Telling()
	return ok && now == t
}

// Write takes the narrator's next words; words for a scene that is over are dropped.
func (s *State) Write(now int64, t Telling, text string) []Event {
	now = s.begin(now)
	if s.awaits(t) && text != "" {
		s.record(evNarrationWritten, "", nil, &narrationWritten{Scene: s.Scene.Scene, Text: text})
		s.release(now)
	}
	return s.take()
}

// Written takes the narrator's report that it is done.
func (s *State) Written(now int64, t Telling, told story.Telling) []Event {
	now = s.begin(now)
	if s.awaits(t) {
		s.complete(told)
		s.release(now)
	}
	return s.take()
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
