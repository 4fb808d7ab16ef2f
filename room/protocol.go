package room

import (
	"encoding/json"

	"kinoautomat/story"
	"kinoautomat/vote"
)

// This file is the wire: what viewers send (commands) and what a room tells them (events); answers.go is what it answers them. docs/protocol.md is its prose,
// asyncapi.yaml its schema, web/src/proto/gen.ts its TypeScript; a test holds the four together.

// Subprotocol is the WebSocket subprotocol that both sides must name.
const Subprotocol = "kinoautomat.v1"

// Frame is one WebSocket text frame, in either direction.
type Frame struct {
	Type string          `json:"type"`
	ID   string          `json:"id,omitempty"`  // the viewer's own; comes back on the ack, error or welcome
	Seq  uint64          `json:"seq,omitempty"` // of events kept in the journal, 1, 2, 3, … without gaps
	At   int64           `json:"at,omitempty"`  // Unix milliseconds of the room's owner
	Data json.RawMessage `json:"data,omitempty"`
}

// Role is what a connection may do.
type Role string

const (
	RoleViewer    Role = "viewer"
	RoleModerator Role = "moderator"
	RoleHost      Role = "host"
	RoleOverlay   Role = "overlay" // reads only; not a person
)

// Phase is where a show is.
type Phase string

const (
	PhaseLobby   Phase = "lobby"   // waiting for the host
	PhaseTelling Phase = "telling" // words are arriving
	PhasePoll    Phase = "poll"    // a poll is announced (arming) or open
	PhaseReveal  Phase = "reveal"  // its result is shown
	PhaseEnded   Phase = "ended"   // an ending was reached, or the host ended it
)

// Person is somebody in the room, as others see them.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role Role   `json:"role"`
}

// ---- commands ----

// Join enters the room. Name is 1–40 characters (a guest name when empty), Token the one of an earlier welcome or a role's own
// (browsers send a cookie instead), Since the last seq seen: the answer is then the missing events where they are still held.
type Join struct {
	Name  string  `json:"name,omitempty"`
	Token string  `json:"token,omitempty"`
	Since *uint64 `json:"since,omitempty"`
}

// Vote casts or changes a ballot: one choice, several (approval), or all in order of preference (ranked).
type Vote struct {
	Poll    string   `json:"poll"`
	Choices []string `json:"choices"`
}

// Feelings are the six reactions, in the order in which pages show them.
var Feelings = []string{"joy", "love", "wonder", "sorrow", "fear", "anger"}

// React shares a feeling, one of Feelings; at most one per 300 ms counts.
type React struct {
	Feeling string `json:"feeling"`
}

// Say writes a line of chat, 1–300 characters.
type Say struct {
	Text string `json:"text"`
}

// Suggest says what should happen in the narrator's next scene, 1–140 characters; the last one of a scene counts.
type Suggest struct {
	Text string `json:"text"`
}

// Rate rates the show, 1–5, once it has ended; the last one counts.
type Rate struct {
	Stars int `json:"stars"`
}

// PickItem says what this viewer did with a pick of the sidebar, or with Off takes it back: marked it as interesting, opened it, sent it away
// as not for them, or would like it to be the room's next show.
type PickItem struct {
	ID     string     `json:"id"`
	Off    bool       `json:"off,omitempty"`
	Action PickAction `json:"action,omitempty"` // "" = liked
}

// PickAction is what can be done with a pick.
type PickAction string

const (
	PickLiked     PickAction = "liked"
	PickOpened    PickAction = "opened"
	PickDismissed PickAction = "dismissed" // takes a mark back, and a mark takes this back
	PickWanted    PickAction = "wanted"    // as the next show; stories of this node only
)

// PickActions are all of them.
var PickActions = []PickAction{PickLiked, PickOpened, PickDismissed, PickWanted}

// Remember has the room keep what this viewer gave when the show is over, or not (remember).
type Remember struct {
	On bool `json:"on"`
}

// Ping measures the way to the server and the difference of the clocks; Sent is the viewer's own, in any unit.
type Ping struct {
	Sent float64 `json:"sent"`
}

// Pong is the data of a ping's ack.
type Pong struct {
	Sent     float64 `json:"sent"`
	Received float64 `json:"received"` // Unix milliseconds of the node
	Replied  float64 `json:"replied"`
}

// ExtendPoll moves the end of the open poll by 1–3600 seconds (extend_poll).
type ExtendPoll struct {
	Seconds float64 `json:"seconds"`
}

