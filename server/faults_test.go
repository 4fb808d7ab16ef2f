package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/cluster"
	"kinoautomat/room"
	"kinoautomat/story"
)

// faulty is storage that can be slow, or refuse to write.
type faulty struct {
	cluster.Rooms

	mu    sync.Mutex
	slow  time.Duration
	fails bool
}

var errDiskFull = errors.New("no space left on device")

func (f *faulty) set(slow time.Duration, fails bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow, f.fails = slow, fails
}

func (f *faulty) write() error {
	f.mu.Lock()
	slow, fails := f.slow, f.fails
	f.mu.Unlock()
	time.Sleep(slow)
	if fails {
		return errDiskFull
	}
	return nil
}

func (f *faulty) Append(ctx context.Context, lease cluster.Lease, entries []cluster.Entry, tell ...cluster.Publication) error {
	if len(entries) > 0 {
		if err := f.write(); err != nil {
			return err
		}
	}
	return f.Rooms.Append(ctx, lease, entries, tell...)
}

func (f *faulty) Probe(context.Context) error { return f.write() }

// onFaulty runs a test against a node whose storage does as it is told.
func onFaulty(t *testing.T, run func(t *testing.T, n *node, disk *faulty)) {
	disk := &faulty{}
	inBubble(t, func(c *Config) {
		disk.Rooms = c.Rooms
		c.Rooms = disk
	}, func(t *testing.T, n *node) { run(t, n, disk) })
}

