package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"kinoautomat/bench"
)

// Bench measures takeovers: nodes on one Redis, viewers who vote in rooms in which a show goes round and round, and again and again the owner of
// one of them is killed in mid-poll, and started anew when others have its rooms. It stands on this machine alone.
type Bench struct {
	Program []string // how this program is started
	Redis   string   // the address of a Redis, as serve takes it; "" = one that is started, and stopped afterwards
	Nodes   int      // MinNodes–MaxNodes
	Rooms   int      // 1–MaxRooms
	Viewers int      // at least one for each room and node, at most MaxViewers
	Kills   int      // 1–MaxKills
}

// Limits of a Bench.
const (
	MinNodes   = 2
	MaxNodes   = 16
	MaxRooms   = 100
	MaxViewers = 2000
	MaxKills   = 1000
)

// Report is what a Bench found.
type Report struct {
	Benchmark   string         `json:"benchmark"`
	Machine     bench.Machine  `json:"machine"`
	Nodes       int            `json:"nodes"`
	Rooms       int            `json:"rooms"`
	Viewers     int            `json:"viewers"`
	Kills       int            `json:"kills"`
	Seconds     float64        `json:"seconds"`
	Takeovers   int            `json:"takeovers"`   // rooms whose owner was killed, all kills together
	Event       Times          `json:"takeover_ms"` // from the kill to the new owner's first event, at each viewer of those rooms on another node
	Answer      Times          `json:"answer_ms"`   // from the kill to the first answer of each room
	Polls       int            `json:"polls"`       // that have a result
	Ballots     map[string]int `json:"ballots"`     // by what their viewers were told: acknowledged, refused, unknown
	Lost        int            `json:"lost"`        // acknowledged as somebody's last in a poll, and another one, or none, is in the journal
	Twice       int            `json:"counted_twice"`
	Reconnected int            `json:"reconnected"`           // connections that ended with the node they were to
	Cut         int            `json:"reconnected_elsewhere"` // and those to other nodes
	Away        Times          `json:"away_ms"`               // from the end of a connection to the next welcome
	Violations  []Violation    `json:"violations,omitempty"`
	Irregular   []string       `json:"irregular,omitempty"` // errors that nodes logged, and what viewers did not understand
}

// Times sums up times, in milliseconds.
type Times struct {
	Count int   `json:"count"`
	P50   int64 `json:"p50"`
	P95   int64 `json:"p95"`
	Max   int64 `json:"max"`
}

func timesOf(times []time.Duration) Times {
	return Times{len(times), Percentile(times, 50).Milliseconds(), Percentile(times, 95).Milliseconds(), Percentile(times, 100).Milliseconds()}
}

// Check says what is wrong with what was asked for, naming the flag. The address is checked by who gives it.
func (b Bench) Check() error {
	switch {
	case b.Nodes < MinNodes || b.Nodes > MaxNodes:
		return fmt.Errorf("--nodes must be from %d to %d", MinNodes, MaxNodes)
	case b.Rooms < 1 || b.Rooms > MaxRooms:
		return fmt.Errorf("--rooms must be from 1 to %d", MaxRooms)
	case b.Viewers < b.Nodes*b.Rooms || b.Viewers > MaxViewers:
		return fmt.Errorf("--viewers must be from %d, one for each room and node, to %d", b.Nodes*b.Rooms, MaxViewers)
	case b.Kills < 1 || b.Kills > MaxKills:
		return fmt.Errorf("--kills must be from 1 to %d", MaxKills)
	}
	return nil
}

// Run does it. Progress goes to log. A report comes with an error where a promise was broken.
func (b Bench) Run(ctx context.Context, log io.Writer) (*Report, error) {
	folder, err := os.MkdirTemp("", "kinoautomat-bench-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintln(log, "temporary folder not removed:", err)
		}
	}()
	stays := b.Redis != ""
	if !stays {
		address, stop, err := startRedis(ctx, folder, log)
		if err != nil {
			return nil, err
		}
		defer stop()
		b.Redis = address
	}
	report := &Report{Benchmark: "takeover", Machine: bench.ThisMachine(), Nodes: b.Nodes, Rooms: b.Rooms, Viewers: b.Viewers, Kills: b.Kills}
	begun := time.Now()
	s, err := newStage(ctx, staging{
		program: b.Program, redis: slices.Repeat([]string{b.Redis}, b.Nodes), folder: folder, rooms: b.Rooms, viewers: b.Viewers,
	})
	if err != nil {
		return nil, err
	}
	defer s.end()
	if stays {
		defer s.removeRooms(log)
	}
	fmt.Fprintf(log, "%d nodes, %d viewers in %d rooms\n", b.Nodes, b.Viewers, b.Rooms)
	s.absences.Store(true)
	if err := b.kill(ctx, s, report, log); err != nil {
		return nil, err
	}
	if err := s.finish(ctx); err != nil {
		return nil, err
	}
	report.Seconds = time.Since(begun).Round(time.Second).Seconds()
	report.sumUp(s.found, s.noted())
	return report, report.failure()
}

// failure says in one sentence what a run has found that must not be.
func (r *Report) failure() error {
	switch {
	case len(r.Violations) > 0:
		return fmt.Errorf("%d promises were broken, the first: %s", len(r.Violations), r.Violations[0].What)
	case r.Twice > 0:
		return fmt.Errorf("%d ballots were counted twice", r.Twice)
	case len(r.Irregular) > 0:
		return fmt.Errorf("something went wrong that no viewer should see: %s", r.Irregular[0])
	}
	return nil
}

