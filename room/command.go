package room

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
)

// Command is what somebody asks of a room, as the node of their connection passes it on. That node has checked the token: Viewer and
// Role can be believed.
type Command struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"` // the viewer's own
	Viewer  string          `json:"viewer"`
	Role    Role            `json:"role"`
	Name    string          `json:"name,omitempty"` // join only
	Conn    string          `json:"conn"`           // of one connection
	Data    json.RawMessage `json:"data,omitempty"`
	Ref     string          `json:"-"`                 // names the command among those of all nodes, the same when it is repeated; "" = it may be done again
	Entropy []byte          `json:"entropy,omitempty"` // 32 fresh random bytes where BeginsShow says so
}

// Answer is what a command gets back; exactly one of the fields is set, or none for a plain ack.
type Answer struct {
	Data  any    `json:"data,omitempty"`
	Error *Error `json:"error,omitempty"`
}

// handler is one type of command: who may give it and what it does.
type handler struct {
	roles []Role
	do    func(s *State, c Command, now int64) (any, error)
	check func(data json.RawMessage) error
}

var (
	voters   = []Role{RoleViewer, RoleModerator}
	everyone = []Role{RoleViewer, RoleModerator, RoleHost}
	staff    = []Role{RoleModerator, RoleHost}
	hosts    = []Role{RoleHost}
)

// handlers is every command that a viewer can send, but for join and ping, which the connection handles too. snapshot, taste and
// forget are what REST asks, here, again and offered are what nodes say for their viewers; see Apply.
var handlers = map[string]handler{
	"vote":  takes(everyone, (*State).vote),
	"react": takes(everyone, (*State).react),
	"say":   takes(everyone, (*State).say),
	"rate":  takes(everyone, (*State).rate),
	"pick":  takes(everyone, (*State).pick),

	"remember": takes(everyone, (*State).remember),
	"suggest":  takes(voters, (*State).suggest),

	"start":         bare(hosts, (*State).hostStart),
	"restart":       bare(hosts, (*State).hostRestart),
	"pause":         bare(hosts, (*State).hostPause),
	"resume":        bare(hosts, (*State).hostResume),
	"next":          bare(hosts, (*State).hostNext),
	"end":           bare(hosts, (*State).hostEnd),
	"open_poll":     bare(hosts, (*State).hostOpenPoll),
	"close_poll":    bare(hosts, (*State).hostClosePoll),
	"void_poll":     bare(hosts, (*State).hostVoidPoll),
	"extend_poll":   takes(hosts, (*State).hostExtendPoll),
	"override_poll": takes(hosts, (*State).hostOverridePoll),
	"set":           takes(hosts, (*State).hostSet),
	"set_story":     takes(hosts, (*State).hostSetStory),
	"poll_next":     mayTake(hosts, (*State).hostPollNext),

	"shield":     takes(staff, (*State).shield),
	"approve":    mayTake(staff, (*State).approve),
	"reject":     bare(staff, (*State).reject),
	"retract":    bare(staff, (*State).retract),
	"regenerate": bare(staff, (*State).regenerate),

	"mute":    takes(staff, (*State).moderate),
	"unmute":  takes(staff, (*State).moderate),
	"timeout": takes(staff, (*State).moderate),
	"ban":     takes(staff, (*State).moderate),
	"unban":   takes(staff, (*State).moderate),
	"delete":  takes(staff, (*State).deleteLine),
	"slow":    takes(staff, (*State).slow),
	"lock":    takes(staff, (*State).lock),
}

// takes makes a handler of a method that wants data of type D. Data that is missing or not a D is refused before it runs.
func takes[D any](roles []Role, do func(*State, Command, D, int64) (any, error)) handler {
	h := mayTake(roles, do)
	check := h.check
	h.check = func(raw json.RawMessage) error {
		if absent(raw) {
			return Refuse(CodeBadData, "this command needs data")
		}
		return check(raw)
	}
	return h
}

