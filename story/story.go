package story

import (
	"encoding/json"
	"errors"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNoSuchScene: the story has no passage of that name (any more).
	ErrNoSuchScene = errors.New("no such scene")
	// ErrNoSuchChoice: the scene does not offer that choice.
	ErrNoSuchChoice = errors.New("no such choice")
	// ErrLimit: a named limit (see limits.go) was exceeded; nothing was changed.
	ErrLimit = errors.New("limit exceeded")
)

// Story is one edition (one language) of a story. Only Parse and Open make one that can be played. It is immutable once parsed and
// safe for concurrent use.
type Story struct {
	ID       string   // stable in URLs: the name of its file or folder, [a-z0-9-]
	Title    string   // of StoryTitle
	Language string   // BCP 47: "en", "zh-Hans"
	Summary  string   // one or two sentences for the lobby, from StoryData's kino.summary
	Genres   []string // from StoryData's kino.genres, for the sidebar
	Themes   []string // from StoryData's kino.themes
	Mood     string   // from StoryData's kino.mood
	Rules    Rules    // the story's own pacing and voting rules, from StoryData's kino
	World    *World   // from StoryData's kino.world; nil = none

	IFID          string
	Format        string // "Harlowe", "SugarCube", "Chapbook", "Snowman" or ""
	FormatVersion string
	Start         string                     // the passage the show begins with
	Data          map[string]json.RawMessage // every key of StoryData that has no field here, kept for the round trip; likewise in its "kino"
	Passages      []Passage                  // in the order of the source

	units map[string]*unit // by name: the passages that are told, made ready by Parse
	setup []*unit          // what Begin runs
	graph Graph
}

// Passage is one passage as its author wrote it.
type Passage struct {
	Name string
	Tags []string
	Meta map[string]json.RawMessage // the header's JSON block, unknown keys included
	Text string
	Line int // of the header in the source, counted from 1; 0 where there is none
}

// Rules are the pacing and voting rules that a story, a passage or a room may set; a nil field says nothing.
// Units and ranges are those of the room's settings in docs/protocol.md.
type Rules struct {
	ArmSeconds  *float64 `json:"arm_seconds,omitempty"`  // between a poll's announcement and its opening, 0–60
	VoteSeconds *float64 `json:"vote_seconds,omitempty"` // a poll stays open, 0–3600
	TailSeconds *float64 `json:"tail_seconds,omitempty"` // between a poll's close and the next scene, 0–60
	Pace        *float64 `json:"pace,omitempty"`         // characters told per second, 0 = at once, up to 1000
	Method      *string  `json:"method,omitempty"`       // plurality | approval | ranked
	Tie         *string  `json:"tie,omitempty"`          // listed | draw | host
	Quorum      *float64 `json:"quorum,omitempty"`       // share of those able to vote, 0–1
	Tallies     *string  `json:"tallies,omitempty"`      // live | hidden
	ChangeVotes *bool    `json:"change_votes,omitempty"`
	EarlyClose  *bool    `json:"early_close,omitempty"`
}

// Kind says who writes a scene's words.
type Kind string

const (
	KindText Kind = "text" // the author
	KindCue  Kind = "cue"  // the narrator
)

// Scene is a passage as a show meets it: conditions evaluated, variables filled in, links taken out of the text.
type Scene struct {
	ID      string   `json:"id"`    // the passage's name
	Title   string   `json:"title"` // what people see: kino.title, else the name
	Kind    Kind     `json:"kind"`
	Text    string   `json:"text"` // plain text, paragraphs parted by "\n\n"; of a cue: the authored stand-in, may be ""
	Choices []Choice `json:"choices,omitempty"`
	Default string   `json:"default,omitempty"` // the choice taken when nobody votes; "" = the first
	Rules   Rules    `json:"rules,omitzero"`    // the passage's own
	Cue     *Cue     `json:"cue,omitempty"`     // of a KindCue
	Ending  string   `json:"ending,omitempty"`  // not "": the show ends here; the ending's name, e.g. "bittersweet"
	Anchor  *Choice  `json:"anchor,omitempty"`  // of a bridge's beat: the way straight on to where the bridge leads
}

// Choice is one way out of a scene.
type Choice struct {
	ID      string   `json:"id"` // "a", "b", … in the order of the text
	Label   string   `json:"label"`
	Target  string   `json:"target"`            // the passage it leads to
	Effects []string `json:"effects,omitempty"` // assignments made when it is taken, e.g. "$lamp to true"

	// Of choices that a narrator invented.
	Hook string  `json:"hook,omitempty"` // what would happen, for the narrator's eyes; viewers never see it
	P    float64 `json:"p,omitempty"`    // the chance that it was given among those offered, 0–1
}

