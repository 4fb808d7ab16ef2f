package narrator

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/memory"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

// Limits of taking notes.
const (
	noteTime        = 30 * time.Second // for all tries: people still read the scene then
	noteTokens      = 900              // of the answer; what is longer is mended or left out
	noteTemperature = 0.2
)

// Plan asks a model what a scene that was just told leaves to be remembered: a summary, facts, threads and the mood, as the JSON of a plan.Plan
// without ways to go on. There are no notes where no model takes any; the scenes after it then know the words alone. Of a beat of a bridge it also
// returns the choices that follow: always two or more, unless the author has some and the models have too few. It fits room.Planner.
func (l *Ladder) Plan(ctx context.Context, cue story.Cue, told string) story.Plan {
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	if cue.Invents() {
		return l.invent(ctx, cue, told)
	}
	schema, cool := plan.NotesSchema(), noteTemperature
	answer, err := l.asked(ctx, cue, planPrompt(cue, told, l.pool.Context()-noteTokens), Call{Temperature: &cool, MaxTokens: noteTokens, Schema: schema})
	if err != nil {
		return story.Plan{}
	}
	thought, _, err := plan.Parse(answer.Text)
	if errors.Is(err, plan.ErrNoAnswer) {
		return story.Plan{}
	}
	return story.Plan{Notes: l.notes(thought)}
}

// asked asks a model what it makes of a scene; more are what follows the prompt.
func (l *Ladder) asked(ctx context.Context, cue story.Cue, p memory.Prompt, call Call, more ...Turn) (Answer, error) {
	if l.pool.Context() == 0 {
		return Answer{}, ErrNoModel
	}
	answer, err := l.pool.Ask(ctx, cue.Room, append([]Turn{{RoleContract, p.System}, {RoleAsked, p.User}}, more...), call)
	if err != nil {
		l.log.Debug("no plan made", zap.String("room", cue.Room), zap.String("scene", cue.Scene), zap.String("why", Why(err)))
	}
	return answer, err
}

// notes are what of a plan is kept for later scenes, without what the gate refuses.
func (l *Ladder) notes(p plan.Plan) json.RawMessage {
	p.Candidates, p.End = nil, plan.End{}
	p.Pass(passes{l.lists})
	text, err := json.Marshal(p)
	if err != nil {
		return nil
	}
	return text
}

// passes is a gate in a plan's words.
type passes struct{ *gate.Gate }

func (g passes) Passes(text string) (ok bool, reason string) {
	verdict := g.Check(context.Background(), "", text) // lists only: nothing waits
	return verdict.Pass, string(verdict.Category)
}

// beats are the path with what was noted of it.
func beats(cue story.Cue) []memory.Beat {
	var all []memory.Beat
	for i, step := range cue.Path {
		beat := memory.Beat{Number: i + 1, Title: clip(step.Title, maxTitle), Text: step.Text, Choice: clip(step.Label, maxLabel)}
		var notes plan.Plan
		if raw := cue.Notes[i+1]; raw != nil && json.Unmarshal(raw, &notes) == nil {
			beat.Summary, beat.FactsEnded = notes.Summary, notes.FactsEnd
			for _, f := range notes.FactsAdd {
				beat.FactsAdded = append(beat.FactsAdded, memory.Fact{Subject: f.Subject, Predicate: f.Predicate, Object: f.Object, Source: "model"})
			}
			for _, t := range notes.Threads {
				beat.Threads = append(beat.Threads, memory.ThreadChange{ID: t.ID, Text: threadWords.Replace(t.ID), Status: memory.Status(t.Status)})
			}
		}
		all = append(all, beat)
	}
	return all
}

// threadWords makes words of a thread's id: the-missing-key.
var threadWords = strings.NewReplacer("-", " ", "_", " ")
