package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/room"
	"kinoautomat/story"
)

// The node that owns the room dies in the middle of a poll. The viewers of the others notice nothing but a breath: nobody joins again, every
// acknowledged ballot counts, and the poll closes when it was to close.
func TestMany_OwnerDies(t *testing.T) {
	onMany(t, 3, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":20,"tail_seconds":60}`)
		host := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		var voters []*watcher
		for i := range 6 {
			voters = append(voters, m.nodes[1+i%2].join(made.ID, room.Join{Name: fmt.Sprint("Viewer ", i)}))
			defer voters[i].leave()
		}
		host.do("start", nil)
		var opened room.PollOpened
		for _, w := range voters {
			w.event("poll.opened", &opened)
		}
		for _, w := range voters[:3] {
			w.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		}
		if owners := m.owners(made.ID); len(owners) != 1 || owners[0] != 0 {
			t.Fatalf("owned by %v", owners)
		}
		m.kill(0)
		within(t, 3*time.Second, "the next vote", func() { voters[3].do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}}) })
		voters[4].do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"a"}})
		voters[0].do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}}) // again, by somebody who is not sure
		for _, w := range append(voters, host) {
			var closed room.PollClosed
			f := w.event("poll.closed", &closed)
			if closed.Counts["b"] != 4 || closed.Counts["a"] != 1 || closed.Turnout != 5 || closed.Eligible != 6 {
				t.Errorf("%s: %+v", w.me.Name, closed.Result)
			}
			if late := f.At - opened.ClosesAt; late < 0 || late > 100 {
				t.Errorf("closed %d ms after its time", late)
			}
		}
		if owners := m.owners(made.ID); len(owners) != 2 || owners[1] == 0 { // the dead one does not know
			t.Errorf("owned by %v", owners)
		}
		took := m.nodes[1].counted(`kino_takeovers_total{why="silent"}`) + m.nodes[2].counted(`kino_takeovers_total{why="silent"}`)
		if took != 1 {
			t.Errorf("%v takeovers were counted", took)
		}
		time.Sleep(time.Minute)
		if here := host.join(room.Join{Token: made.HostToken}).Snapshot.Viewers.Count; here != 7 {
			t.Errorf("%d people are here after the takeover, want 7", here)
		}
	})
}

// told follows the words of a scene as the page does: words may come twice, but must not leave a hole.
func told(t *testing.T, w *watcher, scene string) (text string) {
	t.Helper()
	w.until(func(f room.Frame) bool {
		var d room.NarrationDelta
		switch f.Type {
		case "narration.delta":
			w.decode(f, &d)
			have := []rune(text)
			if d.Scene != scene {
				return false
			}
			if d.Offset > len(have) {
				t.Errorf("%s: words from %d on, and %d are there", w.me.Name, d.Offset, len(have))
			} else if fresh := []rune(d.Text); d.Offset+len(fresh) > len(have) {
				text += string(fresh[len(have)-d.Offset:])
			}
		case "scene.told":
			var told room.SceneTold
			w.decode(f, &told)
			if told.Scene == scene && told.Text != text {
				t.Errorf("%s read %q, told was %q", w.me.Name, text, told.Text)
			}
			return told.Scene == scene
		}
		return false
	})
	return text
}

// The owner dies while words are told: they go on where the readers are, without a hole, and end when they were to end.
func TestMany_WordsGoOn(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":4,"arm_seconds":0,"vote_seconds":20}`)
		host := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		var scene room.SceneStarted
		host.event("scene.started", &scene)
		time.Sleep(2 * time.Second)
		m.kill(0)
		text := told(t, host, scene.Scene)
		want := scene.StartedAt + int64(float64(len(text))/4*1000)
		if late := time.Now().UnixMilli() - want; late < 0 || late > 400 {
			t.Errorf("the words were out %d ms after their time", late)
		}
	})
}

