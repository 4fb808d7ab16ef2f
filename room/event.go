package room

import (
	"encoding/json"
	"fmt"
	"time"

	"kinoautomat/story"
)

// Event is one thing that happened in a room.
//
// Events with an N are in the journal. Of these, the ones with a Seq are for everybody; the others are for the journal alone, or, where To
// is set, for one viewer and the staff, or for the staff alone. Events without an N are passing: only the latest of a kind matters, or the text repairs
// itself by offset.
type Event struct {
	N      uint64 `json:"n,omitempty"`   // place in the journal, 1, 2, 3, …
	Seq    uint64 `json:"seq,omitempty"` // place among what everybody sees, 1, 2, 3, …
	At     int64  `json:"at"`            // Unix milliseconds
	Type   string `json:"type"`
	To     string `json:"to,omitempty"`     // a viewer's id: told to them and to the staff; ToStaff: to the staff alone
	Ref    string `json:"ref,omitempty"`    // of the command that made it happen, where it must not be done again
	Data   any    `json:"data,omitempty"`   // what is told
	Hidden any    `json:"hidden,omitempty"` // what only the journal knows
}

// Types of events that are for the journal alone.
const (
	evRoomCreated        = "room.created"
	evViewerJoined       = "viewer.joined"
	evViewerLeft         = "viewer.left"
	evBallotCast         = "ballot.cast"
	evNarrationWritten   = "narration.written"
	evNarrationCompleted = "narration.completed"
	evNarrationNoted     = "narration.noted"
	evChoicesPlanned     = "choices.planned"
	evReactionsCounted   = "reactions.counted"
	evAudienceFelt       = "audience.felt"
	evRated              = "viewer.rated"
	evPicked             = "pick.marked"
	evPicksShown         = "picks.shown"
	evRemembered         = "viewer.remembered"
	evForgotten          = "viewer.forgotten"
	evViewerModerated    = "viewer.moderated"
	evSuggestionMade     = "suggestion.made"
	evSuggestionDeleted  = "suggestion.deleted"
)

// Types of events that everybody sees and the journal keeps.
const (
	evShowStarted   = "show.started"
	evSceneStarted  = "scene.started"
	evSceneTold     = "scene.told"
	evRetracted     = "narration.retracted"
	evNarrationHeld = "narration.held"
	evPollOpened    = "poll.opened"
	evPollChanged   = "poll.changed"
	evPollClosed    = "poll.closed"
	evPollVoided    = "poll.voided"
	evShowPaused    = "show.paused"
	evShowResumed   = "show.resumed"
	evShowReset     = "show.reset"
	evShowEnded     = "show.ended"
	evChatSaid      = "chat.said"
	evChatDeleted   = "chat.deleted"
	evRoomChanged   = "room.changed"
	evStoryChosen   = "story.chosen"
)

// Types of passing events.
const (
	evNarrationDelta     = "narration.delta"
	evTallyChanged       = "tally.changed"
	evViewersChanged     = "viewers.changed"
	evReactionsChanged   = "reactions.changed"
	evRatingChanged      = "rating.changed"
	evSidebarChanged     = "sidebar.changed"
	evBeat               = "beat"
	evPendingChanged     = "pending.changed"     // to the staff
	evSuggestionsChanged = "suggestions.changed" // to the staff
)

// Conflated says that of this type of event only the latest matters: a viewer who is behind may skip the older ones.
func Conflated(eventType string) bool {
	switch eventType {
	case evTallyChanged, evViewersChanged, evReactionsChanged, evRatingChanged, evSidebarChanged, evBeat:
		return true
	}
	return false
}

