package bench

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// Histogram counts durations of 0 or more microseconds in buckets that grow with the value: 128 to each power of two, so that a quantile
// is off by less than 0.8 %. Below 128 µs and for the greatest value it is exact to the microsecond. All methods are safe for concurrent
// use; a quantile that is asked for while others record counts some of them.
type Histogram struct {
	buckets [(64 - stepBits) << stepBits]atomic.Uint64
	most    atomic.Int64 // microseconds
}

const stepBits = 7 // 1<<stepBits buckets to each power of two

// Record counts one duration; a negative one (the clock was set back) counts as 0.
func (h *Histogram) Record(d time.Duration) {
	v := max(d.Microseconds(), 0)
	h.buckets[bucket(uint64(v))].Add(1)
	for {
		most := h.most.Load()
		if v <= most || h.most.CompareAndSwap(most, v) {
			return
		}
	}
}

// bucket finds the bucket of a value: the first 1<<stepBits hold one value each, then each group holds twice as wide a range.
func bucket(v uint64) int {
	group := max(bits.Len64(v)-stepBits-1, 0)
	return group<<stepBits + int(v>>group)
}

// middle is the middle of a bucket's range.
func middle(bucket int) uint64 {
	if bucket < 2<<stepBits {
		return uint64(bucket)
	}
	group := bucket>>stepBits - 1
	least := uint64(bucket-group<<stepBits) << group
	return least + 1<<group/2
}

// Count is how many durations were recorded.
func (h *Histogram) Count() uint64 {
	n := uint64(0)
	for i := range h.buckets {
		n += h.buckets[i].Load()
	}
	return n
}

// Quantile is the least recorded duration that a share q of all (0–1) does not exceed; 0 when there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := max(uint64(math.Ceil(q*float64(h.Count()))), 1)
	most := h.most.Load()
	n := uint64(0)
	for i := range h.buckets {
		if n += h.buckets[i].Load(); n >= rank {
			return time.Duration(min(int64(middle(i)), most)) * time.Microsecond
		}
	}
	return time.Duration(most) * time.Microsecond
}

// Latency is what a report says of a Histogram, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Latency sums up.
func (h *Histogram) Latency() Latency {
	ms := func(q float64) float64 { return float64(h.Quantile(q).Microseconds()) / 1000 }
	return Latency{P50: ms(0.5), P90: ms(0.9), P99: ms(0.99), Max: float64(h.most.Load()) / 1000}
}
