package room

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// In a bridge the choices are the narrator's. They are thought of while people read; the scene itself has what is offered without them: the
// author's links, or the way straight on to the bridge's anchor.

// How long choices are waited for after the last word, in milliseconds.
const (
	planHurry  = 3000 // then the narrator has to come to an end
	planGiveUp = 4000 // then the show goes on without them
)

// ToStaff is whom an event is for that only moderators and hosts are told. It is no viewer's id.
const ToStaff = "staff"

// choices are what the audience is offered after the running scene.
func (s *State) choices() []story.Choice {
	switch sc := s.Scene; {
	case sc.skipped():
		return []story.Choice{*sc.Script.Anchor}
	case len(sc.Invented) > 0:
		return sc.Invented
	default:
		return sc.Script.Choices
	}
}

// skipped says whether the scene is a beat of a bridge for which nobody had a word. The next scene takes its place in the show.
func (sc *Scene) skipped() bool {
	return sc.Script.Anchor != nil && sc.Complete && sc.Written == "" && !sc.Planned // else it lost its words during the vote
}

// awaitsPlan says whether the choices of the running scene are still to be invented.
func (s *State) awaitsPlan() bool {
	sc := s.Scene
	return sc != nil && s.Phase == PhaseTelling && sc.Script.Cue.Invents() && !sc.Planned && !sc.skipped()
}

// Planning names the scene whose choices a narrator is to invent now; false when there is none. In a hurry it has to say at once what it has.
func (s *State) Planning() (t Telling, hurry, ok bool) {
	if !s.awaitsPlan() || !s.Scene.Complete {
		return Telling{}, false, false
	}
	late := s.live.planBy > 0 && s.PausedAt == 0 && s.live.clock >= s.live.planBy-(planGiveUp-planHurry)
	return Telling{Show: s.Show, Number: s.Scene.Number, Try: s.tries()}, late || s.live.hurry, true
}

// offeredKept is how many labels of the polls of late a narrator is told, so as not to think of them again.
const offeredKept = 12

// PlanCue is what choices are invented from. What viewers suggest is not the words' any more but the choices'. Only while Planning says so.
func (s *State) PlanCue() story.Cue {
	cue := s.Cue()
	cue.Wishes, cue.Salt = s.wishes(), s.salt("plan "+cue.Key)
	seed := s.seed(fmt.Sprintf("plan %d %d", s.Scene.Number, s.tries()))
	cue.Seed, cue.Offered = binary.BigEndian.Uint64(seed[:8]), slices.Clone(s.Offered)
	return cue
}

// maxNotes is how many bytes a narrator's notes of one scene may have.
const maxNotes = 16 << 10

// Planned takes what a narrator made of a scene that it told: notes for later scenes, and in a bridge choices. What comes after the show, for
// words that were taken back or when it was given up is dropped, and so is what is no JSON.
func (s *State) Planned(now int64, t Telling, p story.Plan) []Event {
	s.begin(now)
	if n := len(p.Notes); s.remembers(t) && n > 0 && n <= maxNotes && json.Valid(p.Notes) {
		s.record(evNarrationNoted, "", nil, &narrationNoted{Number: t.Number, Notes: p.Notes})
	}
	if now, _, ok := s.Planning(); ok && now == t {
		s.offer(p)
	}
	return s.take()
}

// remembers says whether the words of a telling are part of the show, so that later scenes want notes of them.
func (s *State) remembers(t Telling) bool {
	return t.Show == s.Show && t.Number <= len(s.Path) && t.Try == s.Tries[t.Number]
}

// fromUnread is the From of choices that are the author's because nobody of the staff could read the narrator's.
const fromUnread = "unread"

