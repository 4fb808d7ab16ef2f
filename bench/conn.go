package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"kinoautomat/room"
)

// hearing is what a load does with what its viewers hear. Both are called on the goroutine of the connection, with what was heard lent
// for the call, and must not block. now is when it was read.
type hearing struct {
	event  func(c *conn, now time.Time, h head, frame []byte)
	answer func(c *conn, now time.Time, h head, frame []byte) // to what was sent with send
	room   string                                             // for whoever takes its place; "" where nobody does
}

// conn is one viewer's WebSocket.
type conn struct {
	net    net.Conn
	number int // in its crowd
	hearing
	*counts
	decoder               // owned by the reader
	replies chan []byte   // whole answers, to what was asked with ask; capacity 1
	ended   chan struct{} // closed when the reader is done
	left    atomic.Bool   // the viewer has hung up
	seq     atomic.Uint64 // the last one heard; written by the reader

	writing sync.Mutex
}

// counts is what all connections of a load count together.
type counts struct {
	frames   atomic.Uint64 // text frames heard
	missing  atomic.Uint64 // numbered events that were never heard, seen by the gap
	repeated atomic.Uint64 // numbered events that were heard before
	cut      atomic.Uint64 // connections that the node ended
	cutWhy   atomic.Value  // a string: why the first of them
	closing  atomic.Bool   // we are ending them
}

const (
	dialTime   = 10 * time.Second // to connect and shake hands
	answerTime = 10 * time.Second // for one answer; a node gives up after 5 s
	writeTime  = 10 * time.Second
)

// dial connects to a room of a node. from is the address to come from; nil leaves it to the system.
func dial(ctx context.Context, node *url.URL, roomID string, from net.Addr) (net.Conn, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	dialer := net.Dialer{LocalAddr: from}
	c, err := dialer.DialContext(ctx, "tcp", hostPort(node))
	if err != nil {
		return nil, nil, err
	}
	early, err := shakeHands(ctx, c, node, roomID)
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, early, nil
}

func hostPort(node *url.URL) string {
	if node.Port() == "" {
		return net.JoinHostPort(node.Hostname(), "80")
	}
	return node.Host
}

// acceptKey is what a server makes of a key to show that it speaks WebSocket (RFC 6455 §4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// shakeHands is the opening handshake (RFC 6455 §4.1); early is what came right behind it.
func shakeHands(ctx context.Context, c net.Conn, node *url.URL, roomID string) (early []byte, err error) {
	deadline, _ := ctx.Deadline()
	if err := c.SetDeadline(deadline); err != nil {
		return nil, err
	}
	const key = "a2lub2F1dG9tYXRiZW5jaA==" // any 16 bytes will do: nobody caches between us and the node
	path := node.JoinPath("api/v1/rooms", roomID, "ws").EscapedPath()
	_, err = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n", path, node.Host, key, room.Subprotocol)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, fmt.Errorf("handshake: %w", err)
	}
	switch {
	case answer.StatusCode == http.StatusTooManyRequests:
		return nil, errors.New("the node takes no more connections from this address: raise its --max-per-address")
	case answer.StatusCode != http.StatusSwitchingProtocols:
		return nil, fmt.Errorf("handshake: the node answered %s", answer.Status)
	case answer.Header.Get("Sec-WebSocket-Accept") != acceptKey(key):
		return nil, errors.New("handshake: this is no WebSocket server")
	}
	early, err = in.Peek(in.Buffered())
	if err != nil {
		return nil, err
	}
	return bytes.Clone(early), c.SetDeadline(time.Time{})
}

// newConn wraps an open connection; run must be called next.
func newConn(c net.Conn, number int, h hearing, t *counts) *conn {
	return &conn{net: c, number: number, hearing: h, counts: t, replies: make(chan []byte, 1), ended: make(chan struct{})}
}

// why is what ended the first connection that the node ended, "" when none was.
func (t *counts) why() string {
	why, _ := t.cutWhy.Load().(string)
	return why
}

// run reads until the connection ends.
func (c *conn) run(early []byte) {
	defer close(c.ended)
	defer c.net.Close()
	take := func(p []byte) error {
		now := time.Now()
		return c.feed(p, func(op byte, payload []byte) error { return c.hear(now, op, payload) })
	}
	err := take(early)
	if err == nil {
		err = receive(c.net, take)
	}
	if err != nil && !c.closing.Load() && !c.left.Load() {
		c.cut.Add(1)
		c.cutWhy.CompareAndSwap(nil, err.Error())
	}
}

