package bench

import (
	"bytes"
	"context"
	"time"
)

// Line is one WebSocket of a hand-made viewer, for loads that live outside this package.
type Line struct{ conn *conn }

// Dial connects to a room of a node at http://HOST:PORT and has hear called with every text frame, which is lent for the call, on the line's
// own goroutine. ctx bounds the connecting alone. End must be called.
func Dial(ctx context.Context, node, roomID string, hear func(now time.Time, frame []byte)) (*Line, error) {
	address, err := parseURL(node)
	if err != nil {
		return nil, err
	}
	socket, early, err := dial(ctx, address, roomID, nil)
	if err != nil {
		return nil, explain(err)
	}
	pass := func(_ *conn, now time.Time, _ head, frame []byte) { hear(now, frame) }
	c := newConn(socket, 0, hearing{event: pass, answer: pass}, &counts{})
	go c.run(bytes.Clone(early))
	return &Line{c}, nil
}

// Send gives a command. id names its answer; it must be letters and digits.
func (l *Line) Send(kind, id string, data any) error { return l.conn.send(kind, id, data) }

// Ended is closed when the line is over, whoever ended it.
func (l *Line) Ended() <-chan struct{} { return l.conn.ended }

// Why says how the node ended the line; "" where it did not. Only after Ended.
func (l *Line) Why() string { return l.conn.counts.why() }

// End hangs up and waits until nothing is heard any more.
func (l *Line) End() {
	l.conn.closing.Store(true)
	l.conn.net.Close()
	<-l.conn.ended
}
