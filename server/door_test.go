package server

import (
	"net"
	"os"
	"syscall"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// crammed is a listener that has its answers ready.
type crammed struct {
	net.Listener
	answers []error
}

func (c *crammed) Accept() (net.Conn, error) {
	err := c.answers[0]
	c.answers = c.answers[1:]
	return nil, err
}

// Each time that files run out is logged once, however often net/http tries again.
func TestDoor_SaysThatFilesRanOut(t *testing.T) {
	core, logged := observer.New(zap.ErrorLevel)
	full := &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	d := &door{Listener: &crammed{answers: []error{nil, full, full, full, nil, full, net.ErrClosed}}, log: zap.New(core)}
	for range 7 {
		d.Accept()
	}
	if got := logged.Len(); got != 2 {
		t.Errorf("logged %d times, want twice", got)
	}
}
