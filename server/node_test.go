package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"kinoautomat/cluster"
	"kinoautomat/narrator"
	"kinoautomat/room"
)

const testStory = `:: StoryTitle
The Test

:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","format":"SugarCube","format-version":"2.37.3","start":"Door",
"kino":{"language":"en","pace":20,"arm_seconds":2,"vote_seconds":10,"tail_seconds":3,"tie":"listed"}}

:: Door
A door in the rain. It is not locked.

[[Knock->Hall]]
[[Walk in->Hall]]

:: Hall {"kino":{"llm":{"direction":"Somebody answers.","reserve":["Hall reserve"]}}}
A voice, short.

[[Go up->Roof]]
[[Go down->Cellar]]

:: Hall reserve [reserve]
The reserve voice says hello.

:: Cellar {"kino":{"end":"dark"}}
It is dark.

:: Roof {"kino":{"end":"light"}}
Light.
`

// pipes is a listener whose connections are in-memory pipes, so that a whole node runs inside a synctest bubble.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.once.Do(func() { close(p.done) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- addressed{theirs}:
		return ours, nil
	case <-p.done:
		return nil, errors.New("node is down")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// addressed gives a pipe's end an address, as the server wants one.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 4711} }

// node is a node under test.
type node struct {
	*Server
	t     *testing.T
	pipes *pipes
	http  *http.Client
	stop  func() // drains and waits
}

func startNode(t *testing.T, shared *cluster.Memory, change func(*Config)) *node {
	t.Helper()
	log := zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	config := Config{
		Bus: shared, Rooms: shared, Sums: shared, Narrator: narrator.NewLadder(log), Log: log, MaxPerAddress: 100,
		Shelf: NewShelf(fstest.MapFS{"test.twee": {Data: []byte(testStory)}}, log),
	}
	if change != nil {
		change(&config)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{Server: s, t: t, pipes: newPipes()}
	transport := &http.Transport{DialContext: n.pipes.dial}
	n.http = &http.Client{Transport: transport}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, n.pipes) }()
	n.stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-ended; err != nil {
			t.Error("run:", err)
		}
	})
	return n
}

// inBubble runs a test against a node of its own, in virtual time.
func inBubble(t *testing.T, change func(*Config), run func(t *testing.T, n *node)) {
	synctest.Test(t, func(t *testing.T) {
		n := startNode(t, cluster.NewMemory(), change)
		defer n.stop()
		run(t, n)
	})
}

// raw is a body as it is, JSON or not.
type raw string