// leave hangs up and waits for the reader.
func (c *conn) leave() {
	c.left.Store(true)
	c.net.Close()
	<-c.ended
}

func (c *conn) hear(now time.Time, op byte, payload []byte) error {
	switch op {
	case opText:
		return c.hearText(now, payload)
	case opPing:
		return c.write(opPong, payload)
	case opPong:
		return nil
	case opClose:
		if len(payload) >= 2 {
			return fmt.Errorf("closed by the node: %d %s", binary.BigEndian.Uint16(payload), payload[2:])
		}
		return errors.New("closed by the node")
	}
	return fmt.Errorf("frame of unknown opcode %d", op)
}

func (c *conn) hearText(now time.Time, frame []byte) error {
	c.frames.Add(1)
	h, ok := readHead(frame)
	if !ok {
		return fmt.Errorf("frame not understood: %.60q", frame)
	}
	if h.seq > 0 {
		c.follow(h.seq)
	}
	switch {
	case len(h.id) == 0:
		c.event(c, now, h, frame)
	case h.id[0] == askedMark:
		if string(h.kind) == "welcome" {
			if err := c.welcomed(frame); err != nil {
				return err
			}
		}
		select {
		case c.replies <- bytes.Clone(frame):
		default: // nobody waits any more
		}
	default:
		c.answer(c, now, h, frame)
	}
	return nil
}

// welcomed notes from where on the room is heard.
func (c *conn) welcomed(frame []byte) error {
	var welcome struct {
		Data struct {
			Seq uint64 `json:"seq"`
		} `json:"data"`
	}
	if err := json.Unmarshal(frame, &welcome); err != nil {
		return fmt.Errorf("welcome not understood: %w", err)
	}
	c.seq.Store(welcome.Data.Seq)
	return nil
}

// follow notes a numbered event: numbers grow by one.
func (c *conn) follow(seq uint64) {
	last := c.seq.Load()
	if seq <= last {
		c.repeated.Add(1)
		return
	}
	if seq > last+1 {
		c.missing.Add(seq - last - 1)
	}
	c.seq.Store(seq)
}

func (c *conn) write(op byte, payload []byte) error {
	frame := appendFrame(make([]byte, 0, len(payload)+14), op, payload)
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.net.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err := c.net.Write(frame)
	return err
}

// send gives a command; its answer goes to hearing.answer. id must be letters and digits.
func (c *conn) send(kind, id string, fields any) error {
	data, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	frame, err := json.Marshal(room.Frame{Type: kind, ID: id, Data: data})
	if err != nil {
		return err
	}
	return c.write(opText, frame)
}

// askedMark begins the id of what was asked with ask.
const askedMark = '?'

var asked atomic.Uint64

// ask gives a command and waits for its answer; a refusal is a *room.Error. One may be asked at a time.
func (c *conn) ask(ctx context.Context, kind string, fields any) (room.Frame, error) {
	id := string(askedMark) + strconv.FormatUint(asked.Add(1), 36)
	if err := c.send(kind, id, fields); err != nil {
		return room.Frame{}, fmt.Errorf("%s: %w", kind, err)
	}
	late := time.NewTimer(answerTime)
	defer late.Stop()
	for {
		select {
		case text := <-c.replies:
			var frame room.Frame
			if err := json.Unmarshal(text, &frame); err != nil {
				return frame, fmt.Errorf("%s: answer not understood: %w", kind, err)
			}
			switch {
			case frame.ID != id:
				continue // to one that was given up
			case frame.Type != "error":
				return frame, nil
			}
			refused := &room.Error{}
			if err := json.Unmarshal(frame.Data, refused); err != nil {
				return frame, fmt.Errorf("%s: refusal not understood: %w", kind, err)
			}
			return frame, fmt.Errorf("%s: %w", kind, refused)
		case <-c.ended:
			return room.Frame{}, fmt.Errorf("%s: the node ended the connection", kind)
		case <-late.C:
			return room.Frame{}, fmt.Errorf("%s: no answer within %s", kind, answerTime)
		case <-ctx.Done():
			return room.Frame{}, ctx.Err()
		}
	}
}
