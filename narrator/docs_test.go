package narrator

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/plan"
)

// cells are the rows of all tables of docs/narrator.md with two cells, by the first.
func cells(t *testing.T) (page string, second map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("../docs/narrator.md")
	if err != nil {
		t.Fatal(err)
	}
	second = map[string]string{}
	for line := range strings.Lines(string(raw)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(row) == 2 {
			second[strings.TrimSpace(row[0])] = strings.TrimSpace(row[1])
		}
	}
	return string(raw), second
}

// seconds is a time as the page writes it.
func seconds(d time.Duration) string { return fmt.Sprintf("%g s", d.Seconds()) }

func TestDocs_Limits(t *testing.T) {
	m, err := NewModel(Backend{Kind: "openai", Base: "http://h/v1", Model: "m"}, Options{}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	budget := plan.DefaultBudget()
	_, written := cells(t)
	for name, want := range map[string]string{
		"until a connection stands":  seconds(m.opts.Connect),
		"until a model's first word": seconds(m.opts.FirstWord),
		"until the first sentence of a scene is there, or the author's words are": seconds(FirstOnScreen) + "; of these a guard may take " + seconds(gate.GuardTimeout),
		"between two tokens": seconds(m.opts.Idle),
		"one call in all":    seconds(m.opts.Whole),
		"a rewrite of what the gate stopped, until its first sentence, once people have read a part": seconds(rewriteTime),
		"notes of a scene and the choices after it, all tries":                                       seconds(noteTime),
		"an answer with choices": fmt.Sprintf("%d tokens, at most half of the context", planTokens),
		"labels of earlier polls that are to be avoided, in a prompt": fmt.Sprint(maxOffered),
		"a guard's verdict":     seconds(gate.GuardTimeout),
		"characters of a scene": fmt.Sprintf("%d–%d, %d if the author does not say", minMaxChars, maxMaxChars, defaultMaxChars),
		"characters of the title, the summary, the direction and the mood in a prompt": fmt.Sprintf("%d, %d, %d, %d", maxTitle, maxSummary, maxDirection, maxMood),
		"suggestions in a prompt, and characters of one":                               fmt.Sprintf("%d, %d", maxWishes, gate.MaxMarked),
		"feelings in a prompt, and the least share of one":                             fmt.Sprintf("%d, %g %%", maxFeelings, minFeeling*100),
		"temperature": fmt.Sprint(m.opts.Temperature),

		"drafts of a room that are written at a time":                            fmt.Sprint(budget.Streams),
		"drafts begun for one decision, those given up included":                 fmt.Sprint(budget.Drafts),
		"a choice is worth a draft from this chance on, by the ballots so far":   fmt.Sprintf("%g %%", budget.Worth*100),
		"a choice is taken for decided, and all other drafts are given up, from": fmt.Sprintf("%g %%", budget.Sure*100),
	} {
		if written[name] != want {
			t.Errorf("%s: the page says %q, the code %q", name, written[name], want)
		}
	}
	if begins := written["begins when"]; !strings.HasPrefix(begins, fmt.Sprintf("%g %% of the voting time", budget.From*100)) {
		t.Errorf("the page says that drafts begin when %s", begins)
	}
}

// What else the page says in figures.
func TestDocs_Figures(t *testing.T) {
	page, _ := cells(t)
	page = strings.Join(strings.Fields(page), " ") // wherever its lines end
	for _, sentence := range []string{
		fmt.Sprintf("two sentences or %d characters", enoughChars),
		fmt.Sprintf("After %d failures in a row, or when half of at least %d calls of the last %s failed, a model is not asked for %s",
			restAfter, restLeast, seconds(breakerSpan), seconds(restTime)),
		fmt.Sprintf("obeyed, up to %s", seconds(maxRest)),
		fmt.Sprintf("Every %s the node asks each server for its list of models, every %s while it is ill", seconds(checkEvery), seconds(checkIll)),
		fmt.Sprintf("(at least %s, at most %s; %[2]s while it is new)", seconds(minHedge), seconds(maxHedge)),
		fmt.Sprintf("its first word takes more than %s in one of 20 calls", seconds(maxSpareWord)),
		fmt.Sprintf("the last %d characters if they are more", gate.MaxPrevious),
		fmt.Sprintf("%d–%d calls at once", 1, maxSlots),
		fmt.Sprintf("Ollama %d; all others %d", ollamaSlots, openSlots),
		fmt.Sprintf("%d–%d tokens for a prompt and its answer", minContext, maxContext),
		fmt.Sprintf("else %d or what the model has, if less. Where nobody says, %d", ollamaContext, unknownContext),
		fmt.Sprintf("of a server's error message up to %d characters", maxReport),
		fmt.Sprintf("a term has up to %d characters, all lists together up to %d terms", gate.MaxTerm, gate.MaxTerms),
		fmt.Sprintf("within %s. Looked for", seconds(probeTimeout)),
	} {
		if !strings.Contains(page, sentence) {
			t.Errorf("the page does not say: %s", sentence)
		}
	}
	for _, p := range localProbes {
		_, port, _ := strings.Cut(p.address, ":")
		if !regexp.MustCompile(`\((?:port )?` + port + `\)`).MatchString(page) {
			t.Errorf("the page does not say that port %s is looked at", port)
		}
	}
}

// Every reason that a scene or a metric can give is explained.
func TestDocs_Outcomes(t *testing.T) {
	page, _ := cells(t)
	for _, why := range []string{
		WhyAuthored, WhyReserveChosen, WhyNoModel, WhyModelAnswered, WhyModelUnreachable, WhyModelTimeout, WhyModelError, WhyModelEmpty, WhyModelCut,
		WhyBlocked, WhyAbandoned, WhyOutrun,
	} {
		if !strings.Contains(page, "\n| `"+why+"` |") {
			t.Errorf("the page does not explain %s", why)
		}
	}
}
