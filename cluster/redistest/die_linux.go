package redistest

import "syscall"

// dieWithParent has a server end with the test's process, however that ends.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
