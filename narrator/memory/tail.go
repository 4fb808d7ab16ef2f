package memory

import (
	"fmt"
	"slices"
	"strings"
)

// turn is what belongs to this turn only. Room is all that the prompt has left, usual what the tail may have of it; pinned facts may
// have more. What matters most gets its room first, and stands last.
func (c *composer) turn(t Tail, opened, room, usual int) []piece {
	var recent, gone []piece
	for _, p := range c.pins {
		switch now := p.holds(len(c.show.Beats)); {
		case now && !p.holds(opened):
			recent = append(recent, piece{Section{LayerPinned, p.ID, "pinned", p.tokens}, p.text})
		case !now && p.holds(opened):
			gone = append(gone, piece{Section{LayerPinned, p.ID, "ended", p.tokens}, p.text})
		}
	}
	take := func(limit int, make func(room int) []piece) []piece {
		pieces := make(max(min(limit, room), 0))
		for _, p := range pieces {
			room -= p.Tokens
			usual -= p.Tokens
		}
		return pieces
	}
	before := room
	since := take(room, func(n int) []piece { return c.list(c.since, recent, n) })
	since = append(since, take(room, func(n int) []piece { return c.list(c.ended, gone, n) })...)
	usual = min(usual+before-room, room) // pinned facts have room of their own

	task := take(usual*7/10, func(n int) []piece { return c.block(LayerTask, c.task, clean(t.Task), n, c.head) })
	began := take(usual/2, func(n int) []piece { return c.block(LayerTold, c.told, clean(t.Told), n, c.tail) })
	note := take(usual/2, func(n int) []piece {
		return c.block(LayerNote, c.note, c.direct(t.Note, c.number()+1), n, c.head)
	})
	signal := take(usual/2, func(n int) []piece { return c.block(LayerSignal, c.signal, marked(t.Signal), n, whole) })
	wishes := take(usual/2, func(n int) []piece { return c.list(c.wishes+"\n"+t.Wishes.About, suggested(c, t.Wishes), n) })
	threads := take(usual/3, func(n int) []piece { return c.list(c.threads, c.questions(), n) })
	scan := strings.Join([]string{t.Scan, t.Task, t.Told}, "\n")
	lore := take(usual*2/3, func(n int) []piece { return c.background(scan, n) })
	facts := take(usual, func(n int) []piece { return c.list(c.facts, c.recall(scan), n) })
	return slices.Concat(since, facts, lore, threads, note, signal, wishes, task, began)
}

// number is that of the last beat.
func (c *composer) number() int {
	if len(c.show.Beats) == 0 {
		return 0
	}
	return c.show.Beats[len(c.show.Beats)-1].Number
}

// block is a heading and a text, cut where it has too little room.
func (c *composer) block(layer Layer, heading, text string, room int, cut func(before, text string, n int) string) []piece {
	if text == "" {
		return nil
	}
	before := gap + heading + "\n"
	kept := text
	if tokens := c.Count(before + text); tokens > room {
		c.omit(layer, string(layer), tokens)
		if kept = cut(before, text, room); kept == "" {
			return nil
		}
	}
	return []piece{c.piece(layer, string(layer), "this turn", heading+"\n"+kept)}
}

// whole does not cut: all or nothing.
func whole(string, string, int) string { return "" }

// marked is the audience's signal between marks that it cannot contain.
func marked(signal string) string {
	signal = line(strings.NewReplacer("⟦", "", "⟧", "").Replace(signal), MaxSignalRunes)
	if signal == "" {
		return ""
	}
	return "⟦" + signal + "⟧"
}

// suggested are viewers' wishes, a line each.
func suggested(c *composer, w Wishes) []piece {
	var lines []piece
	for i, marked := range w.Marked {
		if marked != "" && !strings.ContainsAny(marked, "\n\r") {
			text := "\n- " + marked
			lines = append(lines, piece{Section{LayerSignal, fmt.Sprintf("wish %d", i+1), "this turn", c.Count(text)}, text})
		}
	}
	return lines
}

// questions are the open threads, the longest open first.
func (c *composer) questions() []piece {
	var lines []piece
	threads := live(Threads(c.show.Beats))
	for _, t := range threads[:min(len(threads), MaxThreads)] {
		text := "\n- " + fmt.Sprintf(c.openSince, line(t.Text, MaxThreadRunes), t.Opened)
		lines = append(lines, piece{Section{LayerThreads, t.ID, fmt.Sprintf("open since beat %d", t.Opened), c.Count(text)}, text})
	}
	return lines
}

// background is the lore that is told, the highest order last.
func (c *composer) background(scan string, room int) []piece {
	var lines []piece
	room -= c.Count(gap + c.lore)
	for _, e := range active(c.show.Lore, c.show.Beats, scan) {
		text := line(e.Text, MaxLoreRunes)
		if e.Tokens > 0 {
			text = c.head("\n- ", text, e.Tokens)
		}
		text = "\n- " + text
		tokens := c.Count(text)
		if tokens > room || len(lines) == MaxLore {
			c.omit(LayerLore, e.ID, tokens)
			continue
		}
		room -= tokens
		lines = append(lines, piece{Section{LayerLore, e.ID, e.reason(), tokens}, text})
	}
	slices.Reverse(lines)
	return headed(c, c.lore, lines)
}
