package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

// timed is a socket whose write deadline passes when a test says so.
type timed struct {
	*net.TCPConn
	deadline time.Time
}

func (c *timed) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return c.TCPConn.SetWriteDeadline(t)
}

// pass lets the time of the deadline come.
func (c *timed) pass(t *testing.T) {
	t.Helper()
	if c.deadline.IsZero() {
		return
	}
	if err := c.TCPConn.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
}

// sockets are the two ends of a connection over loopback.
func sockets(t *testing.T) (ours, theirs *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close() })
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	return accepted.(*net.TCPConn), dialled.(*net.TCPConn)
}

// The time that one slow write was given stayed on the socket: a viewer who had fallen behind once, or sent a ping, caught up and then heard
// nothing more ten seconds later, while the connection looked alive.
func TestWire_HeardAfterASlowWrite(t *testing.T) {
	ours, theirs := sockets(t)
	conn := &timed{TCPConn: ours}
	w := &wire{Conn: conn, fd: descriptor(conn)}
	if err := w.send(textFrame([]byte("slow"))); err != nil {
		t.Fatal(err)
	}
	conn.pass(t)
	frame := textFrame([]byte("later"))
	if w.fd < 0 {
		t.Skip("writes that never wait are not to be had here")
	}
	if n, err := w.try(frame); n != len(frame) || err != nil {
		t.Fatalf("wrote %d of %d bytes: %v", n, len(frame), err)
	}
	want := "\x81\x04slow\x81\x05later"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(theirs, got); err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
}

// A socket's number is another's once it is closed: what is written to it then would land in a stranger's connection.
func TestWire_ClosedIsNotWrittenTo(t *testing.T) {
	ours, _ := sockets(t)
	w := &wire{Conn: ours, fd: descriptor(ours)}
	if w.fd < 0 {
		t.Skip("writes that never wait are not to be had here")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := w.try(textFrame([]byte("secret"))); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("wrote %d bytes: %v", n, err)
	}
}

// onSocket opens a WebSocket of a room over a real socket, by hand. What it reads from here on are frames.
func onSocket(t *testing.T, subprotocol string) *socketViewer {
	t.Helper()
	n := startNode(t, cluster.NewMemory(), nil)
	web := httptest.NewServer(n.Handler())
	t.Cleanup(web.Close)
	t.Cleanup(n.stop)
	conn, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	v := &socketViewer{t: t, conn: conn, in: bufio.NewReader(conn)}
	v.send([]byte("GET /api/v1/rooms/" + n.room(`{}`).ID + "/ws HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: " + subprotocol + "\r\n\r\n"))
	if _, err := http.ReadResponse(v.in, nil); err != nil {
		t.Fatal(err)
	}
	return v
}

// socketViewer is a viewer who cuts, joins and floods their frames as they like.
type socketViewer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (v *socketViewer) send(p []byte) {
	v.t.Helper()
	if _, err := v.conn.Write(p); err != nil {
		v.t.Fatal(err)
	}
}

// frame reads one frame; op is 0 at the end of the connection.
func (v *socketViewer) frame() (op byte, payload []byte) {
	v.t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(v.in, head[:]); err != nil {
		return 0, nil
	}
	payload = make([]byte, head[1])
	if head[1] == 126 {
		var length [2]byte
		io.ReadFull(v.in, length[:])
		payload = make([]byte, binary.BigEndian.Uint16(length[:]))
	}
	if _, err := io.ReadFull(v.in, payload); err != nil {
		v.t.Fatal(err)
	}
	return head[0], payload
}

// wants reads on to a frame that holds some text.
func (v *socketViewer) wants(op byte, text string) {
	v.t.Helper()
	for {
		got, payload := v.frame()
		if got == op && strings.Contains(string(payload), text) {
			return
		}
		if got == 0 {
			v.t.Fatalf("no frame %#x with %q came", op, text)
		}
	}
}

// masked is a frame as viewers send it, with a mask of zeros.
func masked(op byte, payload string) []byte {
	frame := []byte{op, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		frame = binary.BigEndian.AppendUint16([]byte{op, 0x80 | 126}, uint16(len(payload)))
	}
	return append(append(frame, 0, 0, 0, 0), payload...)
}

func pingCommand(id, filler string) string {
	return `{"type":"ping","id":"` + id + `","data":{"sent":1},"x":"` + filler + `"}`
}

// Whatever a viewer's library and network do to frames, they are understood.
func TestViewer_FramesOfAnyCut(t *testing.T) {
	v := onSocket(t, room.Subprotocol)
	v.send(masked(opPing, "hi"))
	v.wants(opPong, "hi")
	two := append(masked(opText, pingCommand("a", "")), masked(opText, pingCommand("b", ""))...)
	v.send(two)
	v.wants(opText, `"id":"a"`)
	v.wants(opText, `"id":"b"`)
	for i := range two {
		v.send(two[i : i+1])
	}
	v.wants(opText, `"id":"a"`)
	v.wants(opText, `"id":"b"`)
	v.send(masked(opText, pingCommand("long", strings.Repeat("x", 2*received))))
	v.wants(opText, `"id":"long"`)
	text := pingCommand("parts", "")
	v.send(slices.Concat(masked(opPong, ""), masked(opPong, "unasked"), masked(opText&^0x80, text[:10]), masked(opPong, ""), masked(0x80, text[10:]),
		masked(opPong, "half")[:5]))
	v.wants(opText, `"id":"parts"`)
	v.send(slices.Concat(masked(opPong, "half")[5:], masked(opClose, "\x03\xe8")))
	v.wants(opClose, "\x03\xe8")
	if op, _ := v.frame(); op != 0 {
		t.Errorf("a frame %#x came after the goodbye", op)
	}
}

// Whoever is cut while they still send hears why: hanging up on what has not been read would reset the connection.
func TestViewer_FloodHearsWhy(t *testing.T) {
	v := onSocket(t, "")
	v.send(bytes.Repeat(masked(opText, pingCommand("a", strings.Repeat("x", 1000))), 1000))
	v.wants(opClose, "ask for subprotocol")
	v.send(masked(opClose, "\x11\x94"))
	if op, _ := v.frame(); op != 0 {
		t.Errorf("a frame %#x came after the goodbye", op)
	}
}

func TestSkipPongs(t *testing.T) {
	rest := masked(opText, "{}")
	for _, c := range []struct {
		sent, left []byte
	}{
		{nil, nil},
		{masked(opPong, ""), nil},
		{masked(opPong, strings.Repeat("x", 125)), nil},
		{slices.Concat(masked(opPong, "a"), masked(opPong, ""), rest), rest},
		{masked(opPong, "half")[:5], masked(opPong, "half")[:5]},
		{masked(opPong, "half")[:9], masked(opPong, "half")[:9]},
		{masked(opPong, strings.Repeat("x", 126)), masked(opPong, strings.Repeat("x", 126))}, // the library's to refuse
		{[]byte{opPong, 0, 0, 0, 0, 0}, []byte{opPong, 0, 0, 0, 0, 0}},                       // unmasked: the same
		{rest, rest},
	} {
		if got := skipPongs(c.sent); !bytes.Equal(got, c.left) {
			t.Errorf("of %q was left %q, want %q", c.sent, got, c.left)
		}
	}
}
