package room

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// Stories finds the stories that rooms show. It must be safe for concurrent use.
type Stories interface {
	// Story returns the edition of a story in the language asked for, or the nearest one.
	Story(id, language string) (*story.Story, bool)
}

// State is all of a room that must survive its node. It is pure: the time comes in as an argument, randomness comes in with
// commands, and nothing is read or written. Only the room's own goroutine touches it. Times are Unix milliseconds.
//
// Its exported fields are the checkpoint; JSON keeps all of them.
type State struct {
	Room     string   `json:"room"`
	Title    string   `json:"title"`
	Language string   `json:"language"`
	StoryID  string   `json:"story"`
	Settings Settings `json:"settings"`
	Locked   bool     `json:"locked,omitempty"`
	Slow     float64  `json:"slow,omitempty"`   // seconds between two lines of one viewer
	Shield   bool     `json:"shield,omitempty"` // the staff read a narrator's words first

	N   uint64 `json:"n"`   // last place in the journal
	Seq uint64 `json:"seq"` // last place among what everybody sees

	Phase     Phase                   `json:"phase"`
	PausedAt  int64                   `json:"paused_at,omitempty"` // 0 = not paused
	Abandoned bool                    `json:"abandoned,omitempty"` // paused because nobody was here
	Show      string                  `json:"show,omitempty"`
	Secret    []byte                  `json:"secret,omitempty"` // every seed of the show follows from it
	Progress  story.Progress          `json:"progress"`
	Scene     *Scene                  `json:"scene,omitempty"`
	Poll      *Poll                   `json:"poll,omitempty"`
	Polls     int                     `json:"polls"`             // opened in this show
	Offered   []string                `json:"offered,omitempty"` // labels of the polls of late, oldest first
	Path      []story.Step            `json:"path,omitempty"`
	Notes     map[int]json.RawMessage `json:"notes,omitempty"` // of the narrator, by the number of the scene
	Tries     map[int]int             `json:"tries,omitempty"` // how often a scene's words were taken back, by its number
	Ended     *ShowEnded              `json:"ended,omitempty"`
	People    map[string]*View        `json:"people"`
	Chat      []Line                  `json:"chat,omitempty"`
	Feelings  map[string]int          `json:"feelings,omitempty"` // of the scenes of this show that are over
	Done      []string                `json:"done,omitempty"`     // refs of the latest commands, the oldest first
	Arousal   *float64                `json:"arousal,omitempty"`  // of the audience, 0–1; nil = not known yet
	Lean      story.Lean              `json:"lean,omitempty"`     // of the last scene that had one

	Suggestions []Suggestion `json:"suggestions,omitempty"` // for the next scene, the newest last
	Untold      []Untold     `json:"untold,omitempty"`      // of this show, to be told at its end

	Moved     map[string]float64 `json:"moved,omitempty"`     // Feelings, faded
	Shown     map[string]exposed `json:"shown,omitempty"`     // picks of this show, by id
	Asked     []asked            `json:"asked,omitempty"`     // polls of this show that are over
	Following *StoryChosen       `json:"following,omitempty"` // what the next show tells, while another has ended
	From      *exposed           `json:"from,omitempty"`      // the pick that the story, or Following, was

	stories Stories
	passes  func(text string) bool // the safety gate; nil = everything passes. What it decides is in the journal
	live    live
}

// Scene is the running scene.
type Scene struct {
	SceneStarted
	Script    story.Scene   `json:"script"`
	Written   string        `json:"written"`  // what the narrator or the author has written so far
	Complete  bool          `json:"complete"` // nothing more will be written
	Source    story.Source  `json:"source,omitempty"`
	Why       string        `json:"why,omitempty"`
	ToldAt    int64         `json:"told_at,omitempty"`    // all words were out
	AdvanceAt int64         `json:"advance_at,omitempty"` // the next step, where no poll decides
	PollUsed  bool          `json:"poll_used,omitempty"`  // its poll was announced
	Held      *Hold         `json:"held,omitempty"`       // its words wait to be read
	Read      bool          `json:"read,omitempty"`       // they were, or are the author's in their stead
	Others    []vote.Choice `json:"others,omitempty"`     // that the scene before had, beside the one that led here
	TellFrom  int           `json:"tell_from,omitempty"`  // words are told at reading pace from this character on,
	TellAt    int64         `json:"tell_at"`              // since then
	Felt      bool          `json:"felt,omitempty"`       // what the audience feels was measured in it

	// Of a beat of a bridge.
	Planned   bool                `json:"planned,omitempty"`    // its choices are settled
	Invented  []story.Choice      `json:"invented,omitempty"`   // by the narrator; none = the script's
	Plan      *ChoicesPlanned     `json:"plan,omitempty"`       // how they came about
	PlanWords map[string][]string `json:"plan_words,omitempty"` // the same for viewers
}

