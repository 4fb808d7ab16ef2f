package room

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"kinoautomat/story"
)

// Journal keeps a room's events. An error means that this node is no longer the owner, and the room must stop.
type Journal interface {
	// Hold makes sure that this node still is the owner, before the room decides or says anything. It waits while storage is away. frozen is
	// for how long nothing could be kept until now, 0 where there was no break.
	Hold(ctx context.Context) (frozen time.Duration, err error)
	// Append returns when the events are durable, and then tells, as Config.Emit does. It waits while storage is away. On an error nothing is
	// told.
	Append(ctx context.Context, events []Event, tell []Emission) error
	Checkpoint(ctx context.Context, n uint64, state []byte) error
}

// Narrator tells a cue; see package narrator.
type Narrator interface {
	Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error)
}

// Planner makes of a scene that was told what there is to remember, and in a bridge ways on. It may take its time; when ctx ends it has to say
// at once what it has.
type Planner func(ctx context.Context, cue story.Cue, told string) story.Plan

// Config is what a room needs of the world. All fields are required but Plan, Expect, Passes, Recommend, Learn and Clock.
type Config struct {
	Journal   Journal
	Narrator  Narrator
	Plan      Planner                // takes notes of what a model told, and invents the choices of bridges
	Expect    func(story.Outlook)    // hears what may be told next, at most every quarter of a second; must not block
	Passes    func(text string) bool // the safety gate for what no model wrote, within milliseconds; nil = everything passes
	Recommend func(Interest) Sidebar // must answer within milliseconds
	Learn     func(Lesson)           // hears of each show in which viewers marked anything, once its end is durable, and perhaps again from the next owner; must not block
	Emit      func([]Emission)       // tells what needs no journal; called in order, from the room's goroutine; must not block
	Clock     *Clock                 // the node's, by which viewers set theirs; nil = one of its own
	FirstPos  uint64                 // where Emission.Pos begins; greater than any of an earlier owner
	Log       *zap.Logger
}

// Emission is an event on its way to the viewers. Pos counts what this owner has told everybody, so that a joiner knows which of it
// the snapshot already holds; events for one viewer have the Pos of the one before.
type Emission struct {
	Pos uint64
	Event
}

// Request is a command and the way back to its giver. Answer is called once, from the room's goroutine; it must not block.
type Request struct {
	Command
	Answer func(Reply)
}

// Reply is an encoded Answer. Pos is the last Emission that the answer knows of, N the last event of the journal.
type Reply struct {
	Pos   uint64
	N     uint64
	Data  json.RawMessage
	Error *Error
}

const (
	checkpointEvery = 500                    // events of the journal between two checkpoints, at least; a large room waits for one per person
	recommendEvery  = 250 * time.Millisecond // between two rankings; the sidebar is told less often
	expectEvery     = 250 * time.Millisecond // between two outlooks
)

// Room is the loop around a State: one goroutine, one timer.
type Room struct {
	config  Config
	inbox   *inbox
	words   chan func(now int64) []Event // from the narrator
	summary atomic.Pointer[Summary]

	// Owned by Run.
	state        *State
	pos          uint64
	checkpointed uint64
	telling      Telling
	stopTelling  context.CancelFunc
	planning     Telling
	stopPlanning context.CancelFunc
	tellers      sync.WaitGroup
	recommended  uint64
	recommendAt  time.Time
	expectedN    uint64 // the state that the narrator's outlook is of
	expectAt     time.Time
	expecting    bool // the last outlook had prospects
}

// NewRoom takes over a state that is up to date with its journal. Call Run next.
func NewRoom(state *State, config Config) *Room {
	if config.Clock == nil {
		config.Clock = NewClock()
	}
	state.passes = config.Passes
	config.Clock.NotBefore(time.UnixMilli(state.live.clock)) // the journal may be another node's, whose clock was ahead
	r := &Room{
		config: config, state: state, pos: config.FirstPos, checkpointed: state.N, inbox: newInbox(),
		words: make(chan func(int64) []Event), stopTelling: func() {}, stopPlanning: func() {},
	}
	r.summarize()
	return r
}

