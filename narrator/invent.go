package narrator

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"kinoautomat/narrator/memory"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

// Limits of inventing choices.
const (
	planTokens      = 1800 // of the answer, at most half of the context
	planTemperature = 0.7
	leastAgain      = 512 // tokens of a prompt that asks once more; with less there is no room for the story
	leanBy          = 0.2 // of tension, by which the audience's feeling bends what the next beat should be like
	maxCast         = 6   // people about whom choices can be made up
	maxName         = 24
)

// planLanguages are those in which viewers are told where choices came from.
var planLanguages = []string{"en", "zh-Hans"}

// invent thinks of what could be done after a beat of a bridge. When ctx ends it says at once what it has.
func (l *Ladder) invent(ctx context.Context, cue story.Cue, told string) story.Plan {
	turn := l.turn(cue, told)
	thought, ok := l.think(ctx, cue, told, turn)
	var p story.Plan
	if ok {
		p.Notes = l.notes(thought)
	}
	good, refused, _ := plan.Check(thought, turn)
	if len(good) < plan.MinShown && cue.Bridge.Links >= plan.MinShown {
		p.Record = record(plan.Why{Mode: turn.Mode, From: plan.FromAuthor, Offered: len(thought.Candidates), Refused: refused})
		return p
	}
	set := plan.Choose(thought, turn)
	for _, c := range set.Choices {
		p.Choices = append(p.Choices, story.Choice{Label: c.Label, Hook: c.Hook, P: c.P})
	}
	p.Words = map[string][]string{}
	for _, language := range planLanguages {
		lines := set.Why.Lines(language)
		p.Words[language] = lines[:]
	}
	p.Record = record(set.Why)
	return p
}

func record(why plan.Why) json.RawMessage {
	text, err := json.Marshal(why)
	if err != nil { // no number in it is not one
		return nil
	}
	return text
}

// think asks a model for a plan, and once more, with what is wrong, where too few of its ideas can be used. ok is false where no model said anything
// that is one. What came before a call broke off, or before ctx ended, counts.
func (l *Ladder) think(ctx context.Context, cue story.Cue, told string, turn plan.Turn) (thought plan.Plan, ok bool) {
	window := l.pool.Context()
	if window == 0 {
		return plan.Plan{}, false
	}
	answerTokens := min(planTokens, window/2)
	p := planPrompt(cue, told, window-answerTokens)
	warm := planTemperature
	call := Call{Temperature: &warm, MaxTokens: answerTokens, Schema: plan.Schema()}
	answer, failed := l.asked(ctx, cue, p, call)
	thought, few := judged(answer.Text, turn)
	ok = !errors.Is(few, plan.ErrNoAnswer)
	if few == nil || failed != nil || answer.Text == "" {
		return thought, ok
	}
	problem := plan.Problem(few, cue.Language)
	room := window - answerTokens - memory.Cautious.Count(answer.Text+problem)
	if room < leastAgain || ctx.Err() != nil {
		return thought, ok
	}
	l.log.Debug("too few choices", zap.String("room", cue.Room), zap.String("scene", cue.Scene), zap.Error(few))
	again, _ := l.asked(ctx, cue, planPrompt(cue, told, room), call, Turn{RoleTold, answer.Text}, Turn{RoleAsked, problem})
	if second, err := judged(again.Text, turn); err == nil || !ok {
		return second, ok || !errors.Is(err, plan.ErrNoAnswer)
	}
	return thought, ok
}

// judged is the plan in an answer. The error says why too few of its candidates can be used.
func judged(text string, turn plan.Turn) (plan.Plan, error) {
	p, _, err := plan.Parse(text)
	if err == nil {
		_, _, err = plan.Check(p, turn)
	}
	return p, err
}

// turn is what is known of the story when choices are made.
func (l *Ladder) turn(cue story.Cue, told string) plan.Turn {
	b, show := cue.Bridge, withTold(cue, told)
	ledger := memory.NewLedger(bible(cue), show)
	t := plan.Turn{
		Language: cue.Language, Mode: plan.Mode(b.Mode), Seed: cue.Seed, Context: told, Recent: cue.Offered, Target: target(cue),
		Cast: cast(cue.World, ledger.Current()), Ledger: truths{ledger, cue.Language}, Gate: passes{l.lists},
	}
	if b.Floor != nil {
		if t.Floor = *b.Floor; t.Floor == 0 {
			t.Floor = -1 // none; 0 would be the usual
		}
	}
	for _, f := range ledger.Current() {
		t.Known = append(t.Known, f.ID)
	}
	for _, thread := range memory.Threads(show) {
		if thread.Status != memory.Closed {
			t.Known = append(t.Known, thread.ID)
			t.Threads = append(t.Threads, plan.Thread{ID: thread.ID, Title: thread.Text, Age: len(show) - thread.Last})
		}
	}
	return t
}

// target is what the next beat should feel like: as tense as the author wants it, bent by what the audience feels, and as stirring as that.
func target(cue story.Cue) *plan.Mood {
	if cue.Bridge.Tension == nil {
		return nil
	}
	tension := min(max(*cue.Bridge.Tension+map[story.Lean]float64{story.Calmer: -leanBy, story.Tenser: leanBy}[cue.Lean], 0), 1)
	return &plan.Mood{Tension: tension, Arousal: tension}
}

// truths is a ledger in a plan's words.
type truths struct {
	memory.Ledger
	language string
}

// Contradicts implements plan.Ledger.
func (t truths) Contradicts(c plan.Candidate) (fact string, yes bool) {
	for _, text := range []string{c.Label, c.Hook} {
		if conflicts := t.Check(text, t.language); len(conflicts) > 0 {
			return conflicts[0].Fact.ID, true
		}
	}
	return "", false
}

// cast are the people of whom facts that hold say that they live, have or gave something, the latest first, and then those of the author's. Where
// the author does not say who is who, a name is taken for a person's by what is said of it and how it is written.
func cast(world *story.World, facts []memory.Fact) []string {
	var names, authors, others []string
	if world != nil {
		for _, e := range world.Cast {
			if e.Kind == "" || e.Kind == "person" {
				authors = append(authors, e.Name)
			} else {
				others = append(others, e.Name)
			}
		}
	}
	for _, f := range slices.Backward(facts) {
		switch memory.Typed(f.Predicate) {
		case memory.Alive, memory.Holds, memory.Gave, memory.At:
			if isName(f.Subject) && !slices.Contains(names, f.Subject) && !slices.Contains(others, f.Subject) {
				names = append(names, f.Subject)
			}
		}
	}
	for _, name := range authors {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names[:min(len(names), maxCast)]
}

// isName says whether that is written as a name is: all words with capitals and without an article, or two to four characters of Chinese.
func isName(text string) bool {
	if n := utf8.RuneCountInString(text); n < 2 || n > maxName {
		return false
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return utf8.RuneCountInString(text) <= 4
	}
	for i, word := range strings.Fields(text) {
		if r, _ := utf8.DecodeRuneInString(word); !unicode.IsUpper(r) || i == 0 && slices.Contains([]string{"The", "A", "An"}, word) {
			return false
		}
	}
	return true
}
