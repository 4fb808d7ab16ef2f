package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kinoautomat/room"
)

// crowd is the viewers that a load brings into a room, and what they count.
type crowd struct {
	nodes   []*url.URL // viewers join them by turns
	counts  counts
	waiting sync.WaitGroup // readers
	conns   []*conn        // by number; nil where a join failed
}

// Limits of a load.
const (
	MaxViewers  = room.MaxCapacity
	joinsAtOnce = 64     // joins under way; a room lets 1,024 commands wait
	perSource   = 25_000 // connections from one address: below the 28,232 local ports that Linux has by default
	joinTries   = 5      // of one viewer, while the room is busy
	spareFiles  = 200    // open files beside the connections
)

// checkFiles says in one sentence when so many connections cannot be held by this process, or by a node that it starts.
func checkFiles(conns int) error {
	need := uint64(conns + spareFiles)
	if allowed := allowOpenFiles(need); allowed < need {
		return fmt.Errorf("%d connections need %d open files, and %d are allowed: raise the limit (ulimit -n)", conns, need, allowed)
	}
	return nil
}

// source is the address that connection number i comes from. Beyond perSource one address has no ports left, and loopback has others.
func source(node *url.URL, i int) net.Addr {
	ip := net.ParseIP(node.Hostname()).To4()
	if i < perSource || ip == nil || !ip.IsLoopback() {
		return nil
	}
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+i/perSource))}
}

// join brings n more viewers into a room and records how long each took from dialling to its welcome. It returns the new ones, by number.
func (w *crowd) join(ctx context.Context, roomID, token, name string, n int, h hearing, took *Histogram) ([]*conn, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	first := len(w.conns)
	w.conns = append(w.conns, make([]*conn, n)...)
	var next atomic.Int64
	var joining sync.WaitGroup
	for range min(joinsAtOnce, n) {
		joining.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				start := time.Now()
				c, err := w.joinOne(ctx, roomID, token, fmt.Sprint(name, i+1), first+i, h)
				if err != nil {
					cancel(fmt.Errorf("viewer %d of %d: %w", i+1, n, explain(err)))
					return
				}
				took.Record(time.Since(start))
				w.conns[first+i] = c
			}
		})
	}
	joining.Wait()
	return w.conns[first:], context.Cause(ctx)
}

func (w *crowd) joinOne(ctx context.Context, roomID, token, name string, number int, h hearing) (*conn, error) {
	node := w.nodes[number%len(w.nodes)]
	socket, early, err := dial(ctx, node, roomID, source(node, number))
	if err != nil {
		return nil, err
	}
	c := newConn(socket, number, h, &w.counts)
	w.waiting.Go(func() { c.run(early) })
	for try := 1; ; try++ {
		_, err := c.ask(ctx, "join", room.Join{Name: name, Token: token})
		var refused *room.Error
		if err == nil {
			return c, nil
		}
		if errors.As(err, &refused) && refused.Code == room.CodeUnavailable && try < joinTries {
			err = pause(ctx, time.Duration(try)*time.Second)
		}
		if err != nil {
			socket.Close()
			return nil, err
		}
	}
}

// explain puts the system's refusals into words that say what to raise.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return errors.New("too many open files: raise the limit (ulimit -n), or ask for fewer --viewers")
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return errors.New("no local port is left: widen net.ipv4.ip_local_port_range, or ask for fewer --viewers")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("nobody listens there, or its queue of new connections is full")
	}
	return err
}

// leave ends all connections and waits for their readers.
func (w *crowd) leave() {
	w.counts.closing.Store(true)
	for _, c := range w.conns {
		if c != nil {
			c.net.Close()
		}
	}
	w.waiting.Wait()
}

// lastSeq is the number of the latest event that anybody has heard.
func (w *crowd) lastSeq() uint64 {
	last := uint64(0)
	for _, c := range w.conns {
		last = max(last, c.seq.Load())
	}
	return last
}

// behind is how many numbered events, up to last, have not been heard yet, all connections together.
func (w *crowd) behind(last uint64) uint64 {
	n := uint64(0)
	for _, c := range w.conns {
		if seq := c.seq.Load(); seq < last {
			n += last - seq
		}
	}
	return n
}

// pause waits, unless ctx is done before.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pace calls do(0) … do(n-1), each when it is due, every apart from the one before. What is late is done at once.
func pace(ctx context.Context, n int, every time.Duration, do func(i int) error) error {
	start := time.Now()
	for i := range n {
		if wait := time.Until(start.Add(time.Duration(i) * every)); wait > 0 {
			if err := pause(ctx, wait); err != nil {
				return err
			}
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := do(i); err != nil {
			return err
		}
	}
	return nil
}

// until asks done every few milliseconds, for at most a time; it says whether done became true.
func until(ctx context.Context, most time.Duration, done func() bool) bool {
	for end := time.Now().Add(most); !done(); {
		if time.Now().After(end) || pause(ctx, 5*time.Millisecond) != nil {
			return done()
		}
	}
	return true
}

var errNoHTTP = errors.New("--url must be an http:// address: benchmarks speak to the node itself, without TLS")

// parseURLs reads --url.
func parseURLs(text string) (all []*url.URL, err error) {
	for address := range strings.SplitSeq(text, ",") {
		u, err := parseURL(strings.TrimSpace(address))
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// parseURL reads one address of it.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return nil, errNoHTTP
	}
	if u.Path == "" {
		u.Path = "/" // what is joined to it must begin at the root
	}
	return u, nil
}
