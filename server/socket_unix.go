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

// descriptor is the number of a plain socket, -1 for other connections. It is another's once the connection is closed.
func descriptor(conn net.Conn) int {
	number := -1
	if raw := plain(conn); raw != nil {
		if err := raw.Control(func(fd uintptr) { number = int(fd) }); err != nil {
			return -1
		}
	}
	return number
}

// plain is nil for connections that are not plain sockets.
func plain(conn net.Conn) syscall.RawConn {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// receiving is lent to whoever has something to read.
var receiving = sync.Pool{New: func() any { return new([received]byte) }}

// receive waits until something has come, and holds no buffer meanwhile. It returns a copy.
func receive(conn net.Conn) (got []byte, err error) {
	raw := plain(conn)
	if raw == nil {
		return hold(conn)
	}
	failed := raw.Read(func(fd uintptr) bool {
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
