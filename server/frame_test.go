package server

import (
	"io"
	"net"
	"testing"
	"time"
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
	w := newWire(conn, nil)
	if _, err := w.Write(textFrame([]byte("slow"))); err != nil {
		t.Fatal(err)
	}
	conn.pass(t)
	frame := textFrame([]byte("later"))
	if w.prompt == nil {
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
