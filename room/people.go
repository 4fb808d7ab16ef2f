package room

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// person is the record of somebody, made when they are new.
func (s *State) person(who Person) *View {
	v := s.People[who.ID]
	if v == nil {
		v = &View{Person: who}
		s.People[who.ID] = v
	}
	return v
}

// countHere adds somebody who is here to the counts, or takes them out (by = -1).
func (s *State) countHere(v *View, by int) {
	if !v.Here {
		return
	}
	s.live.present += by
	if votes(v.Role) {
		s.live.here += by
	}
}

func (s *State) countStars(stars, by int) {
	if stars > 0 {
		s.live.raters += by
		s.live.stars += by * stars
	}
}

func (s *State) arrive(v *View) {
	delete(s.live.leaving, v.ID)
	if v.Here {
		return
	}
	v.Here = true
	s.countHere(v, 1)
	s.live.dirty[evViewersChanged] = true
	s.live.dirty[evTallyChanged] = true
}

func (s *State) depart(v *View) {
	delete(s.live.leaving, v.ID)
	clear(v.connections)
	if !v.Here {
		return
	}
	s.countHere(v, -1)
	v.Here = false
	s.live.dirty[evViewersChanged] = true
	s.live.dirty[evTallyChanged] = true
}

// forgettable: nothing that the room must remember for its own sake.
func (v *View) forgettable() bool {
	return !v.Here && !v.Banned && !v.Muted && v.MutedUntil == 0
}

// forget takes what somebody gave out of the counts, and their suggestion away.
func (s *State) forget(v *View) {
	s.countStars(v.Stars, -1)
	s.countMarks(v, -1)
	s.withdraw(func(given Suggestion) bool { return given.Viewer == v.ID })
}

// forgetSome bounds what a room remembers of those who have gone: anybody can come and go as often as they like, each time as somebody new.
func (s *State) forgetSome() {
	if len(s.People)-s.live.present <= GoneKept {
		return
	}
	var gone []*View
	for _, v := range s.People {
		if v.forgettable() {
			gone = append(gone, v)
		}
	}
	slices.SortFunc(gone, func(a, b *View) int { return cmp.Or(cmp.Compare(a.LeftN, b.LeftN), cmp.Compare(a.ID, b.ID)) })
	for _, v := range gone[:min(len(gone), GoneKept/10)] {
		s.forget(v)
		delete(s.People, v.ID)
	}
}

// leave takes those for gone whose grace is over.
func (s *State) leave(now int64) {
	var gone []string
	for id, v := range s.live.leaving {
		if now >= v.leftAt+presenceGrace {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone) // the same journal from the same commands
	for _, id := range gone {
		s.record(evViewerLeft, "", nil, &viewerLeft{Viewer: id})
	}
}

// admit lets a connection in, or says why not.
func (s *State) admit(c Command) error {
	if c.Role == RoleOverlay {
		return nil
	}
	v := s.People[c.Viewer]
	switch {
	case v != nil && v.Banned:
		return Refuse(CodeBanned, "you were removed from this room")
	case votes(c.Role) && c.Role != RoleModerator && (v == nil || !v.Here):
		if s.Locked && v == nil {
			return Refuse(CodeRoomLocked, "the room is locked to newcomers")
		}
		if s.live.here >= s.capacity() {
			return Refuse(CodeRoomFull, "the room is full (%d viewers)", s.capacity())
		}
	}
	who := Person{ID: c.Viewer, Name: c.Name, Role: c.Role}
	switch {
	case who.Name == "" && v != nil:
		who.Name = v.Name
	case who.Name == "":
		who.Name = guestName(s.Language, who.ID)
	}
	if v == nil || !v.Here || v.Person != who {
		s.record(evViewerJoined, "", nil, &viewerJoined{Viewer: who})
		v = s.People[c.Viewer]
	}
	if s.Abandoned {
		s.goOn()
	}
	s.connect(v, c.Conn)
	return nil
}

// Leave tells the room that a connection of a viewer is gone.
func (s *State) Leave(now int64, viewer, conn string) []Event {
	now = s.begin(now)
	if v := s.People[viewer]; v != nil {
		delete(v.connections, conn)
		if len(v.connections) == 0 && v.Here {
			v.leftAt = now
			s.live.leaving[v.ID] = v
		}
	}
	return s.take()
}

// muted says why somebody may not speak, and for how long still.
func (v *View) muted(now int64) *Error {
	switch {
	case v.Muted:
		return Refuse(CodeMuted, "a moderator has muted you")
	case v.MutedUntil > now:
		e := Refuse(CodeMuted, "a moderator has muted you for a while")
		e.Retry = v.MutedUntil - now
		return e
	}
	return nil
}

// Clean makes one line of plain text out of what somebody typed: control and invisible formatting characters go, runs of space
// become one. The result can be empty, and is where nothing of it could be seen.
func Clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200d': // joins emoji
			return r
		case unicode.IsSpace(r), strings.ContainsRune(blank, r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) }) {
		return ""
	}
	return text
}

// blank are letters and symbols that are drawn as nothing: the fillers of Hangul and the empty Braille pattern.
const blank = "\u115f\u1160\u3164\uffa0\u2800"

// fits says whether a text has at most limit characters.
func fits(text string, limit int) bool { return utf8.RuneCountInString(text) <= limit }
