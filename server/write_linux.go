package server

import (
	"syscall"
	"unsafe"
)

// writeNow is write(2) on a socket: what its buffer takes, at once. The scheduler is not told, since telling it costs a tenth of the write: it
// would take the call for one that may block, and hand what else runs there to another thread.
func writeNow(fd int, p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	written, _, failed := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
	switch failed {
	case 0:
		return int(written), nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, failed
}
