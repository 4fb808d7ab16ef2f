package vote

import (
	"math"
	"slices"
)

// What a forecast takes to be so before ballots tell it better. Each is worth a few ballots, so that it fades soon.
const (
	// priorBallots is how many ballots every choice is taken to have got before the first. One is the flat prior: any split of the
	// audience is as likely as any other.
	priorBallots = 1

	// priorTurnout is the share of those eligible that is expected to vote, and priorViewers how many viewers that is worth.
	priorTurnout, priorViewers = 0.7, 4

	// swing is the most ballots, of those given, that say anything of those to come. It is the doubt that stays however many have
	// voted, since late voters are not the early ones over again; a room larger than this is not surer of its late voters than this.
	swing = 300
)

// Forecast is the chance, 0–1, of each choice to win when the voting ends; all of them are there and they add up to 1.
//
// Eligible is as for [Poll.Close]: viewers who voted or still can, at least the turnout. Elapsed is the share of the voting time that has
// passed, 0–1 (beyond that, the nearer end; NaN is 0); 0 also before the voting. Where it is 1, or the poll is closed, or everybody has
// voted, nothing is to come and the forecast is what the ballots say.
//
// How it is made: of those who have not voted some still will, the fewer the later it is, taking viewers to vote at any moment alike; how
// many follows a beta-binomial distribution about the turnout so far. Their ballots follow the Dirichlet-multinomial (Pólya)
// distribution of the ballots given: exactly while few are to come, else a Dirichlet distribution of the same mean and covariance. A fixed
// set of futures is drawn from these and each is counted by the rules. Approvals of one choice say nothing about another's. In a
// run-off the ballots to come rank as those given that put the same choice first; that is an approximation. A ballot given is taken to
// stay, also where votes may be changed.
//
// The default wins without ballots or quorum. A shared first place goes to the one listed first, or where the rule is a draw or the host,
// to all of them in equal parts: the seed is never looked at, so that a forecast may be shown. The same arguments give the same forecast.
func Forecast(p *Poll, eligible int, elapsed float64) map[string]float64 {
	o := newOutlook(p, eligible, elapsed)
	wins := make([]float64, len(p.Choices))
	n := futures
	if o.absent == 0 {
		n = 1 // they are all the same
	}
	for f := range n {
		first := o.future(f)
		for _, i := range first {
			wins[i] += 1 / float64(len(first)*n)
		}
	}
	chances := make(map[string]float64, len(wins))
	for i, c := range p.Choices {
		chances[c.ID] = wins[i]
	}
	return chances
}

// outlook is what is known of a poll now, and room to count its futures in.
type outlook struct {
	poll    *Poll
	absent  int // may still vote
	needed  int // ballots, for the quorum
	turnout beta
	rest    []beta // plurality, ranked: a choice's part of what those before it left; approval: its approvals
	weights []float64
	weight  float64 // all weights

	final    []float64 // counts of one future
	first    []int     // who is first in it
	transfer *transfers
}

func newOutlook(p *Poll, eligible int, elapsed float64) *outlook {
	voted := p.Turnout()
	eligible = max(eligible, voted)
	k := len(p.Choices)
	o := &outlook{
		poll:    p,
		absent:  eligible - voted,
		needed:  p.Rules.needed(eligible),
		rest:    make([]beta, k),
		weights: make([]float64, k),
		final:   make([]float64, k),
		first:   make([]int, 0, k),
	}
	q := stillVotes(voted, eligible, elapsed)
	if p.Closed || q == 0 {
		o.absent = 0
		return o
	}
	sure := float64(priorViewers + voted)
	o.turnout = newBeta(sure*q, sure*(1-q))

	fade := min(1, swing/float64(max(voted, 1)))
	for i, n := range p.counts {
		o.weights[i] = priorBallots + fade*float64(n)
		o.weight += o.weights[i]
	}
	left := o.weight
	for i, w := range o.weights {
		if p.Rules.Method == Approval {
			o.rest[i] = newBeta(w, priorBallots+fade*float64(voted-p.counts[i]))
			continue
		}
		left -= w
		if i == k-1 {
			left = 0 // whatever rounding left: the last takes what is left
		}
		o.rest[i] = newBeta(w, left)
	}
	return o
}

// stillVotes is the chance that a viewer who has not voted yet will. With a turnout of t in the end, and votes spread evenly, t·elapsed
// have voted by now and t·(1−elapsed) will.
func stillVotes(voted, eligible int, elapsed float64) float64 {
	if !(elapsed > 0) {
		elapsed = 0
	}
	if elapsed >= 1 {
		return 0
	}
	t := (float64(voted) + priorTurnout*priorViewers) / (float64(eligible)*elapsed + priorViewers)
	t = min(t, 1)
	return t * (1 - elapsed) / (1 - t*elapsed)
}

// future counts the f-th future and returns the places of those who share its first place, or of the one who wins it otherwise.
func (o *outlook) future(f int) []int {
	p := o.poll
	for i, n := range p.counts {
		o.final[i] = float64(n)
	}
	ballots := p.Turnout()
	if o.absent > 0 {
		come := o.turnout.part(o.absent, f, 0)
		o.cast(come, f)
		ballots += come
	}
	if ballots == 0 || ballots < o.needed {
		o.first = append(o.first[:0], max(0, p.place(p.Rules.Default)))
		return o.first
	}
	if p.Rules.Method == Ranked {
		o.runOff()
	} else {
		o.most()
	}
	if len(o.first) > 1 && p.Rules.Tie == Listed {
		o.first = o.first[:1]
	}
	return o.first
}

// cast adds n ballots of the f-th future.
func (o *outlook) cast(n, f int) {
	switch {
	case o.poll.Rules.Method == Approval:
		for i := range o.final {
			o.final[i] += float64(o.rest[i].part(n, f, 1+i))
		}
	case n <= exact:
		for i := range o.final {
			x := o.rest[i].part(n, f, 1+i)
			o.final[i] += float64(x)
			n -= x
		}
	default:
		var parts [MaxChoices]float64
		total := 0.0
		for i, w := range o.weights {
			parts[i] = gamma(w*shrink(o.weight, n), f, 1+i)
			total += parts[i]
		}
		if total == 0 {
			return
		}
		for i := range o.final {
			o.final[i] += math.Floor(float64(n)*parts[i]/total + 0.5)
		}
	}
}

// most sets first to those with the highest count.
func (o *outlook) most() {
	top := slices.Max(o.final)
	o.first = o.first[:0]
	for i, n := range o.final {
		if n == top {
			o.first = append(o.first, i)
		}
	}
}