// OverridePoll closes the poll with the host's choice, or breaks a tie that waits for the host (override_poll).
type OverridePoll struct {
	Choice string `json:"choice"`
}

// SetStory chooses what the room's next show tells (set_story); in the lobby and after a show.
type SetStory struct {
	Story string `json:"story"`
}

// PollNext asks the audience what the next show tells (poll_next), once a show has ended: about the stories named, 2–6, or those at the top of
// the sidebar.
type PollNext struct {
	Stories []string `json:"stories,omitempty"`
}

// Set changes the room's settings from now on (set); polls already announced keep their rules.
type Set struct {
	Settings Settings `json:"settings"`
}

// Moderate names a viewer and a reason of at most 200 characters (mute, unmute, ban, unban, timeout).
type Moderate struct {
	Viewer  string  `json:"viewer"`
	Seconds float64 `json:"seconds,omitempty"` // timeout only, 1–86400
	Why     string  `json:"why,omitempty"`
}

// Delete takes back a line of chat, or a suggestion (delete).
type Delete struct {
	Line string `json:"line"`
	Why  string `json:"why,omitempty"`
}

// Slow lets everyone say one line per so many seconds, 0–300; 0 switches it off (slow).
type Slow struct {
	Seconds float64 `json:"seconds"`
}

// Lock keeps newcomers out, or lets them in again (lock).
type Lock struct {
	Locked bool `json:"locked"`
}

// Shield has a narrator's words read by the staff before anybody else, or ends that (shield).
type Shield struct {
	On bool `json:"on"`
}

// Approve lets out the words that wait to be read (approve).
type Approve struct {
	ID   string `json:"id,omitempty"`   // of the Pending that was read: if others wait by now, they stay where they are
	Text string `json:"text,omitempty"` // to tell instead, 1–4000 characters; absent = the words as they are
}

// ---- settings ----

// Settings are what a room's maker and host may set; absent ones keep the story's value, else the default.
type Settings struct {
	story.Rules
	Public      *bool `json:"public,omitempty"`      // listed in the lobby; default false
	Capacity    *int  `json:"capacity,omitempty"`    // viewers at once, 1–100000; default 10000
	Suggestions *bool `json:"suggestions,omitempty"` // viewers may suggest what the narrator tells next; default false
}

// ---- events with a seq ----

// ShowStarted begins a show.
type ShowStarted struct {
	Show  string    `json:"show"`
	Story StoryInfo `json:"story"`
}

// StoryInfo is what the lobby says of a story.
type StoryInfo struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Language string   `json:"language"`
	Summary  string   `json:"summary,omitempty"`
	Genres   []string `json:"genres,omitempty"`
	Scenes   int      `json:"scenes"`
	Endings  int      `json:"endings"`
}

// SceneStarted begins a scene; its words follow as narration.delta.
type SceneStarted struct {
	Scene     string       `json:"scene"`
	Title     string       `json:"title"`
	Kind      story.Kind   `json:"kind"`
	Number    int          `json:"number"`              // 1 for the first scene of the show; a scene without a word is followed by one with its number
	Taken     *vote.Choice `json:"taken,omitempty"`     // the choice of the scene before that led here; absent for the first scene
	Pace      float64      `json:"pace"`                // characters per second, 0 = at once
	Ending    string       `json:"ending,omitempty"`    // set when no choice follows
	CueAhead  bool         `json:"cue_ahead,omitempty"` // a narrator's scene may follow: suggestions are taken for it, if the room takes any
	StartedAt int64        `json:"started_at"`
}

// SceneTold says that all words of a scene are out.
type SceneTold struct {
	Scene  string       `json:"scene"`
	Text   string       `json:"text"`
	Source story.Source `json:"source"`
	Why    string       `json:"why"`
}

// NarrationRetracted takes all words of a scene off the screens; others follow from offset 0.
type NarrationRetracted struct {
	Scene string `json:"scene"`
	Again bool   `json:"again,omitempty"` // the narrator tells the scene anew; else the author's words stand in
}

// NarrationHeld says that a narrator's words are being read by the staff before viewers see them, or are not any more.
type NarrationHeld struct {
	Scene string `json:"scene"`
	Held  bool   `json:"held"`
}

// About is what a poll is about.
type About string

// AboutNext: the choices are stories, by id, and the winner is the room's next show. The phase stays ended.
const AboutNext About = "next"