// A command that the owner did and did not live to acknowledge is repeated to the next one, which acknowledges it and does not do it again.
func TestMany_CommandIsDoneOnceByTwoOwners(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":60,"change_votes":false}`)
		host, ada := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken}), m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		defer host.leave()
		defer ada.leave()
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		synctest.Wait()
		m.reach[1].deaf.Store(true) // no answer comes
		extended := host.send("extend_poll", room.ExtendPoll{Seconds: 100})
		voted := ada.send("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		synctest.Wait()
		m.kill(0)
		m.reach[1].deaf.Store(false)
		for w, id := range map[*watcher]string{host: extended, ada: voted} {
			if f := w.until(func(f room.Frame) bool { return f.ID == id }); f.Type != "ack" {
				t.Errorf("answered with %s %s", f.Type, f.Data)
			}
		}
		poll := host.join(room.Join{Token: made.HostToken}).Snapshot.Poll
		if poll.ClosesAt != opened.ClosesAt+100_000 {
			t.Errorf("one extension by 100 s moved the end by %d ms", poll.ClosesAt-opened.ClosesAt)
		}
		if poll.Tally.Turnout != 1 {
			t.Errorf("one ballot counts %d times", poll.Tally.Turnout)
		}
	})
}

// An owner that was away for longer than its lease comes back, and finds that it is the owner no more before it says anything. Its viewers have
// missed nothing that was kept, and go on with the new owner without joining again.
func TestMany_OwnerComesBack(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":8,"tail_seconds":5}`)
		host, ada := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken}), m.nodes[0].join(made.ID, room.Join{Name: "Ada"})
		defer host.leave()
		defer ada.leave()
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		m.kill(0)
		var seen room.PollClosed
		host.event("poll.closed", &seen)
		time.Sleep(7 * time.Second) // the show is in another scene
		m.reach[0].cut.Store(false)
		var closed room.PollClosed
		within(t, 3*time.Second, "the result", func() { ada.event("poll.closed", &closed) })
		if closed.Winner != seen.Winner || closed.Turnout != 1 {
			t.Errorf("one heard %+v, the other %+v", closed.Result, seen.Result)
		}
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		time.Sleep(time.Minute)
		if owners := m.owners(made.ID); len(owners) != 1 || owners[0] != 1 {
			t.Errorf("owned by %v", owners)
		}
		ada.do("react", room.React{Feeling: "joy"}) // she is still in the room
	})
}

// A node that is stopped hands its rooms over first, so the others' viewers wait for nothing; its own come back elsewhere and miss nothing.
func TestMany_DrainHandsOver(t *testing.T) {
	onMany(t, 3, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":30,"tail_seconds":60}`)
		host, ada := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken}), m.nodes[0].join(made.ID, room.Join{Name: "Ada"})
		defer host.leave()
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		synctest.Wait()
		stopped := make(chan struct{})
		go func() { m.nodes[0].stop(); close(stopped) }()
		within(t, 300*time.Millisecond, "the host's next command", func() { host.do("say", room.Say{Text: "still here"}) })
		if code := ada.ended(); code != closeDraining {
			t.Errorf("Ada was sent away with %d", code)
		}
		since := ada.seq
		back, err := m.nodes[2].dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer back.leave()
		id := back.send("join", room.Join{Token: ada.token, Since: &since})
		var w room.Welcome
		back.decode(back.until(func(f room.Frame) bool { return f.ID == id }), &w)
		back.seq, back.me = since, w.Viewer
		if w.Snapshot != nil || w.Own.Ballot == nil {
			t.Errorf("came back with %+v", w)
		}
		var line room.Line
		back.event("chat.said", &line)
		var closed room.PollClosed
		if f := back.event("poll.closed", &closed); closed.Turnout != 1 || f.At-opened.ClosesAt > 100 {
			t.Errorf("closed %d ms late with %+v", f.At-opened.ClosesAt, closed.Result)
		}
		<-stopped
		if owners := m.owners(made.ID); len(owners) != 1 {
			t.Errorf("owned by %v", owners)
		}
	})
}

