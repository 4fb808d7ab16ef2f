package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kinoautomat/room"
)

// Soak finds out whether a node grows: shows run one after the other in several rooms, whose viewers vote, and some of whom leave while others
// come. What the node's process holds is read all the time, and how many keys its Redis has, where there is one; after a warm-up all that must stay
// where it is.
type Soak struct {
	Target
	Keys    func(context.Context) (int64, error) // counts the keys of the node's Redis; nil = it has none, or is not watched
	Viewers int                                  // 1–MaxViewers, in all rooms together
	Rooms   int                                  // 1–MaxRooms, at most one for each viewer
	For     time.Duration                        // MinSoak–MaxSoak
	Churn   float64                              // share of the viewers who are replaced per minute, 0–1
}

// Limits of a Soak.
const (
	MinSoak  = 10 * time.Second
	MaxSoak  = 7 * 24 * time.Hour
	MaxRooms = 1000
)

const (
	samples   = 100 // of a soak
	warmUp    = 0.3 // share of a soak that is not judged
	againTime = time.Second
)

// growthAllowed is by how much of what there was after the warm-up each figure may have grown at the end; a little always may.
var growthAllowed = map[string]struct {
	share float64
	some  float64
}{
	"process_resident_memory_bytes": {0.15, 16 << 20},
	"go_goroutines":                 {0.05, 50},
	"process_open_fds":              {0.02, 20},
	redisKeys:                       {0.02, 10}, // few for each room, and none for anybody who comes and goes
}

const redisKeys = "redis_keys" // the one figure that is not of the node's process

// SoakReport is what a Soak found.
type SoakReport struct {
	Benchmark string            `json:"benchmark"`
	Machine   Machine           `json:"machine"`
	Viewers   int               `json:"viewers"`
	Rooms     int               `json:"rooms"`
	Churn     float64           `json:"churn_per_minute"`
	Seconds   float64           `json:"seconds"`
	Join      Join              `json:"join"`
	Shows     uint64            `json:"shows"`    // that came to their end
	Replaced  uint64            `json:"replaced"` // viewers who left and for whom others came
	Votes     uint64            `json:"votes"`    // acknowledged
	Refused   map[string]uint64 `json:"refused,omitempty"`
	Frames    uint64            `json:"frames"` // heard by all
	Lost      uint64            `json:"lost"`   // numbered events that somebody did not hear
	Repeated  uint64            `json:"repeated"`
	Cut       uint64            `json:"cut"` // connections that the node ended
	CutWhy    string            `json:"cut_why,omitempty"`
	Growth    []Growth          `json:"growth"`
	Steady    bool              `json:"steady"` // nothing has grown
}

// Growth is one figure of the node or its Redis: the median of its first samples after the warm-up, and that of its last.
type Growth struct {
	Figure string  `json:"figure"`
	Early  float64 `json:"early"`
	Late   float64 `json:"late"`
	Most   float64 `json:"most"`
	Grown  bool    `json:"grown"`
}

// Check says what is wrong with what was asked for, naming the flag.
func (s Soak) Check() error {
	switch {
	case s.Viewers < 1 || s.Viewers > MaxViewers:
		return fmt.Errorf("--viewers must be from 1 to %d", MaxViewers)
	case s.Rooms < 1 || s.Rooms > MaxRooms || s.Rooms > s.Viewers:
		return fmt.Errorf("--rooms must be from 1 to %d, and at most one for each viewer", MaxRooms)
	case s.For < MinSoak || s.For > MaxSoak:
		return fmt.Errorf("--for must be from %s to %s", MinSoak, MaxSoak)
	case !(s.Churn >= 0 && s.Churn <= 1):
		return errors.New("--churn must be from 0 to 1")
	}
	return s.check()
}

