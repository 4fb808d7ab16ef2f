package bench

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// Last words and the end of the connection come at once, while the reader is busy. Viewers once waited for ever for a node that had been killed.
func TestReceive_End(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	if _, err := far.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	heard, ended := "", make(chan error, 1)
	go func() {
		ended <- receive(near, func(p []byte) error {
			if heard += string(p); heard != "first" {
				return nil
			}
			_, err := far.Write([]byte("last"))
			return errors.Join(err, far.Close())
		})
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, io.EOF) || heard != "firstlast" {
			t.Errorf("ended with %v after %q", err, heard)
		}
	case <-time.After(5 * time.Second):
		t.Error("the end was not noticed")
	}
}

// A gap is counted as so many missing events, and what comes twice as repeated.
func TestConn_Follow(t *testing.T) {
	w := &crowd{}
	c := newConn(nil, 0, hearing{}, &w.counts)
	w.conns = []*conn{c}
	c.seq.Store(10) // of the welcome
	for _, seq := range []uint64{11, 12, 15, 15, 14, 16} {
		c.follow(seq)
	}
	if missing, repeated := w.counts.missing.Load(), w.counts.repeated.Load(); missing != 2 || repeated != 2 {
		t.Errorf("missing %d, repeated %d; want 2 and 2", missing, repeated)
	}
	if w.lastSeq() != 16 || w.behind(16) != 0 || w.behind(20) != 4 {
		t.Errorf("last %d, behind %d and %d", w.lastSeq(), w.behind(16), w.behind(20))
	}
}

func TestAcceptKey(t *testing.T) {
	if got := acceptKey("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // of RFC 6455 §1.3
		t.Error(got)
	}
}

func TestSource(t *testing.T) {
	near, _ := parseURL("http://127.0.0.1:8080")
	far, _ := parseURL("http://192.0.2.1:8080")
	if source(near, perSource-1) != nil || source(far, perSource) != nil {
		t.Error("the system chooses while it can, and away from loopback always")
	}
	if got := source(near, 2*perSource).String(); got != "127.0.0.3:0" {
		t.Error(got)
	}
}
