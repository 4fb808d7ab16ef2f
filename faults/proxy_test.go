package faults

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy is a cable to Redis that can be cut: then nothing goes through it, and neither side is told. When it is mended, what was on its way goes
// on.
type proxy struct {
	listener net.Listener
	to       string
	wait     sync.WaitGroup

	mu    sync.Mutex
	whole chan struct{} // closed while the cable is whole; guarded by mu
	ended bool
	conns map[net.Conn]struct{}
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, to: to, whole: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	close(p.whole)
	p.wait.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wait.Go(func() { p.carry(near) })
	}
}

func (p *proxy) carry(near net.Conn) {
	defer near.Close()
	if !p.keep(near) {
		return
	}
	defer p.forget(near)
	<-p.through()
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !p.keep(far) {
		return
	}
	defer p.forget(far)
	p.wait.Go(func() { p.copy(far, near) })
	p.copy(near, far)
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		<-p.through()
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// through is closed as soon as the cable is whole.
func (p *proxy) through() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.whole
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.whole = make(chan struct{})
}

func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.whole:
	default:
		close(p.whole)
	}
}

func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.conns[c] = struct{}{}
	}
	return !p.ended
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
}

func (p *proxy) end() {
	p.mend()
	p.listener.Close()
	p.mu.Lock()
	p.ended = true
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.wait.Wait()
}

// A cut cable carries nothing and breaks nothing.
func TestProxy(t *testing.T) {
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	go func() { // an echo
		for {
			c, err := far.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); io.Copy(c, c) }()
		}
	}()
	p := startProxy(t, far.Addr().String())
	c, err := net.Dial("tcp", p.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	echo := func(text string) {
		t.Helper()
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	heard := make(chan string)
	go func() {
		defer close(heard)
		buf := make([]byte, 64)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			heard <- string(buf[:n])
		}
	}()
	echo("one")
	if got := <-heard; got != "one" {
		t.Errorf("heard %q", got)
	}
	p.cut()
	echo("two")
	select {
	case got := <-heard:
		t.Errorf("heard %q through a cut cable", got)
	default:
	}
	p.mend()
	if got := <-heard; got != "two" {
		t.Errorf("heard %q", got)
	}
}