// Summary is what a list of rooms says of one.
type Summary struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Story    string `json:"story"`
	Language string `json:"language"`
	Phase    Phase  `json:"phase"`
	Viewers  int    `json:"viewers"`
	Public   bool   `json:"-"`
	Running  bool   `json:"-"` // a show runs, and is not paused
}

// Summary may be called by anyone at any time.
func (r *Room) Summary() Summary { return *r.summary.Load() }

func (r *Room) summarize() {
	s := r.state
	r.summary.Store(&Summary{
		ID: s.Room, Title: s.Title, Story: s.StoryID, Language: s.Language, Phase: s.Phase, Viewers: s.live.present,
		Public: s.Settings.Public != nil && *s.Settings.Public, Running: s.running() && s.PausedAt == 0,
	})
}

// Leave tells the room that a connection of a viewer is gone. It never blocks and is never lost, however busy the room is, and it never
// overtakes what that connection asked for before.
func (r *Room) Leave(viewer, conn string) { r.inbox.leave(viewer, conn) }

// LeaveAll is Leave for all connections whose names begin with prefix: those of a node.
func (r *Room) LeaveAll(prefix string) { r.inbox.leave("", prefix) }

// Do hands a request to the room. It never blocks: a room that cannot take it answers at once.
func (r *Room) Do(req Request) {
	if refused := r.inbox.put(req); refused != nil {
		req.Answer(Reply{Error: refused})
	}
}

// Run is the room's life: until ctx is done (nil, with a last checkpoint) or the journal refuses an append (that error). It may be
// called once.
func (r *Room) Run(ctx context.Context) error {
	telling, stop := context.WithCancel(ctx)
	defer r.close(stop)
	if err := r.recover(ctx); err != nil {
		return err
	}
	r.learn()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var batch []entry
		var write func(now int64) []Event
		select {
		case <-ctx.Done():
			return r.checkpoint(context.WithoutCancel(ctx))
		case <-r.inbox.wake:
			batch = r.inbox.take()
		case write = <-r.words:
		case <-timer.C:
		}
		if err := r.turn(ctx, batch, write); err != nil {
			return err
		}
		r.tell(telling)
		r.invent(telling)
		if err := r.commit(ctx, r.recommend()); err != nil {
			return err
		}
		r.learn()
		r.expect()
		timer.Reset(r.next().Sub(r.config.Clock.Now()))
	}
}