// The edge repeats what is not answered within half a second, and a room that waited for its disk once did each repetition: the host's one
// "next" opened a poll and closed it again before anybody had voted.
func TestNode_SlowDiskDoesNothingTwice(t *testing.T) {
	onFaulty(t, func(t *testing.T, n *node, disk *faulty) {
		made := n.room(`{"pace":0,"arm_seconds":60,"vote_seconds":60}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		host.event("poll.opened", nil)
		disk.set(3*time.Second, false)
		host.do("next", nil)
		disk.set(0, false)
		time.Sleep(10 * time.Second)
		host.do("react", room.React{Feeling: "joy"})
		for f := range drained(host) {
			if f.Type == "poll.closed" {
				t.Fatal("the poll that the host opened is closed again")
			}
		}
		before := host.join(room.Join{Token: made.HostToken}).Snapshot.Poll.ClosesAt
		disk.set(3*time.Second, false)
		host.do("extend_poll", room.ExtendPoll{Seconds: 100})
		disk.set(0, false)
		time.Sleep(10 * time.Second)
		if after := host.join(room.Join{Token: made.HostToken}).Snapshot.Poll.ClosesAt; after != before+100_000 {
			t.Errorf("one extension by 100 s moved the end by %d ms", after-before)
		}
	})
}

// "next" begins a show too, and once did so without fresh randomness: anybody could foretell the draws.
func TestNode_NextBeginsAShowWithRandomness(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		seen := map[string]bool{}
		for range 2 {
			made := n.room(`{"pace":0,"tie":"draw"}`)
			host := n.join(made.ID, room.Join{Token: made.HostToken})
			host.do("next", nil)
			var opened room.PollOpened
			host.event("poll.opened", &opened)
			if seen[opened.DrawHash] || seen[opened.Poll] {
				t.Error("two shows have the same draw, or polls of the same id")
			}
			seen[opened.DrawHash], seen[opened.Poll] = true, true
			host.leave()
		}
	})
}

// Passing frames have no seq, which reads as 0: who came back having seen nothing was once taken to have seen the latest of them, and got
// neither a snapshot nor the beginning of the show.
func TestNode_ResumeFromNothing(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		time.Sleep(30 * time.Second) // beats
		for _, since := range []uint64{0, 1 << 40} {
			ada := n.join(made.ID, room.Join{})
			defer ada.leave()
			time.Sleep(time.Second) // the others have heard that she is here: nothing more is told now
			if w := ada.join(room.Join{Token: ada.token, Since: &since}); w.Snapshot == nil {
				t.Errorf("since %d: no snapshot", since)
			}
		}
	})
}

// When storage refuses, the room stands still, and goes on when storage is back: nobody has to come back, and the poll has as much time left as it
// had. Its viewers were once left in silence, and later all sent away.
func TestNode_RoomStandsStillWithoutStorage(t *testing.T) {
	onFaulty(t, func(t *testing.T, n *node, disk *faulty) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":120}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		ada, bo := n.join(made.ID, room.Join{Name: "Ada"}), n.join(made.ID, room.Join{Name: "Bo"})
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		disk.set(0, true)
		bo.refused(room.CodeUnavailable, "vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		if status, body := n.call("GET", "/readyz", "", nil); status != http.StatusServiceUnavailable || !strings.Contains(string(body), "cut_off") {
			t.Errorf("storage has refused an append, and the node is %d %s", status, body)
		}
		time.Sleep(2 * probeEvery)
		if status, _ := n.call("GET", "/readyz", "", nil); status != http.StatusServiceUnavailable {
			t.Error("storage can be read but takes no writes, and the node is ready again")
		}
		for _, w := range []*watcher{host, ada, bo} {
			var beat room.Beat
			for w.event("beat", &beat); !beat.Stalled; w.event("beat", &beat) {
			}
		}
		time.Sleep(2 * time.Minute) // longer than the poll has left
		disk.set(0, false)
		begun := time.Now()
		bo.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("storage was back, and a vote was taken after %s", took)
		}
		time.Sleep(2 * probeEvery)
		if status, _ := n.call("GET", "/readyz", "", nil); status != http.StatusOK {
			t.Errorf("storage is back, and the node is %d", status)
		}
		for _, w := range []*watcher{host, ada, bo} {
			defer w.leave()
			var closed room.PollClosed
			w.event("poll.closed", &closed)
			if closed.Counts["b"] != 2 {
				t.Errorf("both votes were acknowledged, but the count is %v", closed.Counts)
			}
		}
		if open := time.Since(begun); open < 115*time.Second || open > 121*time.Second {
			t.Errorf("the poll had 120 s left, and was open for %s more", open)
		}
	})
}

// A program without a cookie was once somebody else whenever it joined again, and was refused: a host's could not get a fresh snapshot.
func TestNode_JoinsAgainAsTheSame(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		for _, token := range []string{"", made.HostToken, made.ModeratorToken} {
			w := n.join(made.ID, room.Join{Token: token})
			defer w.leave()
			before, proof := w.me, w.token
			if w.join(room.Join{Token: token}); w.me != before || w.token != proof {
				t.Errorf("%+v came back as %+v", before, w.me)
			}
			w.do("react", room.React{Feeling: "joy"})
		}
	})
}

// One viewer who had stopped reading once held a stopping node up for 24 s, and whoever had stopped it killed it before its rooms had written
// their checkpoints.
func TestNode_DrainsPastTheDeaf(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		deaf, err := n.pipes.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer deaf.Close()
		go deaf.Write([]byte("GET /api/v1/rooms/" + made.ID + "/ws HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: kinoautomat.v1\r\n\r\n"))
		if _, err := deaf.Read(make([]byte, 4096)); err != nil {
			t.Fatal(err)
		}
		deaf.Write([]byte("\x81\x8f\x00\x00\x00\x00{\"type\":\"join\"}")) // masked with zeros
		time.Sleep(time.Second)
		begun := time.Now()
		n.stop()
		if took := time.Since(begun); took > drainTime {
			t.Errorf("stopping took %s", took)
		}
	})
}

// Viewers of a deleted room were once left in silence.
func TestNode_DeletedRoomTellsItsViewers(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		ada := n.join(made.ID, room.Join{Name: "Ada"})
		if status, body := n.call("DELETE", "/api/v1/rooms/"+made.ID, made.HostToken, nil); status != http.StatusNoContent {
			t.Fatalf("delete: %d %s", status, body)
		}
		if code := ada.ended(); code != closeNoRoom {
			t.Errorf("ended with %d", code)
		}
		time.Sleep(cluster.LeaseTTL)
		if running := n.owner.summaries(); len(running) != 0 {
			t.Errorf("still running: %+v", running)
		}
	})
}

// lossy is a bus that can lose what goes to rooms, or what goes to nodes, as a bus may.
type lossy struct {
	cluster.Bus
	losing atomic.Pointer[string] // how the topics begin
}

func (l *lossy) lose(topics string) { l.losing.Store(&topics) }

func (l *lossy) Publish(ctx context.Context, topic string, payload []byte) error {
	if topics := l.losing.Load(); topics != nil && *topics != "" && strings.HasPrefix(topic, *topics) {
		return nil
	}
	return l.Bus.Publish(ctx, topic, payload)
}

// A join that the bus had lost was once repeated after its connection was gone, and left somebody in the room for ever.
func TestNode_NobodyIsLeftBehindByARepeatedJoin(t *testing.T) {
	bus := &lossy{}
	inBubble(t, func(c *Config) {
		bus.Bus = c.Bus
		c.Bus = bus
	}, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		bo := n.join(made.ID, room.Join{Name: "Bo"})
		defer bo.leave()
		ada, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		bus.lose("room/")
		ada.send("join", room.Join{Name: "Ada"})
		synctest.Wait()
		ada.leave()
		synctest.Wait()
		bus.lose("")
		time.Sleep(time.Minute)
		if here := bo.join(room.Join{Token: bo.token}).Snapshot.Viewers; here.Count != 1 {
			t.Errorf("here are %+v, want Bo alone", here.People)
		}
	})
}

// A command whose answer was lost is repeated, and is answered again without being done again.
func TestNode_LostAnswerIsGivenAgain(t *testing.T) {
	bus := &lossy{}
	inBubble(t, func(c *Config) {
		bus.Bus = c.Bus
		c.Bus = bus
	}, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":60}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		var opened room.PollOpened
		host.event("poll.opened", &opened)
		bus.lose("node/")
		id := host.send("extend_poll", room.ExtendPoll{Seconds: 100})
		time.Sleep(3 * commandRetry)
		bus.lose("")
		if f := host.until(func(f room.Frame) bool { return f.ID == id }); f.Type != "ack" {
			t.Errorf("answered with %s %s", f.Type, f.Data)
		}
		if ends := host.join(room.Join{Token: made.HostToken}).Snapshot.Poll.ClosesAt; ends != opened.ClosesAt+100_000 {
			t.Errorf("one extension by 100 s moved the end by %d ms", ends-opened.ClosesAt)
		}
	})
}

// Who is refused at the door may not talk through it: of somebody who had been here before, a full room once took lines of chat.
func TestNode_RefusedAtTheDoorIsNotIn(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{"capacity":1}`)
		ada := n.join(made.ID, room.Join{Name: "Ada"})
		ada.leave()
		time.Sleep(time.Minute)
		bo := n.join(made.ID, room.Join{Name: "Bo"})
		defer bo.leave()
		late, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer late.leave()
		late.refused(room.CodeRoomFull, "join", room.Join{Token: ada.token})
		late.refused(room.CodeNotJoined, "say", room.Say{Text: "let me in"})
	})
}

