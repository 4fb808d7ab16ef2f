package memory

import "strings"

// Prompt is what a model is asked, and why each part of it is there.
//
// It is one system message (contract and bible) and one user message (everything else), not one message for each beat. Chat templates
// render earlier assistant messages in another way than the last one (Qwen 3 takes their thinking block out), or put the system's words
// into the last user message (Mistral), and then no prefix is left to reuse; others insist that roles alternate, which authored scenes
// and choices do not. In one message the beats are plain text that only grows. It also keeps a model from taking its own earlier turns
// for a form to repeat.
type Prompt struct {
	System, User string
	Sections     []Section // in the order of the text
	Left         []Section // what had no room, or only in part
	Tokens       int       // at most, of both messages with their frames; never more than the Budget's
	Epoch        int       // counted from 0; it grows when open beats are closed, and with it the prefix changes

	// Stable is the length in bytes of what the next turn's prompt begins with too, System and User taken as one text, unless the next
	// beat fills the window. It ends with the last beat's text, or with its choice where that is known.
	Stable int
}

// Messages are the prompt as a chat, or none where the budget has no room even for their frames.
func (p Prompt) Messages() []Message {
	return frame(p.System, p.User)
}

// Warm is the prefix to send ahead, with one token asked for, while an answer is not needed yet: all that is stable. Of a prompt made
// while the last beat's poll is open, it is what every outcome begins with, also where an epoch has just been closed.
func (p Prompt) Warm() []Message {
	return frame(p.System, p.User[:max(p.Stable-len(p.System), 0)])
}

func frame(system, user string) []Message {
	var all []Message
	if system != "" {
		all = append(all, Message{System, system})
	}
	if user != "" {
		all = append(all, Message{User, user})
	}
	return all
}

const gap = "\n\n" // between two sections

// piece is a section with its text. Its tokens are those of the text and of the gap or heading before it. A text that begins with a
// line break goes on in the list before it.
type piece struct {
	Section
	text string
}

// page puts pieces together.
type page struct {
	strings.Builder
	sections []Section
	tokens   int
}

func (p *page) add(pieces ...piece) {
	for _, piece := range pieces {
		if p.Len() > 0 && !strings.HasPrefix(piece.text, "\n") {
			p.WriteString(gap)
		}
		p.WriteString(piece.text)
		p.sections = append(p.sections, piece.Section)
		p.tokens += piece.Tokens
	}
}

// meter counts, and cuts what is too long.
type meter struct {
	Counter
}

// piece is a text as a section, with what the gap before it costs.
func (m meter) piece(layer Layer, id, reason, text string) piece {
	return piece{Section{layer, id, reason, m.Count(gap + text)}, text}
}

// head is the longest beginning of a text that has at most n tokens with what goes before it; tail the longest end.
func (m meter) head(before, text string, n int) string {
	return m.fit(before, text, n, func(runes []rune, k int) string { return strings.TrimSpace(string(runes[:k])) + "…" })
}

func (m meter) tail(before, text string, n int) string {
	return m.fit(before, text, n, func(runes []rune, k int) string { return "…" + strings.TrimSpace(string(runes[len(runes)-k:])) })
}

func (m meter) fit(before, text string, n int, cut func([]rune, int) string) string {
	if m.Count(before+text) <= n {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // low characters fit, high do not; a character has at most 4 bytes, thus hardly more tokens
	for high-low > 1 {
		mid := (low + high) / 2
		if m.Count(before+cut(runes, mid)) <= n {
			low = mid
		} else {
			high = mid
		}
	}
	if low == 0 {
		return ""
	}
	return cut(runes, low)
}
