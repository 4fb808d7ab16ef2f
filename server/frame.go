package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"net"
	"net/http"
	"time"
)

// WebSocket framing of what a server sends (RFC 6455 §5.2): no mask, so one frame serves every viewer as it is.
const (
	opText  = 0x81
	opPing  = 0x89
	opClose = 0x88
)

// textFrame frames a payload once for all.
func textFrame(payload []byte) []byte {
	frame := make([]byte, 0, len(payload)+10)
	frame = append(frame, opText)
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, byte(n))
	case n <= 0xffff:
		frame = append(frame, 126)
		frame = binary.BigEndian.AppendUint16(frame, uint16(n))
	default:
		frame = append(frame, 127)
		frame = binary.BigEndian.AppendUint64(frame, uint64(n))
	}
	return append(frame, payload...)
}

// pingFrame keeps proxies from cutting a quiet connection and makes a dead one noticed.
var pingFrame = []byte{opPing, 0}

const (
	// readSilence is how long a connection may send nothing, not even the answer to a ping.
	readSilence = 75 * time.Second
	pingEvery   = 25 * time.Second
	// slowWrite is how long one write to a viewer may take before the viewer is cut.
	slowWrite = 10 * time.Second
)

// wire is the connection under a WebSocket. The WebSocket library reads from it and writes its control frames through it; the hub writes
// whole text frames beside it. Each Write is one or more whole frames, so neither ever lands inside the other's.
type wire struct {
	net.Conn
	early  []byte        // read by net/http already: a quick peer's first frame; owned by the reader
	prompt *prompt       // nil where the connection is no plain socket; used in its turn
	turn   chan struct{} // capacity 1, holds a token while frames are written: a mutex that virtual time can wait for
}

func newWire(conn net.Conn, early []byte) *wire {
	return &wire{Conn: conn, early: early, prompt: newPrompt(conn), turn: make(chan struct{}, 1)}
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		w.early = w.early[n:]
		return n, nil
	}
	if err := w.SetReadDeadline(time.Now().Add(readSilence)); err != nil {
		return 0, err
	}
	return w.Conn.Read(p)
}

// Write writes whole frames and gives up after slowWrite.
func (w *wire) Write(p []byte) (int, error) {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if err := w.SetWriteDeadline(time.Now().Add(slowWrite)); err != nil {
		return 0, err
	}
	n, err := w.Conn.Write(p)
	if err != nil {
		return n, err
	}
	return n, w.SetWriteDeadline(time.Time{}) // one that has passed fails every try after it
}

// try writes what the socket takes at once and never waits. It returns 0 where that cannot be known.
func (w *wire) try(p []byte) (int, error) {
	if w.prompt == nil {
		return 0, nil
	}
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	default:
		return 0, nil
	}
	return w.prompt.try(p)
}

// bufferSize is enough for any control frame (at most 127 bytes) and for most commands; net/http's own 4 KiB pair would be most of what
// an idle viewer costs.
const bufferSize = 256

// hijacker hands the WebSocket library a wire instead of the bare connection.
type hijacker struct {
	http.ResponseWriter
	wire *wire
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early, err := rw.Reader.Peek(rw.Reader.Buffered())
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	h.wire = newWire(conn, bytes.Clone(early))
	return h.wire, bufio.NewReadWriter(bufio.NewReaderSize(h.wire, bufferSize), bufio.NewWriterSize(h.wire, bufferSize)), nil
}
