package clustertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/cluster"
)

// What one node publishes, appends and deletes is there for the other.
func twoNodes(t *testing.T, one, two Backend) {
	room := create(t, one, 1)
	topic := "room/{" + room + "}/events"
	wait, cancel := gather(t, two, topic, 3)
	defer cancel()
	lease := acquire(t, one, room, "one")
	must(t, one.Publish(t.Context(), topic, []byte("a")))
	must(t, one.Append(t.Context(), lease, entries(2, 3), cluster.Publication{Topic: topic, Payload: []byte("b")}))
	must(t, one.Publish(t.Context(), topic, []byte("c")))
	if diff := cmp.Diff([]string{"a", "b", "c"}, wait()); diff != "" {
		t.Error("payloads (-sent +came):", diff)
	}
	if diff := cmp.Diff(entries(1, 3), readAll(t, two, room, 0)); diff != "" {
		t.Error("journal (-want +got):", diff)
	}
	must(t, two.Delete(t.Context(), room))
	want(t, "append to a room that another node deleted", one.Append(t.Context(), lease, entries(4, 4)), cluster.ErrLost)
}

// Of all who want a room at once, one gets it.
func race(t *testing.T, one, two Backend) {
	const nodes = 16
	room := create(t, one, 1)
	answers := make(chan error, nodes)
	for i := range nodes {
		b := one
		if i%2 == 1 {
			b = two
		}
		go func() {
			_, _, err := b.Acquire(context.WithoutCancel(t.Context()), room, fmt.Sprint("node", i))
			answers <- err
		}()
	}
	owners := 0
	for range nodes {
		switch err := <-answers; {
		case err == nil:
			owners++
		case !errors.Is(err, cluster.ErrHeld):
			t.Errorf("got error %v, want %v", err, cluster.ErrHeld)
		}
	}
	if owners != 1 {
		t.Errorf("%d nodes own the room", owners)
	}
}

// An owner that slept through its lease, as a stopped process does, changes nothing and tells nothing once another has taken the room.
func paused(t *testing.T, one, two Backend) {
	room := create(t, one, 1)
	topic := "room/{" + room + "}/events"
	old := acquire(t, one, room, "one")
	<-time.After(cluster.LeaseTTL + 100*time.Millisecond)
	newer := acquire(t, two, room, "two")
	wait, cancel := gather(t, two, topic, 1)
	defer cancel()
	tell := func(text string) cluster.Publication { return cluster.Publication{Topic: topic, Payload: []byte(text)} }
	want(t, "append", one.Append(t.Context(), old, entries(2, 2), tell("by the old owner")), cluster.ErrLost)
	want(t, "renewal", one.Append(t.Context(), old, nil), cluster.ErrLost)
	want(t, "checkpoint", one.Checkpoint(t.Context(), old, 1, []byte("old")), cluster.ErrLost)
	must(t, one.Release(t.Context(), old))
	must(t, two.Append(t.Context(), newer, entries(2, 2), tell("by the new owner")))
	if got := wait(); got[0] != "by the new owner" {
		t.Errorf("told %q", got[0])
	}
}
