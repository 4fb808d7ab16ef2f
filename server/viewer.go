package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"kinoautomat/room"
)

// Close codes: 4000–4499 mean come back, with jitter; 4500–4999 mean do not.
const (
	closeDraining   = 4000
	closeTooSlow    = 4001
	closeLagging    = 4002
	closeTooMany    = 4003
	closeBadRequest = 4500
	closeNoRoom     = 4501
	closeReplaced   = 4502
	closeBanned     = 4503
)

// Limits of one connection.
const (
	maxFrame        = 16 << 10         // bytes of one frame from a viewer
	commandsPerSec  = 20               // sustained; more are refused as too_fast
	commandsBurst   = 40               // at once
	refusalsAllowed = 200              // too_fast in a row before the connection ends
	pendingCommands = 64               // waiting for the room's answer
	joinWithin      = 20 * time.Second // of the handshake
	hangUpAfter     = 5 * time.Second  // of a goodbye that is not answered
)

// viewer is one WebSocket connection: its reader runs here, everything that is told to it goes through its seat.
type viewer struct {
	seat
	node *Server
	room string
	ws   *websocket.Conn

	// Owned by the reader.
	in       *bufio.Reader   // of ws
	guest    string          // of the cookie, else made up by the first join
	fresh    string          // the token of a guest who has no cookie
	here     context.Context // done when the connection is over
	leave    context.CancelFunc
	joined   bool
	id       identity
	limit    *rate.Limiter
	refusals int

	pending atomic.Int32 // commands that wait for the room's answer

	cutOnce sync.Once
	goodbye chan struct{} // nil until cut; closed when the close frame was sent, or could not be
	hangUp  *time.Timer   // set before goodbye is closed
}

// serveWebSocket is GET /api/v1/rooms/{room}/ws.
func (s *Server) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	roomID := r.PathValue("room")
	if !s.sameOrigin(r) {
		problem(w, http.StatusForbidden, room.CodeForbidden, "Origin not allowed", "Open the page from the address of this node, or start it with --public-url.")
		return
	}
	release, ok := s.limits.enter(s.clientAddress(r))
	if !ok {
		problem(w, http.StatusTooManyRequests, room.CodeTooFast, "Too many connections", "Too many connections from this address (--max-per-address).")
		return
	}
	guest := s.guest(r)
	if guest == "" && r.Header.Get("Origin") != "" { // a browser whose page did not bring the cookie
		guest = s.welcomeGuest(w, r)
	}
	v := &viewer{
		node: s, room: roomID, guest: guest, limit: rate.NewLimiter(commandsPerSec, commandsBurst),
	}
	v.seat.cut, v.seat.conn = v.cut, connPrefix(s.node)+strconv.FormatUint(s.connNumber.Add(1), 36)
	hijack := &hijacker{ResponseWriter: w, seat: &v.seat}
	ws, err := websocket.Accept(hijack, r, &websocket.AcceptOptions{
		Subprotocols: []string{room.Subprotocol}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled,
		OnPingReceived: func(context.Context, []byte) bool { return true },
	})
	if err != nil {
		release()
		return // the library has answered
	}
	ws.SetReadLimit(maxFrame)
	v.ws, v.in = ws, hijack.in
	// The handler returns, so that net/http lets go of the request and of its buffers.
	s.connections.Go(func() {
		defer release()
		v.run()
	})
}

// run stays until the connection ends, whoever ends it. It only waits: whatever needs more stack than the smallest is done aside.
func (v *viewer) run() {
	v.node.enroll(v)
	defer v.node.expel(v)
	defer v.close()
	if !aside(v.enter) {
		return
	}
	defer v.exit()
	for v.await() == nil && aside(v.hear) {
	}
}

// aside has something done on a goroutine of its own and waits for it: the stack that it grew goes with it.
func aside(do func() bool) bool {
	done := make(chan bool)
	go func() { done <- do() }()
	return <-done
}