// mayTake makes a handler of a method that can do without data. Apply has called check before do.
func mayTake[D any](roles []Role, do func(*State, Command, D, int64) (any, error)) handler {
	decode := func(raw json.RawMessage) (data D, err error) {
		if absent(raw) {
			return data, nil
		}
		if err := json.Unmarshal(raw, &data); err != nil {
			return data, Refuse(CodeBadData, "the data does not fit the command: %s", reason(err))
		}
		return data, nil
	}
	return handler{
		roles: roles,
		check: func(raw json.RawMessage) error { _, err := decode(raw); return err },
		do: func(s *State, c Command, now int64) (any, error) {
			data, err := decode(c.Data)
			if err != nil {
				return nil, err
			}
			return do(s, c, data, now)
		},
	}
}

func absent(raw json.RawMessage) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}

func bare(roles []Role, do func(*State, Command, int64) (any, error)) handler {
	return handler{roles: roles, do: do, check: func(json.RawMessage) error { return nil }}
}

// BeginsShow says whether a command of this type may begin a show, and so needs entropy.
func BeginsShow(commandType string) bool { return commandType == "start" || commandType == "next" }

// reason is a decoding error in words that show nothing of the server's types.
func reason(err error) string {
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		return cmp.Or(e.Field, "it") + " cannot be a " + e.Value
	}
	return "not valid JSON"
}

// Check says whether a command of this type may come from this role with this data: the edge refuses early what the room would
// refuse anyway.
func Check(c Command) error {
	h, known := handlers[c.Type]
	if !known {
		return Refuse(CodeUnknownType, "there is no command %.40q", c.Type)
	}
	if !slices.Contains(h.roles, c.Role) {
		return Refuse(CodeForbidden, "a %s may not %s", c.Role, c.Type)
	}
	return h.check(c.Data)
}

// Apply does one command at now and returns what happened and what its giver is told. A refused command changes nothing, and neither does one
// that was done before.
func (s *State) Apply(now int64, c Command) ([]Event, Answer) {
	now = s.begin(now)
	if c.Ref != "" && slices.Contains(s.Done, c.Ref) {
		return nil, Answer{}
	}
	s.live.ref = c.Ref
	var data any
	var err error
	switch c.Type {
	case "join":
		data, err = s.join(c)
	case "snapshot":
		return nil, Answer{Data: s.Snapshot(false)}
	case "here":
		err = s.here(c)
	case "again":
		s.tellAgain()
	case "taste":
		data, err = s.ownTaste(c, now)
	case "offered":
		err = s.offered(c)
	case "forget":
		s.forgetTaste(c.Viewer)
	default:
		data, err = s.do(c, now)
	}
	s.live.ref = ""
	if err != nil {
		return s.take(), Answer{Error: AsError(err)}
	}
	if s.PausedAt == 0 && c.Type != "join" { // what happens after a welcome was made is not in it
		for s.step(now) {
		}
	}
	return s.take(), Answer{Data: data}
}

func (s *State) do(c Command, now int64) (any, error) {
	if err := Check(c); err != nil {
		return nil, err
	}
	if v := s.People[c.Viewer]; v == nil || !v.Here {
		return nil, Refuse(CodeNotJoined, "join first")
	}
	return handlers[c.Type].do(s, c, now)
}

// join answers with everything the newcomer needs; the token and the name are the connection's business.
func (s *State) join(c Command) (any, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	return s.welcome(c), nil
}

