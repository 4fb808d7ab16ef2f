package narration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"kinoautomat/narrator"
	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

const planPrompt = `An audience watches this story and votes on how it goes on. Here is its last scene:

The lamp goes out. Below the cliff a boat turns slowly toward the rocks. Mara, the keeper, hears somebody turn pages behind the door.

Answer with one JSON object: v is 1; summary of the scene; facts_add, up to three, each with subject s, predicate p and object o; facts_end, an empty list; threads, up to two; mood; candidates, four ways to go on, short; end.`

// planTokens is how long the answer may be.
const planTokens = 1500

func (e *exam) schema(ctx context.Context) {
	answer, err := e.pool.Ask(ctx, "", asks(planPrompt), narrator.Call{MaxTokens: planTokens, Schema: plan.Schema(), FirstWord: time.Minute})
	if err != nil {
		e.note("schema", Fail, "no plan: %s", narrator.Advice(err))
		return
	}
	p, repairs, err := plan.Parse(answer.Text)
	switch {
	case err != nil && answer.Finish == "length":
		e.note("schema", Warn, "the plan was longer than %d tokens and so is cut: %s", planTokens, err)
	case err != nil:
		e.note("schema", Fail, "the answer is no plan: %s; take another model", err)
	case !answer.Held:
		e.note("schema", Warn, "the server cannot hold the model to a JSON schema; asked in words, it gave a plan with %d ways to go on, of which %d things had to be mended",
			len(p.Candidates), len(repairs))
	case !json.Valid([]byte(answer.Text)) || len(repairs) > 0:
		e.note("schema", Warn, "the server took the JSON schema but does not keep to it: %d things of the plan had to be mended; update it", len(repairs))
	default:
		e.note("schema", OK, "held: a plan with %d ways to go on in %.1f s", len(p.Candidates), answer.Took.Seconds())
	}
}

// language is one in which a scene is asked for, as a show would.
type language struct {
	tag, name string
	cue       story.Cue
	script    *unicode.RangeTable
}

var languages = []language{
	{"en", "English", story.Cue{
		Title: "The Lamp", Summary: "A keeper, a boat and a night at a lighthouse.", Direction: "The lamp goes out. Mara takes the oil up the stairs and finds that she is not alone.",
		Next: []string{"Open the door", "Climb down the rope"}, MaxChars: 500,
	}, unicode.Latin},
	{"zh-Hans", "Chinese", story.Cue{
		Title: "灯塔", Summary: "守灯人、一条船，和灯塔上的一夜。", Direction: "灯灭了。玛拉带着油上楼，发现楼上有人。", Next: []string{"推开门", "顺绳子爬下去"}, MaxChars: 240,
	}, unicode.Han},
}

// leastShare is the share of the letters that must be of the language's script: names and loan words may be of another.
const leastShare = 0.85

func (e *exam) languages(ctx context.Context) {
	for _, l := range languages {
		cue := l.cue
		cue.Room, cue.Key, cue.Scene, cue.Language = "bench", "bench/"+l.tag, "scene", l.tag
		var text strings.Builder
		begun, first := time.Now(), time.Duration(0)
		_, err := e.show.Tell(ctx, cue, func(sentence string) error {
			if first == 0 {
				first = time.Since(begun)
			}
			text.WriteString(sentence)
			return nil
		})
		if err != nil {
			e.note(l.tag, Fail, "no whole scene in %s, asked as a show asks: %s", l.name, narrator.Advice(err))
			continue
		}
		share := scriptShare(text.String(), l.script)
		state, what := OK, fmt.Sprintf("a scene in %s: first sentence after %d ms, %d characters", l.name, first.Milliseconds(), len([]rune(text.String())))
		if share < leastShare {
			state, what = Fail, fmt.Sprintf("asked for a scene in %s, only %.0f %% of its letters are: take a model that knows the language, or do not show stories in it", l.name, 100*share)
		}
		e.note(l.tag, state, "%s", what)
	}
}

// scriptShare is the share of a text's letters that are of a script, 0 without letters.
func scriptShare(text string, script *unicode.RangeTable) float64 {
	letters, ours := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(script, r) {
				ours++
			}
		}
	}
	if letters == 0 {
		return 0
	}
	return float64(ours) / float64(letters)
}

// longPrompt is about as many tokens of a story's beginning, which no backend has seen with another number.
func longPrompt(number int64, tokens int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Show %d. What was told so far:\n", number)
	const perLine = 20 // tokens, about
	for i := range max(tokens/perLine, 1) {
		fmt.Fprintf(&b, "Night %d: the keeper counted %d boats, wrote the wind down, and slept until the bell.\n", i+1, (i*7+int(number%13))%29)
	}
	return b.String()
}
