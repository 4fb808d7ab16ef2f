package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Child is a process that a benchmark starts: a node, or the write loop of the floor. It says where it listens, and ends when asked, or on Linux
// with this process, however that ends. Its methods may be called by anyone.
type Child struct {
	Address string // what followed "listening on": http://HOST:PORT of a node

	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{} // closed when it has ended
	failed error         // how; valid after ended
}

const (
	startTime = 30 * time.Second // until a child listens
	stopTime  = 15 * time.Second // until it has drained
	listening = "listening on "
)

// StartChild starts a program and returns when it listens; Stop or Kill must be called. Settings of this process's environment are not the
// child's: it has those that environment lists as NAME=VALUE, where secrets are not seen by everybody on the machine.
func StartChild(ctx context.Context, program, environment []string, stderr io.Writer, args ...string) (*Child, error) {
	c := &Child{cmd: exec.Command(program[0], append(program[1:len(program):len(program)], args...)...), ended: make(chan struct{})}
	c.cmd.SysProcAttr = dieWithParent()
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "KINO_") {
			c.cmd.Env = append(c.cmd.Env, pair)
		}
	}
	c.cmd.Env = append(c.cmd.Env, environment...)
	c.cmd.Stderr = stderr
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	listens := make(chan string, 1)
	go func() { // ends with the process, and stop waits for that
		defer close(c.ended)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, found := strings.CutPrefix(lines.Text(), listening); found {
				select {
				case listens <- address:
				default:
				}
			}
		}
		c.failed = c.cmd.Wait()
	}()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	select {
	case c.Address = <-listens:
		return c, nil
	case <-c.ended:
		return nil, fmt.Errorf("%s ended before it listened: %w", args[0], errors.Join(c.failed))
	case <-ctx.Done():
		c.Stop()
		return nil, fmt.Errorf("%s does not listen: %w", args[0], context.Cause(ctx))
	}
}

// Signal sends a signal; os.Kill is kill -9.
func (c *Child) Signal(sig os.Signal) error { return c.cmd.Process.Signal(sig) }

// Ended is closed when the child is gone.
func (c *Child) Ended() <-chan struct{} { return c.ended }

// Failed says how the child ended: nil when its exit status was 0. Only after Ended.
func (c *Child) Failed() error { return c.failed }

// Kill ends the child at once, whatever state it is in, and returns when it is gone.
func (c *Child) Kill() {
	c.cmd.Process.Kill()
	<-c.ended
}

// Stop asks the child to end, insists after stopTime, and returns when it is gone. A Ctrl-C has reached it too, so its exit status says
// nothing.
func (c *Child) Stop() {
	c.stdin.Close()
	if c.cmd.Process.Signal(os.Interrupt) != nil {
		c.cmd.Process.Kill()
	}
	select {
	case <-c.ended:
	case <-time.After(stopTime):
		c.Kill()
	}
}
