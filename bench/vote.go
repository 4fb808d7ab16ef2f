package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"kinoautomat/room"
)

// Vote measures how ballots are taken: all Viewers of a room cast one, spread evenly over Within, then a share of them changes it at
// the same pace. At the end the poll is closed, and its result must hold every ballot that was acknowledged, once.
type Vote struct {
	Target
	Viewers int           // 1–MaxViewers
	Within  time.Duration // MinWithin–MaxWithin; shorter is a stampede
	Changes float64       // share of the viewers who change their ballot, 0–1
}

// Limits of a Vote.
const (
	MinWithin = 100 * time.Millisecond
	MaxWithin = 20 * time.Minute // a poll stays open for an hour at most
)

// VoteReport is what a Vote found.
type VoteReport struct {
	Benchmark  string            `json:"benchmark"`
	Machine    Machine           `json:"machine"`
	Viewers    int               `json:"viewers"`
	Join       Join              `json:"join"`
	Within     float64           `json:"within_s"`
	Seconds    float64           `json:"seconds"` // from the first ballot sent to the last acknowledgement
	Votes      uint64            `json:"votes"`   // acknowledged, so in the journal; changes included
	Changes    uint64            `json:"changes"` // of those
	PerSecond  float64           `json:"votes_per_s"`
	Retried    uint64            `json:"retried"`           // sent again, as the node asked
	Refused    map[string]uint64 `json:"refused,omitempty"` // by code
	Unanswered uint64            `json:"unanswered"`
	Lost       int               `json:"lost"`          // acknowledged and not in the result
	Twice      int               `json:"counted_twice"` // in the result beyond one for each voter
	Turnout    int               `json:"turnout"`
	Latency    Latency           `json:"ack_ms"`            // from the sending of the ballot to its acknowledgement
	Frames     uint64            `json:"frames"`            // heard meanwhile: acknowledgements and tallies
	Cut        uint64            `json:"cut"`               // connections that the node ended
	CutWhy     string            `json:"cut_why,omitempty"` // the first of them
	LoadCPU    float64           `json:"load_cpu_s"`        // of the load itself
	Server     *Server           `json:"server,omitempty"`
	PerVotes   float64           `json:"server_cpu_ms_per_1000_votes,omitempty"`
}

// Check says what is wrong with what was asked for, naming the flag.
func (v Vote) Check() error {
	switch {
	case v.Viewers < 1 || v.Viewers > MaxViewers:
		return fmt.Errorf("--viewers must be from 1 to %d", MaxViewers)
	case v.Within < MinWithin || v.Within > MaxWithin:
		return fmt.Errorf("--within must be from %s to %s", MinWithin, MaxWithin)
	case !(v.Changes >= 0 && v.Changes <= 1):
		return errors.New("--changes must be from 0 to 1")
	}
	return v.check()
}

// Run does it. Progress goes to log. A report comes with an error where an acknowledged ballot was lost or counted twice.
func (v Vote) Run(ctx context.Context, log io.Writer) (*VoteReport, error) {
	if err := checkFiles(v.Viewers + 1); err != nil {
		return nil, err
	}
	n, err := v.open(ctx, log)
	if err != nil {
		return nil, err
	}
	defer n.stop()
	report, err := v.measure(ctx, n, log)
	if err != nil {
		return nil, err
	}
	if report.Lost > 0 || report.Twice > 0 {
		return report, fmt.Errorf("%d acknowledged ballots are not in the result, %d were counted twice", report.Lost, report.Twice)
	}
	return report, nil
}

