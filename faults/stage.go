package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kinoautomat/bench"
)

// loop is a show without an end.
const loop = `:: StoryTitle
Round and Round

:: StoryData
{"ifid":"5B7C0F3A-3C1E-4E0A-9D55-1C2B3A4D5E6F","format":"SugarCube","format-version":"2.37.3","start":"Door","kino":{"language":"en"}}

:: Door
A door in the rain. It is not locked, and behind it somebody counts the steps of a stair aloud.

[[Knock->Hall]]
[[Walk in->Yard]]

:: Hall
A hall with a clock that has stopped. The voice goes on counting, and it has come to ninety-nine.

[[Wait->Yard]]
[[Go back->Door]]

:: Yard
A yard with one tree. Under the tree stands the door that you came through, and it rains again.

[[Again->Door]]
[[Listen->Hall]]
`

// staging says what is to be on a stage.
type staging struct {
	program        []string // how this program is started
	redis          []string // the address of Redis for each node; there are as many nodes
	folder         string   // a temporary one, for the show
	rooms, viewers int      // at least one viewer for each room and node
}

// stage is nodes on one Redis, rooms in which a show goes round and round, and viewers who vote in them.
type stage struct {
	staging
	nodes    []*process
	rooms    []made
	viewers  []*viewer
	leave    func()
	wait     sync.WaitGroup // viewers
	reading  sync.WaitGroup // of logs
	absences atomic.Bool    // viewers write down how long they are away
	quiet    atomic.Bool    // nobody votes any more

	mu       sync.Mutex
	starts   int
	terms    []Term
	owner    map[string]*process
	lost     map[*process]int // leases that a node found lost
	notes    []string
	refusals map[string]int
	found    Run
}

type made struct {
	ID        string `json:"id"`
	HostToken string `json:"host_token"`
}

const (
	patience   = 30 * time.Second
	answerTime = 20 * time.Second
)

// newStage starts the nodes, makes the rooms, and returns when all viewers are in; end must be called, unless it fails. The viewers stay until end, or
// until ctx is done.
func newStage(ctx context.Context, what staging) (s *stage, err error) {
	s = &stage{staging: what, leave: func() {}, owner: map[string]*process{}, lost: map[*process]int{}, refusals: map[string]int{}}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	if err := os.MkdirAll(s.stories(), 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.stories(), "loop.twee"), []byte(loop), 0o644); err != nil {
		return nil, err
	}
	for _, redis := range what.redis {
		n := &process{stage: s, redis: redis}
		if err := n.start(ctx); err != nil {
			return nil, err
		}
		s.nodes = append(s.nodes, n)
	}
	for i := range what.rooms {
		if err := s.makeRoom(ctx, s.nodes[i%len(s.nodes)]); err != nil {
			return nil, err
		}
	}
	ctx, leave := context.WithCancel(ctx)
	s.leave = func() { leave(); s.wait.Wait() }
	for i := range what.viewers {
		home := i / what.rooms % len(s.nodes)
		v := &viewer{
			stage: s, room: s.rooms[i%what.rooms].ID, name: fmt.Sprint("Viewer ", i), asks: i < len(s.nodes)*what.rooms, home: home, node: home,
			cast: map[string]*casting{}, asked: map[string]time.Time{},
		}
		v.record.Room = v.room
		s.viewers = append(s.viewers, v)
		s.wait.Go(func() { v.run(ctx) })
	}
	return s, until(ctx, "all viewers are in", patience, s.allIn)
}

func (s *stage) stories() string { return filepath.Join(s.folder, "stories") }

// end leaves nothing behind, whatever state the nodes are in.
func (s *stage) end() {
	s.leave()
	for _, n := range s.nodes {
		n.child.Kill()
	}
	s.reading.Wait()
}

// note keeps something that no viewer should see.
func (s *stage) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

func (s *stage) noted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

func (s *stage) refused(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals[code]++
}

func (s *stage) makeRoom(ctx context.Context, n *process) error {
	var r made
	settings := map[string]any{"pace": 60, "arm_seconds": 0, "vote_seconds": 4, "tail_seconds": 0.5}
	if err := n.call(ctx, "POST", "rooms", "", map[string]any{"story": "loop", "settings": settings}, &r); err != nil {
		return err
	}
	s.rooms = append(s.rooms, r)
	return s.host(ctx, r, "start")
}

// host gives one command as the room's host, at the first node that answers.
func (s *stage) host(ctx context.Context, r made, command string) (err error) {
	for _, n := range s.nodes {
		answered := make(chan string, 4)
		line, dialErr := bench.Dial(ctx, n.url, r.ID, func(_ time.Time, text []byte) {
			if f, ok := readFrame(text); ok && f.ID == "host" {
				answered <- f.Type + " " + string(f.Data)
			}
		})
		if dialErr != nil {
			err = errors.Join(err, dialErr)
			continue
		}
		// What cannot be sent is not answered.
		_ = line.Send("join", "join", map[string]string{"token": r.HostToken})
		_ = line.Send(command, "host", nil)
		select {
		case got := <-answered:
			line.End()
			if !strings.HasPrefix(got, "ack") {
				return fmt.Errorf("host's %s: %s", command, got)
			}
			return nil
		case <-ctx.Done():
			line.End()
			return ctx.Err()
		case <-time.After(patience):
			line.End()
		}
	}
	return errors.Join(fmt.Errorf("the host's %s was not answered", command), err)
}