// offer takes the choices of a plan. One without any that can be offered leaves it at those of the author.
func (s *State) offer(p story.Plan) {
	sc, cue := s.Scene, s.Scene.Script.Cue
	withheld := s.Shield && sc.Held == nil && len(p.Choices) > 0 // nobody would read them before the audience does
	if withheld {
		p.Choices = nil
	}
	between := cue.Bridge
	planned := &ChoicesPlanned{
		Scene: sc.Scene, Number: sc.Number, Beat: between.Beat, Beats: between.Beats, Choices: []PlannedChoice{},
		Record:  PlanRecord{From: "none", Candidates: []WeighedChoice{}, Shown: []string{}},
		Tension: cue.Tension, Arousal: s.Arousal, Lean: cue.Lean,
	}
	if len(p.Record) <= maxNotes && len(p.Record) > 0 {
		var record PlanRecord
		if json.Unmarshal(p.Record, &record) == nil {
			planned.Record = record
		}
	}
	// A narrator without ideas may say null for none; pages are promised lists.
	planned.Record.Candidates, planned.Record.Shown = append([]WeighedChoice{}, planned.Record.Candidates...), append([]string{}, planned.Record.Shown...)
	if withheld {
		planned.Record.From, planned.Record.Shown = fromUnread, []string{}
	}
	hidden := &choicesInvented{}
	if invented := s.invented(p.Choices); len(invented) > 0 {
		hidden.Choices, hidden.Words = invented, p.Words
		for _, c := range invented {
			planned.Choices = append(planned.Choices, PlannedChoice{ID: c.ID, Label: c.Label, P: c.P})
		}
	}
	s.record(evChoicesPlanned, ToStaff, planned, hidden)
}

// withholdPlan: with the shield on, choices that were invented before it came are not offered, unless the staff read them with the words, or did.
// Those that viewers have seen stay.
func (s *State) withholdPlan() {
	sc := s.Scene
	if !s.Shield || sc == nil || len(sc.Invented) == 0 || sc.Held != nil || sc.Read && !sc.replaced() || sc.PollUsed || s.Phase != PhaseTelling {
		return
	}
	if record, err := json.Marshal(sc.Plan.Record); err == nil {
		s.offer(story.Plan{Choices: sc.Invented, Record: record})
	}
}

// invented are choices as the room offers them: each leads to the next beat. It is nil unless all of them can be offered.
func (s *State) invented(choices []story.Choice) []story.Choice {
	if len(choices) < 2 || len(choices) > vote.MaxChoices {
		return nil
	}
	var all []story.Choice
	for i, c := range choices {
		label := Clean(c.Label)
		if label == "" || !fits(label, story.MaxLabelRunes) || math.IsNaN(c.P) || c.P < 0 || c.P > 1 {
			return nil
		}
		all = append(all, story.Choice{
			ID: string(rune('a' + i)), Label: label, Target: s.Progress.Bridge.Scene, Hook: strings.TrimSpace(c.Hook), P: c.P,
		})
	}
	return all
}

// foldPlanned makes the choices those of the scene.
func (s *State) foldPlanned(e Event) {
	sc := s.Scene
	if sc == nil {
		return
	}
	hidden := e.Hidden.(*choicesInvented)
	sc.Planned, sc.Plan, sc.Invented, sc.PlanWords = true, e.Data.(*ChoicesPlanned), hidden.Choices, hidden.Words
	s.live.ahead, s.live.hurry = nil, false
	if sc.ToldAt > 0 {
		s.foldWay(e.At)
	}
}

// foldWay sets the clock for what comes when all words of a scene are out.
func (s *State) foldWay(now int64) {
	switch sc := s.Scene; {
	case s.awaitsPlan():
		s.live.planBy = now + planGiveUp
	case sc.skipped():
		sc.AdvanceAt = now
	case len(s.choices()) < 2:
		sc.AdvanceAt = now + millis(s.rules().TailSeconds)
	}
}

// forgetPlan has the choices thought of anew, since the words have changed. A poll that people see keeps its own.
func (s *State) forgetPlan() {
	if s.Phase == PhaseTelling {
		s.Scene.Planned, s.Scene.Plan, s.Scene.Invented, s.Scene.PlanWords = false, nil, nil, nil
	}
	s.live.planBy, s.live.hurry = 0, false
}

// planOver: the narrator has had its time.
func (s *State) planOver(now int64) bool {
	return s.awaitsPlan() && s.live.planBy > 0 && now >= s.live.planBy
}

// nextPlan is when the narrator is hurried, or given up; 0 where nothing is waited for.
func (s *State) nextPlan() int64 {
	switch hurry := s.live.planBy - (planGiveUp - planHurry); {
	case s.live.planBy == 0 || !s.awaitsPlan():
		return 0
	case s.live.clock < hurry:
		return hurry
	}
	return s.live.planBy
}

// hurryPlan lets a host who does not want to wait have the choices that there are.
func (s *State) hurryPlan() error {
	if !s.Scene.Complete {
		return notNow("the narrator has not thought of the choices yet")
	}
	s.live.hurry = true
	return nil
}
