//go:build unix && !linux

package server

import "syscall"

// writeNow is write(2) on a socket that never waits.
func writeNow(fd uintptr, p []byte) (n int, err error) {
	n, err = syscall.Write(int(fd), p)
	return max(n, 0), err
}
