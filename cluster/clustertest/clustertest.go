// Package clustertest is the suite that every backend of package cluster must pass.
package clustertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"kinoautomat/cluster"
)

// Backend is what a backend offers.
type Backend interface {
	cluster.Bus
	cluster.Rooms
	cluster.Sums
}

// Run runs the suite. in runs each case, in a synctest bubble or in real time; open makes empty storage for a case, and what it returns
// opens nodes on that storage, which end with the test. Where one process is all that shares storage, all nodes are the same backend.
func Run(t *testing.T, in func(*testing.T, func(*testing.T)), open func(testing.TB) func() Backend) {
	cases := map[string]func(*testing.T, Backend){
		"bus keeps a publisher's order":          busOrder,
		"bus ends a subscription":                busCancel,
		"bus keeps topics apart":                 busTopics,
		"create makes a room once":               createOnce,
		"a room that is not there":               noRoom,
		"one owner at a time":                    exclusive,
		"a lease expires":                        expiry,
		"use keeps a lease":                      renewal,
		"an old owner cannot write":              fencing,
		"epochs grow":                            epochs,
		"a gap is refused":                       gaps,
		"an append tells when it is kept":        appendTells,
		"append, then acquire gives it back":     appendAcquire,
		"checkpoint and tail":                    checkpoint,
		"read from anywhere":                     readAfter,
		"many rooms append at once":              manyWriters,
		"list names the latest first":            list,
		"delete takes the room from its owner":   deleteRoom,
		"prune spares the young and the owned":   prune,
		"what an append keeps is not aliased":    aliasing,
		"large entries come back as they were":   largeEntries,
		"release of a lost lease is no error":    releaseLost,
		"an empty append says if the lease held": emptyAppend,
		"a sum is what was added last":           sumAdds,
		"a sum that is refused stays":            sumRefused,
		"a sum has a longest":                    sumTooLong,
	}
	for name, run := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) { run(t, open(t)()) })
		})
	}
	for name, run := range map[string]func(t *testing.T, one, two Backend){
		"two nodes hear each other":               twoNodes,
		"one of many takes a room":                race,
		"a paused owner finds that it was fenced": paused,
		"nodes that add at once lose nothing":     sumContended,
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) { node := open(t); run(t, node(), node()) })
		})
	}
}

func fresh(name string) string { return name + "-" + uuid.NewString()[:8] }

func entries(from, to int) []cluster.Entry {
	var list []cluster.Entry
	for n := from; n <= to; n++ {
		list = append(list, cluster.Entry{N: uint64(n), Body: fmt.Appendf(nil, `{"n":%d}`, n)})
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: got error %v, want %v", what, got, want)
	}
}

func acquire(t *testing.T, b Backend, room, node string) cluster.Lease {
	t.Helper()
	lease, _, err := b.Acquire(t.Context(), room, node)
	must(t, err)
	return lease
}

func create(t *testing.T, b Backend, count int) string {
	t.Helper()
	room := fresh("room")
	must(t, b.Create(t.Context(), room, entries(1, count)...))
	return room
}

// gather subscribes and returns what came, in order, once count payloads are there.
func gather(t *testing.T, b Backend, topic string, count int) (wait func() []string, cancel func()) {
	t.Helper()
	came := make(chan string, count+16)
	cancel, err := b.Subscribe(t.Context(), topic, func(p []byte) { came <- string(p) })
	must(t, err)
	return func() []string {
		var all []string
		for len(all) < count {
			select {
			case p := <-came:
				all = append(all, p)
			case <-time.After(10 * time.Second):
				t.Fatalf("%d of %d payloads came", len(all), count)
			}
		}
		return all
	}, cancel
}

func busOrder(t *testing.T, b Backend) {
	topic := fresh("topic")
	wait, cancel := gather(t, b, topic, 100)
	defer cancel()
	var sent []string
	for i := range 100 {
		sent = append(sent, fmt.Sprint(i))
		must(t, b.Publish(t.Context(), topic, []byte(sent[i])))
	}
	if diff := cmp.Diff(sent, wait()); diff != "" {
		t.Error("payloads (-sent +came):", diff)
	}
}

func busCancel(t *testing.T, b Backend) {
	topic := fresh("topic")
	_, cancel := gather(t, b, topic, 0)
	wait, cancelOther := gather(t, b, topic, 1)
	defer cancelOther()
	came := false
	cancelThis, err := b.Subscribe(t.Context(), topic, func([]byte) { came = true })
	must(t, err)
	cancelThis()
	cancel()
	must(t, b.Publish(t.Context(), topic, []byte("x")))
	wait()
	if came {
		t.Error("a payload came after the subscription was cancelled")
	}
}

func busTopics(t *testing.T, b Backend) {
	one, two := fresh("one"), fresh("two")
	wait, cancel := gather(t, b, one, 1)
	defer cancel()
	must(t, b.Publish(t.Context(), two, []byte("not for one")))
	must(t, b.Publish(t.Context(), one, []byte("for one")))
	if got := wait(); got[0] != "for one" {
		t.Errorf("topic one got %q", got[0])
	}
}

