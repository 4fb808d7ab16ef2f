package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/room"
)

// What an owner says that does not know that it has been replaced reaches nobody.
func TestHub_OldOwnerIsNotHeard(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0}`)
		ada := m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		defer ada.leave()
		m.kill(0)
		for len(m.owners(made.ID)) < 2 {
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		stale := broadcast{Epoch: 1, No: 1, Emissions: []emission{{Pos: 1, Type: "rating.changed", Frame: json.RawMessage(`{"type":"rating.changed","data":{"count":666,"average":1}}`)}}}
		payload, err := json.Marshal(stale)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.reach[1].Publish(t.Context(), eventsTopic(made.ID), payload); err != nil {
			t.Fatal(err)
		}
		ada.do("react", room.React{Feeling: "joy"})
		for f := range drained(ada) {
			if strings.Contains(string(f.Data), "666") {
				t.Errorf("heard %s", f.Data)
			}
		}
		if n := m.nodes[1].counted(`kino_drops_total{reason="stale_owner"}`); n != 1 {
			t.Errorf("%v broadcasts were dropped as stale", n)
		}
	})
}

// A new owner's first words may be older than what the journal has when it is read because of them. That once passed for a journal that had lost
// something: viewers were sent away, and heard the same events again.
func TestHub_JournalIsAheadOfTheNewOwnersFirstWords(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0}`)
		host, ada := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken}), m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		defer host.leave()
		defer ada.leave()
		synctest.Wait()
		thread := &m.nodes[1].hub.audience(made.ID).thread
		thread.mu.Lock()
		first := broadcast{Epoch: thread.epoch + 1, N: thread.n + 1, Seq: thread.seq + 1}
		thread.mu.Unlock()
		m.reach[1].deaf.Store(true)
		for i := range 3 {
			time.Sleep(time.Second)
			host.do("say", room.Say{Text: fmt.Sprint("line ", i)})
		}
		payload, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		m.nodes[1].hub.hear(m.nodes[1].hub.audience(made.ID), payload)
		synctest.Wait()
		for i := range 3 {
			var line room.Line
			if ada.event("chat.said", &line); line.Text != fmt.Sprint("line ", i) {
				t.Errorf("heard %q", line.Text)
			}
		}
		for f := range drained(ada) {
			if f.Seq > 0 {
				t.Errorf("heard %s %d again", f.Type, f.Seq)
			}
		}
	})
}

// A journal that is shorter than what was told has lost it: whoever heard it starts anew from a snapshot.
func TestHub_JournalHasLostSomething(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{}`)
		ada := m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		synctest.Wait()
		a := m.nodes[1].hub.audience(made.ID)
		a.thread.mu.Lock()
		first := broadcast{Epoch: a.thread.epoch + 1, N: a.thread.n - 1}
		a.thread.mu.Unlock()
		payload, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		m.nodes[1].hub.hear(a, payload)
		if code := ada.ended(); code != closeDraining {
			t.Errorf("sent away with %d", code)
		}
	})
}

// A pulse that events have overtaken on the bus says nothing new. It once made the next event look as if one before it had been lost.
func TestHub_OvertakenPulse(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0}`)
		host, ada := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken}), m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		defer host.leave()
		defer ada.leave()
		synctest.Wait()
		a := m.nodes[1].hub.audience(made.ID)
		a.thread.mu.Lock()
		pulse := broadcast{Epoch: a.thread.epoch, No: a.thread.no, N: a.thread.n, Seq: a.thread.seq}
		a.thread.mu.Unlock()
		payload, err := json.Marshal(pulse)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			time.Sleep(time.Second)
			host.do("say", room.Say{Text: fmt.Sprint("line ", i)})
			m.nodes[1].hub.hear(a, payload)
			ada.event("chat.said", nil)
		}
		if n := m.reach[1].reads.Load(); n != 0 {
			t.Errorf("the journal was read %d times", n)
		}
	})
}
