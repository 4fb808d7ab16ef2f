package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"kinoautomat/bench"
)

// viewer watches a room and votes in all its polls, as a browser does: it comes back by itself, resumes, and repeats what was not answered.
// It writes down what it hears.
type viewer struct {
	stage *stage
	room  string
	name  string
	asks  bool // asks all the time whether the room answers

	mu      sync.Mutex
	record  Viewer
	line    *bench.Line // nil while there is none
	home    int         // the node that it tries first
	node    int         // that it is connected to, or tries next
	moved   bool        // the line was ended by us
	barred  time.Time   // when the room refused to let the viewer in, for the moment; 0 = it did not
	away    time.Time   // when the last line ended by itself; 0 while the viewer is in
	lately  []string    // the last frames, for whoever wonders what happened
	token   string
	seq     uint64
	joined  bool
	scene   string
	words   int // code points of the scene
	open    string
	cast    map[string]*casting // by the id of the command
	casting *casting            // the latest
	asked   map[string]time.Time
	heard   []answer // to asks
	number  int
	killed  int64     // Unix milliseconds at which an owner was killed whose successor is waited for; 0 = nobody is
	news    time.Time // when its first event came
	returns int       // times that the viewer had to connect again, since countReturns
}

// casting is a ballot on its way.
type casting struct {
	id    string
	place int // in record.Ballots
	poll  string
	sent  int
	last  time.Time
}

// answer is one to a question whether the room is there.
type answer struct{ asked, answered time.Time }

type frame struct {
	Type string          `json:"type"`
	ID   string          `json:"id"`
	Seq  uint64          `json:"seq"`
	At   int64           `json:"at"`
	Data json.RawMessage `json:"data"`
}

func readFrame(text []byte) (f frame, ok bool) {
	err := json.Unmarshal(text, &f)
	return f, err == nil
}

const (
	dialTime  = 2 * time.Second
	retryTime = 500 * time.Millisecond
	askTime   = 100 * time.Millisecond
)

// run keeps the viewer in the room until ctx is done.
func (v *viewer) run(ctx context.Context) {
	failures, moving := 0, false
	for ctx.Err() == nil {
		line, err := v.connect(ctx)
		if err == nil {
			v.watch(ctx, line)
			line.End()
			if ctx.Err() != nil {
				return
			}
		}
		left, moved := v.out(err == nil)
		if left {
			failures = 0
		}
		if err == nil {
			moving = strings.Contains(line.Why(), ": 4000 ") && failures == 0
		}
		wait := 500*time.Millisecond + rand.N(2500*time.Millisecond)
		if moving {
			wait, moving = rand.N(time.Second), false
		}
		wait = min(wait<<min(failures, 5), 30*time.Second)
		if moved {
			failures = 0
			continue
		}
		if err != nil { // nobody listens there: a proxy in front of the nodes would have tried the next one
			wait = 50 * time.Millisecond
		} else {
			failures++
		}
		sleep(ctx, wait)
	}
}

// out notes that there is no line any more, or none yet, and says whether the viewer was in by it, and whether we ended it.
func (v *viewer) out(connected bool) (left, moved bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	left, moved = v.joined || v.moved, v.moved
	switch {
	case moved:
		v.away = time.Time{}
	case connected && v.away.IsZero():
		v.away = time.Now()
	}
	if left && !moved {
		v.returns++
	}
	v.line, v.joined, v.moved = nil, false, false
	if connected {
		v.node = v.home
	} else {
		v.node = (v.node + 1) % len(v.stage.nodes)
	}
	return left, moved
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (v *viewer) connect(ctx context.Context) (*bench.Line, error) {
	v.mu.Lock()
	at := v.stage.nodes[v.node].url
	v.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	return bench.Dial(ctx, at, v.room, v.hear)
}

// watch joins and stays until the line ends.
func (v *viewer) watch(ctx context.Context, line *bench.Line) {
	v.mu.Lock()
	v.line, v.barred = line, time.Time{}
	v.join()
	v.mu.Unlock()
	tick := time.NewTicker(askTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-line.Ended():
			return
		case <-tick.C:
		}
		v.mu.Lock()
		if !v.barred.IsZero() && time.Since(v.barred) >= retryTime {
			v.barred = time.Time{}
			v.join()
		}
		if v.joined {
			v.repeat()
			if v.asks {
				v.number++
				id := fmt.Sprintf("r%d", v.number)
				v.asked[id] = time.Now()
				v.send("react", id, map[string]string{"feeling": "joy"})
			}
		}
		v.mu.Unlock()
	}
}