// What only the journal knows of an event.
type (
	roomCreated struct {
		Room     string   `json:"room"`
		Title    string   `json:"title"`
		Language string   `json:"language"`
		Story    string   `json:"story"`
		Settings Settings `json:"settings"`
	}
	viewerJoined struct {
		Viewer Person `json:"viewer"`
	}
	viewerLeft struct {
		Viewer string `json:"viewer"`
	}
	ballotCast struct {
		Poll    string   `json:"poll"`
		Viewer  string   `json:"viewer"`
		Choices []string `json:"choices"`
	}
	narrationWritten struct {
		Scene string `json:"scene"`
		Text  string `json:"text"`
	}
	narrationCompleted struct {
		Scene string `json:"scene"`
		story.Telling
	}
	narrationNoted struct {
		Number int             `json:"number"` // of the scene
		Notes  json.RawMessage `json:"notes"`
	}
	choicesInvented struct {
		Choices []story.Choice      `json:"choices,omitempty"` // with what the narrator has in mind for each
		Words   map[string][]string `json:"words,omitempty"`   // of the poll to come
	}
	reactionsCounted struct {
		Scene  string         `json:"scene"`
		Counts map[string]int `json:"counts"`
	}
	audienceFelt struct {
		Scene   string  `json:"scene"`
		Arousal float64 `json:"arousal"` // from now on, 0–1
	}
	viewerRated struct {
		Viewer string `json:"viewer,omitempty"` // absent where the line has left the node; so in what follows
		Stars  int    `json:"stars"`
	}
	pickMarked struct {
		Viewer string `json:"viewer,omitempty"`
		Item   string `json:"item"`
		Off    bool   `json:"off,omitempty"`

		Action  PickAction `json:"action,omitempty"` // "" = liked
		exposed            // as it was shown
	}
	picksShown struct { // for the first time in a show
		Picks   []shownPick `json:"picks"`
		Viewers int         `json:"viewers"` // with a ballot, who were here
	}
	shownPick struct {
		Item string `json:"item"`
		exposed
	}
	viewerRemembered struct {
		Viewer string `json:"viewer,omitempty"`
		On     bool   `json:"on"`
	}
	viewerForgotten struct {
		Viewer string `json:"viewer,omitempty"`
	}
	storyChoice struct {
		By   Person  `json:"by,omitzero"` // nobody: the audience
		From exposed `json:"from"`
	}
	suggestionMade struct {
		ID     string `json:"id"`
		Viewer string `json:"viewer"`
		Text   string `json:"text"`
	}
	showSecret struct {
		Secret []byte   `json:"secret"`         // every seed of the show follows from it
		From   *exposed `json:"from,omitempty"` // the pick that the story was
	}
	sceneScript struct {
		Scene    story.Scene    `json:"scene"`
		Progress story.Progress `json:"progress"`
	}
	pollAwaits struct {
		AwaitsHost bool `json:"awaits_host"`
	}
	retraction struct {
		By     Person       `json:"by,omitzero"`    // nobody: the shield's time was up
		Text   string       `json:"text,omitempty"` // that stands in
		Source story.Source `json:"source,omitempty"`
		Why    string       `json:"why,omitempty"` // "" = retracted
	}
	holding struct {
		From   int          `json:"from,omitempty"`  // characters of the scene that were out before
		Until  int64        `json:"until,omitempty"` // of words that are held: then the author's stand in
		Again  bool         `json:"again,omitempty"` // they are dropped, and others asked for
		By     Person       `json:"by,omitzero"`
		Did    string       `json:"did,omitempty"`  // approved | edited | rejected | unread
		Text   string       `json:"text,omitempty"` // instead of what was held
		Source story.Source `json:"source,omitempty"`
	}
	pause struct {
		Abandoned bool `json:"abandoned,omitempty"` // nobody was here
		Frozen    bool `json:"frozen,omitempty"`    // storage was away
	}
	doneBy struct {
		By  Person `json:"by"`
		Why string `json:"why,omitempty"`
	}
)

// payloads makes the empty Data and Hidden of each type that a journal can hold.
var payloads = map[string]func() (data, hidden any){
	evRoomCreated:        func() (any, any) { return nil, new(roomCreated) },
	evViewerJoined:       func() (any, any) { return nil, new(viewerJoined) },
	evViewerLeft:         func() (any, any) { return nil, new(viewerLeft) },
	evBallotCast:         func() (any, any) { return nil, new(ballotCast) },
	evNarrationWritten:   func() (any, any) { return nil, new(narrationWritten) },
	evNarrationCompleted: func() (any, any) { return nil, new(narrationCompleted) },
	evNarrationNoted:     func() (any, any) { return nil, new(narrationNoted) },
	evChoicesPlanned:     func() (any, any) { return new(ChoicesPlanned), new(choicesInvented) },
	evReactionsCounted:   func() (any, any) { return nil, new(reactionsCounted) },
	evAudienceFelt:       func() (any, any) { return nil, new(audienceFelt) },
	evRated:              func() (any, any) { return nil, new(viewerRated) },
	evPicked:             func() (any, any) { return nil, new(pickMarked) },
	evPicksShown:         func() (any, any) { return nil, new(picksShown) },
	evRemembered:         func() (any, any) { return nil, new(viewerRemembered) },
	evForgotten:          func() (any, any) { return nil, new(viewerForgotten) },
	evStoryChosen:        func() (any, any) { return new(StoryChosen), new(storyChoice) },
	evViewerModerated:    func() (any, any) { return new(ViewerModerated), nil },
	evSuggestionMade:     func() (any, any) { return nil, new(suggestionMade) },
	evSuggestionDeleted:  func() (any, any) { return new(SuggestionDeleted), new(doneBy) },
	evShowStarted:        func() (any, any) { return new(ShowStarted), new(showSecret) },
	evSceneStarted:       func() (any, any) { return new(SceneStarted), new(sceneScript) },
	evSceneTold:          func() (any, any) { return new(SceneTold), nil },
	evRetracted:          func() (any, any) { return new(NarrationRetracted), new(retraction) },
	evNarrationHeld:      func() (any, any) { return new(NarrationHeld), new(holding) },
	evPollOpened:         func() (any, any) { return new(PollOpened), nil },
	evPollChanged:        func() (any, any) { return new(PollChanged), new(pollAwaits) },
	evPollClosed:         func() (any, any) { return new(PollClosed), nil },
	evPollVoided:         func() (any, any) { return new(PollVoided), new(doneBy) },
	evShowPaused:         func() (any, any) { return nil, new(pause) },
	evShowResumed:        func() (any, any) { return nil, nil },
	evShowReset:          func() (any, any) { return nil, nil },
	evShowEnded:          func() (any, any) { return new(ShowEnded), nil },
	evChatSaid:           func() (any, any) { return new(Line), nil },
	evChatDeleted:        func() (any, any) { return new(ChatDeleted), new(doneBy) },
	evRoomChanged:        func() (any, any) { return new(RoomChanged), new(doneBy) },
}

