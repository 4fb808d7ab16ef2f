package server

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/cluster"
)

// Every node lists the public rooms of all nodes, and stops listing those of a node that is gone. A room that is not public stays unlisted.
func TestListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := cluster.NewMemory()
		one, two := startNode(t, shared, nil), startNode(t, shared, nil)
		defer two.stop()
		open, closed := one.room(`{"public":true}`), one.room(`{}`)
		list := func(n *node) string {
			_, body := n.call("GET", "/api/v1/rooms", "", nil)
			return string(body)
		}
		if got := list(one); !strings.Contains(got, open.ID) {
			t.Errorf("the node itself lists %s", got)
		}
		<-time.After(listEvery + time.Second)
		if got := list(two); strings.Count(got, open.ID) != 1 || strings.Contains(got, closed.ID) {
			t.Errorf("another node lists %s", got)
		}
		if got := list(one); strings.Count(got, open.ID) != 1 {
			t.Errorf("the node itself lists %s", got)
		}
		one.stop()
		<-time.After(listLife + time.Second)
		if got := list(two); strings.Contains(got, open.ID) {
			t.Errorf("after the node stopped another lists %s", got)
		}
	})
}

// Nodes that share a keeper accept each other's tokens, and the admin's token is told by the one that made it.
func TestKeys_Shared(t *testing.T) {
	var kept []byte
	keeper := func(fresh []byte) ([]byte, error) {
		if kept == nil {
			kept = fresh
		}
		return kept, nil
	}
	one, fresh, err := loadKeys(keeper, "")
	if err != nil || !fresh {
		t.Fatal(err, fresh)
	}
	two, fresh, err := loadKeys(keeper, "")
	if err != nil || fresh || two.Admin != one.Admin {
		t.Errorf("%v, fresh %v", err, fresh)
	}
	token, guest := one.newGuest(time.Now())
	if got, ok := two.guestOf(token, time.Now()); !ok || got != guest {
		t.Errorf("the other node takes the guest for %q", got)
	}
	kept = []byte("{}")
	if _, _, err := loadKeys(keeper, ""); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("broken keys: %v", err)
	}
}
