//go:build unix

package redistest

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// Proxy stands between a node and its Redis and spoils what passes. All methods may be called by anyone.
type Proxy struct {
	server   string
	listener net.Listener
	wait     sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{} // guarded by mu
	ended  bool                  // guarded by mu
	hole   chan struct{}         // closed when bytes pass; guarded by mu
	marker []byte                // guarded by mu
}

// NewProxy starts a proxy to a server; it ends with the test.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{server: s.addr, listener: listener, conns: map[net.Conn]struct{}{}, hole: make(chan struct{})}
	close(p.hole)
	p.wait.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

// Addr is the proxy's host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// URL is the proxy's address as serve's --redis takes it.
func (p *Proxy) URL() string { return "redis://" + p.Addr() }

// Hole lets connections stay open, old and new, while nothing passes in either direction. Fill ends that; what was sent comes then.
func (p *Proxy) Hole() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hole = make(chan struct{})
}

// Fill ends Hole.
func (p *Proxy) Fill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fill()
}

func (p *Proxy) fill() {
	select {
	case <-p.hole:
	default:
		close(p.hole)
	}
}

// Reset ends all connections that there are.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// LoseReply waits for a request with a text in it: it reaches Redis, its reply is lost, and with it the connection. That happens once.
func (p *Proxy) LoseReply(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marker = []byte(text)
}

// Lost says whether LoseReply has happened.
func (p *Proxy) Lost() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.marker == nil
}

func (p *Proxy) end() {
	p.listener.Close()
	p.mu.Lock()
	p.ended = true
	p.fill()
	p.mu.Unlock()
	p.Reset()
	p.wait.Wait()
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.server)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		p.conns[near], p.conns[far] = struct{}{}, struct{}{}
		ended := p.ended
		p.mu.Unlock()
		if ended {
			near.Close()
			far.Close()
		}
		var lose bool // the next reply is lost; guarded by mu
		p.wait.Go(func() { p.carry(near, far, &lose, true) })
		p.wait.Go(func() { p.carry(far, near, &lose, false) })
	}
}

// carry passes on what comes, until one of the connections ends.
func (p *Proxy) carry(from, to net.Conn, lose *bool, requests bool) {
	defer func() {
		from.Close()
		to.Close()
		p.mu.Lock()
		delete(p.conns, from)
		p.mu.Unlock()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			p.mu.Lock()
			hole := p.hole
			p.mu.Unlock()
			<-hole
			if p.spoils(buf[:n], lose, requests) {
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// spoils says that a reply is to be lost.
func (p *Proxy) spoils(passing []byte, lose *bool, requests bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if requests && p.marker != nil && bytes.Contains(passing, p.marker) {
		p.marker, *lose = nil, true
	}
	return !requests && *lose
}
