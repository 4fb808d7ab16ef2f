package narration

import (
	"math"
	"time"

	"kinoautomat/bench"
)

// Spread is how long something took, in milliseconds.
type Spread struct {
	Count uint64  `json:"count"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

func spreadOf(h *bench.Histogram) Spread {
	return Spread{Count: h.Count(), P50: millis(h.Quantile(0.5)), P95: millis(h.Quantile(0.95)), P99: millis(h.Quantile(0.99)), Max: millis(h.Quantile(1))}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// round keeps some digits after the point.
func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}