// Whoever comes back to a node that never had the room gets what they missed, and the journal is read once for all of them.
func TestMany_ResumeAnywhere(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":60}`)
		host := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		var left []*watcher
		for i := range 20 {
			w := m.nodes[0].join(made.ID, room.Join{Name: fmt.Sprint("Viewer ", i)})
			w.leave()
			left = append(left, w)
		}
		for i := range 10 {
			time.Sleep(time.Second)
			host.do("say", room.Say{Text: fmt.Sprint("line ", i)})
		}
		var everybody sync.WaitGroup
		stay := m.nodes[1].join(made.ID, room.Join{}) // else the node forgets the room when the first has seen enough
		defer stay.leave()
		for i, w := range left {
			everybody.Go(func() {
				since := uint64(1 + i%9)
				back, err := m.nodes[1].dial(made.ID, nil)
				if err != nil {
					t.Error(err)
					return
				}
				defer back.leave()
				back.seq = since
				id := back.send("join", room.Join{Token: w.token, Since: &since})
				var welcome room.Welcome
				back.decode(back.until(func(f room.Frame) bool { return f.ID == id }), &welcome)
				if welcome.Snapshot != nil {
					t.Errorf("since %d: a snapshot", since)
					return
				}
				var line room.Line
				for line.Text != "line 9" {
					back.event("chat.said", &line)
				}
				back.event("viewers.changed", nil) // what passes comes too
			})
		}
		everybody.Wait()
		if n := m.reach[1].reads.Load(); n != 1 {
			t.Errorf("the journal was read %d times", n)
		}
	})
}

// A node to which the bus brought nothing for a while notices by the next pulse, and reads once what all its viewers have missed.
func TestMany_DeafNodeRepairsItself(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":20,"arm_seconds":60}`)
		host := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		var away []*watcher
		for i := range 5 {
			away = append(away, m.nodes[1].join(made.ID, room.Join{Name: fmt.Sprint("Viewer ", i)}))
			defer away[i].leave()
		}
		host.do("start", nil)
		time.Sleep(500 * time.Millisecond) // words are being told
		m.reach[1].deaf.Store(true)
		host.do("say", room.Say{Text: "one"})
		time.Sleep(time.Second)
		host.do("say", room.Say{Text: "two"})
		synctest.Wait()
		m.reach[1].deaf.Store(false)
		for _, w := range away {
			var line room.Line
			within(t, time.Second, "the repair", func() {
				for line.Text != "two" {
					w.event("chat.said", &line)
				}
			})
		}
		for _, w := range append(away, host) {
			w.event("scene.told", nil)
		}
		if n := m.reach[1].reads.Load(); n != 1 {
			t.Errorf("the journal was read %d times", n)
		}
	})
}

// Storage is away for all nodes, for longer than a poll has left. When it is back the room goes on within three seconds, on whichever node, and
// the poll has the time that it had.
func TestMany_OutageGivesThePollItsTimeBack(t *testing.T) {
	onMany(t, 3, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":20,"tail_seconds":60}`)
		host := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		voters := []*watcher{m.nodes[1].join(made.ID, room.Join{Name: "Ada"}), m.nodes[2].join(made.ID, room.Join{Name: "Bo"})}
		host.do("start", nil)
		var opened room.PollOpened
		for _, w := range voters {
			defer w.leave()
			w.event("poll.opened", &opened)
		}
		voters[0].do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		time.Sleep(10 * time.Second)
		for i := range m.nodes {
			m.kill(i)
		}
		time.Sleep(30 * time.Second)
		for _, n := range m.nodes {
			if status, _ := n.call("GET", "/readyz", "", nil); status != 503 {
				t.Errorf("cut off, and the node is %d", status)
			}
		}
		for _, r := range m.reach {
			r.cut.Store(false)
		}
		back := time.Now()
		within(t, 3*time.Second, "the next vote", func() { voters[1].do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}}) })
		var closed room.PollClosed
		host.event("poll.closed", &closed)
		if closed.Turnout != 2 {
			t.Errorf("closed with %+v", closed.Result)
		}
		if open := time.Since(back); open < 9*time.Second || open > 13*time.Second {
			t.Errorf("the poll had 10 s left, and was open for %s more", open)
		}
		if owners := m.owners(made.ID); len(owners) != 1 {
			t.Errorf("owned by %v", owners)
		}
	})
}

