//go:build !linux

package bench

import "syscall"

// dieWithParent asks for nothing: only Linux can end a process with its parent.
func dieWithParent() *syscall.SysProcAttr { return nil }
