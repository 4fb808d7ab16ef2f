//go:build unix

// Package redistest starts a real redis-server for tests, on a free port and with its files in the test's folder, and breaks it on demand.
//
// Where there is no redis-server the test is skipped, unless KINO_TEST_REDIS is set, as `make test-go` does: then it fails.
package redistest

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a redis-server of one test. Its methods fail the test and may be called by its goroutine only.
type Server struct {
	t       testing.TB
	addr    string
	dir     string
	config  []string // what stands before all else on the command line
	options []string
	process *exec.Cmd
}

const (
	patience = 10 * time.Second // for a server to come up
	pause    = 5 * time.Millisecond
)

// Start starts a server that ends with the test. It keeps an append-only file that is flushed with every write, so that Restart finds
// everything; options such as "--appendfsync", "no" follow that and win.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	Require(t)
	return start(t, &Server{t: t, dir: t.TempDir(), options: append([]string{"--save", "", "--appendonly", "yes", "--appendfsync", "always"}, options...)})
}

// Require skips the test where there is no redis-server, or fails it; see the package.
func Require(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("KINO_TEST_REDIS") != "" {
			t.Fatal("this test needs redis-server: cluster/redistest/install.sh")
		}
		t.Skip("this test needs redis-server: cluster/redistest/install.sh, or make test-go")
	}
}

func start(t testing.TB, s *Server) *Server {
	t.Helper()
	t.Cleanup(s.end)
	for range 5 { // another process may take the port in between
		s.addr = freeAddress(t)
		if s.start() {
			return s
		}
	}
	t.Fatalf("redis-server does not start:\n%s", s.Log())
	return nil
}

// StartCluster starts two servers that are a Redis Cluster: one has the slots 0 to 8191, two the others.
func StartCluster(t testing.TB, options ...string) (one, two *Server) {
	t.Helper()
	options = append([]string{"--cluster-enabled", "yes"}, options...)
	one, two = Start(t, options...), Start(t, options...)
	one.Do("CLUSTER", "ADDSLOTSRANGE", "0", "8191")
	two.Do("CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
	host, port, _ := net.SplitHostPort(two.addr)
	one.Do("CLUSTER", "MEET", host, port)
	for _, s := range []*Server{one, two} {
		s.wait("the cluster to be whole", func() bool {
			info := s.Do("CLUSTER", "INFO")
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:2") && strings.Contains(info, "cluster_slots_assigned:16384")
		})
	}
	return one, two
}

// Move gives the slot of a key or channel to another server of the cluster. There must be no keys in it.
func (s *Server) Move(key string, to *Server) {
	s.t.Helper()
	slot, id := s.Do("CLUSTER", "KEYSLOT", key), to.Do("CLUSTER", "MYID")
	for _, server := range []*Server{to, s} {
		if got := server.Do("CLUSTER", "SETSLOT", slot, "NODE", id); got != "OK" {
			s.t.Fatalf("move slot %s: %s", slot, got)
		}
	}
}

// StartReplica starts a server that follows another one, and returns when it has all that the other has.
func StartReplica(t testing.TB, primary *Server, options ...string) *Server {
	t.Helper()
	_, port, _ := net.SplitHostPort(primary.addr)
	s := Start(t, append([]string{"--replicaof", "127.0.0.1 " + port}, options...)...)
	s.wait("the replica to follow", func() bool { return strings.Contains(s.Do("INFO", "replication"), "master_link_status:up") })
	return s
}

// StartSentinel starts a Sentinel that watches a primary under the name "main" and gives its place to a replica when it was gone for half a
// second. It returns when it knows one.
func StartSentinel(t testing.TB, primary *Server) *Server {
	t.Helper()
	_, port, _ := net.SplitHostPort(primary.addr)
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	text := "sentinel monitor main 127.0.0.1 " + port + " 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, &Server{t: t, dir: t.TempDir(), config: []string{file, "--sentinel"}})
	s.wait("the Sentinel to know a replica", func() bool { return strings.Contains(s.Do("SENTINEL", "REPLICAS", "main"), "slave\n") })
	return s
}

func freeAddress(t testing.TB) string {
	t.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		if addr := listener.Addr().(*net.TCPAddr); addr.Port < 50_000 { // a cluster's nodes talk to each other on a port 10,000 above
			return addr.String()
		}
	}
}

