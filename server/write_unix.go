//go:build unix

package server

import (
	"errors"
	"net"
	"syscall"
)

// prompt writes to a socket what its buffer takes and returns at once. It belongs to one wire and is used in its turn; what a write needs
// is made once, so that writing allocates nothing.
type prompt struct {
	raw   syscall.RawConn
	write func(fd uintptr) bool // p to n and err
	p     []byte
	n     int
	err   error
}

// newPrompt is nil for connections that are not plain sockets.
func newPrompt(conn net.Conn) *prompt {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	w := &prompt{raw: raw}
	w.write = func(fd uintptr) bool {
		w.n, w.err = syscall.Write(int(fd), w.p)
		return true // never wait for the socket
	}
	return w
}

func (w *prompt) try(p []byte) (n int, err error) {
	w.p = p
	err = w.raw.Write(w.write)
	w.p = nil
	if err == nil && !errors.Is(w.err, syscall.EAGAIN) && !errors.Is(w.err, syscall.EINTR) {
		err = w.err
	}
	return max(w.n, 0), err
}