// PollOpened announces a poll: votes are taken from OpensAt to ClosesAt (Unix milliseconds).
type PollOpened struct {
	Poll     string        `json:"poll"`
	Scene    string        `json:"scene"`
	Method   vote.Method   `json:"method"`
	Choices  []vote.Choice `json:"choices"`
	OpensAt  int64         `json:"opens_at"`
	ClosesAt int64         `json:"closes_at"`
	Rules    vote.Rules    `json:"rules"`
	DrawHash string        `json:"draw_hash"`       // SHA-256 of the seed, hex; the seed comes with poll.closed
	About    About         `json:"about,omitempty"` // "" = where the story goes

	Words map[string][]string `json:"words,omitempty"` // where the choices came from, in three lines and every language we speak; absent where they are the author's
}

// PollChanged moves a poll's times (extended, resumed after a pause or a takeover).
type PollChanged struct {
	Poll     string `json:"poll"`
	OpensAt  int64  `json:"opens_at"`
	ClosesAt int64  `json:"closes_at"`
	Why      string `json:"why"` // extended | resumed | taken_over | opened | awaiting_host
}

// PollClosed is a poll's result with its arithmetic.
type PollClosed struct {
	Poll string `json:"poll"`
	vote.Result
	Why      string            `json:"why"`       // in words, in the room's language
	Words    map[string]string `json:"words"`     // the same in every language we speak
	NextAt   int64             `json:"next_at"`   // when the next scene begins
	DrawSeed string            `json:"draw_seed"` // hex; its SHA-256 is the draw_hash
}

// PollVoided takes a poll back; the host opens another or goes on.
type PollVoided struct {
	Poll string `json:"poll"`
}

// ShowEnded ends a show.
type ShowEnded struct {
	Show   string       `json:"show"`
	Ending string       `json:"ending"` // the ending's name; "" when the host ended it early
	Title  string       `json:"title,omitempty"`
	Path   []story.Step `json:"path"`             // without texts
	Tree   story.Graph  `json:"tree"`             // what was and what might have been
	Untold []Untold     `json:"untold,omitempty"` // what a model had already written for choices that lost; the last 8
}

// Untold is a road not taken, as far as a model had written it.
type Untold struct {
	Number int    `json:"number"` // of the scene whose choice it was
	Title  string `json:"title"`  // of that scene
	Label  string `json:"label"`  // of the choice that lost
	Text   string `json:"text"`   // at most 600 characters
}

// StoryChosen names what the room's next show tells (story.chosen). In the lobby the room has that story at once.
type StoryChosen struct {
	Story StoryInfo `json:"story"`
	Title string    `json:"title"` // that the room will have
	Voted bool      `json:"voted"` // by the audience; else the host said so
}

// ShowPaused and ShowResumed carry nothing; ShowReset brings the room back to its lobby.

// Line is a line of chat (chat.said).
type Line struct {
	ID     string `json:"id"`
	Viewer Person `json:"viewer"`
	Text   string `json:"text"`
	At     int64  `json:"at"`
}

// ChatDeleted takes a line of chat back.
type ChatDeleted struct {
	Line string `json:"line"`
}

// RoomChanged tells of the room's door and rules.
type RoomChanged struct {
	Locked      bool       `json:"locked"`
	SlowSeconds float64    `json:"slow_seconds"`
	Shield      bool       `json:"shield"`   // the staff read a narrator's words first
	Settings    Settings   `json:"settings"` // the room's own
	Effective   vote.Rules `json:"rules"`    // that the next poll will have
}

// ViewerModerated is told to moderators, to the host and to the one it is about.
type ViewerModerated struct {
	Action  string  `json:"action"` // mute | unmute | timeout | ban | unban
	Viewer  Person  `json:"viewer"`
	Seconds float64 `json:"seconds,omitempty"`
	Until   int64   `json:"until,omitempty"`
	Why     string  `json:"why,omitempty"`
	By      Person  `json:"by"`
}

// ---- events without a seq: only the latest matters, or the text repairs itself by offset ----

// NarrationDelta is the next piece of a scene's words. Offset counts Unicode code points from the scene's start.
type NarrationDelta struct {
	Scene  string `json:"scene"`
	Offset int    `json:"offset"`
	Text   string `json:"text"`
}

// TallyChanged is the running count; Counts is absent while tallies are hidden.
type TallyChanged struct {
	Poll     string         `json:"poll"`
	Counts   map[string]int `json:"counts,omitempty"`
	Turnout  int            `json:"turnout"`
	Eligible int            `json:"eligible"`
}

// ViewersChanged is who is here. Names are sent while at most 50 are.
type ViewersChanged struct {
	Count  int      `json:"count"`
	People []Person `json:"people,omitempty"`
}

