package cluster

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Errors of Rooms, told apart with errors.Is.
var (
	ErrExists = errors.New("room exists already")
	ErrNoRoom = errors.New("no such room")
	ErrHeld   = errors.New("room is owned by another node")
	ErrLost   = errors.New("lease was lost") // another node owns the room, or nobody does: what was not appended never happened
)

// ErrInUse is that another process has a data folder open.
var ErrInUse = errors.New("in use by another node")

// LeaseTTL is how long a lease holds after it was acquired or last used. An owner uses it (Append, with nothing to append if need
// be) at least every quarter of it.
const LeaseTTL = 2 * time.Second

// Bus carries payloads from publishers to the subscribers of a topic. It may lose anything at any time, and it delivers nothing twice.
// Payloads of one publisher arrive in order. All methods are safe for concurrent use.
//
// Where a topic belongs to a room, the room's id stands in it in braces, as in "room/{id}/events": a backend of many servers keeps what has
// the same braces on the same server.
type Bus interface {
	// Publish hands a payload to everybody who is subscribed now. It does not wait until they have it, and it never waits for one that is
	// slow. The payload must not be empty and must not be changed afterwards.
	Publish(ctx context.Context, topic string, payload []byte) error
	// Subscribe calls receive for each payload published after it returned, until cancel is called. receive must not block and
	// must not change the payload. A nil payload is no payload: it says that the bus was away and is back, and that others may have been
	// lost in between. An error says that the bus does not answer; nothing is subscribed then.
	Subscribe(ctx context.Context, topic string, receive func(payload []byte)) (cancel func(), err error)
}

// Publication is a payload on its way to a topic.
type Publication struct {
	Topic   string
	Payload []byte
}

// Entry is one event of a room's journal.
type Entry struct {
	N    uint64 // 1, 2, 3, … without gaps
	Body []byte // one line of JSON
}

// Lease is the right to write to a room. Epochs of a room only grow, also across restarts; a write with an older one is refused.
type Lease struct {
	Room  string
	Node  string
	Epoch uint64
}

// Record is all that is kept of a room: the state at CheckpointN (nil = none yet) and the entries after it.
type Record struct {
	Checkpoint  []byte
	CheckpointN uint64
	Tail        []Entry
}

// Rooms keeps journals and says who may write to them. All methods are safe for concurrent use; when one returns without an error, what
// it did is durable.
type Rooms interface {
	// Create makes a room with its first entries; ErrExists.
	Create(ctx context.Context, room string, first ...Entry) error
	// Acquire makes node the owner of a room and returns all that is kept of it; ErrNoRoom, ErrHeld.
	Acquire(ctx context.Context, room, node string) (Lease, Record, error)
	// Append adds entries, of which the first follows the last one kept, and renews the lease; without entries it only renews. When they
	// are kept it publishes what is to be told, after all that was published before and before all that is published later; the topics must
	// be the room's. ErrLost: then nothing was kept and nothing is told.
	Append(ctx context.Context, lease Lease, entries []Entry, tell ...Publication) error
	// Checkpoint keeps the state after entry n, so that the next owner need not read what came before; ErrLost.
	Checkpoint(ctx context.Context, lease Lease, n uint64, state []byte) error
	// Release gives a room up at once; a lease that was lost is no error.
	Release(ctx context.Context, lease Lease) error
	// Read yields the journal from entry after+1 on; ErrNoRoom.
	Read(ctx context.Context, room string, after uint64) iter.Seq2[Entry, error]
	// List names the rooms that were written to since a time, the latest first.
	List(ctx context.Context, since time.Time) ([]string, error)
	// Delete removes a room and everything kept of it, whoever owns it: the owner's next Append fails with ErrLost. ErrNoRoom.
	Delete(ctx context.Context, room string) error
	// Probe writes something that belongs to no room, to find out whether storage takes it.
	Probe(ctx context.Context) error
	// Prune deletes the rooms that nobody owns and that were last written to before a time, and says how many.
	Prune(ctx context.Context, before time.Time) (int, error)
}
