package memory

import (
	"fmt"
	"slices"
	"strings"
)

// open are the beats of the open epoch, word for word. The oldest of them go only where a budget is too small for its own rules.
func (c *composer) open(first, room int) []piece {
	var pieces []piece
	room -= c.Count(gap + c.beats)
	for i, b := range slices.Backward(c.show.Beats[first:]) {
		text, _ := c.text(&b)
		text = c.heading(&b) + gap + text
		if label := c.choice(&b); label != "" {
			text += gap + label
		}
		p := c.piece(LayerBeats, fmt.Sprint(b.Number), "recent", text)
		if p.Tokens > room {
			for _, b := range c.show.Beats[first : first+i+1] {
				c.omit(LayerBeats, fmt.Sprint(b.Number), 0)
			}
			break
		}
		room -= p.Tokens
		pieces = append(pieces, p)
	}
	slices.Reverse(pieces)
	if len(pieces) > 0 {
		pieces[0].text = c.beats + gap + pieces[0].text
		pieces[0].Tokens += c.Count(gap + c.beats)
	}
	return pieces
}

func (c *composer) heading(b *Beat) string {
	return strings.TrimSpace(fmt.Sprintf("## %d. %s", b.Number, c.short(b.Title)))
}

// text is a beat's text, or as much of its end as a beat may have, and what it costs.
func (c *composer) text(b *Beat) (text string, tokens int) {
	text = clean(b.Text)
	if tokens = c.Count(text); tokens > c.beatRoom {
		text = c.tail("", text, c.beatRoom)
		tokens = c.Count(text)
	}
	return text, tokens
}

func (c *composer) choice(b *Beat) string {
	if label := c.short(b.Choice); label != "" {
		return fmt.Sprintf(c.chose, label)
	}
	return ""
}

// short is a title or a label.
func (c *composer) short(text string) string {
	text = line(text, MaxTitleRunes)
	if len(text) <= c.labelRoom/4 { // no tokenizer makes more than four tokens of a byte
		return text
	}
	return c.head("", text, c.labelRoom)
}

// bare is at least what an open beat costs without its choice, and cost with it.
func (c *composer) bare(i int) int {
	if c.costs[i] == 0 {
		b := &c.show.Beats[i]
		_, tokens := c.text(b)
		c.costs[i] = c.Count(gap+c.heading(b)+gap) + tokens
	}
	return c.costs[i]
}

func (c *composer) cost(i int) int {
	if label := c.choice(&c.show.Beats[i]); label != "" {
		return c.bare(i) + c.Count(gap+label)
	}
	return c.bare(i)
}