// ReactionsChanged are the feelings since the scene began and those of the last half second.
type ReactionsChanged struct {
	Scene  string         `json:"scene"`
	Counts map[string]int `json:"counts"`
	Recent map[string]int `json:"recent"`
}

// RatingChanged is the running rating of the show that ended.
type RatingChanged struct {
	Count   int     `json:"count"`
	Average float64 `json:"average"`
}

// Pick is one recommended film or story.
type Pick struct {
	ID       string              `json:"id"`   // of a story "story:" and its id
	Kind     string              `json:"kind"` // film | story
	Title    string              `json:"title"`
	Year     int                 `json:"year,omitempty"`
	Country  string              `json:"country,omitempty"`
	Director string              `json:"director,omitempty"`
	Sentence string              `json:"sentence"`
	Reason   string              `json:"reason"`
	URL      string              `json:"url,omitempty"`     // where to watch or read about it
	Liked    int                 `json:"liked"`             // viewers who marked it
	Wanted   int                 `json:"wanted,omitempty"`  // viewers who would like it to be the next show
	Words    map[string]PickText `json:"words"`             // the same in every language we speak
	Reasons  []PickReason        `json:"reasons,omitempty"` // what its place in the list comes from, the largest part first; at most MaxReasons

	Source PickSource `json:"-"`
	Chance float64    `json:"-"` // that it would stand where it does, 0–1; 1 where nothing was drawn
}

// PickText is a Pick's words in one language.
type PickText struct {
	Title    string `json:"title"`
	Sentence string `json:"sentence"`
	Reason   string `json:"reason"`
}

// PickReason is a part of what speaks for a pick.
type PickReason struct {
	Share float64           `json:"share"` // of all that speaks for it, 0–1
	Words map[string]string `json:"words"` // in every language we speak
}

// SidebarChanged is the whole new list.
type SidebarChanged struct {
	Picks   []Pick         `json:"picks"`
	Because *SidebarChange `json:"because,omitempty"` // absent where the order is as before, and where there was no list before
}

// SidebarChange is what became of the list, and why.
type SidebarChange struct {
	New   []string          `json:"new"`             // ids of picks that were not in the list before
	Moved []string          `json:"moved"`           // and of those that stand higher than before
	Cause Cause             `json:"cause,omitempty"` // absent where it is one viewer's own affair
	Words map[string]string `json:"words,omitempty"` // the cause, in every language we speak
}

// Cause is what made the list change.
type Cause string

const (
	CauseVoted     Cause = "voted"     // for a choice
	CauseTurned    Cause = "turned"    // the story went where no majority sent it
	CauseFelt      Cause = "felt"      // reactions
	CauseLiked     Cause = "liked"     // several marked a pick
	CauseDismissed Cause = "dismissed" // several sent a pick away
	CauseRated     Cause = "rated"     // several rated the show
	CauseScene     Cause = "scene"     // a scene began or was told
	CauseEnded     Cause = "ended"
)

// PendingChanged is told to moderators and the host: what waits to be read, if anything does.
type PendingChanged struct {
	Pending *Pending `json:"pending,omitempty"`
}

// Pending are a narrator's words that only the staff see.
type Pending struct {
	ID       string   `json:"id"` // for approve; it changes when the scene is told anew
	Scene    string   `json:"scene"`
	Text     string   `json:"text"`              // goes on behind what viewers have
	Choices  []string `json:"choices,omitempty"` // labels that the narrator invented for what follows
	Complete bool     `json:"complete"`          // nothing more will be written, nor invented
	Until    int64    `json:"until"`             // Unix milliseconds; then the author's words stand in
}

// SuggestionsChanged is told to moderators and the host: all suggestions for the next scene, the newest last.
type SuggestionsChanged struct {
	Suggestions []Suggestion `json:"suggestions"`
}

// Suggestion is what a viewer would like to happen next.
type Suggestion struct {
	ID     string `json:"id"` // for delete
	Viewer string `json:"viewer"`
	Text   string `json:"text"`
	At     int64  `json:"at"`
}

// SuggestionDeleted is told to the one who made the suggestion, and to the staff: it was taken back, and another may be made.
type SuggestionDeleted struct {
	Suggestion string `json:"suggestion"`
	Viewer     string `json:"viewer"` // who made it
	Why        string `json:"why,omitempty"`
}

// Beat says that the room lives; sent every 5 s. A stalled one is the node's own: it hears nothing of the room.
type Beat struct {
	Seq     uint64 `json:"seq"`
	Stalled bool   `json:"stalled,omitempty"`
}