// start starts the process; false when it ended before it answered.
func (s *Server) start() bool {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	args := []string{"--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--logfile", filepath.Join(s.dir, "log")}
	s.process = exec.Command("redis-server", slices.Concat(s.config, args, s.options)...)
	s.process.SysProcAttr = dieWithParent()
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	process := s.process
	go func() { process.Wait(); close(ended) }()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pause) {
		if reply, err := s.ask("PING"); err == nil && (strings.HasPrefix(reply, "PONG") || strings.HasPrefix(reply, "NOAUTH")) {
			return true
		}
		select {
		case <-ended:
			return false
		default:
		}
	}
	s.t.Fatalf("redis-server does not answer:\n%s", s.Log())
	return false
}

// URL is the server's address as serve's --redis takes it.
func (s *Server) URL() string { return "redis://" + s.addr }

// Addr is host:port.
func (s *Server) Addr() string { return s.addr }

// Dir is the folder of the server's files.
func (s *Server) Dir() string { return s.dir }

// Log is what the server has logged so far.
func (s *Server) Log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(text)
}

// Kill ends the server as a crash would, and returns when it is gone.
func (s *Server) Kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	s.wait("redis-server to end", func() bool { return s.process.Process.Signal(syscall.Signal(0)) != nil })
}

// Stop ends the server in good order, and returns when it is gone.
func (s *Server) Stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	s.wait("redis-server to end", func() bool { return s.process.Process.Signal(syscall.Signal(0)) != nil })
}

// Restart starts the server again, on the same address and with the same files, and returns when it answers.
func (s *Server) Restart() {
	s.t.Helper()
	if !s.start() {
		s.t.Fatalf("redis-server does not start again:\n%s", s.Log())
	}
}

// Freeze stops the process without ending it: its connections stay open and nothing answers.
func (s *Server) Freeze() { s.t.Helper(); s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.t.Helper(); s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		s.t.Fatalf("signal %v to redis-server: %v", sig, err)
	}
}

// end leaves nothing behind, whatever state a test left the server in.
func (s *Server) end() {
	if s.process != nil && s.process.Process != nil && s.process.Process.Signal(syscall.SIGKILL) == nil {
		s.wait("redis-server to end", func() bool { return s.process.Process.Signal(syscall.Signal(0)) != nil })
	}
}

func (s *Server) wait(what string, there func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !there(); time.Sleep(pause) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Do gives the server a command on a connection of its own and returns the reply as text: bulk strings as they are, arrays one element per
// line, errors with their code in front, nil as "".
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	reply, err := s.ask(args...)
	if err != nil {
		s.t.Fatalf("redis %v: %v", args, err)
	}
	return reply
}

func (s *Server) ask(args ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	var command bytes.Buffer
	fmt.Fprintf(&command, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := conn.Write(command.Bytes()); err != nil {
		return "", err
	}
	return readReply(bufio.NewReader(conn))
}

// readReply reads one reply of Redis's protocol, version 2.
func readReply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, rest := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '$':
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return "", err
		}
		body := make([]byte, n+2)
		for got := 0; got < len(body); {
			m, err := r.Read(body[got:])
			if err != nil {
				return "", err
			}
			got += m
		}
		return string(body[:n]), nil
	case '*':
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return "", err
		}
		elements := make([]string, n)
		for i := range elements {
			if elements[i], err = readReply(r); err != nil {
				return "", err
			}
		}
		return strings.Join(elements, "\n"), nil
	}
	return rest, nil // a status, an error, an integer
}
