package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"kinoautomat/bench"
)

// process is a node. One that has ended can be started again, on the same address.
type process struct {
	stage *stage
	redis string
	name  string // changes with every start
	url   string
	child *bench.Child
}

// start starts the node's process and returns when it listens.
func (n *process) start(ctx context.Context) error {
	s := n.stage
	s.mu.Lock()
	s.starts++
	n.name = fmt.Sprint("n", s.starts)
	s.mu.Unlock()
	address := "127.0.0.1:0"
	if n.url != "" {
		address = strings.TrimPrefix(n.url, "http://")
	}
	log, written := io.Pipe()
	name := n.name
	s.reading.Go(func() { n.readLog(name, log) })
	child, err := bench.StartChild(ctx, s.program, []string{"KINO_REDIS=" + n.redis}, written,
		"serve", "--addr", address, "--stories", s.stories(), "--llm", "off", "--log-format", "json")
	if err != nil {
		written.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		return errors.Join(fmt.Errorf("node %s: %w", name, err), errors.New(strings.Join(s.notes, "\n")))
	}
	s.reading.Go(func() {
		<-child.Ended()
		written.Close()
	})
	n.child, n.url = child, child.Address
	return nil
}

// readLog learns from a node's log which rooms it owns.
func (n *process) readLog(name string, log io.Reader) {
	s := n.stage
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Level, Msg, Room, Error string
			Epoch                   uint64
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			s.note("%s: %s", name, lines.Text())
			continue
		}
		switch {
		case line.Msg == "room opened":
			s.mu.Lock()
			s.terms = append(s.terms, Term{line.Room, line.Epoch, name})
			s.owner[line.Room] = n
			s.mu.Unlock()
		case line.Msg == "another node owns the room", line.Msg == "the lease is lost":
			s.mu.Lock()
			s.lost[n]++
			s.mu.Unlock()
		case line.Level == "error" && line.Msg != "storage does not answer":
			s.note("%s: %s", name, lines.Text())
		}
	}
	io.Copy(io.Discard, log) // after a line that is too long, the node goes on
}

// call is one REST call.
func (n *process) call(ctx context.Context, method, path, token string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.url+"/api/v1/"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s %s: %s %s", method, path, resp.Status, text)
	}
	if read, ok := into.(func(io.Reader) error); ok {
		return read(resp.Body)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// journal is a room's, to its end.
func (n *process) journal(ctx context.Context, r made) (lines []Line, err error) {
	err = n.call(ctx, "GET", "rooms/"+r.ID+"/journal", r.HostToken, nil, func(body io.Reader) error {
		for in := json.NewDecoder(body); ; {
			var line Line
			if err := in.Decode(&line); err == io.EOF {
				return nil
			} else if err != nil {
				return fmt.Errorf("journal of room %s: %w", r.ID, err)
			}
			lines = append(lines, line)
		}
	})
	return lines, err
}
