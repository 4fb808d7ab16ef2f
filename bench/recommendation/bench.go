package recommendation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"kinoautomat/bench"
	"kinoautomat/recommend"
	"kinoautomat/recommend/ratings"
)

// Parts of a run, in their order.
var Parts = []string{"general", "rooms", "list", "speed"}

// Bench is a run.
type Bench struct {
	Ratings string   // folder, as ratings.Read reads it
	Seeds   int      // 1–20; splits of people and ratings
	Rooms   int      // 10–2,000 of each kind and seed
	Only    []string // of Parts; none = all
	People  int      // 60–50,000: of larger sets the first are used
}

// Check says what is out of its range.
func (b Bench) Check() error {
	switch {
	case b.Ratings == "":
		return errors.New("--ratings: name a folder of ratings")
	case b.Seeds < 1 || b.Seeds > 20:
		return errors.New("--seeds must be from 1 to 20")
	case b.Rooms < 10 || b.Rooms > 2000:
		return errors.New("--rooms must be from 10 to 2000")
	case b.People < 60 || b.People > 50_000:
		return errors.New("--people must be from 60 to 50000")
	}
	for _, part := range b.Only {
		if !slices.Contains(Parts, part) {
			return fmt.Errorf("--only: %q is none of %s", part, strings.Join(Parts, ", "))
		}
	}
	return nil
}

// Report is what a Bench found. The same run on the same ratings finds the same, but for times.
type Report struct {
	Benchmark string        `json:"benchmark"`
	Machine   bench.Machine `json:"machine"`
	Form      string        `json:"form"`
	Films     int           `json:"films"`
	People    int           `json:"people"`
	Ratings   int           `json:"ratings"`
	Seeds     int           `json:"seeds"`
	General   []General     `json:"general,omitempty"`
	Rooms     []Kind        `json:"rooms,omitempty"`
	List      *List         `json:"list,omitempty"`
	Speed     *Speed        `json:"speed,omitempty"`
	Bars      []Bar         `json:"bars"`
}

// Bar is a figure that must not be missed.
type Bar struct {
	Name string  `json:"name"`
	Is   float64 `json:"is"`
	Want float64 `json:"want"`
	Most bool    `json:"at_most,omitempty"` // Want is the most, not the least
	Met  bool    `json:"met"`
}

func (r *Report) bar(name string, is, want float64, most bool) {
	r.Bars = append(r.Bars, Bar{name, is, want, most, !most && is >= want || most && is <= want})
}

// Run judges. Progress and tables go to progress.
func (b Bench) Run(ctx context.Context, progress io.Writer) (*Report, error) {
	root, err := os.OpenRoot(b.Ratings)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	set, _, err := ratings.Read(root.FS())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Ratings, err)
	}
	set.People = slices.DeleteFunc(set.People, func(p []ratings.Rating) bool { return len(p) == 0 })
	set.People = set.People[:min(len(set.People), b.People)]
	if over := set.KeepMostRated(recommend.MaxItems); over > 0 {
		fmt.Fprintf(progress, "%d films with the fewest ratings are left out: a catalogue has at most %d\n", over, recommend.MaxItems)
	}
	w, err := newWorld(set)
	if err != nil {
		return nil, err
	}
	r := &Report{
		Benchmark: "recommend", Machine: bench.ThisMachine(), Form: set.Source, Films: len(set.Films), People: len(set.People), Ratings: set.Ratings(), Seeds: b.Seeds,
		Bars: []Bar{},
	}
	fmt.Fprintf(progress, "%s: %d films, %d ratings of %d people\n", r.Form, r.Films, r.Ratings, r.People)
	for _, part := range Parts {
		if len(b.Only) > 0 && !slices.Contains(b.Only, part) {
			continue
		}
		run := map[string]func(context.Context, *world, *Report, io.Writer) error{"general": b.general, "rooms": b.rooms, "list": b.list, "speed": b.speed}[part]
		if err := run(ctx, w, r, progress); err != nil {
			return nil, err
		}
	}
	r.tellBars(progress)
	return r, nil
}

func (r *Report) tellBars(w io.Writer) {
	for _, bar := range r.Bars {
		sign, met := "≥", "met"
		if bar.Most {
			sign = "≤"
		}
		if !bar.Met {
			met = "MISSED"
		}
		fmt.Fprintf(w, "%-7s %-72s %.4f %s %.4f\n", met, bar.Name, bar.Is, sign, bar.Want)
	}
}
