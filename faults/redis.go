package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"time"
)

const redisTries = 5 // of starting a Redis: another process may take its port in between

// startRedis starts the redis-server that is found on PATH, on a free port of loopback and with its files in a folder. stop ends it.
func startRedis(ctx context.Context, folder string, log io.Writer) (address string, stop func(), err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return "", nil, errors.New("there is no redis-server on PATH: install it, or name a Redis with --redis URL")
	}
	for range redisTries {
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", nil, err
		}
		host, port, _ := net.SplitHostPort(listener.Addr().String())
		listener.Close()
		if stop, err = tryRedis(ctx, program, net.JoinHostPort(host, port), "--bind", host, "--port", port, "--dir", folder, "--save", "",
			"--appendonly", "yes", "--appendfsync", "everysec"); err == nil {
			fmt.Fprintf(log, "%s started at %s:%s (appendfsync everysec), its files in %s\n", program, host, port, folder)
			return "redis://" + net.JoinHostPort(host, port), stop, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", nil, fmt.Errorf("redis-server does not start: %w", err)
}

// tryRedis starts it once and returns when it answers.
func tryRedis(ctx context.Context, program, address string, options ...string) (stop func(), err error) {
	var said bytes.Buffer
	server := exec.CommandContext(context.WithoutCancel(ctx), program, options...)
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() { // stop waits for it
		defer close(ended)
		_ = server.Wait() // how it ended is what it said
	}()
	stop = func() {
		server.Process.Kill()
		<-ended
	}
	gone := func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	}
	err = until(ctx, "it answers", patience, func() bool { return gone() || ping(address) })
	if err == nil && !gone() {
		return stop, nil
	}
	stop()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	return nil, errors.Join(err, errors.New(lines[len(lines)-1]))
}

// ping says whether a Redis answers.
func ping(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	pong := make([]byte, len("+PONG"))
	if conn.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	_, err = io.ReadFull(conn, pong)
	return err == nil && string(pong) == "+PONG"
}
