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

// child is a process that a benchmark starts: a node, or the write loop of the floor. It says where it listens, and ends when asked.
type child struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	address string        // what follows "listening on"
	ended   chan struct{} // closed when it has ended
	failed  error         // how; valid after ended
}

const (
	startTime = 30 * time.Second // until a child listens
	stopTime  = 15 * time.Second // until it has drained
	listening = "listening on "
)

// startChild starts a program and returns when it listens. Settings of this process's environment are not the child's.
func startChild(ctx context.Context, program []string, stderr io.Writer, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(program[0], append(program[1:len(program):len(program)], args...)...), ended: make(chan struct{})}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "KINO_") {
			c.cmd.Env = append(c.cmd.Env, pair)
		}
	}
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
	case c.address = <-listens:
		return c, nil
	case <-c.ended:
		return nil, fmt.Errorf("%s ended before it listened: %w", args[0], errors.Join(c.failed))
	case <-ctx.Done():
		c.stop()
		return nil, fmt.Errorf("%s does not listen: %w", args[0], context.Cause(ctx))
	}
}

// stop asks the child to end, insists after stopTime, and returns when it is gone. A Ctrl-C has reached it too, so its exit status says
// nothing.
func (c *child) stop() {
	c.stdin.Close()
	if c.cmd.Process.Signal(os.Interrupt) != nil {
		c.cmd.Process.Kill()
	}
	select {
	case <-c.ended:
	case <-time.After(stopTime):
		c.cmd.Process.Kill()
		<-c.ended
	}
}
