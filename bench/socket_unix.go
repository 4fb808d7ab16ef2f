//go:build unix

package bench

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
)

// readBuffers are lent to whoever has something to read; a viewer who waits holds none.
var readBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// receive hands what arrives on a socket to take until take or the socket ends it. What take gets is lent for the call. The poller wakes at an
// edge, so all is read that there is: behind the last bytes may stand the end, for which nobody wakes a second time.
func receive(conn net.Conn, take func([]byte) error) error {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return errors.New("connection is no socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var ended error
	err = raw.Read(func(fd uintptr) bool {
		buf := readBuffers.Get().(*[64 << 10]byte)
		defer readBuffers.Put(buf)
		for {
			n, err := syscall.Read(int(fd), buf[:])
			switch {
			case errors.Is(err, syscall.EINTR):
				continue
			case errors.Is(err, syscall.EAGAIN):
				return false
			case err != nil:
				ended = err
				return true
			case n <= 0:
				ended = io.EOF
				return true
			}
			if ended = take(buf[:n]); ended != nil {
				return true
			}
		}
	})
	if ended != nil {
		return ended
	}
	return err
}

// descriptor is a socket's number, for writes around the runtime. It holds as long as the connection is open.
func descriptor(conn net.Conn) (int, error) {
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return 0, errors.New("connection is no socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	number := 0
	err = raw.Control(func(fd uintptr) { number = int(fd) })
	return number, err
}

// writeRaw is write(2); n is less than all where the socket is full.
func writeRaw(fd int, p []byte) (n int, err error) {
	n, err = syscall.Write(fd, p)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		err = nil
	}
	return max(n, 0), err
}

// allowOpenFiles raises the limit on open files to need where that is allowed, and says how many are allowed. The runtime has raised it
// as far as anybody may; only root can go on.
func allowOpenFiles(need uint64) uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return need // unknown: connecting will tell
	}
	if uint64(limit.Cur) >= need {
		return uint64(limit.Cur)
	}
	raised := limit
	raise(&raised.Cur, need)
	raise(&raised.Max, need)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised); err != nil {
		return uint64(limit.Cur)
	}
	return need
}

// raise works on the field of an Rlimit, whose type differs from system to system.
func raise[N int64 | uint64](field *N, need uint64) { *field = max(*field, N(need)) }