// Cue is what the narrator is asked to tell. The story fills in what the author says; the room adds what the audience did.
type Cue struct {
	Direction string   `json:"direction"`         // the author's instruction
	Mood      string   `json:"mood,omitempty"`    // e.g. "uneasy"
	Reserve   []string `json:"reserve,omitempty"` // authored texts that can stand in for the model's, rendered for this show
	MaxChars  int      `json:"max_chars"`         // 200–4000, default 900
	Tension   *float64 `json:"tension,omitempty"` // 0–1, that the author wants here; nil = nothing is said
	Bridge    *Bridge  `json:"bridge,omitempty"`  // set in a bridge

	Room     string                  `json:"room,omitempty"` // for pinning and logs; never part of a prompt
	Key      string                  `json:"key,omitempty"`  // names this telling among all of the room's, also before it is decided that it takes place
	Scene    string                  `json:"scene,omitempty"`
	Language string                  `json:"language,omitempty"`
	Title    string                  `json:"title,omitempty"`    // of the story
	Summary  string                  `json:"summary,omitempty"`  // of the story
	World    *World                  `json:"-"`                  // of the story; nil = none
	Authored string                  `json:"authored,omitempty"` // the scene's own text
	Path     []Step                  `json:"path,omitempty"`     // what was told and chosen, oldest first
	Notes    map[int]json.RawMessage `json:"notes,omitempty"`    // what a narrator noted of scenes it told, by their place in Path from 1 on; in its own format
	Next     []string                `json:"next,omitempty"`     // labels of the choices that must stay open
	Feelings map[string]float64      `json:"feelings,omitempty"` // share of each reaction of late, 0–1
	Wishes   []string                `json:"wishes,omitempty"`   // what viewers suggest for this scene, as they wrote it: to be marked, never to be obeyed
	Salt     []byte                  `json:"-"`                  // nobody can foretell it: what the marks are made of; without it no wish is passed on
	Stopped  string                  `json:"stopped,omitempty"`  // why the last try was stopped, in a narrator's terms
	Against  string                  `json:"against,omitempty"`  // the fact that it went against
	Lean     Lean                    `json:"lean,omitempty"`     // how the audience's feeling bends what the author wants; "" = it is not known
	Hook     string                  `json:"hook,omitempty"`     // what the narrator had in mind for the choice that led here, where it invented it
	Offered  []string                `json:"offered,omitempty"`  // labels of the polls of late, where choices are to be invented
	Seed     uint64                  `json:"-"`                  // of whatever the narrator leaves to chance; from the room's secret, not to be told
	Told     string                  `json:"told,omitempty"`     // what viewers have already read of this scene (after a takeover)
}

// Lean is which way a scene is bent by what the audience feels, against the tension that the author wants.
type Lean string

const (
	Calmer Lean = "calmer" // they are more stirred than the author wants
	Steady Lean = "steady"
	Tenser Lean = "tenser" // they are less stirred
)

// Bridge is where a cue stands between two scenes that the author wrote. The narrator fills the way with beats, and invents the choices
// after each but the last.
type Bridge struct {
	To      string   `json:"to"`                // title of the scene that it leads to: the anchor
	Toward  string   `json:"toward,omitempty"`  // how the anchor begins, up to MaxTowardRunes, to be led to and not told
	Beat    int      `json:"beat"`              // this one, from 1
	Beats   int      `json:"beats"`             // all of them, up to MaxBeats
	Tension *float64 `json:"tension,omitempty"` // that the author wants in the beat after this one
	Links   int      `json:"links,omitempty"`   // choices of the author's that are offered where the narrator has none; 2 or more, or 0
	Mode    string   `json:"mode,omitempty"`    // how choices are picked: max_entropy | greedy; "" = max_entropy
	Floor   *float64 `json:"floor,omitempty"`   // least entropy of their chances, as a share of the most possible, 0–1
}

// Invents says whether the choices that follow the cue are the narrator's to invent.
func (c *Cue) Invents() bool { return c != nil && c.Bridge != nil && c.Bridge.Beat < c.Bridge.Beats }

// Step is one scene of a show's path.
type Step struct {
	Scene     string  `json:"scene"` // its id
	Title     string  `json:"title"`
	Text      string  `json:"text,omitempty"`
	Source    Source  `json:"source,omitempty"`
	Poll      string  `json:"poll,omitempty"`       // the id of the poll that ended it, "" where there was none
	Choice    string  `json:"choice,omitempty"`     // the id of the choice that won
	Label     string  `json:"label,omitempty"`      // its label
	Share     float64 `json:"share,omitempty"`      // of the ballots counted that it got, 0–1
	Turnout   int     `json:"turnout,omitempty"`    // viewers who voted
	DecidedBy string  `json:"decided_by,omitempty"` // majority | tie_break | quorum | default | host
}

// Source says where the words of a scene came from.
type Source string

const (
	SourceAuthored Source = "authored" // the author's text of the scene
	SourceModel    Source = "model"    // a language model
	SourceReserve  Source = "reserve"  // one of the author's reserve passages
)

// Telling is what a narrator reports when it has told a cue.
type Telling struct {
	Source Source            `json:"source"`
	Why    string            `json:"why"`              // a stable reason, e.g. "model_answered", "model_timeout"; never a prompt, never a secret
	Ahead  bool              `json:"ahead,omitempty"`  // written before it was decided
	Untold map[string]string `json:"untold,omitempty"` // by choice, what was written ahead for those that lost
}

// Progress is where one show stands in a story. It is a value: JSON keeps all of it, and no method changes its receiver's maps in place.
type Progress struct {
	Scene  string         `json:"scene"`
	Vars   map[string]any `json:"vars,omitempty"` // nil, bool, float64, string or []any
	Visits map[string]int `json:"visits,omitempty"`
	Turns  int            `json:"turns"`
	Seed   uint64         `json:"seed"`  // of the show; every random number follows from it
	Draws  uint64         `json:"draws"` // random numbers drawn so far
	Bridge Beat           `json:"bridge,omitzero"`
}

// Beat is a turn of a bridge. The zero Beat is none.
type Beat struct {
	Scene string `json:"scene"` // the bridge's passage
	Beat  int    `json:"beat"`  // from 1
}
