package recommend

import (
	"math"
	"strings"

	"kinoautomat/story"
)

// Weights of the parts of a history, before they age.
const (
	weightLabel = 1.0 // the words of a choice that won
	weightText  = 0.6 // the scene that it led to
	weightStory = 0.5 // the running story's genres, themes and title; doesn't age
	halfLife    = 2.0 // steps after which a choice or a scene weighs half
)

// history is a room's show in parts. A choice and the scene that it led to are one part: what the room voted for.
func (c *Catalogue) history(q Query) []source {
	var sources []source
	add := func(reason Reason, weight float64, v vector, said ...string) {
		if text := strings.TrimSpace(strings.Join(said, ". ")); len(v) > 0 || c.meanings != nil && text != "" {
			sources = append(sources, source{vector: v.times(weight), reason: reason, said: text, weight: weight})
		}
	}
	path := q.Path[max(0, len(q.Path)-pathSteps-1):]
	for i, step := range path {
		age := math.Pow(0.5, float64(len(path)-1-i)/halfLife)
		text := step.Text
		if i == len(path)-1 {
			text += "\n" + q.Mood
		}
		if i > 0 && path[i-1].Label != "" {
			add(choiceReason(path[i-1]), age, c.told(path[i-1].Label, text), path[i-1].Label, ending(text, textRunes))
		} else if i > 0 || len(path) <= pathSteps {
			add(Reason{kind: becauseScene, quote: step.Title}, age, c.told("", text), ending(text, textRunes))
		}
	}
	if n := len(path); n > 0 && path[n-1].Label != "" {
		add(choiceReason(path[n-1]), 1, c.told(path[n-1].Label, ""), path[n-1].Label)
	}
	if q.Story != nil {
		about := c.memo.story(q.Story, func() vector { return c.index.about(c.lexicon.storyItem([]*story.Story{q.Story})) })
		add(Reason{kind: becauseStory, quote: q.Story.Title}, weightStory, about, q.Story.Title, q.Story.Summary)
	}
	return sources
}

// told is a choice and the scene that it led to as one vector; either may be empty.
func (c *Catalogue) told(label, text string) vector {
	return c.memo.text(label, text, func() vector {
		v, length := sum(c.index.text(label, weightLabel), c.index.text(ending(text, textRunes), weightText))
		v.scale(length)
		return v
	})
}

// choiceReason tells the room's own choices from those that were made for it.
func choiceReason(s story.Step) Reason {
	if s.DecidedBy == "majority" || s.DecidedBy == "tie_break" {
		return Reason{kind: becauseChosen, quote: s.Label}
	}
	return Reason{kind: becauseTurned, quote: s.Label}
}

// ending is the last code points of a text.
func ending(text string, most int) string {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i]&0xC0 != 0x80 { // a code point begins here
			if most--; most == 0 {
				return text[i:]
			}
		}
	}
	return text
}

// text is a text as a vector of length weight; nil if nothing of it is known.
func (x *index) text(text string, weight float64) vector {
	b := bag{}
	x.recognise(b, text, 1)
	v := x.vector(b)
	v.scale(weight)
	return v
}

// about is an item as a vector of length 1, by the terms that are known.
func (x *index) about(item *Item) vector {
	b := bag{}
	for _, genre := range item.Genres {
		x.recogniseTag(b, "genre:", genre)
	}
	for _, theme := range item.Themes {
		x.recogniseTag(b, "theme:", theme)
	}
	for _, words := range item.Words { // one edition
		x.recognise(b, words.Title, weightTitle)
		x.recognise(b, words.Sentence, weightWord)
	}
	return x.vector(b)
}

// recogniseTag counts a tag, whose words may be in any language.
func (x *index) recogniseTag(b bag, kind, tag string) {
	if t, ok := x.terms[kind+tag]; ok {
		b[t] += weightTag
	}
	x.recognise(b, tag, weightTag/2)
}
