//go:build unix

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"kinoautomat/cluster"
	"kinoautomat/cluster/redistest"
)

// heard collects what a subscription brings.
type heard chan string

const away = "(away)" // stands for the payload that says that the bus was away

func listen(t *testing.T, r *cluster.Redis, topic string) heard {
	t.Helper()
	h := make(heard, 1000)
	cancel, err := r.Subscribe(t.Context(), topic, func(payload []byte) {
		if payload == nil {
			payload = []byte(away)
		}
		h <- string(payload)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cancel)
	return h
}

// until returns what came up to and with a text.
func (h heard) until(t *testing.T, text string) (all []string) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case got := <-h:
			if all = append(all, got); got == text {
				return all
			}
		case <-late:
			t.Fatalf("%q did not come; %q did", text, all)
		}
	}
}

func publish(t *testing.T, r *cluster.Redis, topic, text string) {
	t.Helper()
	if err := r.Publish(t.Context(), topic, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func own(t *testing.T, r *cluster.Redis, room string) cluster.Lease {
	t.Helper()
	if err := r.Create(t.Context(), room, cluster.Entry{N: 1, Body: []byte(`{"n":1}`)}); err != nil {
		t.Fatal(err)
	}
	lease, _, err := r.Acquire(t.Context(), room, "node")
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func entry(n int) []cluster.Entry {
	return []cluster.Entry{{N: uint64(n), Body: fmt.Appendf(nil, `{"n":%d}`, n)}}
}

func telling(topic string, n int) cluster.Publication {
	return cluster.Publication{Topic: topic, Payload: fmt.Append(nil, n)}
}

// journal checks that entries 1 to last are there, once each.
func journal(t *testing.T, r *cluster.Redis, room string, last int) {
	t.Helper()
	n := 0
	for e, err := range r.Read(t.Context(), room, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; e.N != uint64(n) || string(e.Body) != fmt.Sprintf(`{"n":%d}`, n) {
			t.Fatalf("entry %d is %d %s", n, e.N, e.Body)
		}
	}
	if n != last {
		t.Errorf("%d entries, want %d", n, last)
	}
}

const faultTopic = "room/{r}/events"

// However the subscription is lost, it comes back by itself and the subscriber is told that it may have missed something, once.
func TestRedis_SubscriptionLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*redistest.Server, *redistest.Proxy){
		"the connection ends": func(s *redistest.Server, _ *redistest.Proxy) { s.Do("CLIENT", "KILL", "TYPE", "pubsub") },
		"all connections end": func(_ *redistest.Server, p *redistest.Proxy) { p.Reset() },
		"Redis is killed":     func(s *redistest.Server, _ *redistest.Proxy) { s.Kill(); s.Restart() },
		"Redis is stopped":    func(s *redistest.Server, _ *redistest.Proxy) { s.Stop(); s.Restart() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			proxy := redistest.NewProxy(t, server)
			near, far := openRedis(t, proxy.URL()), openRedis(t, server.URL())
			h := listen(t, near, faultTopic)
			publish(t, far, faultTopic, "before")
			h.until(t, "before")
			fault(server, proxy)
			if all := h.until(t, away); len(all) != 1 {
				t.Errorf("came before: %q", all)
			}
			for lost := true; lost; { // far's own first writes may meet the connections that ended
				publish(t, far, faultTopic, "after")
				select {
				case got := <-h:
					if lost = false; got != "after" {
						t.Errorf("came after: %q", got)
					}
				case <-time.After(100 * time.Millisecond):
				}
			}
		})
	}
}

// A slot of a cluster moves: its topics are heard from where it is now, and the others from where they were.
func TestRedis_SlotMoves(t *testing.T) {
	t.Parallel()
	one, two := redistest.StartCluster(t)
	near, far := openRedis(t, "redis+cluster://"+one.Addr()), openRedis(t, "redis+cluster://"+two.Addr())
	moves, stays := listen(t, near, "room/{b}/events"), listen(t, near, "room/{f}/events") // both begin on one
	one.Move("{b}", two)
	moves.until(t, away)
	for topic, h := range map[string]heard{"room/{b}/events": moves, "room/{f}/events": stays} {
		for lost := true; lost; {
			publish(t, far, topic, "after")
			select {
			case got := <-h:
				lost = got != "after"
			case <-time.After(100 * time.Millisecond): // far has yet to learn of it
			}
		}
	}
	lease := own(t, near, "b")
	if err := near.Append(t.Context(), lease, entry(2), telling("room/{b}/events", 2)); err != nil {
		t.Fatal(err)
	}
	moves.until(t, "2")
}

