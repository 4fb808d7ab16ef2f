package room

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Recover is the first thing that a new owner does with a room: nobody is connected yet, an open poll gets time enough for people to come
// back, and what passes is told anew, since the owner before may have died before it told the last of it.
func (s *State) Recover(now int64) []Event {
	now = s.begin(now)
	for _, v := range s.People {
		if v.Here {
			v.leftAt = now + takeoverAtPoll // added to the usual grace
			s.live.leaving[v.ID] = v
		}
	}
	if s.telling() {
		until := now
		if s.PausedAt > 0 {
			until = s.PausedAt
		}
		read := s.Scene.TellFrom + int(s.Scene.Pace*float64(until-s.Scene.TellAt)/1000)
		if s.live.released = min(max(0, read), len(s.text())); s.Scene.Held != nil {
			s.live.released = s.Scene.Held.From
		}
		s.live.paceFrom, s.live.paceAt = s.live.released, until
	}
	if s.awaitsPlan() && s.Scene.ToldAt > 0 { // who thought of choices has gone; somebody else may
		s.live.planBy = now + planGiveUp
		if s.PausedAt > 0 {
			s.live.planBy = s.PausedAt + planGiveUp
		}
	}
	if p := s.Poll; p != nil && p.Closed == nil && s.PausedAt == 0 && p.ClosesAt < now+takeoverAtPoll {
		s.record(evPollChanged, "", &PollChanged{Poll: p.Poll, OpensAt: p.OpensAt, ClosesAt: now + takeoverAtPoll, Why: "taken_over"},
			&pollAwaits{AwaitsHost: p.AwaitsHost})
	}
	s.tellAgain()
	return s.take()
}

// Thaw goes on after a break of some milliseconds in which nothing could be kept. Such a break is a pause that nobody asked for: all that waits
// moves by its length, so a poll has as much time left as it had when nobody could vote any more.
func (s *State) Thaw(now, frozen int64) []Event {
	now = s.begin(now)
	if s.running() && s.PausedAt == 0 {
		s.recordAt(now-frozen, evShowPaused, "", nil, &pause{Frozen: true})
		s.goOn()
	}
	if s.votingOnNext() {
		s.movePoll(s.Poll.OpensAt+frozen, s.Poll.ClosesAt+frozen, "resumed")
	}
	return s.take()
}

// tellAgain tells what passes once more, for those who may have missed some of it.
func (s *State) tellAgain() {
	s.releaseAgain()
	for _, kind := range []string{evTallyChanged, evViewersChanged, evReactionsChanged, evRatingChanged, evSidebarChanged} {
		s.live.dirty[kind] = true
	}
}

// Presence is one connection of somebody who has joined.
type Presence struct {
	Viewer Person `json:"viewer"`
	Conn   string `json:"conn"`
}

// here takes note of the connections that a node has, after another node has become the room's owner: whoever had joined need not do it again.
func (s *State) here(c Command) error {
	var list []Presence
	if err := json.Unmarshal(c.Data, &list); err != nil {
		return Refuse(CodeBadData, "the list of connections cannot be read")
	}
	for _, p := range list {
		v := s.People[p.Viewer.ID]
		if v != nil && v.Banned || !slices.Contains(everyone, p.Viewer.Role) {
			continue
		}
		if v == nil || !v.Here {
			s.record(evViewerJoined, "", nil, &viewerJoined{Viewer: p.Viewer})
			v = s.People[p.Viewer.ID]
		}
		s.connect(v, p.Conn)
	}
	if s.Abandoned && len(list) > 0 {
		s.goOn()
	}
	return nil
}

// LeaveAll tells the room that all connections of a node are gone: those whose names begin with prefix.
func (s *State) LeaveAll(now int64, prefix string) []Event {
	now = s.begin(now)
	for _, v := range s.People {
		before := len(v.connections)
		maps.DeleteFunc(v.connections, func(conn string, _ bool) bool { return strings.HasPrefix(conn, prefix) })
		if before > 0 && len(v.connections) == 0 && v.Here {
			v.leftAt = now
			s.live.leaving[v.ID] = v
		}
	}
	return s.take()
}

// connect adds a connection to those of somebody who is here.
func (s *State) connect(v *View, conn string) {
	delete(s.live.leaving, v.ID)
	if v.connections == nil {
		v.connections = map[string]bool{}
	}
	v.connections[conn] = true
}
