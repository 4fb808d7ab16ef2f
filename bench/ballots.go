package bench

import (
	"sync"
	"sync/atomic"
	"time"

	"kinoautomat/room"
)

// ballots is what was sent, what was acknowledged, and so what a result must hold.
type ballots struct {
	poll    room.PollOpened
	voters  []voter // by the number of their connection
	first   time.Time
	latency Histogram
	sent    atomic.Int64 // without retries
	settle  atomic.Int64 // of those, answered for good
	acked   atomic.Uint64
	changed atomic.Uint64 // of those acked
	retried atomic.Uint64
	latest  atomic.Int64 // Unix microseconds of the last acknowledgement
	refused refusals
}

// voter is one viewer's ballots.
type voter struct {
	mu      sync.Mutex
	id      string    // of the command that is under way, "" = none; this and all below guarded by mu
	sentAt  time.Time // first
	choice  int       // that is under way
	tries   int
	cast    int // ballots sent, without retries
	kept    int // choice of the last ballot acknowledged
	isKept  bool
	doubted bool // a ballot was refused or never answered: what counts is not known
}

const ballotTries = 4 // of one ballot, while the room is busy

func (b *ballots) open(poll room.PollOpened) {
	b.poll, b.first = poll, time.Now()
}

// cast sends a ballot: each viewer has a choice, and turn by turn the next one.
func (b *ballots) cast(c *conn, turn int) error {
	v := &b.voters[c.number]
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.id != "" {
		return nil // the one before is still under way
	}
	v.id, v.choice, v.sentAt, v.tries = ballotID(c.number, v.cast), (c.number+turn)%len(b.poll.Choices), time.Now(), 1
	v.cast++
	b.sent.Add(1)
	return b.give(c, v)
}

// give sends what is under way. v.mu must be held. A connection that the node has ended is no error here: the ballot stays unanswered.
func (b *ballots) give(c *conn, v *voter) error {
	err := c.send("vote", v.id, room.Vote{Poll: b.poll.Poll, Choices: []string{b.poll.Choices[v.choice].ID}})
	select {
	case <-c.ended:
		return nil
	default:
		return err
	}
}

func (b *ballots) hearing() hearing {
	return hearing{event: func(*conn, time.Time, head, []byte) {}, answer: b.hear}
}

// hear takes an answer to a ballot.
func (b *ballots) hear(c *conn, now time.Time, h head, frame []byte) {
	v := &b.voters[c.number]
	v.mu.Lock()
	defer v.mu.Unlock()
	if string(h.id) != v.id {
		return // to a ballot whose retry was answered first
	}
	if string(h.kind) == "ack" {
		b.latency.Record(now.Sub(v.sentAt))
		b.acked.Add(1)
		if v.isKept {
			b.changed.Add(1)
		}
		if at := now.UnixMicro(); at > b.latest.Load() {
			b.latest.Store(at)
		}
		v.kept, v.isKept, v.doubted, v.id = v.choice, true, false, ""
		b.settle.Add(1)
		return
	}
	refusal := readRefusal(frame)
	if refusal.Code == room.CodeUnavailable && v.tries < ballotTries {
		v.tries++
		b.retried.Add(1)
		time.AfterFunc(max(time.Duration(refusal.Retry)*time.Millisecond, time.Second), func() { b.again(c, v) })
		return
	}
	b.refused.count(refusal.Code)
	v.doubted = v.doubted || refusal.Code == room.CodeUnavailable // it may have been taken
	v.id = ""
	b.settle.Add(1)
}

func (b *ballots) again(c *conn, v *voter) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.id == "" {
		return
	}
	if err := b.give(c, v); err != nil {
		v.doubted = true // and it stays unanswered
	}
}

// settled: every ballot has had its last answer.
func (b *ballots) settled() bool { return b.settle.Load() == b.sent.Load() }

// sumUp puts the result beside what was acknowledged.
func (b *ballots) sumUp(report *VoteReport, closed room.PollClosed) {
	sure, voted := make([]int, len(b.poll.Choices)), 0
	for i := range b.voters {
		v := &b.voters[i]
		v.mu.Lock()
		if v.cast > 0 && (v.isKept || v.id != "" || v.doubted) {
			voted++
		}
		if v.isKept && v.id == "" && !v.doubted {
			sure[v.kept]++
		}
		v.mu.Unlock()
	}
	counted := 0
	for i, choice := range b.poll.Choices {
		counted += closed.Counts[choice.ID]
		report.Lost += max(0, sure[i]-closed.Counts[choice.ID])
	}
	report.Twice = max(0, max(counted, closed.Turnout)-voted)
	report.Turnout = closed.Turnout
	report.Votes, report.Changes, report.Retried, report.Refused = b.acked.Load(), b.changed.Load(), b.retried.Load(), b.refused.byCode()
	report.Unanswered = uint64(b.sent.Load() - b.settle.Load())
	report.Latency = b.latency.Latency()
	if report.Votes > 0 {
		seconds := max(time.UnixMicro(b.latest.Load()).Sub(b.first.Round(0)), time.Millisecond).Seconds()
		report.Seconds, report.PerSecond = round(seconds, 3), round(float64(report.Votes)/seconds, 1)
	}
}
