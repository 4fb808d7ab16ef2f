package narratortest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// New serves the script over TCP until the test ends and returns the base URL of its API, like http://127.0.0.1:40000/v1. Of a Dead
// script nothing listens there.
func New(t testing.TB, s Script) string {
	t.Helper()
	server := httptest.NewUnstartedServer(s)
	server.Config.ConnContext = counted
	server.Start()
	if s.Mode == Dead {
		server.Close()
	} else {
		t.Cleanup(func() {
			server.CloseClientConnections()
			server.Close()
		})
	}
	return server.URL + "/v1"
}

type requests struct{}

// counted lets a connection count its requests, for Stale.
func counted(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, requests{}, new(atomic.Int64))
}

// reused says whether the connection of a request had one before.
func reused(r *http.Request) bool {
	n, ok := r.Context().Value(requests{}).(*atomic.Int64)
	return ok && n.Add(1) > 1
}

// Backend is the setting for a model behind the base URL of New, as narrator.ParseBackend reads it.
func Backend(base string) string { return "openai+" + base + "?model=" + ModelName }

// Dial serves the script over pipes until the test ends and returns what opens connections to it, whatever the address: for
// narrator.Options.Dial inside a synctest bubble, where sockets would stop the clock.
func Dial(t testing.TB, s Script) func(ctx context.Context, network, address string) (net.Conn, error) {
	t.Helper()
	if s.Mode == Dead {
		return func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }
	}
	return DialHandler(t, s)
}

// DialHandler does the same for a server of the test's own.
func DialHandler(t testing.TB, h http.Handler) func(ctx context.Context, network, address string) (net.Conn, error) {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: h, ConnContext: counted}
	var wg sync.WaitGroup
	wg.Go(func() { server.Serve(l) })
	t.Cleanup(func() {
		server.Close()
		wg.Wait()
	})
	return l.dial
}

// pipes is a net.Listener in memory.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *pipes) Addr() net.Addr { return address("pipe") }

type address string

func (a address) Network() string { return string(a) }
func (a address) String() string  { return string(a) }