// Poll is the running poll, or the last one until the next scene begins.
type Poll struct {
	PollOpened
	Vote       *vote.Poll  `json:"vote"`
	AwaitsHost bool        `json:"awaits_host,omitempty"` // tied, and the host decides
	Closed     *PollClosed `json:"closed,omitempty"`
}

// View is what the room knows of one person.
type View struct {
	Person
	Here       bool   `json:"here,omitempty"`
	Muted      bool   `json:"muted,omitempty"`
	MutedUntil int64  `json:"muted_until,omitempty"` // of a timeout
	Banned     bool   `json:"banned,omitempty"`
	Why        string `json:"why,omitempty"` // of the mute, timeout or ban
	Stars      int    `json:"stars,omitempty"`
	LeftN      uint64 `json:"left_n,omitempty"` // the event with which they last left

	// What they showed of their taste: of this show only, unless they want it remembered. Of each kind the last MarksKept.
	Picks      []string       `json:"picks,omitempty"` // that they marked
	Opened     []string       `json:"opened,omitempty"`
	Dismissed  []string       `json:"dismissed,omitempty"`
	Wanted     []string       `json:"wanted,omitempty"`
	Chose      []string       `json:"chose,omitempty"` // in each of State.Asked; "" = nothing
	Rated      map[string]int `json:"rated,omitempty"` // stars of earlier shows, by story
	Remembered bool           `json:"remembered,omitempty"`
	Learned    []string       `json:"learned,omitempty"` // of these, what was in the lesson of a show

	connections map[string]bool // of this node's term as owner
	leftAt      int64           // when the last connection went; 0 = still connected
	saidAt      int64
	suggestedAt int64
	lastLine    string // the command that wrote the last line, against retries
	reactedAt   int64
	tasteAt     int64    // when picks of their own were last asked for
	offered     []string // these, by id
}

// asked is a poll that is over.
type asked struct {
	Poll    string        `json:"poll"`
	Choices []vote.Choice `json:"choices"`
}

// live is what a room knows only while it runs: it is rebuilt, never journalled.
type live struct {
	events    []Event // of the command or tick in progress
	ref       string  // of the command in progress, until one of its events has it
	clock     int64   // latest time seen
	released  int     // code points of the scene that are out
	runes     []rune  // of Scene.Written
	paceAt    int64   // released = paceFrom + pace·(now − paceAt)
	paceFrom  int
	reactions map[string]int // since the scene began
	recent    map[string]int // since the last flush
	stir      float64        // by reactions and chat, since stirAt
	stirAt    int64
	here      int              // people here who have a ballot
	present   int              // people here
	emptyAt   int64            // since when a running show has had nobody here; 0 = it has, or none runs
	leaving   map[string]*View // those whose last connection went
	raters    int
	stars     int // given by all raters
	dirty     map[string]bool
	flushAt   int64
	beatAt    int64
	ahead     map[string]*story.Cue // what each choice of the scene leads to, as far as it was asked; nil = the author's words
	planBy    int64                 // when choices that a narrator still thinks of are given up; 0 while words are to come
	hurry     bool                  // the host does not want to wait for them

	picks      []Pick                        // as they were ranked last
	next       []string                      // stories that could be next, best first
	told       []Pick                        // the sidebar as all see it; nil = none yet
	marks      map[PickAction]map[string]int // how many did what with each pick
	interestAt uint64                        // counts what the sidebar follows
	cause      cause                         // what changed most of it since the sidebar was told
	sidebarDue bool                          // picks are not told yet
	sidebarAt  int64                         // when they may be
	lessons    []Lesson                      // that nobody has heard yet
}

// New is a room's state before its first event.
func New(stories Stories) *State {
	return &State{Phase: PhaseLobby, People: map[string]*View{}, stories: stories, live: newLive()}
}