// damaged is storage whose checkpoints no version of ours has written.
type damaged struct{ cluster.Rooms }

func (d damaged) Acquire(ctx context.Context, roomID, node string) (cluster.Lease, cluster.Record, error) {
	lease, record, err := d.Rooms.Acquire(ctx, roomID, node)
	if record.Checkpoint != nil {
		record.Checkpoint = []byte(`{"people":[]}`)
	}
	return lease, record, err
}

// A checkpoint is a short cut. Without it a room once could not be opened any more, with its whole journal there.
func TestNode_ReadsTheJournalWhereTheCheckpointIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := cluster.NewMemory()
		one := startNode(t, shared, nil)
		made := one.room(`{"pace":0,"arm_seconds":0,"vote_seconds":60}`)
		host := one.join(made.ID, room.Join{Token: made.HostToken})
		ada := one.join(made.ID, room.Join{Name: "Ada"})
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		one.stop()
		two := startNode(t, shared, func(c *Config) { c.Rooms = damaged{c.Rooms} })
		two.keys = one.keys
		defer two.stop()
		back := two.join(made.ID, room.Join{Token: ada.token})
		defer back.leave()
		var closed room.PollClosed
		back.event("poll.closed", &closed)
		if closed.Winner != "b" || closed.Turnout != 1 {
			t.Errorf("closed with %+v", closed.Result)
		}
	})
}

// faultyNarrator has a fault of its own.
type faultyNarrator struct{}

func (faultyNarrator) Tell(context.Context, story.Cue, func(string) error) (story.Telling, error) {
	panic("no pen")
}

// A panic beside the room's loop once ended the process, with every room in it.
func TestNode_FaultyNarratorCostsTheWords(t *testing.T) {
	inBubble(t, func(c *Config) { c.Narrator = faultyNarrator{} }, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":5,"tail_seconds":1}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		var told room.SceneTold
		host.until(func(f room.Frame) bool {
			if f.Type == "scene.told" {
				host.decode(f, &told)
			}
			return told.Scene == "Hall"
		})
		if told.Text != "The reserve voice says hello." || told.Why != "narrator_failed" {
			t.Errorf("told %+v", told)
		}
	})
}

// A paused show that everybody has left waits in its journal: it once stayed in memory for ever, and anybody could leave thousands behind.
func TestNode_PausedShowIsPutAway(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":60}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		host.do("start", nil)
		host.event("poll.opened", nil)
		host.do("pause", nil)
		screen := n.join(made.ID, room.Join{Token: made.OverlayToken})
		host.leave()
		time.Sleep(2 * idleAfter)
		if running := n.owner.summaries(); len(running) != 1 {
			t.Error("the room was put away under the eyes of a big screen")
		}
		screen.leave()
		time.Sleep(idleAfter + time.Minute)
		if running := n.owner.summaries(); len(running) != 0 {
			t.Errorf("still in memory: %+v", running)
		}
		back := n.join(made.ID, room.Join{Token: made.HostToken})
		defer back.leave()
		back.do("resume", nil)
		back.event("poll.closed", nil)
	})
}