func createOnce(t *testing.T, b Backend) {
	room := create(t, b, 1)
	want(t, "second create", b.Create(t.Context(), room), cluster.ErrExists)
}

func noRoom(t *testing.T, b Backend) {
	room := fresh("none")
	_, _, err := b.Acquire(t.Context(), room, "a")
	want(t, "acquire", err, cluster.ErrNoRoom)
	want(t, "delete", b.Delete(t.Context(), room), cluster.ErrNoRoom)
	for _, err := range b.Read(t.Context(), room, 0) {
		want(t, "read", err, cluster.ErrNoRoom)
	}
}

func exclusive(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	_, _, err := b.Acquire(t.Context(), room, "b")
	want(t, "second owner", err, cluster.ErrHeld)
	must(t, b.Release(t.Context(), lease))
	acquire(t, b, room, "b")
}

func expiry(t *testing.T, b Backend) {
	room := create(t, b, 1)
	old := acquire(t, b, room, "a")
	<-time.After(cluster.LeaseTTL + 100*time.Millisecond)
	acquire(t, b, room, "b")
	want(t, "append under the expired lease", b.Append(t.Context(), old, entries(2, 2)), cluster.ErrLost)
}

func renewal(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	for range 4 {
		<-time.After(cluster.LeaseTTL / 2)
		must(t, b.Append(t.Context(), lease, nil))
	}
	_, _, err := b.Acquire(t.Context(), room, "b")
	want(t, "second owner", err, cluster.ErrHeld)
}

func fencing(t *testing.T, b Backend) {
	room := create(t, b, 1)
	old := acquire(t, b, room, "a")
	must(t, b.Release(t.Context(), old))
	fresh := acquire(t, b, room, "b")
	want(t, "append", b.Append(t.Context(), old, entries(2, 2)), cluster.ErrLost)
	want(t, "checkpoint", b.Checkpoint(t.Context(), old, 1, []byte("old")), cluster.ErrLost)
	must(t, b.Append(t.Context(), fresh, entries(2, 2)))
}

func epochs(t *testing.T, b Backend) {
	room := create(t, b, 1)
	last := uint64(0)
	for range 5 {
		lease := acquire(t, b, room, "a")
		if lease.Epoch <= last {
			t.Fatalf("epoch %d after %d", lease.Epoch, last)
		}
		last = lease.Epoch
		must(t, b.Release(t.Context(), lease))
	}
}

func gaps(t *testing.T, b Backend) {
	room := create(t, b, 3)
	lease := acquire(t, b, room, "a")
	want(t, "append with a gap", b.Append(t.Context(), lease, entries(5, 5)), cluster.ErrLost)
	want(t, "append of what is there", b.Append(t.Context(), lease, entries(3, 3)), cluster.ErrLost)
	must(t, b.Append(t.Context(), lease, entries(4, 6)))
}

// An append tells in order with what is published around it, and one that is refused tells nothing.
func appendTells(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	topic := "room/{" + room + "}/events"
	wait, cancel := gather(t, b, topic, 5)
	defer cancel()
	tell := func(text string) cluster.Publication { return cluster.Publication{Topic: topic, Payload: []byte(text)} }
	must(t, b.Publish(t.Context(), topic, []byte("before")))
	must(t, b.Append(t.Context(), lease, entries(2, 3), tell("first"), tell("second")))
	want(t, "append with a gap", b.Append(t.Context(), lease, entries(9, 9), tell("of a gap")), cluster.ErrLost)
	must(t, b.Publish(t.Context(), topic, []byte("between")))
	must(t, b.Append(t.Context(), lease, entries(4, 4), tell("third")))
	if diff := cmp.Diff([]string{"before", "first", "second", "between", "third"}, wait()); diff != "" {
		t.Error("payloads (-want +came):", diff)
	}
}

func appendAcquire(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	must(t, b.Append(t.Context(), lease, entries(2, 5)))
	must(t, b.Append(t.Context(), lease, entries(6, 6)))
	must(t, b.Release(t.Context(), lease))
	_, record, err := b.Acquire(t.Context(), room, "b")
	must(t, err)
	if diff := cmp.Diff(entries(1, 6), record.Tail); diff != "" {
		t.Error("tail (-want +got):", diff)
	}
}

func checkpoint(t *testing.T, b Backend) {
	room := create(t, b, 4)
	lease := acquire(t, b, room, "a")
	must(t, b.Checkpoint(t.Context(), lease, 3, []byte("state at 3")))
	must(t, b.Append(t.Context(), lease, entries(5, 6)))
	must(t, b.Release(t.Context(), lease))
	_, record, err := b.Acquire(t.Context(), room, "b")
	must(t, err)
	got := cluster.Record{Checkpoint: []byte("state at 3"), CheckpointN: 3, Tail: entries(4, 6)}
	if diff := cmp.Diff(got, record); diff != "" {
		t.Error("record (-want +got):", diff)
	}
}

