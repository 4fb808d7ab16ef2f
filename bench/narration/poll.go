package narration

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// What is drawn for a simulated poll.
const (
	leastChoices, mostChoices = 2, 4
	turnout                   = 0.7 // chance that a viewer votes, at any moment of the voting time alike
	tick                      = 250 * time.Millisecond
)

var audiences = []int{10, 50} // viewers; polls take turns

// ballot is a vote that will be cast.
type ballot struct {
	at     time.Duration // from the opening
	choice string
}

// poll is one decision of a room of its own: who will vote for what and when is drawn before, so that it can be held twice.
type poll struct {
	number   int
	audience int
	choices  []vote.Choice
	ballots  []ballot // in the order of time
	begins   time.Duration
}

// drawPolls draws n of them, whose openings are spread over a time.
func drawPolls(random *rand.Rand, n int, voting, over time.Duration) []*poll {
	polls := make([]*poll, n)
	for i := range polls {
		p := &poll{number: i, audience: audiences[i%len(audiences)], begins: time.Duration(random.Int64N(int64(over) + 1))}
		for c := range leastChoices + random.IntN(mostChoices-leastChoices+1) {
			p.choices = append(p.choices, vote.Choice{ID: string(rune('a' + c)), Label: "Way " + strconv.Itoa(c+1)})
		}
		shares := preferences(random, len(p.choices))
		for range p.audience {
			if random.Float64() < turnout {
				p.ballots = append(p.ballots, ballot{time.Duration(random.Int64N(int64(voting))), p.choices[prefer(random, shares)].ID})
			}
		}
		slices.SortFunc(p.ballots, func(a, b ballot) int { return int(a.at - b.at) })
		polls[i] = p
	}
	return polls
}

// preferences are a random split among k, any as likely as any other: the gaps between sorted uniform numbers.
func preferences(random *rand.Rand, k int) []float64 {
	cuts := []float64{0, 1}
	for range k - 1 {
		cuts = append(cuts, random.Float64())
	}
	slices.Sort(cuts)
	shares := make([]float64, k)
	for i := range shares {
		shares[i] = cuts[i+1] - cuts[i]
	}
	return shares
}

func prefer(random *rand.Rand, shares []float64) int {
	u := random.Float64()
	for i, share := range shares {
		if u -= share; u < 0 {
			return i
		}
	}
	return len(shares) - 1
}

func (p *poll) room() string { return "room-" + strconv.Itoa(p.number) }

// open is the poll before its first ballot.
func (p *poll) open() (*vote.Poll, error) {
	return vote.New(p.room(), p.choices, vote.DefaultRules(), [32]byte{})
}

// winner is who will have won when all ballots are in that are cast before a time.
func (p *poll) winner(before time.Duration) (string, error) {
	v, err := p.open()
	if err != nil {
		return "", err
	}
	if err := p.cast(v, 0, before); err != nil {
		return "", err
	}
	result, _ := v.Close(p.audience)
	return result.Winner, nil
}

// cast casts the ballots from a time on and before another.
func (p *poll) cast(v *vote.Poll, from, before time.Duration) error {
	for i, b := range p.ballots {
		if b.at >= from && b.at < before {
			if err := v.Cast(strconv.Itoa(i), []string{b.choice}); err != nil {
				return err
			}
		}
	}
	return nil
}

// outlook is what the poll's room expects.
func (p *poll) outlook(v *vote.Poll, arming bool, elapsed float64) story.Outlook {
	o := story.Outlook{Room: p.room(), Decision: p.room(), Arming: arming, Elapsed: elapsed}
	chances := vote.Forecast(v, p.audience, elapsed)
	for _, c := range p.choices {
		if chances[c.ID] > 0 {
			o.Prospects = append(o.Prospects, story.Prospect{Cue: p.cue(c.ID), P: chances[c.ID]})
		}
	}
	return o
}

// cue is what is to be told where a choice wins.
func (p *poll) cue(choice string) story.Cue {
	return story.Cue{
		Direction: fmt.Sprintf("The keeper takes way %s (%s).", choice, p.mark(choice)), Mood: "uneasy", Room: p.room(), Key: p.room() + "/" + choice,
		Scene: "scene-" + choice, Language: "en", Title: "The Lamp", Summary: "A keeper, a boat and a night at a lighthouse.",
		Authored: "The night goes on.", Next: []string{"Open the door", "Climb down the rope"},
		Path: []story.Step{{Scene: "start", Title: "The Lamp", Text: sceneText, Source: story.SourceModel, Choice: choice, Label: "Way " + choice}},
	}
}

func (p *poll) mark(choice string) string { return fmt.Sprintf("telling-%d-%s", p.number, choice) }