// join asks to be let in; mu is held.
func (v *viewer) join() {
	join := map[string]any{"name": v.name}
	if v.token != "" {
		join["token"] = v.token
	}
	if v.seq > 0 {
		join["since"] = v.seq
	}
	v.send("join", "join", join)
}

// send gives a command; mu is held. What cannot be sent is repeated on the next line.
func (v *viewer) send(kind, id string, data any) {
	if v.line != nil {
		_ = v.line.Send(kind, id, data)
	}
}

// repeat sends again what was refused for the moment, or not answered for long; mu is held.
func (v *viewer) repeat() {
	if c := v.casting; c != nil && v.cast[c.id] != nil && time.Since(c.last) >= 10*retryTime {
		v.put(c)
	}
}

func (v *viewer) put(c *casting) {
	c.sent++
	c.last = time.Now()
	v.send("vote", c.id, map[string]any{"poll": c.poll, "choices": []string{v.record.Ballots[c.place].Choice}})
}

// hear takes a frame; it is called by the line.
func (v *viewer) hear(now time.Time, text []byte) {
	f, ok := readFrame(text)
	if !ok {
		v.stage.note("frame not understood: %.80s", text)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if f.Type != "ack" && f.Type != "tally.changed" && f.Type != "reactions.changed" && f.Type != "viewers.changed" {
		v.lately = append(v.lately[max(0, len(v.lately)-12):], fmt.Sprintf("%s %d %.70s", f.Type, f.Seq, f.Data))
	}
	if f.ID == "" && f.Type != "beat" && v.killed > 0 && f.At > v.killed && v.news.IsZero() { // a beat may be the word of a node that hears no owner
		v.news = now
	}
	switch {
	case f.Type == "welcome":
		v.welcomed(now, f)
	case f.ID != "":
		v.answered(now, f)
	case f.Seq > 0:
		v.seq = max(v.seq, f.Seq)
		v.record.Heard = append(v.record.Heard, Heard{Seq: f.Seq, Type: f.Type, Data: string(f.Data)})
		v.event(f)
	case f.Type == "narration.delta":
		v.delta(f)
	}
}

func (v *viewer) welcomed(now time.Time, f frame) {
	var w struct {
		Viewer   struct{ ID string }
		Token    string
		Seq      uint64
		Snapshot *struct {
			Scene *struct{ Scene, Text string }
			Poll  *struct {
				Poll    string
				Choices []struct{ ID string }
				Opens   int64           `json:"opens_at"`
				Closes  int64           `json:"closes_at"`
				Closed  json.RawMessage `json:"closed"`
			}
		}
	}
	if json.Unmarshal(f.Data, &w) != nil {
		v.stage.note("welcome not understood: %.80s", f.Data)
		return
	}
	if v.record.ID != "" && v.record.ID != w.Viewer.ID {
		v.stage.note("%s was %s and came back as %s", v.name, v.record.ID, w.Viewer.ID)
	}
	v.record.ID, v.token, v.joined = w.Viewer.ID, w.Token, true
	if !v.away.IsZero() && v.stage.absences.Load() {
		v.record.Away = append(v.record.Away, now.Sub(v.away))
	}
	v.away = time.Time{}
	if w.Snapshot == nil {
		v.record.Heard = append(v.record.Heard, Heard{Seq: v.seq, Resumed: true})
	} else {
		v.seq = w.Seq
		v.record.Heard = append(v.record.Heard, Heard{Seq: w.Seq})
		v.scene, v.words = "", 0
		if w.Snapshot.Scene != nil {
			v.scene, v.words = w.Snapshot.Scene.Scene, utf8.RuneCountInString(w.Snapshot.Scene.Text)
		}
		p := w.Snapshot.Poll
		if p == nil || p.Closed != nil || p.Poll != v.open {
			v.open = ""
		}
		if p != nil && p.Closed == nil {
			var ids []string
			for _, c := range p.Choices {
				ids = append(ids, c.ID)
			}
			v.opened(p.Poll, ids, f.At, p.Opens, p.Closes)
		}
	}
	if c := v.casting; c != nil && v.cast[c.id] != nil {
		v.put(c) // on this line too
	}
}

func (v *viewer) event(f frame) {
	var e struct {
		Scene, Text, Poll string
		Choices           []struct{ ID string }
		Opens             int64 `json:"opens_at"`
		Closes            int64 `json:"closes_at"`
	}
	if len(f.Data) > 0 && json.Unmarshal(f.Data, &e) != nil {
		return
	}
	switch f.Type {
	case "scene.started":
		v.scene, v.words = e.Scene, 0
	case "scene.told":
		v.words = utf8.RuneCountInString(e.Text)
	case "poll.opened":
		var ids []string
		for _, c := range e.Choices {
			ids = append(ids, c.ID)
		}
		v.opened(e.Poll, ids, f.At, e.Opens, e.Closes)
	case "poll.closed":
		v.open = ""
	}
}

func (v *viewer) delta(f frame) {
	var d struct {
		Scene, Text string
		Offset      int
	}
	if json.Unmarshal(f.Data, &d) != nil {
		return
	}
	if d.Scene != v.scene || d.Offset > v.words {
		v.record.Holes++
		v.stage.note("%s at %s has %d characters of %s: %s", v.name, v.stage.nodes[v.node].url, v.words, v.scene, strings.Join(v.lately, "; "))
		v.scene = d.Scene
	}
	v.words = max(v.words, d.Offset+utf8.RuneCountInString(d.Text))
}

// opened plans to vote at some time while the poll is open, and perhaps to change that.
func (v *viewer) opened(poll string, choices []string, at, opens, closes int64) {
	if v.open == poll || len(choices) == 0 || v.stage.quiet.Load() {
		return
	}
	v.open = poll
	wait := time.Duration(max(0, opens-at))*time.Millisecond + 20*time.Millisecond
	for i := range 1 + rand.N(5)/4 {
		wait += rand.N(max(time.Millisecond, time.Duration(closes-max(opens, at))*time.Millisecond*2/3))
		time.AfterFunc(wait, func() { v.vote(poll, choices[rand.N(len(choices))], i) })
	}
}

func (v *viewer) vote(poll, choice string, nth int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.open != poll || v.stage.quiet.Load() || v.casting != nil && v.cast[v.casting.id] != nil {
		return // over, or the one before is still on its way
	}
	v.number++
	c := &casting{id: fmt.Sprintf("v%d", v.number), place: len(v.record.Ballots), poll: poll}
	v.record.Ballots = append(v.record.Ballots, Ballot{Poll: poll, Choice: choice})
	v.cast[c.id], v.casting = c, c
	v.put(c)
	if (v.number+nth)%3 == 0 {
		v.put(c) // by somebody impatient
	}
}

func (v *viewer) answered(now time.Time, f frame) {
	if asked, known := v.asked[f.ID]; known {
		delete(v.asked, f.ID)
		if f.Type == "ack" {
			v.heard = append(v.heard, answer{asked, now})
		}
		return
	}
	c := v.cast[f.ID]
	if c == nil && f.ID != "join" {
		return
	}
	if f.Type == "ack" {
		v.record.Ballots[c.place].Fate = Acknowledged
		delete(v.cast, f.ID)
		return
	}
	var refused struct{ Code string }
	if json.Unmarshal(f.Data, &refused) != nil {
		return
	}
	switch {
	case c == nil: // a room that is busy or changes hands
		v.barred = now
		v.stage.refused("join: " + refused.Code)
		return
	case slices.Contains([]string{"unavailable", "too_fast", "poll_not_open", "not_joined"}, refused.Code):
		c.last = time.Now().Add(-9 * retryTime) // again soon
		return
	case refused.Code == "no_such_poll" && c.sent > 1: // the poll has gone, and one of those sent before may have come in time
	default:
		v.record.Ballots[c.place].Fate = Refused
	}
	v.stage.refused(refused.Code)
	delete(v.cast, f.ID)
}

// answers says whether the room has answered a question that was asked after a moment, and when.
func (v *viewer) answers(after time.Time) (at time.Time, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range slices.Backward(v.heard) {
		if a.asked.Before(after) {
			break
		}
		at, ok = a.answered, true
	}
	return at, ok
}

// voting: a poll is open, and the viewer has voted in it.
func (v *viewer) voting() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.open != "" && v.casting != nil && v.casting.poll == v.open
}

// moveHome ends the line of one that asks, and is not at the node that it should be at; it returns the line, which must be ended.
func (v *viewer) moveHome() *bench.Line {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.asks || v.node == v.home || v.line == nil {
		return nil
	}
	v.joined, v.moved = false, true
	return v.line
}

// at says whether the viewer is connected to a node.
func (v *viewer) at(node int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.node == node
}

// await has the viewer note when the first event comes that was told after an owner was killed.
func (v *viewer) await(killed time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.killed, v.news = killed.UnixMilli(), time.Time{}
}

// countReturns is how often the viewer had to connect again since it was last asked.
func (v *viewer) countReturns() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := v.returns
	v.returns = 0
	return n
}

// heardNews says when the event came that was awaited.
func (v *viewer) heardNews() (at time.Time, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.news, !v.news.IsZero()
}

// settled: nothing is on its way, and no poll is open that the viewer knows.
func (v *viewer) settled() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.joined && len(v.cast) == 0 && v.open == ""
}

func (v *viewer) in() (joined bool, seq uint64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.joined, v.seq
}