// recover takes the room over, and gives back the time in which it could not go on.
func (r *Room) recover(ctx context.Context) error {
	frozen, err := r.config.Journal.Hold(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	now := r.config.Clock.millis()
	var events []Event
	if frozen > 0 {
		events = r.state.Thaw(now, frozen.Milliseconds())
	}
	return r.commit(ctx, append(events, r.state.Recover(now)...))
}

// close leaves nothing behind: no goroutine, no request without an answer.
func (r *Room) close(stop context.CancelFunc) {
	left := r.inbox.close()
	stop()
	if r.expecting {
		r.config.Expect(story.Outlook{Room: r.state.Room})
	}
	r.tellers.Wait()
	for _, e := range left {
		if !e.gone {
			e.Answer(Reply{Error: moving})
		}
	}
}

// turn applies a batch, makes it durable, and only then tells anybody. write is what the narrator has, or nil.
func (r *Room) turn(ctx context.Context, batch []entry, write func(now int64) []Event) error {
	replies := make([]Reply, len(batch))
	frozen, err := r.config.Journal.Hold(context.WithoutCancel(ctx))
	if err == nil {
		err = r.commit(ctx, r.happen(batch, write, frozen, replies))
	}
	r.summarize()
	for i, e := range batch {
		if e.gone {
			continue
		}
		if err != nil {
			replies[i] = Reply{Error: Refuse(CodeUnavailable, "the room could not keep that; try again")}
		}
		e.Answer(replies[i])
	}
	return err
}

// happen is what a batch, the narrator and the time that has passed make of the state.
func (r *Room) happen(batch []entry, write func(now int64) []Event, frozen time.Duration, replies []Reply) []Event {
	now := r.config.Clock.millis()
	var events []Event
	if frozen > 0 {
		events = r.state.Thaw(now, frozen.Milliseconds())
	}
	if write != nil {
		events = append(events, write(now)...)
	}
	for i, e := range batch {
		if e.gone && e.Viewer == "" {
			events = append(events, r.state.LeaveAll(now, e.Conn)...)
			continue
		}
		if e.gone {
			events = append(events, r.state.Leave(now, e.Viewer, e.Conn)...)
			continue
		}
		happened, answer := r.state.Apply(now, e.Command)
		events = append(events, happened...)
		replies[i] = encode(answer)
		replies[i].Pos, replies[i].N = r.pos+told(events), r.state.N
	}
	return append(events, r.state.Tick(now)...)
}

func encode(answer Answer) Reply {
	if answer.Error != nil || answer.Data == nil {
		return Reply{Error: answer.Error}
	}
	data, err := json.Marshal(answer.Data)
	if err != nil {
		return Reply{Error: AsError(err)}
	}
	return Reply{Data: data}
}

// forAll: everybody is told.
func forAll(e Event) bool { return e.To == "" && (e.Seq > 0 || e.N == 0) }

// told counts the events that everybody is told.
func told(events []Event) uint64 {
	n := uint64(0)
	for _, e := range events {
		if forAll(e) {
			n++
		}
	}
	return n
}

// commit appends, then emits. What goes into the journal takes along all that is told with it: a backend may do both in one step.
func (r *Room) commit(ctx context.Context, events []Event) error {
	var kept []Event
	var out []Emission
	for _, e := range events {
		if e.N > 0 {
			kept = append(kept, e)
		}
		if forAll(e) {
			r.pos++
		}
		if forAll(e) || e.To != "" {
			out = append(out, Emission{Pos: r.pos, Event: e})
		}
	}
	switch {
	case len(kept) > 0:
		if err := r.config.Journal.Append(context.WithoutCancel(ctx), kept, out); err != nil {
			return fmt.Errorf("append to journal: %w", err)
		}
	case len(out) > 0:
		r.config.Emit(out)
	}
	if r.state.N-r.checkpointed >= max(checkpointEvery, uint64(len(r.state.People))) { // writing a state costs as much as it has people
		if err := r.checkpoint(context.WithoutCancel(ctx)); err != nil {
			r.config.Log.Warn("no checkpoint", zap.Error(err)) // a short cut less; whether the room is still ours the next append finds out
		}
	}
	return nil
}

func (r *Room) checkpoint(ctx context.Context) error {
	if r.state.N == r.checkpointed {
		return nil
	}
	state, err := json.Marshal(r.state)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	if err := r.config.Journal.Checkpoint(ctx, r.state.N, state); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	r.checkpointed = r.state.N
	return nil
}

// next is when the room has something to do without being asked.
func (r *Room) next() time.Time {
	next := time.UnixMilli(r.state.Next())
	if r.config.Recommend != nil && r.state.live.interestAt != r.recommended && r.recommendAt.Before(next) {
		next = r.recommendAt
	}
	if r.config.Expect != nil && r.outlookChanges() && r.expectAt.Before(next) {
		next = r.expectAt
	}
	return next
}

// outlookChanges says whether the narrator's outlook may be out of date, or will be by itself.
func (r *Room) outlookChanges() bool { return r.state.N != r.expectedN || r.state.undecided() }

// expect tells the narrator what may come next, so that it can write ahead.
func (r *Room) expect() {
	now := r.config.Clock.Now()
	if r.config.Expect == nil || now.Before(r.expectAt) || !r.outlookChanges() {
		return
	}
	r.expectedN, r.expectAt = r.state.N, now.Add(expectEvery)
	outlook, ok := r.state.Outlook(now.UnixMilli())
	if ok && (r.expecting || len(outlook.Prospects) > 0) {
		r.expecting = len(outlook.Prospects) > 0
		r.config.Expect(outlook)
	}
}

// recommend brings the sidebar up to date.
func (r *Room) recommend() []Event {
	if r.config.Recommend == nil || r.config.Clock.Now().Before(r.recommendAt) {
		return nil
	}
	if r.state.live.interestAt == r.recommended && !r.recommendAt.IsZero() {
		return nil
	}
	r.recommended, r.recommendAt = r.state.live.interestAt, r.config.Clock.Now().Add(recommendEvery)
	return r.state.SetSidebar(r.config.Clock.millis(), r.config.Recommend(r.state.Interest()))
}

// learn hands on what there is to learn, all of which is durable by now.
func (r *Room) learn() {
	for _, lesson := range r.state.Lessons() {
		if r.config.Learn != nil {
			r.config.Learn(lesson)
		}
	}
}

// tell sees to it that the narrator works on the scene that waits for it, and on nothing else.
func (r *Room) tell(ctx context.Context) {
	telling, wanted := r.state.Telling()
	if telling == r.telling {
		return
	}
	r.stopTelling()
	r.telling = telling
	if !wanted {
		return
	}
	cue := r.state.Cue()
	life := ctx
	ctx, r.stopTelling = context.WithCancel(ctx)
	r.tellers.Go(func() {
		if told := r.narrate(ctx, cue, telling); told != "" && !cue.Invents() {
			r.plan(life, life, cue, telling, told)
		}
	})
}

// invent has choices thought of for the scene that waits for them, and for no other. A narrator that takes too long has to come to an end.
func (r *Room) invent(ctx context.Context) {
	planning, hurry, wanted := r.state.Planning()
	if planning != r.planning {
		r.stopPlanning()
		if r.planning = planning; wanted {
			thinking, stop := context.WithCancel(ctx)
			cue := r.state.PlanCue()
			r.stopPlanning = stop
			r.tellers.Go(func() { r.plan(thinking, ctx, cue, planning, cue.Told) })
		}
	}
	if hurry {
		r.stopPlanning()
	}
}

// hand gives the loop something to do; it is the way from a goroutine beside the loop to the state.
func (r *Room) hand(ctx context.Context, change func(now int64) []Event) error {
	select {
	case r.words <- change:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// narrate runs beside the loop. It returns what a model told to its end, "" where the scene was over before or the words are the author's.
func (r *Room) narrate(ctx context.Context, cue story.Cue, telling Telling) (told string) {
	done, err := r.ask(ctx, cue, func(text string) error {
		told += text
		return r.hand(ctx, func(now int64) []Event { return r.state.Write(now, telling, text) })
	})
	if ctx.Err() != nil {
		return ""
	}
	if err != nil {
		r.config.Log.Warn("narrator gave up", zap.String("scene", cue.Scene), zap.Error(err))
		done = story.Telling{Source: story.SourceAuthored, Why: "narrator_failed"}
	}
	if r.hand(ctx, func(now int64) []Event { return r.state.Written(now, telling, done) }) != nil || done.Source != story.SourceModel {
		return ""
	}
	return cue.Told + told
}

// plan has a scene thought over while people read. A narrator that had to come to an end may have said nothing that is worth noting: it is asked
// once more, for its notes alone, as long as the scene's words are those that it told.
func (r *Room) plan(ctx, life context.Context, cue story.Cue, telling Telling, told string) {
	p := r.think(ctx, cue, told)
	wanted := make(chan bool, 1)
	err := r.hand(life, func(now int64) []Event {
		events := r.state.Planned(now, telling, p)
		wanted <- r.state.running() && r.state.remembers(telling)
		return events
	})
	if err != nil {
		return // a room that has stopped needs none
	}
	if cue.Invents() && len(p.Notes) == 0 && ctx.Err() != nil && <-wanted {
		cue.Bridge = nil
		p = r.think(life, cue, told)
		_ = r.hand(life, func(now int64) []Event { return r.state.Planned(now, telling, p) })
	}
}

// think asks the planner. A fault of it costs its thoughts and nothing else.
func (r *Room) think(ctx context.Context, cue story.Cue, told string) (p story.Plan) {
	defer func() {
		if fault := recover(); fault != nil {
			r.config.Log.Error("panic in narrator", zap.Any("panic", fault), zap.ByteString("stack", debug.Stack()))
		}
	}()
	if r.config.Plan != nil {
		p = r.config.Plan(ctx, cue, told)
	}
	return p
}

// ask calls the narrator; a fault of his costs the scene's words and nothing else.
func (r *Room) ask(ctx context.Context, cue story.Cue, write func(string) error) (done story.Telling, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in narrator: %v\n%s", p, debug.Stack())
		}
	}()
	return r.config.Narrator.Tell(ctx, cue, write)
}