func newLive() live {
	return live{
		reactions: map[string]int{}, recent: map[string]int{}, dirty: map[string]bool{}, leaving: map[string]*View{},
		marks: map[PickAction]map[string]int{PickLiked: {}, PickOpened: {}, PickDismissed: {}, PickWanted: {}},
	}
}

// Restore makes a state that came out of a checkpoint whole again.
func (s *State) Restore(stories Stories) {
	s.stories, s.live = stories, newLive()
	if s.People == nil {
		s.People = map[string]*View{}
	}
	if s.Feelings == nil {
		s.Feelings = map[string]int{}
	}
	for _, v := range s.People {
		s.countHere(v, 1)
		s.countStars(v.Stars, 1)
		s.countMarks(v, 1)
	}
}

// Create is the first event of a new room. id and the settings must have been checked.
func (s *State) Create(now int64, id, title, language, storyID string, settings Settings) []Event {
	s.begin(now)
	s.record(evRoomCreated, "", nil, &roomCreated{Room: id, Title: title, Language: language, Story: storyID, Settings: settings})
	return s.take()
}

// LastEvent is when the latest event of the journal happened.
func (s *State) LastEvent() time.Time { return time.UnixMilli(s.live.clock) }

// story is the edition that the room shows.
func (s *State) story() (*story.Story, bool) {
	if s.stories == nil {
		return nil, false
	}
	return s.stories.Story(s.StoryID, s.Language)
}

// begin opens a batch of events at now. Time never runs backwards in a room, whatever a node's clock does.
func (s *State) begin(now int64) int64 {
	s.live.clock = max(now, s.live.clock)
	s.live.events = nil
	return s.live.clock
}

func (s *State) take() []Event {
	events := s.live.events
	s.live.events = nil
	return events
}

// record makes an event of the journal happen.
func (s *State) record(kind, to string, data, hidden any) {
	s.recordAt(s.live.clock, kind, to, data, hidden)
}

func (s *State) recordAt(at int64, kind, to string, data, hidden any) {
	e := Event{N: s.N + 1, At: at, Type: kind, To: to, Ref: s.live.ref, Data: data, Hidden: hidden}
	s.live.ref = ""
	if public(kind) {
		e.Seq = s.Seq + 1
	}
	s.fold(e)
	s.live.events = append(s.live.events, e)
}

// pass tells everybody something that no journal keeps.
func (s *State) pass(kind string, data any) {
	s.live.events = append(s.live.events, Event{At: s.live.clock, Type: kind, Data: data})
}

// tellStaff tells moderators and the host something that no journal keeps.
func (s *State) tellStaff(kind string, data any) {
	s.live.events = append(s.live.events, Event{At: s.live.clock, Type: kind, To: ToStaff, Data: data})
}

// passesGate says whether a text that no model wrote may be shown.
func (s *State) passesGate(text string) bool { return s.passes == nil || s.passes(text) }

// public says whether everybody sees this type of event of the journal.
func public(kind string) bool {
	switch kind {
	case evRoomCreated, evViewerJoined, evViewerLeft, evBallotCast, evNarrationWritten, evNarrationCompleted, evNarrationNoted, evChoicesPlanned, evAudienceFelt, evReactionsCounted, evRated,
		evPicked, evPicksShown, evRemembered, evForgotten, evViewerModerated, evSuggestionMade, evSuggestionDeleted:
		return false
	}
	return true
}

// seed derives 32 bytes from the show's secret; the same name gives the same bytes, and nobody can guess them before.
func (s *State) seed(name string) [32]byte {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte(name))
	return [32]byte(mac.Sum(nil))
}

// storySeed is the seed of the story's own random numbers.
func (s *State) storySeed() uint64 {
	seed := s.seed("story")
	return binary.BigEndian.Uint64(seed[:8])
}

// newID derives an id from the show's secret.
func (s *State) newID(name string) string {
	seed := s.seed("id " + name)
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(hex.EncodeToString(seed[:]))).String()
}

// eligible counts who can vote: everybody here who has a ballot, and those who voted and left.
func (s *State) eligible() int {
	if s.Poll == nil {
		return s.live.here
	}
	left := 0
	for id := range s.Poll.Vote.Ballots {
		if v := s.People[id]; v == nil || !v.Here {
			left++
		}
	}
	return s.live.here + left
}

// votes says whether people of this role have a ballot.
func votes(role Role) bool { return role == RoleViewer || role == RoleModerator }
