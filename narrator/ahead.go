package narrator

import (
	"context"
	"strings"
	"sync"

	"kinoautomat/narrator/plan"
	"kinoautomat/story"
)

// Ahead is a Narrator that writes ahead: while an audience votes it has what may win told into drafts, and gives them up when they cannot be needed
// any more. When the winner is to be told, its draft is read out at once, and the rest of it as it comes.
type Ahead struct {
	narrator Narrator
	warm     func(context.Context, story.Cue) // nil = nothing is to be warmed
	spare    func(room string) bool           // whether a draft would make nobody wait
	budget   plan.Budget

	alive context.Context // of the drafts
	end   context.CancelFunc
	wait  sync.WaitGroup

	mu     sync.Mutex
	desks  map[string]*desk // by room; guarded by mu
	closed bool             // guarded by mu
}

// desk is what was drafted for one decision of a room.
type desk struct {
	decision string
	begun    int
	drafts   map[string]*draft // by the cue's key
}

// NewAhead lets a narrator write ahead within a budget. spare says whether there is room for a draft now. warm, if it is not nil, is called with the
// cue of a prospect when a decision begins and no draft does: it makes models ready for it. Close it when no room is left.
func NewAhead(n Narrator, budget plan.Budget, spare func(room string) bool, warm func(context.Context, story.Cue)) *Ahead {
	a := &Ahead{narrator: n, warm: warm, spare: spare, budget: budget, desks: map[string]*desk{}}
	a.alive, a.end = context.WithCancel(context.Background())
	return a
}

// Close gives all drafts up and waits for their ends.
func (a *Ahead) Close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.end()
	a.wait.Wait()
}

// Expect begins and gives up drafts as an outlook of a room wants it. It does not block.
func (a *Ahead) Expect(o story.Outlook) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.desks[o.Room]
	if d != nil && d.decision != o.Decision {
		d.clear()
		delete(a.desks, o.Room)
		d = nil
	}
	if len(o.Prospects) == 0 || a.closed {
		return
	}
	fresh := d == nil
	if fresh {
		d = &desk{decision: o.Decision, drafts: map[string]*draft{}}
		a.desks[o.Room] = d
	}
	budget, spare := a.budget, a.spare(o.Room)
	if !spare {
		budget.Streams = 0
	}
	begin, giveUp := budget.Speculate(d.outlook(o))
	if fresh && spare && len(begin) == 0 && a.warm != nil {
		a.wait.Go(func() { a.warm(a.alive, o.Prospects[0].Cue) })
	}
	for _, key := range giveUp {
		d.drafts[key].giveUp()
	}
	for _, p := range o.Prospects {
		for _, key := range begin {
			if key == p.Cue.Key {
				d.begun++
				d.drafts[key] = a.draft(p.Cue)
			}
		}
	}
}

func (d *desk) clear() {
	for _, draft := range d.drafts {
		draft.giveUp()
	}
}

// outlook is an outlook of a room in the budget's words.
func (d *desk) outlook(o story.Outlook) plan.Outlook {
	p := plan.Outlook{Arming: o.Arming, Elapsed: o.Elapsed, Begun: d.begun}
	for _, prospect := range o.Prospects {
		p.Prospects = append(p.Prospects, plan.Prospect{Key: prospect.Cue.Key, P: prospect.P})
	}
	for key, draft := range d.drafts {
		if done, given := draft.state(); !given {
			p.Drafts = append(p.Drafts, plan.Draft{Key: key, Done: done})
		}
	}
	return p
}

// Tell implements Narrator.
func (a *Ahead) Tell(ctx context.Context, cue story.Cue, write func(text string) error) (story.Telling, error) {
	d, untold := a.take(cue)
	if d == nil {
		return a.narrator.Tell(ctx, cue, write)
	}
	defer d.giveUp()
	telling, told, err := d.read(ctx, write)
	if err == nil {
		telling.Ahead, telling.Untold = true, untold
		return telling, nil
	}
	if ctx.Err() != nil || d.outcome() == nil { // the room has gone, or does not take the words
		return story.Telling{}, err
	}
	cue.Told += told
	return a.narrator.Tell(ctx, cue, write) // the draft broke off
}

// take takes a cue's draft off the desk, with what was written of those that lost: the roads not taken.
func (a *Ahead) take(cue story.Cue) (d *draft, untold map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	desk := a.desks[cue.Room]
	if desk == nil || cue.Told != "" {
		return nil, nil
	}
	if d = desk.drafts[cue.Key]; d == nil {
		return nil, nil
	}
	delete(a.desks, cue.Room)
	delete(desk.drafts, cue.Key)
	desk.clear()
	if _, given := d.state(); given {
		return nil, nil
	}
	for key, lost := range desk.drafts {
		if text := lost.untold(); text != "" {
			if untold == nil {
				untold = map[string]string{}
			}
			untold[key[strings.LastIndexByte(key, '/')+1:]] = text
		}
	}
	return d, untold
}

// draft is a telling that nobody reads yet.
type draft struct {
	cue    story.Cue
	cancel context.CancelFunc
	news   chan struct{} // capacity 1: there is more, or the end

	mu      sync.Mutex
	pieces  []string      // guarded by mu
	done    bool          // guarded by mu
	given   bool          // given up; guarded by mu
	telling story.Telling // guarded by mu
	err     error         // guarded by mu
}

// draft begins one; a.mu is held.
func (a *Ahead) draft(cue story.Cue) *draft {
	ctx, cancel := context.WithCancel(a.alive)
	d := &draft{cue: cue, cancel: cancel, news: make(chan struct{}, 1)}
	a.wait.Go(func() {
		defer cancel()
		telling, err := a.narrator.Tell(ctx, cue, func(text string) error {
			d.change(func() { d.pieces = append(d.pieces, text) })
			return nil
		})
		d.change(func() { d.done, d.telling, d.err = true, telling, err })
	})
	return d
}

func (d *draft) change(do func()) {
	d.mu.Lock()
	do()
	d.mu.Unlock()
	select {
	case d.news <- struct{}{}:
	default:
	}
}

// giveUp ends a draft that is still being written.
func (d *draft) giveUp() {
	d.mu.Lock()
	d.given = d.given || !d.done
	d.mu.Unlock()
	d.cancel()
}

func (d *draft) state() (done, given bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.done, d.given
}

// untold is what a model wrote of a draft that nobody was told; "" where the author's words stood in for it, for those belong to the story.
func (d *draft) untold() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	cue := d.cue
	if cue.Told = strings.Join(d.pieces, ""); standsIn(cue) || d.done && d.err == nil && d.telling.Source != story.SourceModel {
		return ""
	}
	return cue.Told
}

// outcome is the error that a draft ended with, if it has ended.
func (d *draft) outcome() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// read hands out what is there and then what comes, to the end of the draft. told is what write has taken.
func (d *draft) read(ctx context.Context, write func(text string) error) (telling story.Telling, told string, err error) {
	for read := 0; ; {
		d.mu.Lock()
		pieces, done := d.pieces[read:], d.done
		telling, err = d.telling, d.err
		d.mu.Unlock()
		if len(pieces) > 0 {
			text := strings.Join(pieces, "")
			if err := write(text); err != nil {
				return story.Telling{}, told, err
			}
			told += text
			read += len(pieces)
			continue
		}
		if done {
			return telling, told, err
		}
		select {
		case <-d.news:
		case <-ctx.Done():
			return story.Telling{}, told, context.Cause(ctx)
		}
	}
}
