//go:build unix && !linux

package server

import (
	"errors"
	"syscall"
)

// writeNow is write(2) on a socket: what its buffer takes, at once.
func writeNow(fd int, p []byte) (n int, err error) {
	n, err = syscall.Write(fd, p)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}
