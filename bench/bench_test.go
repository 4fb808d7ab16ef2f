package bench

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator"
	"kinoautomat/server"
)

const testStory = `:: StoryTitle
The Test

:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","format":"SugarCube","format-version":"2.37.3","start":"Street","kino":{"language":"en"}}

:: Street
It rains.

[[On->Door]]

:: Door
It is not locked.

[[Knock->Roof]]
[[Walk in->Cellar]]

:: Cellar {"kino":{"end":"dark"}}
It is dark.

:: Roof {"kino":{"end":"light"}}
Light.
`

// TestMain lets the test program be what a benchmark starts: a node, or the floor.
func TestMain(m *testing.M) {
	var err error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch args := os.Args[1:]; {
	case len(args) > 0 && args[0] == "serve":
		err = serveNode(ctx, args[4])
	case len(args) > 1 && args[1] == "floor":
		var f Floor
		for _, arg := range args[2:] {
			name, value, _ := strings.Cut(arg, "=")
			fields := map[string]any{"--viewers": &f.Viewers, "--rate": &f.Rate, "--bytes": &f.Bytes, "--seconds": &f.Seconds}
			if _, err = fmt.Sscan(value, fields[name]); err != nil {
				break
			}
		}
		if err == nil {
			err = f.Run(ctx, os.Stdin, os.Stdout)
		}
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveNode(ctx context.Context, folder string) error {
	storage, err := cluster.OpenEmbedded(folder)
	if err != nil {
		return err
	}
	defer storage.Close()
	log := zap.NewNop()
	node, err := server.New(server.Config{
		Bus: storage, Rooms: storage, Narrator: narrator.NewLadder(log), Log: log, Keys: server.KeyFile(folder), MaxPerAddress: 1,
		Shelf: server.NewShelf(fstest.MapFS{"test.twee": {Data: []byte(testStory)}}, log),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening on http://" + listener.Addr().String())
	return node.Run(ctx, listener)
}

func ownTarget(t *testing.T) Target {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	return Target{Program: []string{program}}
}

// nothingLeft fails when a benchmark left files behind.
func nothingLeft(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "kinoautomat-bench-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Every viewer hears every line, and costs can be compared with the floor.
func TestFanout(t *testing.T) {
	f := Fanout{Target: ownTarget(t), Viewers: 50, Rate: 20, Bytes: 400, Seconds: 1, Floor: runtime.GOOS == "linux"}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	r, err := f.Run(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	heard := uint64(20 * (50 + r.Speakers))
	if r.Events != 20 || r.Deliveries.Count != heard || r.Deliveries.Lost+r.Deliveries.Repeated+r.Deliveries.Cut != 0 {
		t.Errorf("events %d, deliveries %+v; want 20 and %d", r.Events, r.Deliveries, heard)
	}
	if r.EventBytes < 360 || r.EventBytes > 440 {
		t.Errorf("events of %v bytes, want about 400", r.EventBytes)
	}
	if l := r.Deliveries.Latency; l.P50 <= 0 || l.P50 > l.P99 || l.P99 > l.Max {
		t.Errorf("latency %+v", l)
	}
	if runtime.GOOS == "linux" {
		if r.Server == nil || r.Server.IdleKiB < 1024 || r.Floor.Deliveries.Count != heard || r.Floor.Deliveries.Lost != 0 {
			t.Errorf("server %+v, floor %+v", r.Server, r.Floor)
		}
		if p := r.Server.Parts; p == nil || math.Abs(p.Heap+p.Stacks+p.Other-r.Server.ViewerKiB) > 0.1 {
			t.Errorf("memory %+v of %v", p, r.Server.ViewerKiB)
		}
	}
	nothingLeft(t)
}

// Every acknowledged ballot is in the result once, and a story whose first scene has no poll is no obstacle.
func TestVote(t *testing.T) {
	v := Vote{Target: ownTarget(t), Viewers: 50, Within: 500 * time.Millisecond, Changes: 0.2}
	if err := v.Check(); err != nil {
		t.Fatal(err)
	}
	r, err := v.Run(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if r.Votes != 60 || r.Changes != 10 || r.Turnout != 50 || r.Lost+r.Twice != 0 || r.Unanswered+r.Cut != 0 || len(r.Refused) > 0 {
		t.Errorf("got %+v", r)
	}
	if r.Latency.P50 <= 0 || r.PerSecond <= 0 {
		t.Errorf("ack %+v, %v votes per second", r.Latency, r.PerSecond)
	}
	nothingLeft(t)
}

// A running node is driven at its address; the room is gone afterwards.
func TestFanout_RunningNode(t *testing.T) {
	target := ownTarget(t)
	folder := t.TempDir()
	c, err := StartChild(t.Context(), target.Program, nil, t.Output(), "serve", "--addr", "127.0.0.1:0", "--data", folder)
	if err != nil {
		t.Fatal(err)
	}
	f := Fanout{Target: Target{URL: c.Address + "/"}, Viewers: 3, Rate: 5, Bytes: 200, Seconds: 1}
	r, err := f.Run(t.Context(), t.Output())
	c.Stop()
	if err != nil {
		t.Fatal(err)
	}
	if r.Server != nil || r.Deliveries.Count != uint64(5*(3+r.Speakers)) {
		t.Errorf("server %+v, deliveries %+v", r.Server, r.Deliveries)
	}
	storage, err := cluster.OpenEmbedded(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer storage.Close()
	if rooms, err := storage.List(t.Context(), time.UnixMilli(0)); err != nil || len(rooms) > 0 {
		t.Errorf("rooms left: %v, %v", rooms, err)
	}
}

// An interrupted benchmark ends its node and removes its folder.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	log := onLine(t, "saying", cancel)
	_, err := Fanout{Target: ownTarget(t), Viewers: 5, Rate: 1, Bytes: 200, Seconds: 600}.Run(ctx, log)
	if err == nil || ctx.Err() == nil {
		t.Errorf("got %v", err)
	}
	nothingLeft(t)
}

// onLine passes a log on and calls do when a line holds a word.
func onLine(t *testing.T, word string, do func()) io.Writer {
	return writer(func(p []byte) (int, error) {
		if strings.Contains(string(p), word) {
			do()
		}
		return t.Output().Write(p)
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// Nobody there is told in one line.
func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	_, err = Vote{Target: Target{URL: "http://" + listener.Addr().String()}, Viewers: 1, Within: time.Second}.Run(t.Context(), io.Discard)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "nobody listens") {
		t.Errorf("got %v", err)
	}
}

func TestCheck(t *testing.T) {
	fanout := func(change func(*Fanout)) error {
		f := Fanout{Viewers: 1000, Rate: 10, Bytes: 250, Seconds: 10}
		change(&f)
		return f.Check()
	}
	vote := func(change func(*Vote)) error {
		v := Vote{Viewers: 1000, Within: time.Second}
		change(&v)
		return v.Check()
	}
	soak := func(change func(*Soak)) error {
		s := Soak{Viewers: 10, Rooms: 2, For: time.Minute}
		change(&s)
		return s.Check()
	}
	for _, c := range []struct {
		err  error
		flag string // "" = allowed
	}{
		{soak(func(s *Soak) { s.Viewers = MaxViewers + 1 }), "--viewers"},
		{soak(func(s *Soak) { s.Rooms = 10 }), ""},
		{soak(func(s *Soak) { s.Rooms = 11 }), "--rooms"},
		{soak(func(s *Soak) { s.Viewers, s.Rooms = MaxViewers, MaxRooms }), ""},
		{soak(func(s *Soak) { s.Viewers, s.Rooms = MaxViewers, MaxRooms+1 }), "--rooms"},
		{soak(func(s *Soak) { s.For = MinSoak }), ""},
		{soak(func(s *Soak) { s.For = MinSoak - 1 }), "--for"},
		{soak(func(s *Soak) { s.For = MaxSoak }), ""},
		{soak(func(s *Soak) { s.For = MaxSoak + 1 }), "--for"},
		{soak(func(s *Soak) { s.Churn = 1 }), ""},
		{soak(func(s *Soak) { s.Churn = 1.1 }), "--churn"},
		{soak(func(s *Soak) { s.PID = 1 }), "--pid"},
		{fanout(func(f *Fanout) { f.Viewers = 1 }), ""},
		{fanout(func(f *Fanout) { f.Viewers = 0 }), "--viewers"},
		{fanout(func(f *Fanout) { f.Viewers = MaxViewers }), ""},
		{fanout(func(f *Fanout) { f.Viewers = MaxViewers + 1 }), "--viewers"},
		{fanout(func(f *Fanout) { f.Rate = MinRate }), ""},
		{fanout(func(f *Fanout) { f.Rate = 0.09 }), "--rate"},
		{fanout(func(f *Fanout) { f.Rate = MaxRate }), ""},
		{fanout(func(f *Fanout) { f.Rate = MaxRate + 1 }), "--rate"},
		{fanout(func(f *Fanout) { f.Bytes = MinBytes }), ""},
		{fanout(func(f *Fanout) { f.Bytes = MinBytes - 1 }), "--bytes"},
		{fanout(func(f *Fanout) { f.Bytes = MaxBytes }), ""},
		{fanout(func(f *Fanout) { f.Bytes = MaxBytes + 1 }), "--bytes"},
		{fanout(func(f *Fanout) { f.Seconds = 0.9 }), "--seconds"},
		{fanout(func(f *Fanout) { f.Seconds = MaxSeconds }), ""},
		{fanout(func(f *Fanout) { f.Seconds = MaxSeconds + 1 }), "--seconds"},
		{fanout(func(f *Fanout) { f.URL = "http://127.0.0.1:8080" }), ""},
		{fanout(func(f *Fanout) { f.URL = "https://127.0.0.1:8080" }), "--url"},
		{fanout(func(f *Fanout) { f.URL = "127.0.0.1:8080" }), "--url"},
		{fanout(func(f *Fanout) { f.PID = 1 }), "--pid"},
		{vote(func(v *Vote) { v.Viewers = 0 }), "--viewers"},
		{vote(func(v *Vote) { v.Within = MinWithin }), ""},
		{vote(func(v *Vote) { v.Within = MinWithin - 1 }), "--within"},
		{vote(func(v *Vote) { v.Within = MaxWithin }), ""},
		{vote(func(v *Vote) { v.Within = MaxWithin + 1 }), "--within"},
		{vote(func(v *Vote) { v.Changes = 1 }), ""},
		{vote(func(v *Vote) { v.Changes = 1.1 }), "--changes"},
		{vote(func(v *Vote) { v.URL = "ws://127.0.0.1" }), "--url"},
		{vote(func(v *Vote) { v.URL = "http://127.0.0.1:1,ws://127.0.0.1" }), "--url"},
	} {
		switch {
		case c.flag == "" && c.err != nil:
			t.Errorf("refused: %v", c.err)
		case c.flag != "" && (c.err == nil || !strings.HasPrefix(c.err.Error(), c.flag)):
			t.Errorf("%s: got %v", c.flag, c.err)
		}
	}
}

// Shows run one after the other while viewers come and go, and the node's figures are there.
func TestSoak(t *testing.T) {
	keys := int64(0)
	s := Soak{Target: ownTarget(t), Viewers: 20, Rooms: 2, For: MinSoak, Churn: 1, Keys: func(context.Context) (int64, error) { keys++; return keys, nil }}
	r, err := s.Run(t.Context(), t.Output())
	if r == nil { // growth is no matter of ten seconds
		t.Fatal(err)
	}
	if r.Votes == 0 || r.Shows == 0 || r.Replaced < 2 || r.Lost+r.Repeated+r.Cut != 0 {
		t.Errorf("got %+v", r)
	}
	if len(r.Growth) != len(growthAllowed) || r.Steady || err == nil || !strings.Contains(err.Error(), redisKeys) {
		t.Errorf("growth of %+v, %v; the keys grow", r.Growth, err)
	}
	nothingLeft(t)
}

// What grows is named, what goes up and down is not, and the warm-up does not count.
func TestJudge(t *testing.T) {
	flat, rising, warming, keys := make([]float64, 100), make([]float64, 100), make([]float64, 100), make([]float64, 100)
	for i := range 100 {
		flat[i], rising[i], warming[i] = 1000+100*float64(i%2), 1000*(1+float64(i)/100), 1000*min(1, float64(i)/25)
		keys[i] = 20 + 10*float64(i/50) // of three rooms more
	}
	figures := map[string][]float64{"process_resident_memory_bytes": flat, "go_goroutines": rising, "process_open_fds": warming, redisKeys: keys}
	growth, steady := judge(figures)
	if steady {
		t.Error("rising goroutines are steady")
	}
	for _, g := range growth {
		if g.Grown != (g.Figure == "go_goroutines") {
			t.Errorf("%+v", g)
		}
	}
}

// A line fills an event up to about the size that is asked for, and stays a line that the room takes.
func TestFiller(t *testing.T) {
	for bytes := MinBytes; bytes <= MaxBytes; bytes += 50 {
		text := string(appendStamp(nil, time.Now().UnixMicro())) + filler(bytes)
		if n := len([]rune(text)); n > 300 {
			t.Errorf("%d bytes: a line of %d characters", bytes, n)
		}
	}
}