func (s *State) vote(c Command, ballot Vote, now int64) (any, error) {
	p := s.Poll
	switch {
	case !votes(c.Role):
		return nil, Refuse(CodeNotEligible, "viewers and moderators vote here")
	case p == nil || p.Poll != ballot.Poll:
		return nil, Refuse(CodeNoSuchPoll, "there is no such poll now")
	case slices.Equal(p.Vote.Ballot(c.Viewer), ballot.Choices) && len(ballot.Choices) > 0:
		return nil, nil // a retry: it counts, however late it is
	case !p.Vote.Closed && now >= p.ClosesAt && s.PausedAt == 0: // of a closed one Cast knows: a retry of what counted is no error
		return nil, Refuse(CodePollClosed, "the poll is closed")
	case !p.Vote.Closed && (now < p.OpensAt && s.PausedAt == 0 || s.PausedAt > 0 && s.PausedAt < p.OpensAt):
		e := Refuse(CodePollNotOpen, "the poll is not open yet")
		e.Retry = max(1, p.OpensAt-now)
		return nil, e
	}
	before := p.Vote.Ballot(c.Viewer)
	if err := p.Vote.Cast(c.Viewer, ballot.Choices); err != nil {
		return nil, ballotError(err)
	}
	if slices.Equal(before, p.Vote.Ballot(c.Viewer)) {
		return nil, nil // a retry
	}
	s.record(evBallotCast, "", nil, &ballotCast{Poll: p.Poll, Viewer: c.Viewer, Choices: ballot.Choices})
	return nil, nil
}

const (
	reactEvery = 300 // milliseconds between two reactions of one viewer that count
	sayEvery   = 700 // milliseconds between two lines of one viewer
)

func (s *State) react(c Command, r React, now int64) (any, error) {
	if !slices.Contains(Feelings, r.Feeling) {
		return nil, Refuse(CodeBadData, "feeling must be one of %v", Feelings)
	}
	if v := s.People[c.Viewer]; now-v.reactedAt >= reactEvery {
		v.reactedAt = now
		s.live.reactions[r.Feeling]++
		s.live.recent[r.Feeling]++
		s.live.stir += stirs[r.Feeling]
		s.interested(cause{kind: CauseFelt})
		s.live.dirty[evReactionsChanged] = true
	}
	return nil, nil
}

func (s *State) say(c Command, said Say, now int64) (any, error) {
	v := s.People[c.Viewer]
	text := Clean(said.Text)
	switch {
	case text == "":
		return nil, Refuse(CodeBadData, "the line is empty")
	case !fits(text, MaxLineLength):
		return nil, Refuse(CodeTooLong, "a line has at most %d characters", MaxLineLength)
	}
	if err := v.muted(now); err != nil {
		return nil, err
	}
	if c.ID != "" && v.lastLine == c.ID+" "+text {
		return nil, nil // a retry
	}
	if err := s.tooSoon(c.Role, now, v.saidAt); err != nil {
		return nil, err
	}
	v.saidAt, v.lastLine = now, c.ID+" "+text
	s.live.stir += lineStirs
	s.record(evChatSaid, "", &Line{ID: s.lineID(), Viewer: v.Person, Text: text, At: now}, nil)
	return nil, nil
}

// tooSoon refuses a line or a suggestion that comes too soon after the last one of the same viewer.
func (s *State) tooSoon(role Role, now, last int64) error {
	wait, code := int64(sayEvery), CodeTooFast
	if s.Slow > 0 && role == RoleViewer {
		wait, code = millis(s.Slow), CodeSlowMode
	}
	if since := now - last; last > 0 && since < wait {
		e := Refuse(code, "wait a little before the next line")
		e.Retry = wait - since
		return e
	}
	return nil
}

func (s *State) rate(c Command, r Rate, _ int64) (any, error) {
	switch {
	case r.Stars < 1 || r.Stars > 5:
		return nil, Refuse(CodeBadData, "stars must be 1 to 5")
	case s.Phase != PhaseEnded:
		return nil, Refuse(CodeNotNow, "the show is rated when it has ended")
	}
	if s.People[c.Viewer].Stars != r.Stars {
		s.record(evRated, "", nil, &viewerRated{Viewer: c.Viewer, Stars: r.Stars})
	}
	return nil, nil
}

// finite says whether a number of seconds is one, within limits.
func finite(seconds, least, most float64) bool {
	return !math.IsNaN(seconds) && seconds >= least && seconds <= most
}