// enter opens the room and takes the seat; false when there is none.
func (v *viewer) enter() bool {
	s := v.node
	if v.ws.Subprotocol() != room.Subprotocol {
		v.cut(closeBadRequest, "ask for subprotocol "+room.Subprotocol)
		return false
	}
	if err := v.open(); err != nil {
		refused := room.AsError(err)
		code := closeDraining
		if refused.Code == room.CodeNoSuchRoom {
			code = closeNoRoom
		}
		v.refuse("", refused)
		v.cut(code, refused.Code)
		return false
	}
	if err := s.hub.sit(s.ctx, v.room, &v.seat); err != nil {
		v.cut(closeDraining, "try another node")
		return false
	}
	v.here, v.leave = context.WithCancel(s.alive)
	if err := v.open(); err != nil { // it may have stopped when there was no seat yet to hear of it
		v.cut(closeDraining, "the room is moving")
	}
	return true
}

func (v *viewer) exit() {
	v.leave()
	v.node.hub.stand(&v.seat)
	if v.id.viewer != "" {
		v.node.edge.gone(v.node.alive, v.room, v.id.viewer, v.conn)
	}
}

// open sees to it that the room runs.
func (v *viewer) open() error {
	ctx, cancel := context.WithTimeout(v.node.ctx, joinWithin)
	defer cancel()
	return v.node.owner.ensure(ctx, v.room, forViewer)
}

// hear takes the frames that have come; false when the connection is over.
func (v *viewer) hear() bool {
	for v.read() {
		if len(v.early) == 0 && v.in.Buffered() == 0 {
			return true
		}
	}
	return false
}

// read takes one frame; false when the connection is over.
func (v *viewer) read() bool {
	kind, body, err := v.ws.Reader(context.Background())
	if err != nil {
		return false
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return false
	}
	if !v.limit.Allow() {
		return v.tooFast(text)
	}
	v.refusals = 0
	if kind != websocket.MessageText || !utf8.Valid(text) {
		v.refuse("", room.Refuse(room.CodeBadFrame, "frames are text in UTF-8"))
		return true
	}
	frame, refused := room.ParseFrame(text)
	if refused != nil {
		v.refuse(frame.ID, refused)
		return true
	}
	switch {
	case frame.Type == "ping":
		v.pong(frame)
	case frame.Type == "join":
		return v.join(frame)
	case !v.joined:
		v.refuse(frame.ID, room.Refuse(room.CodeNotJoined, "join first"))
	default:
		v.command(frame)
	}
	return true
}

// tooFast refuses a frame unread; who goes on like that is cut.
func (v *viewer) tooFast(text []byte) bool {
	v.refusals++
	if v.refusals > refusalsAllowed {
		v.node.metrics.drops.WithLabelValues("too_many_commands").Inc()
		v.cut(closeTooMany, "too many commands")
		return false
	}
	frame, _ := room.ParseFrame(text)
	e := room.Refuse(room.CodeTooFast, "at most %d commands per second", commandsPerSec)
	e.Retry = 1000 / commandsPerSec
	v.refuse(frame.ID, e)
	return true
}

func (v *viewer) pong(f room.Frame) {
	received := unixMillis(v.node.clock.Now())
	var ping room.Ping
	if err := json.Unmarshal(f.Data, &ping); err != nil && len(f.Data) > 0 {
		v.refuse(f.ID, room.Refuse(room.CodeBadData, "sent must be a number"))
		return
	}
	v.tell(v.frame("ack", f.ID, room.Pong{Sent: ping.Sent, Received: received, Replied: unixMillis(v.node.clock.Now())}))
}