// kill kills owners, and measures until others have their rooms.
func (b Bench) kill(ctx context.Context, s *stage, report *Report, log io.Writer) error {
	var events, answers []time.Duration
	for nth := range b.Kills {
		n, err := s.midPoll(ctx, nth)
		if err != nil {
			return err
		}
		rooms := s.ownedBy(n)
		elsewhere, watching := s.elsewhere(n, rooms)
		polls := s.openPolls(rooms)
		since, err := n.kill()
		if err != nil {
			return err
		}
		for _, v := range watching {
			v.await(since)
		}
		silent := s.silence(ctx, rooms, since)
		heard := func() bool {
			return !slices.ContainsFunc(watching, func(v *viewer) bool { _, ok := v.heardNews(); return !ok })
		}
		if err := until(ctx, "viewers on other nodes hear of a new owner", answerTime, heard); err != nil {
			return err
		}
		latest := time.Duration(0)
		for _, v := range watching {
			at, _ := v.heardNews()
			events, latest = append(events, at.Sub(since)), max(latest, at.Sub(since))
		}
		for _, took := range silent {
			answers = append(answers, took)
		}
		report.Takeovers += len(rooms)
		if err := n.start(ctx); err != nil {
			return err
		}
		if err := s.recovered(ctx, "a kill"); err != nil {
			return err
		}
		closed := func() bool {
			return !slices.ContainsFunc(s.openPolls(rooms), func(poll string) bool { return slices.Contains(polls, poll) })
		}
		if err := until(ctx, "the polls of the kill are closed", patience, closed); err != nil {
			return err
		}
		for _, v := range s.viewers {
			if returns := v.countReturns(); slices.Contains(elsewhere, v) {
				report.Cut += returns
			} else {
				report.Reconnected += returns
			}
		}
		fmt.Fprintf(log, "kill %d of %d: %d rooms, their viewers on other nodes heard of a new owner within %d ms\n", nth+1, b.Kills, len(rooms), latest.Milliseconds())
	}
	report.Event, report.Answer = timesOf(events), timesOf(answers)
	return nil
}

// sumUp holds what viewers wrote down against the journals.
func (r *Report) sumUp(found Run, notes []string) {
	r.Ballots = map[string]int{}
	var away []time.Duration
	for _, v := range found.Viewers {
		away = append(away, v.Away...)
		for _, b := range v.Ballots {
			r.Ballots[b.Fate.String()]++
		}
	}
	for _, lines := range found.Rooms {
		polls, twice := tally(lines)
		r.Polls, r.Twice = r.Polls+polls, r.Twice+twice
	}
	r.Away, r.Irregular, r.Violations = timesOf(away), notes, Check(found, 0)
	for _, v := range r.Violations {
		if v.Promise == AcknowledgedCount {
			r.Lost++
		}
	}
}

// tally counts the results of a journal, and the ballots in them beyond one for each voter.
func tally(lines []Line) (polls, twice int) {
	voters := map[string]map[string]bool{} // by poll
	for _, line := range lines {
		switch line.Type {
		case "ballot.cast":
			var ballot struct{ Poll, Viewer string }
			if json.Unmarshal(line.Hidden, &ballot) != nil {
				continue // which Check says
			}
			if voters[ballot.Poll] == nil {
				voters[ballot.Poll] = map[string]bool{}
			}
			voters[ballot.Poll][ballot.Viewer] = true
		case "poll.closed":
			var result pollClosed
			if json.Unmarshal(line.Data, &result) != nil {
				continue
			}
			counted := 0
			for _, n := range result.Counts {
				counted += n
			}
			polls++
			twice += max(0, counted-len(voters[result.Poll]))
		}
	}
	return polls, twice
}

// kill is kill -9; it returns when it was, after the process is gone.
func (n *process) kill() (since time.Time, err error) {
	if err := n.child.Signal(os.Kill); err != nil {
		return since, fmt.Errorf("kill node %s: %w", n.name, err)
	}
	since = time.Now()
	<-n.child.Ended()
	return since, nil
}

// elsewhere are the viewers who are on other nodes than one, and those of them who are in some rooms.
func (s *stage) elsewhere(n *process, rooms []string) (all, watching []*viewer) {
	node := slices.Index(s.nodes, n)
	for _, v := range s.viewers {
		if v.at(node) {
			continue
		}
		all = append(all, v)
		if slices.Contains(rooms, v.room) {
			watching = append(watching, v)
		}
	}
	return all, watching
}

// openPolls are the polls that somebody in some rooms takes for open.
func (s *stage) openPolls(rooms []string) (polls []string) {
	for _, v := range s.viewers {
		if !slices.Contains(rooms, v.room) {
			continue
		}
		v.mu.Lock()
		if v.open != "" && !slices.Contains(polls, v.open) {
			polls = append(polls, v.open)
		}
		v.mu.Unlock()
	}
	return polls
}

// removeRooms deletes the rooms from a Redis that stays.
func (s *stage) removeRooms(log io.Writer) {
	s.leave()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, r := range s.rooms {
		if err := s.nodes[0].call(ctx, http.MethodDelete, "rooms/"+r.ID, r.HostToken, nil, nil); err != nil {
			fmt.Fprintln(log, "room not deleted:", err)
		}
	}
}
