package room

import (
	"math"

	"kinoautomat/story"
)

// What the audience feels is measured once in each scene, when its vote is announced or, without one, when it is over. Per viewer and minute
// since the last time,
//
//	e = (Σ weight·reactions + lineStirs·lines of chat) / (viewers · minutes)
//	x = 1 − 2^(−e)            so that one fully stirring reaction per viewer and minute is ½
//	arousal ← arousal + feltShare·(x − arousal)
//
// an exponentially weighted moving average. It is not known before the first reaction or line of a show: a silent audience need not be a calm one.
// The weights are our own estimate, in steps of a tenth.
const (
	lineStirs    = 0.5   // what a line of chat counts
	feltShare    = 0.5   // of a measurement in the average
	leastSpan    = 10000 // milliseconds that a measurement is taken to be of, at least
	leanFrom     = 0.3   // difference between the tension wanted and the arousal from which a narrator is asked to lean
	leanTo       = 0.15  // and below which no longer
	arousalSteps = 1000  // of the journal: three decimals
)

// stirs is how much a reaction says that somebody is stirred.
var stirs = map[string]float64{"joy": 0.6, "love": 0.4, "wonder": 0.6, "sorrow": 0.4, "fear": 1, "anger": 1}

// feel measures.
func (s *State) feel(now int64) {
	if s.Scene.Felt || s.Arousal == nil && s.live.stir == 0 {
		return
	}
	minutes := float64(max(now-s.live.stirAt, leastSpan)) / 60000
	stirred := s.live.stir / (float64(max(1, s.live.here)) * minutes)
	arousal := 1 - math.Exp2(-stirred)
	if s.Arousal != nil {
		arousal = *s.Arousal + feltShare*(arousal-*s.Arousal)
	}
	s.record(evAudienceFelt, "", nil, &audienceFelt{Scene: s.Scene.Scene, Arousal: math.Round(arousalSteps*arousal) / arousalSteps})
}

func (s *State) foldFelt(e Event) {
	s.Arousal = new(e.Hidden.(*audienceFelt).Arousal)
	s.live.stir, s.live.stirAt, s.live.ahead = 0, e.At, nil
	if s.Scene != nil {
		s.Scene.Felt = true
	}
}

// bend says how a scene of a tension is to lean, after one that leaned as before. It changes by one step at most, and not for small differences.
func bend(before story.Lean, arousal, tension *float64) story.Lean {
	if arousal == nil || tension == nil {
		return ""
	}
	switch wanting := math.Round(arousalSteps*(*tension-*arousal)) / arousalSteps; {
	case before == story.Tenser && wanting > leanTo, before == story.Calmer && -wanting > leanTo:
		return before
	case before == story.Tenser, before == story.Calmer:
		return story.Steady
	case wanting > leanFrom:
		return story.Tenser
	case -wanting > leanFrom:
		return story.Calmer
	}
	return story.Steady
}
