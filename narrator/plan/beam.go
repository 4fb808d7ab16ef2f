package plan

import (
	"cmp"
	"math"
	"slices"
)

const (
	BeamWidth = 3 // outlines of a candidate that are followed further
	BeamDepth = 2 // beats after the candidate's own that are looked at
)

// Outline is a beat that may come later, in one line or none.
type Outline struct {
	ID       string
	P        float64 // that it is what follows, 0–1; relative to those beside it is enough
	ToAnchor int     // fewest beats from it to an authored anchor: 0, it is one; negative, it is not known to lead to any
}

// Outliner knows how a story may go on: the authored graph, or a model that was asked beforehand.
type Outliner interface {
	// Next are the beats that may follow a path, which begins with the id of a candidate. It is asked at most 1 + BeamWidth times for
	// each candidate and must answer the same path alike.
	Next(path []string) []Outline
}

// outlook is one way on from a candidate.
type outlook struct {
	path  []string
	logP  float64
	beats int // from the choice to the anchor that it leads to; 0 if none is known
}

// value is how good that is with so many beats left, 0–1: at least ½ if it reaches an anchor in time, the more the likelier its beats; less
// than ½ if it needs more beats, the less the more; 0 if it is not known to reach any.
func (o outlook) value(left int) float64 {
	switch {
	case o.beats == 0:
		return 0
	case o.beats <= left:
		return 0.5 + 0.5*math.Exp(o.logP/float64(max(1, len(o.path)-1)))
	}
	return 0.5 * float64(left) / float64(o.beats)
}

// reach looks BeamDepth beats beyond each candidate with a beam of BeamWidth outlines and returns the value of each one's best, with its
// path. It returns nil where there is no anchor to reach, or nobody who knows the way.
func reach(candidates []Candidate, t Turn) (values []float64, paths [][]string) {
	if t.Outliner == nil || t.BeatsLeft <= 0 {
		return nil, nil
	}
	values, paths = make([]float64, len(candidates)), make([][]string, len(candidates))
	for i, c := range candidates {
		best := outlook{path: []string{c.ID}}
		beam := []outlook{best}
		for depth := 1; depth <= BeamDepth; depth++ {
			var next []outlook
			for _, from := range beam {
				next = append(next, from.further(t.Outliner, depth)...)
			}
			slices.SortStableFunc(next, func(a, b outlook) int {
				return cmp.Or(cmp.Compare(b.value(t.BeatsLeft), a.value(t.BeatsLeft)), cmp.Compare(b.logP, a.logP))
			})
			beam = next[:min(len(next), BeamWidth)]
			if len(beam) > 0 && beam[0].value(t.BeatsLeft) > best.value(t.BeatsLeft) {
				best = beam[0]
			}
		}
		values[i], paths[i] = best.value(t.BeatsLeft), best.path
	}
	return values, paths
}

// further are the outlooks one beat beyond.
func (o outlook) further(from Outliner, depth int) []outlook {
	beats := from.Next(slices.Clone(o.path))
	sum := 0.0
	for _, beat := range beats {
		sum += max(finite(beat.P), leastChance)
	}
	var next []outlook
	for _, beat := range beats {
		further := outlook{
			path: append(slices.Clone(o.path), beat.ID),
			logP: o.logP + math.Log(max(finite(beat.P), leastChance)/sum),
		}
		if beat.ToAnchor >= 0 {
			further.beats = 1 + depth + beat.ToAnchor
		}
		next = append(next, further)
	}
	return next
}