// A connection that is open and dead gives no error. What a node publishes to itself does not come back over it.
func TestRedis_BlackHole(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server)
	near, far := openRedis(t, proxy.URL()), openRedis(t, server.URL())
	h := listen(t, near, faultTopic)
	proxy.Hole()
	waitFor(t, "the subscription to be given up", func() bool { return server.Do("PUBSUB", "NUMSUB", "kino:"+faultTopic) == "kino:"+faultTopic+"\n0" })
	publish(t, far, faultTopic, "nobody hears this")
	proxy.Fill()
	h.until(t, away)
	publish(t, far, faultTopic, "after")
	if all := h.until(t, "after"); slices.Contains(all, "nobody hears this") {
		t.Errorf("came: %q", all)
	}
}

func waitFor(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !there(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Appends go through a restart, a frost and a lost answer: each entry is kept once and told at most once, in order.
func TestRedis_AppendsThroughFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*redistest.Server, *redistest.Proxy){
		"restart": func(s *redistest.Server, _ *redistest.Proxy) { s.Kill(); s.Restart() },
		"frost": func(s *redistest.Server, _ *redistest.Proxy) {
			s.Freeze()
			time.AfterFunc(2500*time.Millisecond, s.Thaw)
		},
		"reset":       func(_ *redistest.Server, p *redistest.Proxy) { p.Reset() },
		"lost answer": func(_ *redistest.Server, p *redistest.Proxy) { p.LoseReply(`{"n":20}`) },
		"flush":       func(s *redistest.Server, _ *redistest.Proxy) { s.Do("SCRIPT", "FLUSH") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			proxy := redistest.NewProxy(t, server)
			near, far := openRedis(t, proxy.URL()), openRedis(t, server.URL())
			h := listen(t, far, faultTopic)
			lease := own(t, near, "r")
			const last = 40
			for n := 2; n <= last; n++ {
				if n == 20 {
					fault(server, proxy)
				}
				if err := near.Append(t.Context(), lease, entry(n), telling(faultTopic, n)); err != nil {
					t.Fatalf("entry %d: %v", n, err)
				}
			}
			if !proxy.Lost() {
				t.Error("no answer was lost")
			}
			journal(t, far, "r", last)
			waitFor(t, "the subscription", func() bool { return server.Do("PUBSUB", "NUMSUB", "kino:"+faultTopic) == "kino:"+faultTopic+"\n1" })
			publish(t, far, faultTopic, "end")
			at := 1
			for _, text := range h.until(t, "end") {
				n := 0
				if _, err := fmt.Sscan(text, &n); err == nil && n <= at {
					t.Errorf("%d was told after %d", n, at)
				} else if err == nil {
					at = n
				}
			}
		})
	}
}

