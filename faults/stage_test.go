//go:build unix

package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kinoautomat/cluster/redistest"
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

// process is a node.
type process struct {
	stage *stage
	name  string // changes with every start
	url   string
	proxy *proxy
	cmd   *exec.Cmd
	ended chan struct{}
	exit  error // valid after ended
}

// stage is nodes, a Redis, rooms and their viewers.
type stage struct {
	t       *testing.T
	program string
	stories string
	redis   *redistest.Server
	nodes   []*process
	rooms   []made
	viewers []*viewer
	leave   context.CancelFunc
	wait    sync.WaitGroup
	rolling atomic.Bool // nodes are restarted one after the other, as an operator does
	quiet   atomic.Bool // nobody votes any more

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

const patience = 30 * time.Second

func newStage(t *testing.T, nodes, rooms, viewers int) *stage {
	t.Helper()
	s := &stage{t: t, redis: redistest.Start(t, "--appendfsync", "everysec"), owner: map[string]*process{}, lost: map[*process]int{}, refusals: map[string]int{}}
	folder := t.TempDir()
	s.program, s.stories = filepath.Join(folder, "kinoautomat"), filepath.Join(folder, "stories")
	if out, err := exec.Command("go", "build", "-o", s.program, "kinoautomat").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := os.MkdirAll(s.stories, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.stories, "loop.twee"), []byte(loop), 0o644); err != nil {
		t.Fatal(err)
	}
	for range nodes {
		n := &process{stage: s, proxy: startProxy(t, s.redis.Addr())}
		s.nodes = append(s.nodes, n)
		n.start()
		t.Cleanup(n.end)
	}
	ctx, leave := context.WithCancel(context.Background())
	s.leave = sync.OnceFunc(func() { leave(); s.wait.Wait() })
	t.Cleanup(s.leave)
	for i := range rooms {
		s.makeRoom(s.nodes[i%nodes])
	}
	for i := range viewers {
		r := s.rooms[i%rooms]
		v := &viewer{
			stage: s, room: r.ID, name: fmt.Sprint("Viewer ", i), asks: i < nodes*rooms, home: i / rooms % nodes, node: i / rooms % nodes, record: Viewer{Room: r.ID},
			cast: map[string]*casting{}, asked: map[string]time.Time{},
		}
		s.viewers = append(s.viewers, v)
		s.wait.Go(func() { v.run(ctx) })
	}
	s.until("all viewers are in", patience, s.allIn)
	return s
}

// note keeps something that no viewer should see.
func (s *stage) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

func (s *stage) refused(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals[code]++
}

// start starts the node's process, on the same address as before, and returns when it listens.
func (n *process) start() {
	t := n.stage.t
	t.Helper()
	if n.url == "" {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		n.url = "http://" + listener.Addr().String()
		listener.Close()
	}
	n.stage.mu.Lock()
	n.stage.starts++
	n.name = fmt.Sprint("n", n.stage.starts)
	n.stage.mu.Unlock()
	n.cmd = exec.Command(n.stage.program, "serve", "--addr", strings.TrimPrefix(n.url, "http://"), "--redis", "redis://"+n.proxy.listener.Addr().String(),
		"--stories", n.stage.stories, "--llm", "off", "--log-format", "json")
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "KINO_") {
			n.cmd.Env = append(n.cmd.Env, pair)
		}
	}
	n.cmd.SysProcAttr = dieWithParent()
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := n.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listens, ended := make(chan struct{}), make(chan struct{})
	n.ended = ended
	var reading sync.WaitGroup
	name, cmd := n.name, n.cmd
	reading.Go(func() { n.readLog(name, log) })
	reading.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "listening on ") {
				close(listens)
			}
		}
	})
	go func() {
		reading.Wait()
		n.exit = cmd.Wait()
		close(ended)
	}()
	select {
	case <-listens:
	case <-ended:
		t.Fatalf("node %s ended before it listened: %v\n%s", n.name, n.exit, strings.Join(n.stage.notes, "\n"))
	case <-time.After(patience):
		t.Fatalf("node %s does not listen", n.name)
	}
}

// readLog learns from a node's log which rooms it owns.
func (n *process) readLog(name string, log io.Reader) {
	s := n.stage
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Level, Msg, Room, Error string
			Epoch                   uint64
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			s.note("%s: %s", name, lines.Text())
			continue
		}
		switch {
		case line.Msg == "room opened":
			s.mu.Lock()
			s.terms = append(s.terms, Term{line.Room, line.Epoch, name})
			s.owner[line.Room] = n
			s.mu.Unlock()
		case line.Msg == "another node owns the room", line.Msg == "the lease is lost":
			s.mu.Lock()
			s.lost[n]++
			s.mu.Unlock()
		case line.Level == "error" && line.Msg != "storage does not answer":
			s.note("%s: %s", name, lines.Text())
		}
	}
}

func (n *process) signal(sig syscall.Signal) {
	if err := n.cmd.Process.Signal(sig); err != nil {
		n.stage.t.Errorf("signal %v to %s: %v", sig, n.name, err)
	}
}

// end leaves nothing behind, whatever state a test left the node in.
func (n *process) end() {
	n.cmd.Process.Signal(syscall.SIGKILL)
	<-n.ended
}

func (s *stage) call(n *process, method, path, token string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.url+"/api/v1/"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, text)
	}
	if lines, ok := into.(*[]Line); ok {
		for in := json.NewDecoder(resp.Body); ; {
			var line Line
			if err := in.Decode(&line); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			*lines = append(*lines, line)
		}
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

func (s *stage) makeRoom(n *process) {
	s.t.Helper()
	var r made
	settings := map[string]any{"pace": 60, "arm_seconds": 0, "vote_seconds": 4, "tail_seconds": 0.5}
	if err := s.call(n, "POST", "rooms", "", map[string]any{"story": "loop", "settings": settings}, &r); err != nil {
		s.t.Fatal(err)
	}
	s.rooms = append(s.rooms, r)
	s.host(r, "start")
}

// host gives one command as the room's host.
func (s *stage) host(r made, command string) {
	s.t.Helper()
	answered := make(chan string, 4)
	h := &viewer{stage: s, room: r.ID}
	for i := range s.nodes {
		h.node = i
		line, err := dialAs(h, func(f frame) {
			if f.ID == "host" {
				answered <- f.Type + " " + string(f.Data)
			}
		})
		if err != nil {
			s.t.Log(err)
			continue
		}
		line.Send("join", "join", map[string]string{"token": r.HostToken})
		line.Send(command, "host", nil)
		select {
		case got := <-answered:
			line.End()
			if !strings.HasPrefix(got, "ack") {
				s.t.Fatalf("host's %s: %s", command, got)
			}
			return
		case <-time.After(patience):
			line.End()
		}
	}
	s.t.Fatalf("the host's %s was not answered", command)
}

// until waits for a condition; what it is in words is for the one who reads that it did not come.
func (s *stage) until(what string, most time.Duration, there func() bool) bool {
	s.t.Helper()
	for end := time.Now().Add(most); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Errorf("waited %s in vain until %s", most, what)
			return false
		}
	}
	return true
}

func (s *stage) allIn() bool {
	for _, v := range s.viewers {
		if joined, _ := v.in(); !joined {
			return false
		}
	}
	return true
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
