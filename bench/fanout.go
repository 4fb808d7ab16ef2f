package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"kinoautomat/room"
)

// Fanout measures what it costs and takes to tell everybody something: Viewers are in one room, where hosts say lines of chat, Rate per
// second, each of which carries the time at which it was sent.
type Fanout struct {
	Target
	Viewers int     // 1–MaxViewers
	Rate    float64 // lines per second, all speakers together, MinRate–MaxRate
	Bytes   int     // of one event as it is told, about; MinBytes–MaxBytes
	Seconds float64 // how long lines are said, 1–MaxSeconds
	Floor   bool    // compare with a plain write loop
}

// Limits of a Fanout.
const (
	MinRate    = 0.1
	MaxRate    = 200
	MinBytes   = 200
	MaxBytes   = 1000 // a line of chat has at most 300 characters, and each can take three bytes
	MaxSeconds = 3600
)

const (
	// sayEvery keeps each speaker below the room's limit of one line per 700 ms.
	sayEvery = 800 * time.Millisecond
	// arriveTime is how long the last events may be on their way.
	arriveTime = 10 * time.Second
)

// settleTime is what a node gets after so many joins, before its memory is read.
func settleTime(joined int) time.Duration {
	return min(200*time.Millisecond+time.Duration(joined)*time.Millisecond, 2*time.Second)
}

// FanoutReport is what a Fanout found.
type FanoutReport struct {
	Benchmark  string            `json:"benchmark"`
	Machine    Machine           `json:"machine"`
	Viewers    int               `json:"viewers"`
	Speakers   int               `json:"speakers"`          // hosts, who hear everything too
	Seconds    float64           `json:"seconds"`           // from the first line sent to the last event heard
	Events     uint64            `json:"events"`            // lines that the room took
	Refused    map[string]uint64 `json:"refused,omitempty"` // lines that it refused, by code
	EventBytes float64           `json:"event_bytes"`       // mean size of an event as it was told, without the frame's head
	Join       Join              `json:"join"`
	Deliveries Deliveries        `json:"deliveries"`
	LoadCPU    float64           `json:"load_cpu_s"` // of the load itself, while it ran
	Server     *Server           `json:"server,omitempty"`
	PerMillion float64           `json:"server_cpu_s_per_million_deliveries,omitempty"`
	Floor      *FloorReport      `json:"floor,omitempty"`
	Ratio      float64           `json:"cpu_per_delivery_to_floor,omitempty"`
}

// Check says what is wrong with what was asked for, naming the flag.
func (f Fanout) Check() error {
	switch {
	case f.Viewers < 1 || f.Viewers > MaxViewers:
		return fmt.Errorf("--viewers must be from 1 to %d", MaxViewers)
	case !(f.Rate >= MinRate && f.Rate <= MaxRate):
		return fmt.Errorf("--rate must be from %v to %d lines per second", MinRate, MaxRate)
	case f.Bytes < MinBytes || f.Bytes > MaxBytes:
		return fmt.Errorf("--bytes must be from %d to %d", MinBytes, MaxBytes)
	case !(f.Seconds >= 1 && f.Seconds <= MaxSeconds):
		return fmt.Errorf("--seconds must be from 1 to %d", MaxSeconds)
	}
	return f.check()
}

func (f Fanout) speakers() int { return int(math.Ceil(f.Rate * sayEvery.Seconds())) }

// Run does it. Progress goes to log. A report comes with an error where events were lost.
func (f Fanout) Run(ctx context.Context, log io.Writer) (*FanoutReport, error) {
	if err := checkFiles(f.Viewers + f.speakers()); err != nil {
		return nil, err
	}
	n, err := f.open(ctx, log)
	if err != nil {
		return nil, err
	}
	report, err := f.measure(ctx, n, log)
	n.stop()
	if err != nil {
		return nil, err
	}
	if f.Floor {
		if err := f.compare(ctx, report, log); err != nil {
			return nil, err
		}
	}
	if report.Deliveries.Lost > 0 {
		return report, fmt.Errorf("%d deliveries were lost", report.Deliveries.Lost)
	}
	return report, nil
}