func readAll(t *testing.T, b Backend, room string, after uint64) []cluster.Entry {
	t.Helper()
	var all []cluster.Entry
	for e, err := range b.Read(t.Context(), room, after) {
		must(t, err)
		all = append(all, e)
	}
	return all
}

func readAfter(t *testing.T, b Backend) {
	room := create(t, b, 2)
	lease := acquire(t, b, room, "a")
	for n := 3; n < 300; n += 3 {
		must(t, b.Append(t.Context(), lease, entries(n, n+2)))
	}
	for _, after := range []int{0, 1, 2, 3, 4, 150, 298, 299, 300, 400} {
		if diff := cmp.Diff(entries(after+1, 299), readAll(t, b, room, uint64(after))); diff != "" {
			t.Errorf("after %d (-want +got): %s", after, diff)
		}
	}
}

func manyWriters(t *testing.T, b Backend) {
	const rooms, appends = 20, 20
	done := make(chan error, rooms)
	var names []string
	for range rooms {
		room := create(t, b, 1)
		names = append(names, room)
		lease := acquire(t, b, room, "a")
		go func() {
			for n := 2; n < 2+appends; n++ {
				if err := b.Append(context.WithoutCancel(t.Context()), lease, entries(n, n)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range rooms {
		must(t, <-done)
	}
	for _, room := range names {
		if diff := cmp.Diff(entries(1, 1+appends), readAll(t, b, room, 0)); diff != "" {
			t.Error("journal (-want +got):", diff)
		}
	}
}

func list(t *testing.T, b Backend) {
	first := create(t, b, 1)
	<-time.After(5 * time.Millisecond)
	between := time.Now()
	<-time.After(5 * time.Millisecond)
	second := create(t, b, 1)
	rooms, err := b.List(t.Context(), time.UnixMilli(0))
	must(t, err)
	if slices.Index(rooms, second) < 0 || slices.Index(rooms, second) > slices.Index(rooms, first) {
		t.Errorf("list %v: want %s before %s", rooms, second, first)
	}
	rooms, err = b.List(t.Context(), between)
	must(t, err)
	if !slices.Contains(rooms, second) || slices.Contains(rooms, first) {
		t.Errorf("list since between: %v", rooms)
	}
}

func deleteRoom(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	must(t, b.Delete(t.Context(), room))
	want(t, "append", b.Append(t.Context(), lease, entries(2, 2)), cluster.ErrLost)
	_, _, err := b.Acquire(t.Context(), room, "a")
	want(t, "acquire", err, cluster.ErrNoRoom)
	must(t, b.Create(t.Context(), room, entries(1, 1)...))
}

func prune(t *testing.T, b Backend) {
	old, owned := create(t, b, 1), create(t, b, 1)
	acquire(t, b, owned, "a")
	<-time.After(5 * time.Millisecond)
	limit := time.Now()
	<-time.After(5 * time.Millisecond)
	young := create(t, b, 1)
	pruned, err := b.Prune(t.Context(), limit)
	must(t, err)
	if pruned < 1 {
		t.Errorf("pruned %d rooms, want at least the old one", pruned)
	}
	rooms, err := b.List(t.Context(), time.UnixMilli(0))
	must(t, err)
	if slices.Contains(rooms, old) || !slices.Contains(rooms, owned) || !slices.Contains(rooms, young) {
		t.Errorf("after prune: %v (old %s, owned %s, young %s)", rooms, old, owned, young)
	}
}

func aliasing(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	list := entries(2, 3)
	must(t, b.Append(t.Context(), lease, list))
	list[0] = cluster.Entry{N: 99, Body: []byte("changed")}
	if diff := cmp.Diff(entries(1, 3), readAll(t, b, room, 0)); diff != "" {
		t.Error("journal (-want +got):", diff)
	}
}

func largeEntries(t *testing.T, b Backend) {
	room := fresh("room")
	body := slices.Repeat([]byte("电影 "), 60_000)
	must(t, b.Create(t.Context(), room, cluster.Entry{N: 1, Body: body}))
	if got := readAll(t, b, room, 0); len(got) != 1 || !slices.Equal(got[0].Body, body) {
		t.Errorf("a body of %d bytes did not come back", len(body))
	}
}

func releaseLost(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	must(t, b.Release(t.Context(), lease))
	newer := acquire(t, b, room, "b")
	must(t, b.Release(t.Context(), lease))
	must(t, b.Append(t.Context(), newer, entries(2, 2)))
}

func emptyAppend(t *testing.T, b Backend) {
	room := create(t, b, 1)
	lease := acquire(t, b, room, "a")
	must(t, b.Append(t.Context(), lease, nil))
	must(t, b.Release(t.Context(), lease))
	want(t, "append", b.Append(t.Context(), lease, nil), cluster.ErrLost)
}
