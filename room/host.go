package room

import (
	"bytes"
	"encoding/hex"
	"slices"

	"github.com/google/uuid"

	"kinoautomat/story"
)

func showID(entropy []byte) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, bytes.Clone(entropy)).String()
}

// lineID is unique in the room: the journal never has the same place twice.
func (s *State) lineID() string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(s.Room+" "+hex.EncodeToString([]byte{
		byte(s.N >> 56), byte(s.N >> 48), byte(s.N >> 40), byte(s.N >> 32), byte(s.N >> 24), byte(s.N >> 16), byte(s.N >> 8), byte(s.N),
	}))).String()
}

// Describe is what lists and lobbies say of a story.
func Describe(st *story.Story) StoryInfo {
	return StoryInfo{ID: st.ID, Title: st.Title, Language: st.Language, Summary: st.Summary, Genres: st.Genres, Scenes: st.Scenes(), Endings: st.Endings()}
}

func (s *State) running() bool {
	return s.Phase == PhaseTelling || s.Phase == PhasePoll || s.Phase == PhaseReveal
}

// errHeld: what comes next is that somebody reads.
var errHeld = notNow("the narrator's words wait to be read: approve or reject them")

func notNow(what string) error { return Refuse(CodeNotNow, "%s", what) }

func (s *State) hostStart(c Command, _ int64) (any, error) {
	switch {
	case s.running():
		return nil, notNow("the show is running")
	case s.votingOnNext():
		return nil, errVoting
	}
	return nil, s.start(c.Entropy)
}

// hostRestart goes back to the lobby; the next start is a new show.
func (s *State) hostRestart(Command, int64) (any, error) {
	switch {
	case s.Phase == PhaseLobby:
		return nil, notNow("the room is in its lobby")
	case s.votingOnNext():
		return nil, errVoting
	}
	s.record(evShowReset, "", nil, nil)
	return nil, nil
}

func (s *State) hostPause(_ Command, now int64) (any, error) {
	if !s.running() || s.PausedAt > 0 {
		return nil, notNow("nothing runs that could be paused")
	}
	s.release(now)
	s.record(evShowPaused, "", nil, nil)
	return nil, nil
}

func (s *State) hostResume(Command, int64) (any, error) {
	if s.PausedAt == 0 {
		return nil, notNow("the show is not paused")
	}
	s.goOn()
	return nil, nil
}

// goOn ends a pause.
func (s *State) goOn() {
	s.record(evShowResumed, "", nil, nil)
	if p := s.Poll; p != nil && p.Closed == nil {
		s.movePoll(p.OpensAt, p.ClosesAt, "resumed")
	}
}

func (s *State) movePoll(opens, closes int64, why string) {
	s.record(evPollChanged, "", &PollChanged{Poll: s.Poll.Poll, OpensAt: opens, ClosesAt: closes, Why: why}, &pollAwaits{AwaitsHost: s.Poll.AwaitsHost})
}

// hostNext does the next thing now: start, finish the words, open the poll, close it, go on.
func (s *State) hostNext(c Command, now int64) (any, error) {
	if s.PausedAt > 0 {
		return nil, notNow("the show is paused")
	}
	switch s.Phase {
	case PhaseLobby:
		return s.hostStart(c, now)
	case PhaseTelling:
		if s.telling() {
			if s.Scene.Held != nil {
				return nil, errHeld
			}
			s.tellRest()
			return nil, nil
		}
		if s.awaitsPlan() || len(s.choices()) > 1 {
			return s.hostOpenPoll(c, now)
		}
		s.advance()
	case PhasePoll:
		if now < s.Poll.OpensAt {
			return s.hostOpenPoll(c, now)
		}
		s.closePoll(now)
	case PhaseReveal:
		s.advance()
	default:
		if !s.votingOnNext() {
			return nil, notNow("the show has ended")
		}
		if now < s.Poll.OpensAt {
			return s.hostOpenPoll(c, now)
		}
		s.closePoll(now)
	}
	return nil, nil
}

func (s *State) hostEnd(Command, int64) (any, error) {
	if !s.running() {
		return nil, notNow("no show is running")
	}
	s.end("")
	return nil, nil
}

// hostOpenPoll announces the scene's poll, or opens an announced one at once.
func (s *State) hostOpenPoll(_ Command, now int64) (any, error) {
	switch {
	case s.PausedAt > 0:
		return nil, notNow("the show is paused")
	case (s.Phase == PhasePoll || s.votingOnNext()) && now < s.Poll.OpensAt:
		s.movePoll(now, now+s.Poll.ClosesAt-s.Poll.OpensAt, "opened")
	case s.Phase == PhaseTelling && s.Scene.Held != nil:
		return nil, errHeld
	case s.awaitsPlan():
		return nil, s.hurryPlan()
	case s.Phase == PhaseTelling && len(s.choices()) > 1:
		s.announce(now, 0)
	default:
		return nil, notNow("there is no poll to open")
	}
	return nil, nil
}

// openPoll is the poll that runs, announced or open.
func (s *State) openPoll() (*Poll, error) {
	if s.Poll == nil || s.Poll.Closed != nil || s.Phase != PhasePoll && !s.votingOnNext() {
		return nil, notNow("no poll is open")
	}
	return s.Poll, nil
}

