//go:build unix

package faults

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"kinoautomat/bench"
	"kinoautomat/cluster/redistest"
)

// plan is how often each fault happens.
type plan struct {
	Kills    int `json:"kills"`    // rooms whose owner is killed in mid-poll, at least
	Stops    int `json:"stops"`    // owners stopped for longer than a lease, and let go on
	Restarts int `json:"restarts"` // of Redis, by kill -9
	Cuts     int `json:"cuts"`     // of the cable to Redis for 10 s: of all nodes, of one node, in turn
	Frosts   int `json:"frosts"`   // of Redis, for 3 s
	Rounds   int `json:"rounds"`   // of restarting all nodes one after the other
}

var (
	short = plan{Kills: 8, Stops: 2, Restarts: 2, Cuts: 2, Frosts: 2, Rounds: 1}
	long  = plan{Kills: 100, Stops: 20, Restarts: 20, Cuts: 20, Frosts: 20, Rounds: 3}
)

const (
	stopTime    = 4 * time.Second // twice a lease
	cutTime     = 10 * time.Second
	frostTime   = 3 * time.Second
	mostAbsence = 2 * time.Second // of a viewer while nodes are restarted one after the other
)

// summary is what a run came to.
type summary struct {
	Plan       plan             `json:"plan"`
	Nodes      int              `json:"nodes"`
	Rooms      int              `json:"rooms"`
	Viewers    int              `json:"viewers"`
	Seconds    float64          `json:"seconds"`
	Polls      int              `json:"polls"` // closed
	Ballots    map[string]int   `json:"ballots"`
	Refusals   map[string]int   `json:"refusals"`
	Events     int              `json:"events_heard"`
	Resumes    int              `json:"resumes"`   // came back without a snapshot
	Snapshots  int              `json:"snapshots"` // came in or back with one
	Takeovers  map[string]Times `json:"takeover_ms"`
	Returns    map[string]Times `json:"return_ms"`
	Absence    Times            `json:"absence_ms"` // of viewers while nodes were restarted one after the other
	Stopped    int              `json:"leases_found_lost"`
	Violations []Violation      `json:"violations"`
	Machine    bench.Machine    `json:"machine"`
}

// TestFaults breaks everything that can break under viewers who vote, and holds what they wrote down against the journals. It wants the machine for
// itself, so KINO_FAULTS asks for it: short for some two minutes, as in `make test`; long for each fault as often as `make faults` does it;
// {"stops":3} for that alone. KINO_FAULTS_REPORT names a file for the summary.
func TestFaults(t *testing.T) {
	p := short
	switch wanted := os.Getenv("KINO_FAULTS"); wanted {
	case "":
		t.Skip("KINO_FAULTS=short go test ./faults breaks real nodes for some two minutes")
	case "short":
	case "long":
		p = long
	default:
		p = plan{}
		if err := json.Unmarshal([]byte(wanted), &p); err != nil {
			t.Fatal("KINO_FAULTS is neither short nor long nor a plan:", err)
		}
	}
	begun := time.Now()
	s := newBrokenStage(t, 3, 6, 180)
	for _, fault := range []struct {
		name  string
		times int
		do    func(nth int) (done int)
	}{
		{"kill", p.Kills, s.killOwner}, {"stop", p.Stops, s.stopOwner}, {"restart", p.Restarts, s.restartRedis}, {"cut", p.Cuts, s.cut},
		{"frost", p.Frosts, s.freezeRedis}, {"round", p.Rounds, s.restartNodes},
	} {
		for done := 0; done < fault.times && !t.Failed(); {
			done += fault.do(done)
			s.holds(s.recovered(t.Context(), fault.name))
		}
		t.Logf("%s: %d times, after %s", fault.name, fault.times, time.Since(begun).Round(time.Second))
	}
	s.holds(s.finish(t.Context()))
	report := s.summary(p, time.Since(begun))
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", text)
	if path := os.Getenv("KINO_FAULTS_REPORT"); path != "" {
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Error(err)
		}
	}
	for i, v := range report.Violations {
		if i == 20 {
			t.Errorf("and %d more", len(report.Violations)-i)
			break
		}
		t.Errorf("%s: %s", v.Promise, v.What)
	}
	for _, note := range s.noted() {
		t.Error(note)
	}
}

// brokenStage is a stage whose nodes, Redis and cables can be broken.
type brokenStage struct {
	*stage
	t       *testing.T
	redis   *redistest.Server
	proxies map[*process]*proxy // each node's cable to Redis
}

func newBrokenStage(t *testing.T, nodes, rooms, viewers int) *brokenStage {
	t.Helper()
	s := &brokenStage{t: t, redis: redistest.Start(t, "--appendfsync", "everysec"), proxies: map[*process]*proxy{}}
	var cables []*proxy
	var addresses []string
	for range nodes {
		p := startProxy(t, s.redis.Addr())
		cables, addresses = append(cables, p), append(addresses, "redis://"+p.listener.Addr().String())
	}
	var err error
	if s.stage, err = newStage(t.Context(), staging{program: build(t), redis: addresses, folder: t.TempDir(), rooms: rooms, viewers: viewers}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	for i, n := range s.nodes {
		s.proxies[n] = cables[i]
	}
	return s
}

// build is how the program of today is started.
func build(t *testing.T) []string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "kinoautomat")
	if out, err := exec.Command("go", "build", "-o", program, "kinoautomat").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return []string{program}
}

// holds fails the test where something did not come, and lets it go on, so that it is seen what that came to.
func (s *brokenStage) holds(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Error(err)
	}
}

