package vote

import (
	"maps"
	"math"
	"slices"
)

// CalibrationBins is how many equal parts of 0–1 chances are sorted into.
const CalibrationBins = 10

// Calibration compares, over the polls of a show, the chances that a narrator gave to choices with the shares of the votes that they got. The zero
// Calibration is empty; it can be kept as JSON.
type Calibration struct {
	Polls  int                  `json:"polls"`
	Square float64              `json:"square"` // sum over polls of the squared differences
	Bins   [CalibrationBins]Bin `json:"bins"`   // the n-th has chances from n/10 on
}

// Bin holds the choices whose chances were alike.
type Bin struct {
	Choices int     `json:"choices"`
	Chance  float64 `json:"chance"` // sum
	Share   float64 `json:"share"`  // sum
}

// Add takes a poll: the chance of each choice shown, and the share of the ballots that each got, both by id. Only the choices in
// chances count; both are scaled to add up to 1, which for approvals makes shares of them. A poll without votes, without chances, or with
// anything negative or not a number in it says nothing and is left out.
func (c *Calibration) Add(chances, shares map[string]float64) {
	ids := slices.Sorted(maps.Keys(chances))
	chanceSum, shareSum := 0.0, 0.0
	for _, id := range ids {
		if !(chances[id] >= 0) || !(shares[id] >= 0) {
			return
		}
		chanceSum += chances[id]
		shareSum += shares[id]
	}
	if !(chanceSum > 0) || !(shareSum > 0) || math.IsInf(chanceSum+shareSum, 1) {
		return
	}
	c.Polls++
	for _, id := range ids {
		chance, share := chances[id]/chanceSum, shares[id]/shareSum
		c.Square += (chance - share) * (chance - share)
		bin := &c.Bins[min(int(chance*CalibrationBins), CalibrationBins-1)]
		bin.Choices++
		bin.Chance += chance
		bin.Share += share
	}
}

// Brier is the mean over polls of Σ(chance − share)² (Brier 1950, with shares instead of one winner), 0 (exact) to 2; NaN without polls.
func (c Calibration) Brier() float64 { return c.Square / float64(c.Polls) }

// ECE is the expected calibration error (Naeini, Cooper and Hauskrecht 2015): the mean over choices of how far their bin's mean chance is
// from its mean share, 0–1; NaN without polls.
func (c Calibration) ECE() float64 {
	off, n := 0.0, 0
	for _, bin := range c.Bins {
		off += math.Abs(bin.Chance - bin.Share)
		n += bin.Choices
	}
	return off / float64(n)
}