func unixMillis(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

// join finds out who this is and asks the room to let them in. Joining again on the same connection is a way to get a fresh snapshot.
func (v *viewer) join(f room.Frame) bool {
	var j room.Join
	if len(f.Data) > 0 {
		if err := json.Unmarshal(f.Data, &j); err != nil {
			v.refuse(f.ID, room.Refuse(room.CodeBadData, "name and token are strings, since is a number"))
			return true
		}
	}
	name, refused := room.CleanName(j.Name)
	if refused != nil {
		v.refuse(f.ID, refused)
		return true
	}
	if v.guest == "" { // somebody new, and the same when they join again
		v.fresh, v.guest = v.node.keys.newGuest(time.Now())
	}
	id, err := v.node.admitToken(j.Token, v.room, v.guest, v.fresh)
	if err != nil {
		v.refuse(f.ID, room.Refuse(room.CodeBadToken, "%s", err))
		return true
	}
	if v.joined && id.viewer != v.id.viewer {
		v.refuse(f.ID, room.Refuse(room.CodeBadToken, "this connection has joined as somebody else"))
		return true
	}
	v.id = id
	v.node.edge.do(v.here, v.room, room.Command{Type: "join", ID: f.ID, Viewer: id.viewer, Role: id.role, Name: name, Conn: v.conn},
		func(r room.Reply, from broadcast) { v.welcomed(f.ID, j.Since, id, r, from) })
	v.joined = true
	return true
}

// command checks what the edge can check and sends the rest to the room.
func (v *viewer) command(f room.Frame) {
	c := room.Command{Type: f.Type, ID: f.ID, Viewer: v.id.viewer, Role: v.id.role, Conn: v.conn, Data: f.Data}
	if err := room.Check(c); err != nil {
		v.refuse(f.ID, room.AsError(err))
		return
	}
	if v.pending.Add(1) > pendingCommands {
		v.pending.Add(-1)
		v.refuse(f.ID, room.Refuse(room.CodeTooFast, "%d commands are still unanswered", pendingCommands))
		return
	}
	if room.BeginsShow(f.Type) {
		c.Entropy = entropy()
	}
	v.node.edge.do(v.node.alive, v.room, c, func(r room.Reply, _ broadcast) {
		v.pending.Add(-1)
		if r.Error != nil {
			v.refuse(f.ID, r.Error)
			return
		}
		var data any
		if r.Data != nil {
			data = r.Data
		}
		v.tell(v.frame("ack", f.ID, data))
	})
}

func (v *viewer) refuse(frameID string, e *room.Error) { v.tell(v.errorFrame(frameID, e)) }

func (v *viewer) errorFrame(frameID string, e *room.Error) []byte {
	return v.frame("error", frameID, e)
}

func (v *viewer) frame(kind, id string, data any) []byte {
	payload, err := json.Marshal(struct {
		Type string `json:"type"`
		ID   string `json:"id,omitempty"`
		At   int64  `json:"at"`
		Data any    `json:"data,omitempty"`
	}{kind, id, v.node.clock.Now().UnixMilli(), data})
	if err != nil { // every type that is sent here can be encoded
		payload = []byte(`{"type":"error","data":{"code":"internal","message":"an answer could not be encoded"}}`)
	}
	return textFrame(payload)
}

// cut ends the connection with a close code, after what was still to be said. It does not block, and does nothing when the connection is
// over already.
func (v *viewer) cut(code int, reason string) {
	v.cutOnce.Do(func() {
		v.goodbye = make(chan struct{})
		v.node.connections.Go(func() {
			defer close(v.goodbye)
			if err := v.sayLast(closeFrame(code, reason)); err != nil {
				v.node.log.Debug("gone without a goodbye", zap.String("room", v.room), zap.String("conn", v.conn), zap.Error(err))
			}
			v.hangUp = time.AfterFunc(hangUpAfter, func() { v.Close() })
		})
	})
}

// close lets go of the connection; a goodbye under way is waited for, and for its answer, and none begins later, when nobody would wait for it.
func (v *viewer) close() {
	v.cutOnce.Do(func() {})
	if v.goodbye != nil {
		<-v.goodbye
		for err := error(nil); err == nil; {
			_, _, err = v.ws.Read(context.Background()) // hanging up on what has not been read would take the goodbye back
		}
		v.hangUp.Stop()
	}
	v.ws.CloseNow()
}