// Run does it. Progress goes to log. A report comes with an error where something has grown or events were lost.
func (s Soak) Run(ctx context.Context, log io.Writer) (*SoakReport, error) {
	if err := checkFiles(s.Viewers + s.Rooms + int(s.Churn*float64(s.Viewers))); err != nil {
		return nil, err
	}
	n, err := s.open(ctx, log)
	if err != nil {
		return nil, err
	}
	defer n.stop()
	report, err := s.measure(ctx, n, log)
	switch {
	case err != nil:
		return nil, err
	case report.Lost > 0:
		return report, fmt.Errorf("%d events were lost", report.Lost)
	case !report.Steady:
		return report, fmt.Errorf("grown: %s", strings.Join(report.grown(), ", "))
	}
	return report, nil
}

func (s Soak) measure(ctx context.Context, n *node, log io.Writer) (*SoakReport, error) {
	w, house := &crowd{nodes: n.urls}, &house{}
	defer w.leave()
	var rooms []made
	for range s.Rooms {
		made, err := n.makeRoom(ctx, s.Story, map[string]any{
			"capacity": s.Viewers, "pace": 400, "arm_seconds": 0.5, "vote_seconds": 4, "tail_seconds": 0.5, "method": "plurality", "tallies": "live", "change_votes": true,
		})
		if err != nil {
			return nil, err
		}
		defer n.remove(made, log)
		rooms = append(rooms, made)
	}
	report := &SoakReport{Benchmark: "soak", Machine: ThisMachine(), Viewers: s.Viewers, Rooms: s.Rooms, Churn: s.Churn}
	var took Histogram
	start := time.Now()
	for i, made := range rooms {
		count := s.Viewers*(i+1)/s.Rooms - s.Viewers*i/s.Rooms
		if _, err := w.join(ctx, made.ID, "", "V", count, house.hearing(made.ID), &took); err != nil {
			return nil, err
		}
	}
	report.Join = Join{Seconds: round(time.Since(start).Seconds(), 3), PerSecond: round(float64(s.Viewers)/time.Since(start).Seconds(), 1), Latency: took.Latency()}
	viewers := len(w.conns)
	for _, made := range rooms {
		hosts, err := w.join(ctx, made.ID, made.HostToken, "H", 1, house.leading(), &Histogram{})
		if err != nil {
			return nil, err
		}
		if _, err := hosts[0].ask(ctx, "start", nil); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(log, "%d viewers in %d rooms, for %s\n", s.Viewers, s.Rooms, s.For)
	figures, err := s.watch(ctx, n, w, house, viewers, log)
	if err != nil {
		return nil, err
	}
	house.over.Store(true)
	report.Seconds, report.Shows, report.Replaced, report.Votes = s.For.Seconds(), house.shows.Load(), house.replaced.Load(), house.acked.Load()
	report.Refused, report.Frames, report.Lost, report.Repeated = house.refused.byCode(), w.counts.frames.Load(), w.counts.missing.Load(), w.counts.repeated.Load()
	report.Cut, report.CutWhy = w.counts.cut.Load(), w.counts.why()
	report.Growth, report.Steady = judge(figures)
	return report, nil
}

// grown names what has grown.
func (r *SoakReport) grown() (names []string) {
	for _, g := range r.Growth {
		if g.Grown {
			names = append(names, g.Figure)
		}
	}
	return names
}

// watch reads the figures while viewers come and go.
func (s Soak) watch(ctx context.Context, n *node, w *crowd, house *house, viewers int, log io.Writer) (map[string][]float64, error) {
	figures := map[string][]float64{}
	due := 0.0
	perSample := s.Churn * float64(viewers) * s.For.Minutes() / samples
	err := pace(ctx, samples, s.For/samples, func(i int) error {
		now, err := n.figures(ctx)
		if err != nil {
			return err
		}
		keys := ""
		if s.Keys != nil {
			n, err := s.Keys(ctx)
			if err != nil {
				return err
			}
			now[redisKeys], keys = float64(n), fmt.Sprintf(", %d keys", n)
		}
		for name := range growthAllowed {
			if value, there := now[name]; there {
				figures[name] = append(figures[name], value)
			}
		}
		if i%(samples/10) == 0 {
			fmt.Fprintf(log, "%d of 100: %.0f MiB, %.0f goroutines, %.0f files%s; %d votes\n", i*100/samples, now["process_resident_memory_bytes"]/(1<<20),
				now["go_goroutines"], now["process_open_fds"], keys, house.acked.Load())
		}
		for due += perSample; due >= 1; due-- {
			if err := house.replace(ctx, w, rand.N(viewers)); err != nil {
				return err
			}
		}
		return nil
	})
	return figures, err
}

// judge compares what there was after the warm-up with what there is at the end.
func judge(figures map[string][]float64) (growth []Growth, steady bool) {
	steady = true
	for name, all := range figures {
		allowed := growthAllowed[name]
		all = all[int(float64(len(all))*warmUp):]
		part := max(1, len(all)/5)
		g := Growth{Figure: name, Early: median(all[:part]), Late: median(all[len(all)-part:]), Most: slices.Max(all)}
		g.Grown = g.Late > g.Early*(1+allowed.share)+allowed.some
		steady = steady && !g.Grown
		growth = append(growth, g)
	}
	slices.SortFunc(growth, func(a, b Growth) int { return strings.Compare(a.Figure, b.Figure) })
	return growth, steady
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// figures are the node's metrics that have no labels.
func (n *node) figures(ctx context.Context) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.urls[0].JoinPath("metrics").String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := n.web.Do(req)
	if err != nil {
		return nil, explain(err)
	}
	defer answer.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, number, found := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(number, 64); found && err == nil {
			all[name] = value
		}
	}
	for name := range growthAllowed {
		if name != redisKeys && all[name] == 0 {
			return nil, fmt.Errorf("GET /metrics does not tell %s; is it closed to this address?", name)
		}
	}
	return all, nil
}

