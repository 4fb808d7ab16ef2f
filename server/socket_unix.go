//go:build unix

package server

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// socket is a plain socket and the two calls that a crowd of viewers needs of it: one that writes and never waits, one that waits and holds
// no buffer meanwhile. It belongs to one wire.
type socket struct {
	raw   syscall.RawConn
	write func(fd uintptr) bool // p to n and err; made once, so that writing allocates nothing; this and all below used in the wire's turn
	p     []byte
	n     int
	err   error
}

// newSocket is nil for connections that are not plain sockets.
func newSocket(conn net.Conn) *socket {
	plain, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.write = func(fd uintptr) bool {
		s.n, s.err = writeNow(fd, s.p)
		return true // never wait for the socket
	}
	return s
}

// try writes what the socket's buffer takes and returns at once.
func (s *socket) try(p []byte) (n int, err error) {
	s.p = p
	err = s.raw.Write(s.write)
	s.p = nil
	if err == nil && !errors.Is(s.err, syscall.EAGAIN) && !errors.Is(s.err, syscall.EINTR) {
		err = s.err
	}
	return s.n, err
}

// receiving is lent to whoever has something to read.
var receiving = sync.Pool{New: func() any { return new([received]byte) }}

// receive waits until something has come and returns a copy of it.
func (s *socket) receive() (got []byte, err error) {
	failed := s.raw.Read(func(fd uintptr) bool {
		buf := receiving.Get().(*[received]byte)
		defer receiving.Put(buf)
		for {
			n, failed := syscall.Read(int(fd), buf[:])
			switch {
			case errors.Is(failed, syscall.EINTR):
				continue
			case errors.Is(failed, syscall.EAGAIN):
				return false
			case failed != nil:
				err = failed
			case n == 0:
				err = io.EOF
			default:
				got = bytes.Clone(buf[:n])
			}
			return true
		}
	})
	return got, errors.Join(failed, err)
}