// until waits for a condition; what it is in words is for the one who reads that it did not come.
func until(ctx context.Context, what string, most time.Duration, there func() bool) error {
	for end := time.Now().Add(most); !there(); {
		if time.Now().After(end) {
			return fmt.Errorf("waited %s in vain until %s", most, what)
		}
		if sleep(ctx, 5*time.Millisecond); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (s *stage) allIn() bool {
	return !slices.ContainsFunc(s.viewers, func(v *viewer) bool { joined, _ := v.in(); return !joined })
}

// ownedBy are the rooms of a node.
func (s *stage) ownedBy(n *process) (rooms []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for roomID, owner := range s.owner {
		if owner == n {
			rooms = append(rooms, roomID)
		}
	}
	return rooms
}

// midPoll waits until a poll is open in one of the rooms of some node, and somebody has voted, and returns the node. Nodes take turns.
func (s *stage) midPoll(ctx context.Context, nth int) (found *process, err error) {
	err = until(ctx, "a poll is open", patience, func() bool {
		for i := range s.nodes {
			n := s.nodes[(nth+i)%len(s.nodes)]
			rooms := s.ownedBy(n)
			if slices.ContainsFunc(s.viewers, func(v *viewer) bool { return v.asks && slices.Contains(rooms, v.room) && v.voting() }) {
				found = n
				return true
			}
		}
		return false
	})
	return found, err
}

// answers says when the room first answered a question that was asked after a moment.
func (s *stage) answers(roomID string, after time.Time) (first time.Time, ok bool) {
	for _, v := range s.viewers {
		if v.asks && v.room == roomID {
			if at, answered := v.answers(after); answered && (!ok || at.Before(first)) {
				first, ok = at, true
			}
		}
	}
	return first, ok
}

// silence is for how long each of some rooms does not answer from a moment on; answerTime at most.
func (s *stage) silence(ctx context.Context, rooms []string, since time.Time) map[string]time.Duration {
	var all sync.WaitGroup
	var mu sync.Mutex
	took := map[string]time.Duration{}
	for _, roomID := range rooms {
		all.Go(func() {
			silent := answerTime
			_ = until(ctx, "", answerTime, func() bool { // that it does not is what the time says
				at, ok := s.answers(roomID, since)
				if ok {
					silent = at.Sub(since)
				}
				return ok
			})
			mu.Lock()
			defer mu.Unlock()
			took[roomID] = silent
		})
	}
	all.Wait()
	return took
}

// recovered waits until all viewers are in their rooms again, some of every room at every node, and all rooms answer.
func (s *stage) recovered(ctx context.Context, after string) error {
	if err := until(ctx, "all viewers are back after "+after, patience, s.allIn); err != nil {
		return err
	}
	for _, v := range s.viewers {
		if line := v.moveHome(); line != nil {
			s.wait.Go(line.End)
		}
	}
	if err := until(ctx, "all viewers are at home after "+after, patience, s.allIn); err != nil {
		return err
	}
	now := time.Now()
	for _, r := range s.rooms {
		answers := func() bool { _, ok := s.answers(r.ID, now); return ok }
		if err := until(ctx, "room "+r.ID+" answers after "+after, answerTime, answers); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the shows, has the viewers leave, and gathers what everybody has written down.
func (s *stage) finish(ctx context.Context) error {
	s.quiet.Store(true)
	failed := until(ctx, "all ballots are answered and their polls closed", patience, func() bool {
		return !slices.ContainsFunc(s.viewers, func(v *viewer) bool { return !v.settled() })
	})
	s.found.Rooms = map[string][]Line{}
	for _, r := range s.rooms {
		if err := s.host(ctx, r, "end"); err != nil {
			return errors.Join(failed, err)
		}
		lines, err := s.nodes[rand.N(len(s.nodes))].journal(ctx, r)
		if err != nil {
			return errors.Join(failed, err)
		}
		s.found.Rooms[r.ID] = lines
		last := uint64(0)
		for _, line := range lines {
			last = max(last, line.Seq)
		}
		failed = errors.Join(failed, until(ctx, "all viewers of "+r.ID+" have heard the end", patience, func() bool {
			return !slices.ContainsFunc(s.viewers, func(v *viewer) bool { _, seq := v.in(); return v.room == r.ID && seq < last })
		}))
	}
	s.leave()
	for _, v := range s.viewers {
		s.found.Viewers = append(s.found.Viewers, v.record)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found.Terms = s.terms
	return failed
}
