package recommendation

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"kinoautomat/recommend"
	"kinoautomat/story"
)

// Speed is what one new list costs a room of five with five likes each, that has seen eight scenes of 1,500 characters and reacts, in a
// catalogue of recommend.MaxItems films: where the ratings have fewer, they are taken several times.
type Speed struct {
	Films       int     `json:"films"`
	Updates     int     `json:"updates"`
	CPU         bool    `json:"cpu_time"` // of the thread; false: the clock's, which other work on the machine spoils
	MeanMicros  float64 `json:"mean_us"`
	P50Micros   float64 `json:"p50_us"`
	P99Micros   float64 `json:"p99_us"`
	Allocs      float64 `json:"allocations"` // per update
	AllocBytes  float64 `json:"allocated_bytes"`
	Core        float64 `json:"cores_for_1000_rooms_once_a_second"`
	Shipped     float64 `json:"cores_for_1000_rooms_shipped_catalogue"`
	TrainCPU    float64 `json:"training_s"`
	OnlineTrain float64 `json:"training_counts_only_s"`
	CountsBytes int     `json:"counts_bytes"` // encoded
}

const updates = 2000

func (b Bench) speed(ctx context.Context, w *world, r *Report, progress io.Writer) error {
	counts := recommend.CountRatings(w.set.Baskets(0))
	s := &Speed{Films: recommend.MaxItems, Updates: updates, CountsBytes: len(counts.Encode())}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	clock, cpu := threadClock()
	s.CPU = cpu
	before := clock()
	recommend.Training{Published: counts, Online: true}.Model()
	s.OnlineTrain = (clock() - before).Seconds()
	before = clock()
	model := recommend.Training{Published: counts}.Model()
	s.TrainCPU = (clock() - before).Seconds()
	films := slices.Clone(w.set.Films)
	for i := 0; len(films) < recommend.MaxItems; i++ {
		again := *w.set.Films[i%len(w.set.Films)]
		again.ID = fmt.Sprintf("again-%d", i)
		films = append(films, &again)
	}
	catalogue, err := recommend.New(films)
	if err != nil {
		return err
	}
	catalogue = catalogue.WithModel(model)
	queries := b.queries(w)
	for _, q := range queries { // warm, as after a second of a show
		catalogue.Rank(q, long)
	}
	if s.Shipped, err = b.shipped(queries, clock); err != nil {
		return err
	}
	took := make([]time.Duration, updates)
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	for i := range took {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		before := clock()
		catalogue.Rank(queries[i%len(queries)], long)
		took[i] = clock() - before
	}
	runtime.ReadMemStats(&to)
	s.Allocs, s.AllocBytes = float64(to.Mallocs-from.Mallocs)/updates, float64(to.TotalAlloc-from.TotalAlloc)/updates
	var all time.Duration
	for _, d := range took {
		all += d
	}
	slices.Sort(took)
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	s.MeanMicros, s.P50Micros, s.P99Micros = micros(all)/updates, micros(took[updates/2]), micros(took[updates*99/100])
	s.Core = all.Seconds() / updates * 1000
	r.Speed = s
	fmt.Fprintf(progress, "update of a room of five, %d films: mean %.0f µs, p50 %.0f, p99 %.0f; %.0f allocations, %.1f KB; 1,000 rooms a second: %.2f cores, with the shipped catalogue %.2f\n",
		s.Films, s.MeanMicros, s.P50Micros, s.P99Micros, s.Allocs, s.AllocBytes/1024, s.Core, s.Shipped)
	fmt.Fprintf(progress, "training: %.2f s, counts only %.2f s; counts: %.1f MB\n\n", s.TrainCPU, s.OnlineTrain, float64(s.CountsBytes)/1e6)
	r.bar("speed: p99 of an update, µs", s.P99Micros, 1000, true)
	r.bar("speed: cores for 1,000 rooms once a second, 10,000 films", s.Core, 0.3, true)
	r.bar("speed: cores for 1,000 rooms once a second, shipped catalogue", s.Shipped, 0.3, true)
	return nil
}

// shipped is what the same rooms cost with the catalogue that the program carries, of which members like other films.
func (b Bench) shipped(queries []recommend.Query, clock func() time.Duration) (cores float64, err error) {
	catalogue, err := recommend.Shipped()
	if err != nil {
		return 0, err
	}
	items := catalogue.Items()
	again := slices.Clone(queries)
	for i := range again {
		again[i].Members = slices.Clone(again[i].Members)
		for m := range again[i].Members {
			liked := make([]recommend.Like, 5)
			for j := range liked {
				liked[j].ID = items[(i*31+m*7+j*3)%len(items)].ID
			}
			again[i].Members[m].Liked = liked
		}
		catalogue.Rank(again[i], long)
	}
	before := clock()
	for i := range updates {
		catalogue.Rank(again[i%len(again)], long)
	}
	return (clock() - before).Seconds() / updates * 1000, nil
}

// queries are 50 rooms.
func (b Bench) queries(w *world) []recommend.Query {
	random := randomness(0, 4)
	var queries []recommend.Query
	for len(queries) < 50 {
		q := recommend.Query{Feelings: map[string]float64{"fear": 0.4, "joy": 0.3, "wonder": 0.3}, Mood: "uneasy"}
		for range 5 {
			p := random.IntN(len(w.likes))
			var known []int32
			for _, j := range random.Perm(len(w.likes[p]))[:min(5, len(w.likes[p]))] {
				known = append(known, w.likes[p][j])
			}
			q.Members = append(q.Members, w.member(known))
		}
		for i := range 8 {
			words := ""
			for len(words) < 1500 {
				words += w.set.Films[random.IntN(len(w.set.Films))].Words["en"].Title + " and " +
					strings.Join(w.set.Films[random.IntN(len(w.set.Films))].Themes, " ") + ". "
			}
			q.Path = append(q.Path, story.Step{Title: fmt.Sprint("Scene ", i), Text: words, Label: "Follow the captain into the dark", DecidedBy: "majority"})
		}
		queries = append(queries, q)
	}
	return queries
}