// A node that is cut off for long has its viewers go where the room is; while it is not known whether it lasts, they stay.
func TestMany_CutOffNodeSendsItsViewersAway(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{}`)
		ada, bo := m.nodes[0].join(made.ID, room.Join{Name: "Ada"}), m.nodes[1].join(made.ID, room.Join{Name: "Bo"})
		defer ada.leave()
		m.kill(1)
		begun := time.Now()
		if code := bo.ended(); code != closeDraining {
			t.Errorf("sent away with %d", code)
		}
		if after := time.Since(begun); after < 30*time.Second || after > leaveAfter+5*time.Second {
			t.Errorf("sent away after %s", after)
		}
		back := m.nodes[0].join(made.ID, room.Join{Token: bo.token})
		defer back.leave()
		back.do("react", room.React{Feeling: "joy"})
	})
}

// Viewers on another node than the one that was asked to delete the room are sent away too.
func TestMany_DeletedRoom(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{}`)
		ada := m.nodes[1].join(made.ID, room.Join{Name: "Ada"})
		if status, body := m.nodes[0].call("DELETE", "/api/v1/rooms/"+made.ID, made.HostToken, nil); status != 204 {
			t.Fatalf("delete: %d %s", status, body)
		}
		within(t, 5*time.Second, "the goodbye", func() {
			if code := ada.ended(); code != closeNoRoom {
				t.Errorf("ended with %d", code)
			}
		})
	})
}

// A node that dies takes its viewers with it: they are not counted for ever, and those who have come back elsewhere stay.
func TestMany_ViewersOfADeadNodeLeave(t *testing.T) {
	onMany(t, 3, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{}`)
		host := m.nodes[0].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		gone, back := m.nodes[1].join(made.ID, room.Join{Name: "Ada"}), m.nodes[1].join(made.ID, room.Join{Name: "Bo"})
		m.kill(1)
		bo := m.nodes[2].join(made.ID, room.Join{Token: back.token})
		count := func() int { return host.join(room.Join{Token: made.HostToken}).Snapshot.Viewers.Count }
		if n := count(); n != 3 {
			t.Errorf("%d are here", n)
		}
		time.Sleep(nodeSilent + 15*time.Second)
		if n := count(); n != 2 {
			t.Errorf("%d are here after a node with one of them has died", n)
		}
		m.reach[1].cut.Store(false) // it was only cut off
		time.Sleep(2 * aliveEvery)
		gone.do("react", room.React{Feeling: "joy"})
		bo.leave()
		time.Sleep(15 * time.Second)
		if n := count(); n != 3 {
			t.Errorf("%d are here: the host, Ada, and Bo on the node that is back", n)
		}
		gone.leave()
		back.leave()
		time.Sleep(15 * time.Second)
		if n := count(); n != 1 {
			t.Errorf("%d are here", n)
		}
	})
}

// slowly tells a scene word by word, and goes on where somebody else has stopped.
type slowly struct{ words string }

func (s slowly) Tell(ctx context.Context, cue story.Cue, write func(string) error) (story.Telling, error) {
	for word := range strings.SplitAfterSeq(strings.TrimPrefix(s.words, cue.Told), " ") {
		select {
		case <-time.After(300 * time.Millisecond):
		case <-ctx.Done():
			return story.Telling{}, ctx.Err()
		}
		if err := write(word); err != nil {
			return story.Telling{}, err
		}
	}
	return story.Telling{Source: story.SourceModel, Why: "test"}, nil
}

// The owner dies while a model writes: the next one's narrator goes on behind the words that are in the journal, and no word comes twice.
func TestMany_NarratorGoesOn(t *testing.T) {
	tale := slowly{"She opened the door and the rain came in before anybody could say a word about the lamp on the stairs."}
	onMany(t, 2, func(t *testing.T, m *many) {
		made := m.nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":5,"tail_seconds":1}`)
		host := m.nodes[1].join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		var scene room.SceneStarted
		for scene.Scene != "Hall" {
			host.event("scene.started", &scene)
		}
		time.Sleep(2 * time.Second)
		m.kill(0)
		if text := told(t, host, "Hall"); text != tale.words {
			t.Errorf("told was %q", text)
		}
	}, func(c *Config) { c.Narrator = tale })
}
