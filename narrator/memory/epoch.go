package memory

import (
	"fmt"
	"strings"
)

// epoch is the stretch of beats that stand in the prompt word for word. It grows until the window is full; then all but its newer half
// are closed at once, and the next epoch begins. That is followed from the first beat on, from what was told alone, so that every turn
// comes to the same epochs as the turns before it.
type epoch struct {
	number int
	first  int // place of the first open beat
	opened int // beats there were when it began, less the last, whose facts may still have been on their way
	arcs   []arc
}

// arc is a stretch of closed beats. The fuller an arc, the lower its level.
type arc struct {
	first, end int // places of beats
	level      level
}

type level int

const (
	summaries level = iota // a line for each beat
	headlines              // its title and choice only
	span                   // titles of the first and the last beat
	leftOut
)

// follow is the epoch after all beats. The window is what contract, bible and tail leave for closed beats, pinned facts and open beats.
func (c *composer) follow(window, arcShare int) epoch {
	var e epoch
	pins := newPins(c.pins)
	pins.open(0)
	open, arcs := 0, 0
	for n := 1; n <= len(c.show.Beats); n++ { // the turn after n beats
		if n > 1 {
			open += c.cost(n - 2)
		}
		last := c.bare(n-1) + c.choiceRoom // whatever wins, the epochs are the same
		room := window - arcs - min(pins.at(n-1), c.pinnedRoom)
		if open+last <= room {
			continue
		}
		first := e.first
		for e.first < n-1 && open+last > room*openKept/100 {
			open -= c.cost(e.first)
			e.first++
		}
		if e.first == first {
			continue // one beat that fills the window by itself
		}
		e.number++
		e.opened = n - 1
		e.arcs = append(e.arcs, arc{first: first, end: e.first})
		e.arcs, arcs = c.condense(e.arcs, arcShare)
		pins.open(n - 1)
	}
	return e
}

// condense makes arcs shorter when they have outgrown their share, down to half of it, so that it is not needed again soon. The oldest
// lose first: their summaries, then their choices; then the two oldest become one. The newest gives way only where it must.
func (c *composer) condense(arcs []arc, share int) (condensed []arc, total int) {
	total = c.Count(gap + c.phrases.past)
	for _, a := range arcs {
		total += c.arcTokens(a)
	}
	if total <= share {
		return arcs, total
	}
	lower := func(i int, to level) {
		if arcs[i].level < to {
			total -= c.arcTokens(arcs[i])
			arcs[i].level = to
			total += c.arcTokens(arcs[i])
		}
	}
	newest := len(arcs) - 1
	for _, to := range []level{headlines, span} {
		for i := 0; i < newest && total > share*openKept/100; i++ {
			lower(i, to)
		}
	}
	for newest > 1 && total > share*openKept/100 && total > c.arcTokens(arcs[newest])+2*c.arcTokens(arcs[0]) {
		total -= c.arcTokens(arcs[0]) + c.arcTokens(arcs[1])
		arcs[1].first = arcs[0].first
		arcs, newest = arcs[1:], newest-1
		total += c.arcTokens(arcs[0])
	}
	for _, to := range []level{headlines, span, leftOut} {
		for i := newest; i >= 0 && total > share; i-- {
			lower(i, to)
		}
	}
	return arcs, total
}

// arcTokens is at least what an arc costs.
func (c *composer) arcTokens(a arc) int {
	switch a.level {
	case leftOut:
		return 0
	case span:
		return c.Count(gap + c.arcText(a))
	}
	total := c.Count(gap + c.arcHeading(a))
	for i := a.first; i < a.end; i++ {
		total += c.closed(i).tokens[a.level]
	}
	return total
}

func (c *composer) arcHeading(a arc) string {
	beats := c.show.Beats
	return c.scenesOf(beats[a.first].Number, beats[a.end-1].Number)
}

func (c *composer) arcText(a arc) string {
	var b strings.Builder
	b.WriteString(c.arcHeading(a))
	if a.level == span {
		beats := c.show.Beats
		b.WriteString("\n" + fmt.Sprintf(c.span, line(beats[a.first].Title, MaxTitleRunes), line(beats[a.end-1].Title, MaxTitleRunes)))
		return b.String()
	}
	for i := a.first; i < a.end; i++ {
		b.WriteString(c.closed(i).lines[a.level])
	}
	return b.String()
}

// closedBeat is what is left of a beat, at the levels summaries and headlines.
type closedBeat struct {
	lines  [2]string
	tokens [2]int
}

func (c *composer) closed(i int) *closedBeat {
	if c.shut[i] != nil {
		return c.shut[i]
	}
	b := &c.show.Beats[i]
	title, label := line(b.Title, MaxTitleRunes), line(b.Choice, MaxTitleRunes)
	long := line(b.Summary, MaxSummaryRunes)
	if long == "" {
		long = line(firstSentence(b.Text), MaxSummaryRunes)
	}
	if label != "" {
		long += fmt.Sprintf(c.chosen, label)
		title = fmt.Sprintf(c.headline, title, label)
	}
	shut := &closedBeat{lines: [2]string{fmt.Sprintf("\n%d. %s", b.Number, line(b.Title, MaxTitleRunes)+": "+long), "\n" + title}}
	for level, text := range shut.lines {
		shut.tokens[level] = c.Count(text)
	}
	c.shut[i] = shut
	return shut
}

// firstSentence is a text up to its first full stop, mark of exclamation or question that ends something, or its first line.
func firstSentence(text string) string {
	text = strings.TrimSpace(text)
	if first := sentences(clip(text, 4*MaxSummaryRunes)); len(first) > 0 {
		return first[0]
	}
	return text
}

// pin is a pinned fact in words.
type pin struct {
	known
	text   string
	tokens int
}

// holds says whether it held as a pinned one after the first n beats.
func (p pin) holds(n int) bool {
	return p.pinnedAt <= n && (p.ended < 0 || p.ended > n)
}

// pins follows what pinned facts cost in the open epoch: those that held when it began, those that came since, and a line for each one
// that has ended.
type pins struct {
	all   []pin
	came  map[int]int // tokens by beats there were
	ended map[int]int
	total int
	until int
}

func newPins(all []pin) *pins {
	p := &pins{all: all, came: map[int]int{}, ended: map[int]int{}}
	for _, pin := range all {
		p.came[pin.pinnedAt] += pin.tokens
		if pin.known.ended >= 0 {
			p.ended[pin.known.ended] += pin.tokens
		}
	}
	return p
}

// open begins an epoch that knows the facts of the first n beats.
func (p *pins) open(n int) {
	p.total, p.until = 0, n
	for _, pin := range p.all {
		if pin.holds(n) {
			p.total += pin.tokens
		}
	}
}

// at is the cost after n beats. Within an epoch n only grows.
func (p *pins) at(n int) int {
	for ; p.until < n; p.until++ {
		p.total += p.came[p.until+1] + p.ended[p.until+1]
	}
	return p.total
}
