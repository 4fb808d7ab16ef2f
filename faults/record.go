package faults

import (
	"encoding/json"
	"time"
)

// Run is all that is known of a run.
type Run struct {
	Rooms     map[string][]Line // journals by room, as GET …/journal gives them
	Viewers   []Viewer
	Terms     []Term
	Takeovers []Takeover
	Returns   []Return
}

// Line is an event of a journal.
type Line struct {
	N      uint64          `json:"n"`
	Seq    uint64          `json:"seq"`
	At     int64           `json:"at"`
	Type   string          `json:"type"`
	Data   json.RawMessage `json:"data"`
	Hidden json.RawMessage `json:"hidden"`
}

// Viewer is what one viewer wrote down.
type Viewer struct {
	Room    string
	ID      string  // as the room knows them
	Heard   []Heard // in order
	Ballots []Ballot
	Holes   int             // times that words came which did not follow those before them
	Away    []time.Duration // from the end of a connection to the next welcome
}

// Heard is a numbered event, or a welcome.
type Heard struct {
	Seq     uint64
	Type    string // "" = a welcome: with a snapshot Seq is its, without one it is the last that the viewer had
	Data    string // compact JSON
	Resumed bool   // a welcome without a snapshot
}

// Ballot is one that a viewer cast, however often it was sent. Those of one viewer in one poll follow one another: the next is cast when
// the one before was answered, or given up.
type Ballot struct {
	Poll   string
	Choice string
	Fate   Fate
}

// Fate is what a viewer was told of a ballot.
type Fate int

const (
	Unknown Fate = iota // no answer, or "try again" until it was given up: it may count
	Acknowledged
	Refused
)

func (f Fate) String() string { return []string{"unknown", "acknowledged", "refused"}[f] }

// Term is one time of a node as a room's owner.
type Term struct {
	Room  string
	Epoch uint64
	Node  string
}

// Takeover is how long nobody answered for a room after its owner was lost.
type Takeover struct {
	Room string
	Kind string // of fault
	Took time.Duration
}

// Return is how long a room did not answer after what it needs was there again.
type Return struct {
	Room string
	Kind string
	Took time.Duration
}