func (v Vote) measure(ctx context.Context, n *node, log io.Writer) (*VoteReport, error) {
	made, err := n.makeRoom(ctx, v.Story, map[string]any{
		"capacity": v.Viewers, "pace": 0, "arm_seconds": 0, "vote_seconds": 3600, "tail_seconds": 60, "method": "plurality",
		"tallies": "live", "change_votes": true, "early_close": false, "quorum": 0, "tie": "listed",
	})
	if err != nil {
		return nil, err
	}
	defer n.remove(made, log)
	w := &crowd{nodes: n.urls}
	defer w.leave()
	host := newHost()
	if host.conns, err = w.join(ctx, made.ID, made.HostToken, "H", 1, host.hearing(), &Histogram{}); err != nil {
		return nil, err
	}
	votes := &ballots{voters: make([]voter, v.Viewers+1)}
	var use measured
	report := &VoteReport{Benchmark: "vote", Machine: ThisMachine(), Viewers: v.Viewers, Within: v.Within.Seconds()}
	if report.Join, use.empty, use.idle, err = w.fill(ctx, n, made.ID, v.Viewers, votes.hearing(), log); err != nil {
		return nil, err
	}
	poll, err := host.openPoll(ctx)
	if err != nil {
		return nil, err
	}

	fmt.Fprintf(log, "%d viewers vote within %s\n", v.Viewers, v.Within)
	votes.open(poll)
	own, frames := ownCPU(), w.counts.frames.Load()
	if use.before, err = n.usage(); err != nil {
		return nil, err
	}
	if err := v.cast(ctx, w.conns[1:], votes, log); err != nil {
		return nil, err
	}
	if use.after, err = n.usage(); err != nil {
		return nil, err
	}
	report.Frames, report.LoadCPU = w.counts.frames.Load()-frames, round((ownCPU()-own).Seconds(), 2)
	closed, err := host.closePoll(ctx)
	if err != nil {
		return nil, err
	}
	votes.sumUp(report, closed)
	report.Cut, report.CutWhy = w.counts.cut.Load(), w.counts.why()
	if report.Server = n.report(use, v.Viewers); report.Server != nil && report.Votes > 0 {
		report.PerVotes = round(report.Server.CPUSeconds*1e6/float64(report.Votes), 1)
	}
	return report, nil
}

// cast has everybody vote, and then some change their minds; it returns when all are answered, or will never be.
func (v Vote) cast(ctx context.Context, viewers []*conn, votes *ballots, log io.Writer) error {
	every := v.Within / time.Duration(v.Viewers)
	if err := pace(ctx, v.Viewers, every, func(i int) error { return votes.cast(viewers[i], 0) }); err != nil {
		return err
	}
	until(ctx, answerTime, votes.settled)
	if changing := int(math.Round(v.Changes * float64(v.Viewers))); changing > 0 {
		fmt.Fprintf(log, "%d change their ballot\n", changing)
		step := float64(v.Viewers) / float64(changing) // spread over all
		err := pace(ctx, changing, every, func(i int) error { return votes.cast(viewers[int(float64(i)*step)], 1) })
		if err != nil {
			return err
		}
	}
	until(ctx, answerTime, votes.settled)
	return ctx.Err()
}

// host leads the show.
type host struct {
	conns  []*conn // one
	opened chan room.PollOpened
	closed chan room.PollClosed
}

func newHost() *host {
	return &host{opened: make(chan room.PollOpened, 1), closed: make(chan room.PollClosed, 1)}
}

func (h *host) hearing() hearing {
	return hearing{
		event: func(_ *conn, _ time.Time, head head, frame []byte) {
			switch string(head.kind) {
			case "poll.opened":
				pass(frame, h.opened)
			case "poll.closed":
				pass(frame, h.closed)
			}
		},
		answer: func(*conn, time.Time, head, []byte) {},
	}
}

// pass hands an event's data on, if it is understood and somebody waits.
func pass[T any](frame []byte, to chan<- T) {
	var f struct {
		Data T `json:"data"`
	}
	if json.Unmarshal(frame, &f) != nil {
		return
	}
	select {
	case to <- f.Data:
	default:
	}
}

const (
	scenesTried = 20          // until one has a poll
	sceneTime   = time.Second // that a scene has to announce its poll
)

// openPoll starts the show and goes on until a poll is open.
func (h *host) openPoll(ctx context.Context) (room.PollOpened, error) {
	for range scenesTried {
		if _, err := h.conns[0].ask(ctx, "next", nil); err != nil {
			return room.PollOpened{}, err
		}
		select {
		case poll := <-h.opened:
			return poll, pause(ctx, time.Until(time.UnixMilli(poll.OpensAt+1)))
		case <-time.After(sceneTime):
		case <-ctx.Done():
			return room.PollOpened{}, ctx.Err()
		}
	}
	return room.PollOpened{}, errors.New("the story came to no poll: choose another with --story")
}

// closePoll ends the poll and returns its result.
func (h *host) closePoll(ctx context.Context) (room.PollClosed, error) {
	if _, err := h.conns[0].ask(ctx, "close_poll", nil); err != nil {
		return room.PollClosed{}, err
	}
	select {
	case closed := <-h.closed:
		return closed, nil
	case <-time.After(answerTime):
		return room.PollClosed{}, errors.New("the poll's result did not come")
	case <-ctx.Done():
		return room.PollClosed{}, ctx.Err()
	}
}

// ballotID names a voter's nth command; a retry has the same.
func ballotID(number, nth int) string {
	return "b" + strconv.Itoa(number) + "x" + strconv.Itoa(nth)
}