func (s *brokenStage) signal(n *process, sig syscall.Signal) {
	s.t.Helper()
	if err := n.child.Signal(sig); err != nil {
		s.t.Errorf("signal %v to %s: %v", sig, n.name, err)
	}
}

func (s *brokenStage) start(n *process) {
	s.t.Helper()
	if err := n.start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *brokenStage) midPollOf(nth int) *process {
	s.t.Helper()
	n, err := s.midPoll(s.t.Context(), nth)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// takenOver measures how long the rooms do not answer from a moment on.
func (s *brokenStage) takenOver(kind string, rooms []string, since time.Time) {
	for roomID, took := range s.silence(s.t.Context(), rooms, since) {
		s.found.Takeovers = append(s.found.Takeovers, Takeover{roomID, kind, took})
	}
}

// returned measures how long all rooms do not answer from the moment on when what they need was there again.
func (s *brokenStage) returned(kind string, since time.Time) {
	var rooms []string
	for _, r := range s.rooms {
		rooms = append(rooms, r.ID)
	}
	for roomID, took := range s.silence(s.t.Context(), rooms, since) {
		s.found.Returns = append(s.found.Returns, Return{roomID, kind, took})
	}
}

func (s *brokenStage) killOwner(nth int) int {
	n := s.midPollOf(nth)
	rooms := s.ownedBy(n)
	since, err := n.kill()
	s.holds(err)
	s.takenOver("kill", rooms, since)
	s.start(n)
	return len(rooms)
}

func (s *brokenStage) stopOwner(nth int) int {
	n := s.midPollOf(nth)
	rooms := s.ownedBy(n)
	s.signal(n, syscall.SIGSTOP)
	since := time.Now()
	s.takenOver("stop", rooms, since)
	time.Sleep(time.Until(since.Add(stopTime)))
	s.mu.Lock()
	terms, lost := len(s.terms), s.lost[n]
	s.mu.Unlock()
	s.signal(n, syscall.SIGCONT)
	s.holds(until(s.t.Context(), "the stopped node finds its leases lost", patience, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.lost[n]-lost >= len(rooms)
	}))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, term := range s.terms[terms:] { // had it written anything, the new owner would have lost its place
		s.found.Takeovers = append(s.found.Takeovers, Takeover{term.Room, "usurped", answerTime})
	}
	return 1
}

func (s *brokenStage) restartRedis(int) int {
	s.redis.Kill()
	s.redis.Restart()
	s.returned("restart", time.Now())
	return 1
}

func (s *brokenStage) cut(nth int) int {
	if nth%2 == 0 {
		for _, n := range s.nodes {
			s.proxies[n].cut()
		}
		time.Sleep(cutTime)
		for _, n := range s.nodes {
			s.proxies[n].mend()
		}
		s.returned("cut", time.Now())
		return 1
	}
	n := s.midPollOf(nth)
	rooms := s.ownedBy(n)
	s.proxies[n].cut()
	since := time.Now()
	s.takenOver("cut", rooms, since)
	time.Sleep(time.Until(since.Add(cutTime)))
	s.proxies[n].mend()
	s.returned("cut", time.Now())
	return 1
}

func (s *brokenStage) freezeRedis(int) int {
	s.redis.Freeze()
	time.Sleep(frostTime)
	s.redis.Thaw()
	s.returned("frost", time.Now())
	return 1
}

// restartNodes is what an operator does for a new version: one node after the other, each when the one before takes viewers again.
func (s *brokenStage) restartNodes(int) int {
	s.absences.Store(true)
	defer s.absences.Store(false)
	for _, n := range s.nodes {
		rooms := s.ownedBy(n)
		s.signal(n, syscall.SIGTERM)
		s.takenOver("drain", rooms, time.Now())
		<-n.child.Ended()
		if err := n.child.Failed(); err != nil {
			s.t.Errorf("node %s ended with %v", n.name, err)
		}
		s.start(n)
		s.holds(s.recovered(s.t.Context(), "a restart"))
	}
	return 1
}

func (s *brokenStage) summary(p plan, took time.Duration) summary {
	out := summary{
		Plan: p, Nodes: len(s.nodes), Rooms: len(s.rooms), Viewers: len(s.viewers), Seconds: took.Round(time.Second).Seconds(), Ballots: map[string]int{},
		Refusals: maps.Clone(s.refusals), Takeovers: map[string]Times{}, Returns: map[string]Times{}, Violations: Check(s.found, mostAbsence), Machine: bench.ThisMachine(),
	}
	for _, lines := range s.found.Rooms {
		for _, line := range lines {
			if line.Type == "poll.closed" {
				out.Polls++
			}
		}
	}
	var away []time.Duration
	for _, v := range s.found.Viewers {
		away = append(away, v.Away...)
		for _, b := range v.Ballots {
			out.Ballots[b.Fate.String()]++
		}
		for _, h := range v.Heard {
			switch {
			case h.Type != "":
				out.Events++
			case h.Resumed:
				out.Resumes++
			default:
				out.Snapshots++
			}
		}
	}
	out.Absence = timesOf(away)
	takeovers, returns := map[string][]time.Duration{}, map[string][]time.Duration{}
	for _, one := range s.found.Takeovers {
		takeovers[one.Kind] = append(takeovers[one.Kind], one.Took)
	}
	for _, one := range s.found.Returns {
		returns[one.Kind] = append(returns[one.Kind], one.Took)
	}
	for kind, times := range takeovers {
		out.Takeovers[kind] = timesOf(times)
	}
	for kind, times := range returns {
		out.Returns[kind] = timesOf(times)
	}
	for _, n := range s.lost {
		out.Stopped += n
	}
	return out
}