// UnmarshalJSON reads an event of the journal; a type that no journal holds is an error.
func (e *Event) UnmarshalJSON(line []byte) error {
	var raw struct {
		N      uint64          `json:"n"`
		Seq    uint64          `json:"seq"`
		At     int64           `json:"at"`
		Type   string          `json:"type"`
		To     string          `json:"to"`
		Ref    string          `json:"ref"`
		Data   json.RawMessage `json:"data"`
		Hidden json.RawMessage `json:"hidden"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return err
	}
	payload, known := payloads[raw.Type]
	if !known {
		return fmt.Errorf("read event %d: unknown type %q", raw.N, raw.Type)
	}
	data, hidden := payload()
	for _, part := range []struct {
		raw  json.RawMessage
		into any
	}{{raw.Data, data}, {raw.Hidden, hidden}} {
		if part.into == nil || part.raw == nil {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return fmt.Errorf("read event %d (%s): %w", raw.N, raw.Type, err)
		}
	}
	*e = Event{N: raw.N, Seq: raw.Seq, At: raw.At, Type: raw.Type, To: raw.To, Ref: raw.Ref, Data: data, Hidden: hidden}
	return nil
}

// ReadTold reads of an event of the journal what its Frame needs, and leaves its Data as it is. told is false where nobody was told.
func ReadTold(line []byte) (e Event, told bool, err error) {
	var raw struct {
		N    uint64          `json:"n"`
		Seq  uint64          `json:"seq"`
		At   int64           `json:"at"`
		Type string          `json:"type"`
		To   string          `json:"to"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return Event{}, false, err
	}
	e = Event{N: raw.N, Seq: raw.Seq, At: raw.At, Type: raw.Type, To: raw.To}
	if raw.Data != nil {
		e.Data = raw.Data
	}
	return e, e.Seq > 0 || e.To != "", nil
}

// Frame is the event as viewers get it.
func (e Event) Frame() ([]byte, error) {
	return json.Marshal(struct {
		Type string `json:"type"`
		Seq  uint64 `json:"seq,omitempty"`
		At   int64  `json:"at,omitempty"`
		Data any    `json:"data,omitempty"`
	}{e.Type, e.Seq, e.At, e.Data})
}

// IsHole says whether a frame holds words that make sense only behind those before them.
func IsHole(eventType string, frame []byte) bool {
	if eventType != evNarrationDelta {
		return false
	}
	var f struct {
		Data NarrationDelta `json:"data"`
	}
	return json.Unmarshal(frame, &f) == nil && f.Data.Offset > 0
}

// BeginsWords says whether words may follow an event of this type, where it is no hole itself.
func BeginsWords(eventType string) bool {
	switch eventType {
	case evNarrationDelta, evSceneStarted, evRetracted:
		return true
	}
	return false
}

// BeatType is the type of a beat, which a node also tells in a room's stead.
const BeatType = evBeat

// BeatFrame is a beat as viewers get it.
func BeatFrame(seq uint64, stalled bool) ([]byte, error) {
	return Event{At: time.Now().UnixMilli(), Type: evBeat, Data: &Beat{Seq: seq, Stalled: stalled}}.Frame()
}

// IsBan says whether a frame tells of a ban, so that a node can end the connections it is about.
func IsBan(eventType string, frame []byte) bool {
	if eventType != evViewerModerated {
		return false
	}
	var f struct {
		Data ViewerModerated `json:"data"`
	}
	return json.Unmarshal(frame, &f) == nil && f.Data.Action == "ban"
}
