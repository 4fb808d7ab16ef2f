package server

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// readSilence is how long a connection may send nothing, not even the answer to a ping.
	readSilence = 75 * time.Second
	pingEvery   = 25 * time.Second
	// slowWrite is how long one write to a viewer may take before the viewer is cut.
	slowWrite = 10 * time.Second
	// received is how many bytes are awaited at most; what a longer frame has beyond is read when it is taken.
	received = 4 << 10
)

// wire is the connection under a WebSocket. One at a time writes to it, and only whole frames: whose turn it is, takes it and rests after.
type wire struct {
	mu      sync.Mutex
	busy    bool       // somebody writes; guarded by mu
	skipped bool       // a worker came by meanwhile; guarded by mu
	ending  bool       // nothing may be written but the goodbye; guarded by mu
	closed  bool       // guarded by mu
	free    *sync.Cond // made by the first who waits for their turn; guarded by mu

	fd    int    // of the socket, for try; -1 where the connection is no plain socket
	early []byte // received and not read yet; owned by the reader
	net.Conn
}

// take waits for a turn; false when there is none any more.
func (w *wire) take() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wait()
	w.busy = !w.ending
	return w.busy
}

// wait returns when nobody writes. w.mu must be held.
func (w *wire) wait() {
	for w.busy {
		if w.free == nil {
			w.free = sync.NewCond(&w.mu)
		}
		w.free.Wait()
	}
}

// rest ends a turn. w.mu must be held.
func (w *wire) rest() {
	w.busy = false
	if w.free != nil {
		w.free.Broadcast()
	}
}

// send writes in the turn of whoever calls it, and gives up after slowWrite.
func (w *wire) send(p []byte) error {
	if err := w.SetWriteDeadline(time.Now().Add(slowWrite)); err != nil {
		return err
	}
	_, err := w.Conn.Write(p)
	return err
}

// try writes what the socket takes at once, and never waits; 0 where that cannot be known. w.mu must be held, and nobody be writing: so the
// number is not another's.
func (w *wire) try(p []byte) (int, error) {
	if w.closed {
		return 0, net.ErrClosed
	}
	if w.fd < 0 {
		return 0, nil
	}
	return writeNow(w.fd, p)
}

// Close hangs up.
func (w *wire) Close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	return w.Conn.Close()
}

// await returns when the viewer has sent something; it is read next. Whoever waits here holds no buffer and needs little stack.
func (w *wire) await() (err error) {
	for len(w.early) == 0 {
		if err := w.SetReadDeadline(time.Now().Add(readSilence)); err != nil {
			return err
		}
		if w.early, err = receive(w.Conn); err != nil {
			return err
		}
		w.early = skipPongs(w.early)
	}
	return nil
}

// hold is receive where there is no plain socket to wait for.
func hold(conn net.Conn) ([]byte, error) {
	buf := make([]byte, 512)
	n, err := conn.Read(buf)
	return buf[:n], err
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		if w.early = w.early[n:]; len(w.early) == 0 {
			w.early = nil
		}
		return n, nil
	}
	if err := w.SetReadDeadline(time.Now().Add(readSilence)); err != nil {
		return 0, err
	}
	return w.Conn.Read(p)
}

// Sizes of the library's buffers: frames are awaited in buffers that all share, and what it writes is control frames of at most 127 bytes.
// net/http's own 4 KiB pair would be most of what an idle viewer costs.
const (
	readBuffer  = 16
	writeBuffer = 128
)

// hijacker hands the WebSocket library a seat instead of the bare connection.
type hijacker struct {
	http.ResponseWriter
	seat *seat
	in   *bufio.Reader // the library's
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, err := rw.Reader.Peek(rw.Reader.Buffered()) // a quick peer's first frame
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	h.seat.Conn, h.seat.fd, h.seat.early = conn, descriptor(conn), bytes.Clone(early)
	h.in = bufio.NewReaderSize(h.seat, readBuffer)
	return h.seat, bufio.NewReadWriter(h.in, bufio.NewWriterSize(h.seat, writeBuffer)), nil
}
