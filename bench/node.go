package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Target says which node is measured.
type Target struct {
	URL        string   // http://HOST:PORT of a running node, or of several that share rooms, by commas; "" = one that is started for the benchmark and stopped after it
	AdminToken string   // where only the admin may create rooms
	PID        int      // process of the first node at URL on this machine, to read its CPU time and memory; 0 = not read
	Story      string   // story of the room; "" = the node's first
	Redis      string   // address of the Redis on which a node of its own keeps its rooms; "" = a temporary folder
	Program    []string // how this program is started, for a node of its own and for the floor
}

func (t Target) check() error {
	switch {
	case t.URL == "" && t.PID != 0:
		return errors.New("--pid belongs to --url")
	case t.PID < 0:
		return errors.New("--pid must be a process's number")
	case t.URL == "":
		return nil
	}
	_, err := parseURLs(t.URL)
	return err
}

// node is the node under load.
type node struct {
	urls  []*url.URL // viewers are spread over them; all else goes to the first
	token string     // the admin's
	pid   int        // 0 = not known
	gone  bool       // what it keeps goes with it
	web   *http.Client
	stop  func()
}

// made is a room that the benchmark made.
type made struct {
	ID        string `json:"id"`
	HostToken string `json:"host_token"`
}

const callTime = 30 * time.Second // of one REST call

// open finds or starts the node; stop must be called.
func (t Target) open(ctx context.Context, log io.Writer) (*node, error) {
	web := &http.Client{
		Timeout:       callTime,
		Transport:     &http.Transport{Proxy: nil}, // to the given address and nowhere else
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	n := &node{token: t.AdminToken, pid: t.PID, web: web, stop: web.CloseIdleConnections}
	address := t.URL
	if address == "" {
		folder, err := os.MkdirTemp("", "kinoautomat-bench-")
		if err != nil {
			return nil, err
		}
		var environment []string
		if t.Redis != "" {
			environment = []string{"KINO_REDIS=" + t.Redis}
		}
		c, err := StartChild(ctx, t.Program, environment, log, "serve", "--addr", "127.0.0.1:0", "--data", folder, "--llm", "off", "--log", "warn")
		if err != nil {
			os.RemoveAll(folder)
			return nil, err
		}
		address, n.pid, n.gone = c.Address, c.cmd.Process.Pid, t.Redis == ""
		n.stop = func() {
			web.CloseIdleConnections()
			c.Stop()
			if err := os.RemoveAll(folder); err != nil {
				fmt.Fprintln(log, "temporary folder not removed:", err)
			}
		}
		fmt.Fprintln(log, "node started at", address)
	}
	var err error
	if n.urls, err = parseURLs(address); err != nil {
		n.stop()
		return nil, err
	}
	if _, err := n.usage(); err != nil {
		fmt.Fprintln(log, "without figures of CPU time and memory:", err)
		n.pid = 0
	}
	return n, nil
}

// call is one REST call; a refusal is told in the node's words.
func (n *node) call(ctx context.Context, method, path, token string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, n.urls[0].JoinPath("api/v1", path).String(), bytes.NewReader(text))
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := n.web.Do(req)
	if err != nil {
		return explain(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		var problem struct {
			Detail string `json:"detail"`
		}
		if json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&problem) != nil || problem.Detail == "" {
			problem.Detail = "no reason given; is this a kinoautomat node?"
		}
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, problem.Detail)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("%s %s: answer not understood: %w", method, path, err)
	}
	return nil
}

// makeRoom makes a room with settings; remove takes it away again.
func (n *node) makeRoom(ctx context.Context, story string, settings map[string]any) (made, error) {
	if story == "" {
		var stories []struct {
			ID string `json:"id"`
		}
		if err := n.call(ctx, http.MethodGet, "stories", "", nil, &stories); err != nil {
			return made{}, err
		}
		if len(stories) == 0 {
			return made{}, errors.New("the node has no story")
		}
		story = stories[0].ID
	}
	var room made
	err := n.call(ctx, http.MethodPost, "rooms", n.token, map[string]any{"story": story, "title": "Benchmark", "settings": settings}, &room)
	return room, err
}

// remove deletes the room, also when the benchmark was interrupted. A node of our own with a folder takes it along anyway.
func (n *node) remove(room made, log io.Writer) {
	if n.gone {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	if err := n.call(ctx, http.MethodDelete, "rooms/"+room.ID, room.HostToken, nil, nil); err != nil {
		fmt.Fprintln(log, "room not deleted:", err)
	}
}

// usage is what a process has used.
type usage struct {
	cpu    time.Duration // user and system, since its start
	memory int64         // resident, bytes
	heap   int64         // of that: of Go's heap, in use, garbage included, bytes; read by held alone, as is stacks
	stacks int64         // of goroutines, bytes
}

// usage of the node's process; nothing where that is not known.
func (n *node) usage() (usage, error) {
	if n.pid == 0 {
		return usage{}, nil
	}
	return readProcess(n.pid)
}

// held is usage with the parts of memory, as the node's metrics tell them; it costs the node some milliseconds.
func (n *node) held(ctx context.Context) (usage, error) {
	u, err := n.usage()
	if err != nil || n.pid == 0 {
		return u, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.urls[0].JoinPath("metrics").String(), nil)
	if err != nil {
		return u, err
	}
	answer, err := n.web.Do(req)
	if err != nil {
		return u, explain(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		into := map[string]*int64{"go_memstats_heap_inuse_bytes": &u.heap, "go_memstats_stack_inuse_bytes": &u.stacks}[name]
		if into == nil {
			continue
		}
		bytes, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return u, fmt.Errorf("metrics not understood: %w", err)
		}
		*into = int64(bytes)
	}
	return u, lines.Err()
}
