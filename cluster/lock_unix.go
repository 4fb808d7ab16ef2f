//go:build unix

package cluster

import (
	"os"
	"syscall"
)

// lock keeps a second node out of a data folder until the file is closed or its process ends, however it ends.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