func (s *State) hostClosePoll(_ Command, now int64) (any, error) {
	if _, err := s.openPoll(); err != nil {
		return nil, err
	}
	if s.PausedAt > 0 {
		return nil, notNow("the show is paused")
	}
	s.closePoll(now)
	return nil, nil
}

func (s *State) hostVoidPoll(c Command, _ int64) (any, error) {
	p, err := s.openPoll()
	if err != nil {
		return nil, err
	}
	s.record(evPollVoided, "", &PollVoided{Poll: p.Poll}, &doneBy{By: s.People[c.Viewer].Person})
	return nil, nil
}

func (s *State) hostExtendPoll(_ Command, d ExtendPoll, _ int64) (any, error) {
	if !finite(d.Seconds, 1, MaxExtend) {
		return nil, Refuse(CodeBadData, "seconds must be between 1 and %d", MaxExtend)
	}
	p, err := s.openPoll()
	if err != nil {
		return nil, err
	}
	s.movePoll(p.OpensAt, p.ClosesAt+millis(d.Seconds), "extended")
	return nil, nil
}

func (s *State) hostOverridePoll(_ Command, d OverridePoll, now int64) (any, error) {
	p, err := s.openPoll()
	if err != nil {
		return nil, err
	}
	if s.PausedAt > 0 {
		return nil, notNow("the show is paused")
	}
	result, err := p.Vote.Settle(d.Choice, s.eligible())
	if err != nil {
		return nil, ballotError(err)
	}
	s.reveal(now, result)
	return nil, nil
}

func (s *State) hostSet(c Command, d Set, _ int64) (any, error) {
	settings := s.Settings.with(d.Settings)
	if err := settings.Check(); err != nil {
		return nil, err
	}
	s.changeRoom(c, func(r *RoomChanged) { r.Settings = settings })
	return nil, nil
}

func (s *State) changeRoom(c Command, change func(*RoomChanged)) {
	changed := s.roomState()
	change(&changed)
	before := s.Settings
	s.Settings = changed.Settings
	changed.Effective = s.rules()
	s.Settings = before
	s.record(evRoomChanged, "", &changed, &doneBy{By: s.People[c.Viewer].Person})
}

// roomState is the room's door and rules.
func (s *State) roomState() RoomChanged {
	return RoomChanged{Locked: s.Locked, SlowSeconds: s.Slow, Shield: s.Shield, Settings: s.Settings, Effective: s.rules()}
}

// ---- moderators ----

func (s *State) moderate(c Command, m Moderate, now int64) (any, error) {
	target, by := s.People[m.Viewer], s.People[c.Viewer]
	m.Why = Clean(m.Why)
	switch {
	case target == nil:
		return nil, Refuse(CodeNoSuchViewer, "nobody with that id was here")
	case target.Role == RoleHost || target.Role == RoleModerator && c.Role != RoleHost:
		return nil, Refuse(CodeForbidden, "a %s cannot be moderated by a %s", target.Role, c.Role)
	case !fits(m.Why, MaxWhyLength):
		return nil, Refuse(CodeTooLong, "a reason has at most %d characters", MaxWhyLength)
	case c.Type == "timeout" && !finite(m.Seconds, 1, MaxTimeout):
		return nil, Refuse(CodeBadData, "seconds must be between 1 and %d", MaxTimeout)
	}
	done := ViewerModerated{Action: c.Type, Viewer: target.Person, Why: m.Why, By: by.Person}
	if c.Type == "timeout" {
		done.Seconds, done.Until = m.Seconds, now+millis(m.Seconds)
	}
	if slices.Contains([]string{"mute", "timeout", "ban"}, c.Type) || target.Muted || target.MutedUntil > now || target.Banned {
		s.record(evViewerModerated, target.ID, &done, nil)
	}
	return nil, nil
}

func (s *State) deleteLine(c Command, d Delete, _ int64) (any, error) {
	d.Why = Clean(d.Why)
	switch {
	case !fits(d.Why, MaxWhyLength):
		return nil, Refuse(CodeTooLong, "a reason has at most %d characters", MaxWhyLength)
	case s.deleteSuggestion(c, d):
		return nil, nil
	case !slices.ContainsFunc(s.Chat, func(l Line) bool { return l.ID == d.Line }):
		return nil, Refuse(CodeNoSuchLine, "that line is not in the chat (any more)")
	}
	s.record(evChatDeleted, "", &ChatDeleted{Line: d.Line}, &doneBy{By: s.People[c.Viewer].Person, Why: d.Why})
	return nil, nil
}

func (s *State) slow(c Command, d Slow, _ int64) (any, error) {
	if !finite(d.Seconds, 0, MaxSlow) {
		return nil, Refuse(CodeBadData, "seconds must be between 0 and %d", MaxSlow)
	}
	s.changeRoom(c, func(r *RoomChanged) { r.SlowSeconds = d.Seconds })
	return nil, nil
}

func (s *State) lock(c Command, d Lock, _ int64) (any, error) {
	s.changeRoom(c, func(r *RoomChanged) { r.Locked = d.Locked })
	return nil, nil
}