func (f Fanout) measure(ctx context.Context, n *node, log io.Writer) (*FanoutReport, error) {
	made, err := n.makeRoom(ctx, f.Story, map[string]any{"capacity": f.Viewers})
	if err != nil {
		return nil, err
	}
	defer n.remove(made, log)
	ears := &ears{}
	w := &crowd{nodes: n.urls}
	defer w.leave()
	var use measured
	report := &FanoutReport{Benchmark: "fanout", Machine: ThisMachine(), Viewers: f.Viewers, Speakers: f.speakers()}
	speakers, err := w.join(ctx, made.ID, made.HostToken, "H", f.speakers(), ears.hearing(), &Histogram{})
	if err != nil {
		return nil, err
	}
	if report.Join, use.empty, use.idle, err = w.fill(ctx, n, made.ID, f.Viewers, ears.hearing(), log); err != nil {
		return nil, err
	}

	lines := int(math.Round(f.Rate * f.Seconds))
	fmt.Fprintf(log, "saying %d lines to %d viewers\n", lines, f.Viewers)
	own, start := ownCPU(), time.Now()
	if use.before, err = n.usage(); err != nil {
		return nil, err
	}
	filler := filler(f.Bytes)
	err = pace(ctx, lines, time.Duration(float64(time.Second)/f.Rate), func(i int) error {
		text := string(appendStamp(nil, time.Now().UnixMicro())) + filler
		return speakers[i%len(speakers)].send("say", "s"+strconv.Itoa(i), room.Say{Text: text})
	})
	if err != nil {
		return nil, err
	}
	last := func() uint64 { return max(w.lastSeq(), ears.said.Load()) } // the room was new: its first event was our first line
	until(ctx, arriveTime, func() bool { return ears.answered.Load() == uint64(lines) && w.behind(last()) == 0 })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if use.after, err = n.usage(); err != nil {
		return nil, err
	}
	report.LoadCPU = round((ownCPU() - own).Seconds(), 2)
	report.Seconds = round(ears.last(start).Seconds(), 3)
	report.Events, report.Refused = ears.said.Load(), ears.refused.byCode()
	report.EventBytes = mean(ears.bytes.Load(), ears.latency.Count())
	report.Deliveries = deliveries(&ears.latency, &w.counts, w.behind(last()), report.Seconds)
	if report.Server = n.report(use, f.Viewers); report.Server != nil {
		report.PerMillion = perMillion(report.Server.CPUSeconds, report.Deliveries.Count)
	}
	if report.Events == 0 {
		return nil, errors.New("the room took no line at all")
	}
	return report, nil
}

// fill brings the viewers in and lets the node settle.
func (w *crowd) fill(ctx context.Context, n *node, roomID string, viewers int, h hearing, log io.Writer) (
	j Join, empty, idle usage, err error,
) {
	fmt.Fprintf(log, "joining %d viewers\n", viewers)
	if empty, err = n.held(ctx); err != nil {
		return j, empty, idle, err
	}
	var took Histogram
	start := time.Now()
	if _, err = w.join(ctx, roomID, "", "V", viewers, h, &took); err != nil {
		return j, empty, idle, err
	}
	seconds := time.Since(start).Seconds()
	j = Join{Seconds: round(seconds, 3), PerSecond: round(float64(viewers)/seconds, 1), Latency: took.Latency()}
	fmt.Fprintf(log, "joined in %.1f s\n", seconds)
	if err = pause(ctx, settleTime(viewers)); err != nil {
		return j, empty, idle, err
	}
	idle, err = n.held(ctx)
	return j, empty, idle, err
}

// ears hear what a Fanout's viewers hear.
type ears struct {
	latency  Histogram
	bytes    atomic.Uint64 // of the events heard
	latest   atomic.Int64  // Unix microseconds at which the last one was heard
	answered atomic.Uint64 // lines
	said     atomic.Uint64 // of those, taken
	refused  refusals
}

func (e *ears) hearing() hearing {
	return hearing{
		event: func(_ *conn, now time.Time, h head, frame []byte) {
			sent, ok := readStamp(frame)
			if h.seq == 0 || !ok {
				return
			}
			heard := now.UnixMicro()
			e.latency.Record(time.Duration(heard-sent) * time.Microsecond)
			e.bytes.Add(uint64(len(frame)))
			if heard > e.latest.Load() {
				e.latest.Store(heard) // two at the same time may lose some microseconds
			}
		},
		answer: func(_ *conn, _ time.Time, h head, frame []byte) {
			if string(h.kind) == "ack" {
				e.said.Add(1)
			} else {
				e.refused.add(frame)
			}
			e.answered.Add(1)
		},
	}
}

// last is how long after start the last event was heard.
func (e *ears) last(start time.Time) time.Duration {
	return max(time.UnixMicro(e.latest.Load()).Sub(start.Round(0)), time.Millisecond).Round(time.Millisecond)
}

// filler makes a line so long that its event has about so many bytes. What a line cannot have in letters, it has in Chinese ones.
func filler(bytes int) string {
	const (
		around = 215 // bytes of a chat.said event around its text: ids, name, times
		stamp  = 13
		most   = room.MaxLineLength - stamp
	)
	left := max(bytes-around-stamp, 0)
	wide := max(left-most, 0) / 2 // each is two bytes longer than a letter
	return strings.Repeat("映", min(wide, most)) + strings.Repeat("x", max(min(left-3*wide, most-wide), 0))
}