// What looks like a repeated append and is not one is refused.
func TestRedis_RepeatedAppend(t *testing.T) {
	t.Parallel()
	r := openRedis(t, redistest.Start(t).URL())
	lease := own(t, r, "r")
	two := []cluster.Entry{{N: 2, Body: []byte("two")}, {N: 3, Body: []byte("three")}}
	if err := r.Append(t.Context(), lease, two); err != nil {
		t.Fatal(err)
	}
	if err := r.Append(t.Context(), lease, two); err != nil {
		t.Errorf("the same again: %v", err)
	}
	for name, other := range map[string][]cluster.Entry{
		"other words": {{N: 2, Body: []byte("two")}, {N: 3, Body: []byte("thRee")}},
		"a part":      two[1:],
		"an overlap":  {two[1], {N: 4, Body: []byte("four")}},
	} {
		if err := r.Append(t.Context(), lease, other); !errors.Is(err, cluster.ErrLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, _, err := r.Acquire(t.Context(), "r", "node")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Append(t.Context(), again, two); !errors.Is(err, cluster.ErrLost) {
		t.Errorf("under a newer lease: %v", err)
	}
}

// Without Redis, publishing neither waits nor fills the memory, and everything that waits for an answer gets its error.
func TestRedis_Gone(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	r := openRedis(t, server.URL())
	lease := own(t, r, "r")
	server.Freeze()
	defer server.Thaw()
	payload := make([]byte, 1<<20)
	var refused error
	start := time.Now()
	for n := 0; n < 100 && refused == nil; n++ {
		refused = r.Publish(t.Context(), faultTopic, payload)
	}
	if refused == nil || time.Since(start) > time.Second {
		t.Errorf("100 MB were taken in %v (%v)", time.Since(start), refused)
	}
	for name, do := range map[string]func(context.Context) error{
		"append":     func(ctx context.Context) error { return r.Append(ctx, lease, entry(2)) },
		"checkpoint": func(ctx context.Context) error { return r.Checkpoint(ctx, lease, 1, nil) },
		"probe":      r.Probe,
		"list":       func(ctx context.Context) error { _, err := r.List(ctx, time.Now()); return err },
		"subscribe":  func(ctx context.Context) error { _, err := r.Subscribe(ctx, "other", func([]byte) {}); return err },
	} {
		if err := do(t.Context()); err == nil || refusedByUs(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("all that took %v", took)
	}
}

func refusedByUs(err error) bool {
	return errors.Is(err, cluster.ErrLost) || errors.Is(err, cluster.ErrHeld) || errors.Is(err, cluster.ErrNoRoom)
}

// No room has an id with braces; asking for one is no failure of storage.
func TestRedis_Braces(t *testing.T) {
	t.Parallel()
	r := openRedis(t, redistest.Start(t).URL())
	for _, id := range []string{"", "}", "{", "a}b", "{}"} {
		if _, _, err := r.Acquire(t.Context(), id, "node"); !errors.Is(err, cluster.ErrNoRoom) {
			t.Errorf("acquire %q: %v", id, err)
		}
		if err := r.Create(t.Context(), id); err == nil || strings.Contains(err.Error(), "exists") {
			t.Errorf("create %q: %v", id, err)
		}
	}
}

// All nodes that keep a value get the first one's.
func TestRedis_Keep(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, value := range []string{"first", "second"} {
		if got, err := openRedis(t, server.URL()).Keep(t.Context(), "keys", []byte(value)); err != nil || string(got) != "first" {
			t.Errorf("keep %s: %s %v", value, got, err)
		}
	}
}

// What is wrong with the way to Redis is said, and the password is not.
func TestRedis_OpenFails(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--requirepass", "right")
	frozen := redistest.Start(t)
	frozen.Freeze()
	for name, test := range map[string]struct{ address, want string }{
		"wrong password": {"redis://:hidden@" + server.Addr(), "WRONGPASS"},
		"no password":    {"redis://" + server.Addr(), "NOAUTH"},
		"nobody there":   {"redis://:hidden@127.0.0.1:1", "refused"},
		"no answer":      {"redis://:hidden@" + frozen.Addr(), "timeout"},
		"no TLS":         {"rediss://:hidden@" + server.Addr(), "deadline"},
		"no cluster":     {"redis+cluster://:right@" + server.Addr(), "cluster support disabled"},
		"no sentinel":    {"redis+sentinel://:right@" + server.Addr() + "/main?sentinel_password=right", "sentinel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := cluster.OpenRedis(t.Context(), test.address, zaptest.NewLogger(t))
			if err == nil {
				r.Close()
				t.Fatal("it opened")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// When a primary dies, Sentinel puts its replica in its place, and a room goes on with all that it has kept. The write that was under way may
// come too late for its owner; the next owner finds out what is kept.
func TestRedis_Sentinel(t *testing.T) {
	t.Parallel()
	primary := redistest.Start(t)
	replica := redistest.StartReplica(t, primary)
	sentinel := redistest.StartSentinel(t, primary)
	r := openRedis(t, "redis+sentinel://"+sentinel.Addr()+"/main")
	h := listen(t, r, faultTopic)
	lease := own(t, r, "r")
	if err := r.Append(t.Context(), lease, entry(2)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the replica to have it", func() bool { return replica.Do("XLEN", "kino:{r}:journal") == "2" })
	primary.Kill()
	waitFor(t, "an append", func() bool {
		err := r.Append(t.Context(), lease, entry(3))
		if err != nil {
			t.Log("append:", err)
		}
		return err == nil
	})
	journal(t, r, "r", 3)
	h.until(t, away)
	publish(t, r, faultTopic, "after")
	h.until(t, "after")
}
