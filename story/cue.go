package story

import (
	"slices"
	"strings"
)

// Passing is a cue with those of the author's words that pass. Where there were some, one text is left that does.
func (c Cue) Passing(passes func(text string) bool) Cue {
	had := c.Authored != "" || len(c.Reserve) > 0
	c.Reserve = slices.DeleteFunc(slices.Clone(c.Reserve), func(text string) bool { return !passes(text) })
	if c.Authored != "" && !passes(c.Authored) {
		c.Authored = ""
	}
	if had && c.Authored == "" && len(c.Reserve) == 0 {
		c.Authored = GoesOn(c.Language)
	}
	return c
}

// GoesOn is a sentence for a scene that nobody has words for, in Chinese where the language is, else in English.
func GoesOn(language string) string {
	if tag := strings.ToLower(language); tag == "zh" || strings.HasPrefix(tag, "zh-") {
		return "故事继续。"
	}
	return "The story goes on."
}
