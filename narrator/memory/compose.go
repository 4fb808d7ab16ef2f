package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Compose makes the prompt of the next scene. It never costs more than the budget; what has no room is named in Prompt.Left. A nil
// Counter is Cautious.
//
// The order is: contract, bible | closed beats, pinned facts | open beats | the tail. The first two stay for the whole show, the next
// two for an epoch, the beats grow, and only the tail is new in every turn. All pinned facts are in it, as long as they take no more
// than pinnedShare of the budget.
func Compose(show Show, tail Tail, budget Budget, count Counter) Prompt {
	room := budget.Tokens - 2*messageTokens
	if room <= 0 {
		return Prompt{}
	}
	if count == nil {
		count = Cautious
	}
	c := newComposer(show, budget, count, room)

	var system page
	system.add(c.bible(room * staticShare / 100)...)
	arcShare, tailRoom := room*arcShare/100, c.tailRoom(room, budget.Tail)
	c.pinnedRoom = room * pinnedShare / 100
	window := room - system.tokens - tailRoom
	c.beatRoom = max(window-arcShare-c.pinnedRoom, 0) / 2 // the same in all epochs, for a beat's text must not change
	e := c.follow(window, arcShare)
	c.closedBeats = e.first

	var rest page
	rest.add(c.past(e, arcShare)...)
	rest.add(c.certain(e.opened)...)
	left := room - system.tokens - rest.tokens
	rest.add(c.open(e.first, left-tailRoom/2)...)
	stable := system.Len() + rest.Len()
	left = room - system.tokens - rest.tokens
	rest.add(c.turn(tail, e.opened, left, tailRoom)...)

	return Prompt{
		System: system.String(), User: rest.String(), Stable: stable, Epoch: e.number,
		Sections: append(system.sections, rest.sections...), Left: c.left,
		Tokens: system.tokens + rest.tokens + 2*messageTokens,
	}
}

// composer is one call of Compose.
type composer struct {
	meter
	phrases
	show   Show
	ledger Ledger
	pins   []pin
	shut   []*closedBeat // by place, where it was needed
	costs  []int         // of the open beats, by place, where it was needed; 0 = not yet
	left   []Section

	closedBeats int // how many; the facts that the open ones brought are in their text

	pinnedRoom int // tokens for all pinned facts
	beatRoom   int // for one beat's text
	labelRoom  int // for one label or title
	choiceRoom int // set aside for the choice of a beat whose poll is open
}

func newComposer(show Show, budget Budget, count Counter, room int) *composer {
	c := &composer{
		meter: meter{count}, phrases: words(show.Bible.Language), show: show, ledger: NewLedger(show.Bible, show.Beats),
		shut: make([]*closedBeat, len(show.Beats)), costs: make([]int, len(show.Beats)), labelRoom: room / 25,
	}
	c.choiceRoom = c.Count(gap+c.chose) + min(c.labelRoom, 40)
	for _, f := range c.ledger.facts {
		if f.Pinned {
			text := c.factLine(f)
			c.pins = append(c.pins, pin{f, text, c.Count(text)})
		}
	}
	return c
}

func (c *composer) tailRoom(room, wanted int) int {
	if wanted <= 0 {
		return room * tailShare / 100
	}
	return min(wanted, room/2)
}

// omit notes what has no room.
func (c *composer) omit(layer Layer, id string, tokens int) {
	c.left = append(c.left, Section{layer, id, "no room", tokens})
}

// list is a heading with as many lines below it as have room, all in one piece for each line, so that each has its section.
func (c *composer) list(heading string, lines []piece, room int) []piece {
	var kept []piece
	room -= c.Count(gap + heading)
	for _, l := range lines {
		if l.Tokens > room {
			c.omit(l.Layer, l.ID, l.Tokens)
			continue
		}
		room -= l.Tokens
		kept = append(kept, l)
	}
	return headed(c, heading, kept)
}

// headed puts a heading before lines, which all begin with a line break.
func headed(c *composer, heading string, lines []piece) []piece {
	if len(lines) == 0 {
		return nil
	}
	lines = slices.Clone(lines)
	lines[0].text = heading + lines[0].text
	lines[0].Tokens += c.Count(gap + heading)
	return lines
}

// bible is the static part.
func (c *composer) bible(room int) []piece {
	b := &c.show.Bible
	contract := cmp.Or(clean(b.Contract), c.contract)
	if b.Contract == "" && b.Language != "" && !chinese(b.Language) && !strings.HasPrefix(strings.ToLower(b.Language), "en") {
		contract += "\n" + fmt.Sprintf(c.language, line(b.Language, 35))
	}
	var pieces []piece
	add := func(layer Layer, id, heading, text string) {
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		before := gap
		if heading != "" {
			before += heading + "\n"
		}
		whole := c.Count(before + text)
		kept := c.head(before, text, room)
		if kept != text {
			c.omit(layer, id, whole)
		}
		if kept == "" {
			return
		}
		p := c.piece(layer, id, "static", strings.TrimPrefix(before, gap)+kept)
		room -= p.Tokens
		pieces = append(pieces, p)
	}
	add(LayerContract, "contract", "", contract)
	add(LayerBible, "premise", c.story, line(b.Title, MaxTitleRunes)+"\n"+clean(b.Premise))
	add(LayerBible, "rules", c.rules, bullets(b.Rules))
	add(LayerBible, "style", c.style, clean(b.Style))
	var cast []string
	for _, e := range b.Cast {
		if e.About == "" {
			continue
		}
		name := e.Name
		if len(e.Aliases) > 0 {
			name += fmt.Sprintf(c.also, strings.Join(e.Aliases, c.and))
		}
		cast = append(cast, fmt.Sprintf(c.about, name, e.About))
	}
	add(LayerBible, "cast", c.cast, bullets(cast))
	return pieces
}

func bullets(entries []string) string {
	var b strings.Builder
	for _, e := range entries {
		if e = strings.Join(strings.Fields(clean(e)), " "); e != "" {
			b.WriteString("- " + e + "\n")
		}
	}
	return b.String()
}

// past are the closed epochs.
func (c *composer) past(e epoch, room int) []piece {
	var lines []piece
	for _, a := range e.arcs {
		beats := c.show.Beats
		id := fmt.Sprintf("%d–%d", beats[a.first].Number, beats[a.end-1].Number)
		if a.level == leftOut {
			c.omit(LayerArcs, id, 0)
			continue
		}
		lines = append(lines, c.piece(LayerArcs, id, "static", "\n"+c.arcText(a)))
	}
	return c.list(c.phrases.past, lines, room)
}

// certain are the facts that were pinned when the epoch began.
func (c *composer) certain(opened int) []piece {
	var lines []piece
	for _, p := range c.pins {
		if p.holds(opened) {
			lines = append(lines, piece{Section{LayerPinned, p.ID, "pinned", p.tokens}, p.text})
		}
	}
	return c.list(c.phrases.certain, lines, c.pinnedRoom)
}

func (c *composer) factLine(f known) string {
	f.Subject, f.Predicate, f.Object = line(f.Subject, MaxFactRunes), line(f.Predicate, MaxFactRunes), line(f.Object, MaxFactRunes)
	return "\n- " + clip(c.sentence(f), MaxFactRunes)
}