// house is the rooms of a Soak and what their viewers do.
type house struct {
	shows    atomic.Uint64
	replaced atomic.Uint64
	acked    atomic.Uint64
	ids      atomic.Uint64
	refused  refusals
	over     atomic.Bool
}

// hearing has a viewer vote in every poll, at some time while it is open.
func (h *house) hearing(roomID string) hearing {
	return hearing{
		event: func(c *conn, _ time.Time, head head, frame []byte) {
			if string(head.kind) != "poll.opened" {
				return
			}
			var f struct {
				At   int64           `json:"at"`
				Data room.PollOpened `json:"data"`
			}
			if json.Unmarshal(frame, &f) != nil {
				return
			}
			wait := time.Duration(f.Data.OpensAt-f.At)*time.Millisecond + rand.N(time.Duration(max(1, f.Data.ClosesAt-f.Data.OpensAt))*time.Millisecond*3/4)
			choice := f.Data.Choices[rand.N(len(f.Data.Choices))].ID
			time.AfterFunc(wait, func() {
				if !h.over.Load() { // one that has left meanwhile cannot be written to any more
					_ = c.send("vote", "v"+strconv.FormatUint(h.ids.Add(1), 36), map[string]any{"poll": f.Data.Poll, "choices": []string{choice}})
				}
			})
		},
		answer: func(_ *conn, _ time.Time, head head, frame []byte) {
			if string(head.kind) == "ack" {
				h.acked.Add(1)
			} else {
				h.refused.add(frame)
			}
		},
		room: roomID,
	}
}

// leading has a host begin the next show when one has ended.
func (h *house) leading() hearing {
	return hearing{
		event: func(c *conn, _ time.Time, head head, _ []byte) {
			if string(head.kind) != "show.ended" {
				return
			}
			h.shows.Add(1)
			time.AfterFunc(againTime, func() {
				if !h.over.Load() {
					_ = c.send("start", "s"+strconv.FormatUint(h.ids.Add(1), 36), nil)
				}
			})
		},
		answer: func(_ *conn, _ time.Time, head head, frame []byte) {
			if string(head.kind) == "error" {
				h.refused.add(frame)
			}
		},
	}
}

// replace has a viewer leave and another one come.
func (h *house) replace(ctx context.Context, w *crowd, i int) error {
	old := w.conns[i]
	old.leave()
	c, err := w.joinOne(ctx, old.hearing.room, "", fmt.Sprint("W", h.replaced.Add(1)), i, old.hearing)
	if err != nil {
		return explain(err)
	}
	w.conns[i] = c
	return nil
}
