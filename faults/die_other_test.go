//go:build unix && !linux

package faults

import "syscall"

// dieWithParent asks for nothing: only Linux can end a process with its parent.
func dieWithParent() *syscall.SysProcAttr { return nil }