func (n *node) call(method, path, token string, body any) (int, []byte) {
	n.t.Helper()
	text, ok := body.(raw)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			n.t.Fatal(err)
		}
		text = raw(encoded)
	}
	req, err := http.NewRequestWithContext(n.t.Context(), method, "http://node"+path, strings.NewReader(string(text)))
	if err != nil {
		n.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := n.http.Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func (n *node) room(settings string) MadeRoom {
	n.t.Helper()
	status, body := n.call("POST", "/api/v1/rooms", "", json.RawMessage(`{"story":"test","settings":`+settings+`}`))
	if status != http.StatusCreated {
		n.t.Fatalf("create: %d %s", status, body)
	}
	var made MadeRoom
	if err := json.Unmarshal(body, &made); err != nil {
		n.t.Fatal(err)
	}
	return made
}

// watcher is somebody with a WebSocket. It reads all the time, as a browser does.
type watcher struct {
	t      *testing.T
	ws     *websocket.Conn
	frames chan room.Frame // closed when the connection is over
	closed websocket.CloseError
	ids    int
	token  string
	me     room.Person
	seq    uint64
}

func (n *node) dial(roomID string, header http.Header) (*watcher, error) {
	n.t.Helper()
	ws, _, err := websocket.Dial(n.t.Context(), "ws://node/api/v1/rooms/"+roomID+"/ws", &websocket.DialOptions{
		HTTPClient: n.http, Subprotocols: []string{room.Subprotocol}, HTTPHeader: header,
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(1 << 20)
	w := &watcher{t: n.t, ws: ws, frames: make(chan room.Frame, 4096)}
	go func() {
		defer close(w.frames)
		for {
			_, text, err := ws.Read(context.Background())
			if err != nil {
				errors.As(err, &w.closed)
				return
			}
			var f room.Frame
			if err := json.Unmarshal(text, &f); err != nil {
				return
			}
			w.frames <- f
		}
	}()
	return w, nil
}

func (n *node) join(roomID string, data room.Join) *watcher {
	n.t.Helper()
	w, err := n.dial(roomID, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	w.join(data)
	return w
}

func (w *watcher) join(data room.Join) room.Welcome {
	w.t.Helper()
	id := w.send("join", data)
	f := w.until(func(f room.Frame) bool { return f.ID == id })
	if f.Type != "welcome" {
		w.t.Fatalf("join was answered with %s %s", f.Type, f.Data)
	}
	var welcome room.Welcome
	w.decode(f, &welcome)
	w.me, w.token, w.seq = welcome.Viewer, welcome.Token, welcome.Seq
	return welcome
}

func (w *watcher) decode(f room.Frame, into any) {
	w.t.Helper()
	if err := json.Unmarshal(f.Data, into); err != nil {
		w.t.Fatalf("%s: %v", f.Type, err)
	}
}

func (w *watcher) send(kind string, data any) (id string) {
	w.t.Helper()
	w.ids++
	id = fmt.Sprint(w.ids)
	raw, err := json.Marshal(map[string]any{"type": kind, "id": id, "data": data})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.ws.Write(w.t.Context(), websocket.MessageText, raw); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// until reads on to a frame that fits; what comes before it is dropped.
func (w *watcher) until(fits func(room.Frame) bool) room.Frame {
	w.t.Helper()
	timeout := time.After(5 * time.Minute)
	for {
		select {
		case f, open := <-w.frames:
			if !open {
				w.t.Fatalf("connection ended with %v", w.closed)
			}
			if f.Seq > 0 {
				if f.Seq != w.seq+1 {
					w.t.Errorf("%s has seq %d after %d", f.Type, f.Seq, w.seq)
				}
				w.seq = f.Seq
			}
			if fits(f) {
				return f
			}
		case <-timeout:
			w.t.Fatal("the frame did not come within five minutes")
		}
	}
}

func (w *watcher) event(kind string, into any) room.Frame {
	w.t.Helper()
	f := w.until(func(f room.Frame) bool { return f.Type == kind })
	if into != nil {
		w.decode(f, into)
	}
	return f
}

// do sends a command and wants an ack; refused wants an error with a code.
func (w *watcher) do(kind string, data any) {
	w.t.Helper()
	id := w.send(kind, data)
	if f := w.until(func(f room.Frame) bool { return f.ID == id }); f.Type != "ack" {
		w.t.Fatalf("%s was answered with %s %s", kind, f.Type, f.Data)
	}
}

func (w *watcher) refused(code, kind string, data any) {
	w.t.Helper()
	id := w.send(kind, data)
	var e room.Error
	w.decode(w.until(func(f room.Frame) bool { return f.ID == id }), &e)
	if e.Code != code || e.Message == "" {
		w.t.Errorf("%s: got %+v, want %s", kind, e, code)
	}
}

// ended waits for the end of the connection and returns its close code.
func (w *watcher) ended() int {
	w.t.Helper()
	timeout := time.After(5 * time.Minute)
	for {
		select {
		case _, open := <-w.frames:
			if !open {
				return int(w.closed.Code)
			}
		case <-timeout:
			w.t.Fatal("the connection did not end within five minutes")
		}
	}
}

func (w *watcher) leave() { w.ws.Close(websocket.StatusNormalClosure, "") }
