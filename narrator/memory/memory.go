package memory

import (
	"cmp"
	"slices"
	"strings"
)

// Show is all that is remembered of one show.
type Show struct {
	Bible Bible
	Beats []Beat // what was told, oldest first; only ever appended to, but for the last one's Choice and what comes with its Plan
	Lore  []Lore
}

// Bible is what is fixed before the first beat. A show whose bible changes pays one whole prompt for it.
type Bible struct {
	Contract string // how to write; "" for the package's own words
	Language string // BCP 47, of the story and of the prompt's words: Chinese, else English
	Title    string
	Premise  string
	Cast     []Entity // whoever and whatever has a name in this story
	Rules    []string // of the story's world
	Style    string
	Facts    []Fact // the author's; they count as pinned
}

// Kind is what an entity is.
type Kind string

const (
	Person Kind = "" // the usual
	Item   Kind = "item"
	Place  Kind = "place"
)

// Entity is a person, item or place of the story.
type Entity struct {
	Name    string
	Aliases []string // other names; in English without an article
	Kind    Kind
	About   string // one line for the prompt; "" keeps the entity out of it
}

// Beat is one scene as it was told, with what the audience made of it.
type Beat struct {
	Number     int // counted from 1
	Title      string
	Text       string
	Choice     string // the winning label; "" while it is open, or where there was no poll
	Summary    string // one or two sentences; "" = the first of Text
	FactsAdded []Fact
	FactsEnded []string // ids of facts that hold no longer
	Threads    []ThreadChange
	Mood       string
}

// Fact is one thing that is true from a beat on. Predicates that Typed knows are checked by Ledger.Check; others are only told.
type Fact struct {
	ID        string // "" for one made of the beat's number and the place in its FactsAdded, e.g. "12.1"
	Subject   string
	Predicate string
	Object    string
	From, To  int // beats; From 0 = the beat it came with; To 0 = it still holds
	Pinned    bool
	Source    string // who says so, e.g. "author", "model"
}

// ThreadChange is what a beat did to a thread. One with an unknown ID and a Text opens it.
type ThreadChange struct {
	ID     string
	Text   string
	Status Status
}

// Status is where a thread stands.
type Status string

const (
	Open     Status = "open"
	Advanced Status = "advanced"
	Closed   Status = "closed"
)

// Thread is a question the story has opened.
type Thread struct {
	ID     string
	Text   string
	Status Status
	Opened int // beat
	Last   int // beat that touched it last
}

// Threads are all threads that the beats opened, in the order of their opening, the closed ones included. A change without an id, or
// of a thread that nothing opened, is passed over.
func Threads(beats []Beat) []Thread {
	var threads []Thread
	place := map[string]int{}
	for _, b := range beats {
		for _, change := range b.Threads {
			i, known := place[change.ID]
			switch {
			case change.ID == "", !known && strings.TrimSpace(change.Text) == "":
				continue
			case !known:
				i = len(threads)
				place[change.ID] = i
				threads = append(threads, Thread{ID: change.ID, Text: change.Text, Opened: b.Number})
			}
			threads[i].Last = b.Number
			threads[i].Status = cmp.Or(change.Status, Open)
			threads[i].Text = cmp.Or(strings.TrimSpace(change.Text), threads[i].Text)
		}
	}
	return threads
}

// live are the threads not closed, the longest open first.
func live(threads []Thread) []Thread {
	return slices.DeleteFunc(threads, func(t Thread) bool { return t.Status == Closed })
}

// Tail is what belongs to one turn only.
type Tail struct {
	Note   Note
	Signal string // what the audience did and felt, in one line of our own making; never what viewers wrote
	Wishes Wishes
	Scan   string // further words to look for keys in, e.g. the author's direction; not itself put into the prompt
	Task   string // what to write now
	Told   string // what the audience has already read of the scene; its end is kept
}

// Wishes are what viewers suggest. They are told as they come: who marks them has seen to it that a model can tell every word of them from its
// orders, and that none has more than a line.
type Wishes struct {
	About  string   // what the marks are, in words of our own
	Marked []string // what matters most first
}

// Note is the director's: where the story should go, apart from what happens in it.
type Note struct {
	Tension float64 // the target, up to 1; 0 for none
	Mood    string
	Pacing  string
	Reach   string // what must be reached, "" for nothing
	By      int    // by which beat; 0 for no term
}

// Layer is a part of a prompt.
type Layer string

// The layers, in the order of a prompt.
const (
	LayerContract Layer = "contract" // the system's words: how to write
	LayerBible    Layer = "bible"    // title, premise, cast, rules, style
	LayerArcs     Layer = "arcs"     // closed beats, one section for each closed epoch
	LayerPinned   Layer = "pinned"   // pinned facts; those that were pinned in the open epoch stand in the tail
	LayerBeats    Layer = "beats"    // the beats of the open epoch, verbatim
	LayerFacts    Layer = "facts"    // facts that matter to the last beats
	LayerLore     Layer = "lore"
	LayerThreads  Layer = "threads"
	LayerNote     Layer = "note"
	LayerSignal   Layer = "signal"
	LayerTask     Layer = "task"
	LayerTold     Layer = "told"
)

// Section says what stands in a prompt and why.
type Section struct {
	Layer  Layer
	ID     string
	Reason string // "static", "recent", "pinned", `key "lamp"`, `key "lamp", 2 beats ago`, "retrieved 0.42", "open since beat 7", "this turn"
	Tokens int    // by the Counter given
}

// Role is who speaks in a message.
type Role string

const (
	System Role = "system"
	User   Role = "user"
)

// Message is one message of a chat.
type Message struct {
	Role Role
	Text string
}

// Budget is what a prompt may cost, in tokens by the Counter given. Both must stay the same from beat to beat, for the epochs follow
// from them.
type Budget struct {
	Tokens int // of the whole prompt: the context's length less what is kept for the answer
	Tail   int // of these, kept for the tail, up to half of Tokens; 0 = tailShare. A long task needs more
}
