package bench

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A quantile is within 0.8 % of the exact one, whatever the durations look like.
func TestHistogram_Quantile(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	shapes := map[string]func() float64{
		"even":       func() float64 { return random.Float64() * 100_000 },
		"long tail":  func() float64 { return random.ExpFloat64() * 3_000 },
		"many sizes": func() float64 { return math.Pow(10, random.Float64()*9) },
		"small":      func() float64 { return random.Float64() * 100 },
	}
	for name, next := range shapes {
		var h Histogram
		var all []int64
		for range 20_000 {
			v := int64(next())
			all = append(all, v)
			h.Record(time.Duration(v) * time.Microsecond)
		}
		slices.Sort(all)
		for _, q := range []float64{0, 0.001, 0.5, 0.9, 0.99, 0.999, 1} {
			want := float64(all[max(int(math.Ceil(q*float64(len(all))))-1, 0)])
			got := float64(h.Quantile(q).Microseconds())
			if math.Abs(got-want) > want*0.008 {
				t.Errorf("%s, quantile %v: got %v µs, want %v", name, q, got, want)
			}
		}
		if got, want := h.Latency().Max, float64(all[len(all)-1])/1000; got != want {
			t.Errorf("%s: max %v ms, want exactly %v", name, got, want)
		}
	}
}

func TestHistogram_Edges(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 || h.Count() != 0 {
		t.Error("an empty histogram has no durations")
	}
	h.Record(-time.Second) // the clock was set back
	if h.Count() != 1 || h.Quantile(1) != 0 {
		t.Errorf("a negative duration counts as %v", h.Quantile(1))
	}
	h.Record(math.MaxInt64)
	if got, want := h.Quantile(1), time.Duration(math.MaxInt64).Truncate(time.Microsecond); got > want || got < want-want/100 {
		t.Errorf("greatest duration: got %v, want about %v", got, want)
	}
}

// Buckets follow each other without a gap: no value falls into an earlier bucket than a smaller one.
func TestHistogram_Buckets(t *testing.T) {
	last := -1
	for v := range uint64(5000) {
		b := bucket(v)
		if b != last && b != last+1 {
			t.Fatalf("value %d is in bucket %d, the one before in %d", v, b, last)
		}
		if v < 256 && middle(b) != v {
			t.Errorf("value %d is told as %d", v, middle(b))
		}
		last = b
	}
}
