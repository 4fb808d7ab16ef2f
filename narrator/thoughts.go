package narrator

import "strings"

// thoughts takes out of what a model streams what it only thinks, between <think> and </think>. Tags may arrive in any pieces; what could be the
// beginning of one is held back until that is certain.
type thoughts struct {
	tag      string // held back: may become one of tags
	thinking bool   // between two tags
}

// tags surround a model's thoughts.
var tags = []string{"<think>", "</think>", "<thinking>", "</thinking>"}

// push takes the next piece and returns what of it is certain to be spoken.
func (t *thoughts) push(piece string) string {
	var out strings.Builder
	for _, r := range piece {
		if t.tag == "" && r != '<' {
			if !t.thinking {
				out.WriteRune(r)
			}
			continue
		}
		if r == '<' && t.tag != "" { // the earlier < began nothing
			if !t.thinking {
				out.WriteString(t.tag)
			}
			t.tag = ""
		}
		t.tag += string(r)
		whole, begun := false, false
		for _, tag := range tags {
			whole = whole || strings.EqualFold(t.tag, tag)
			begun = begun || len(t.tag) < len(tag) && strings.EqualFold(t.tag, tag[:len(t.tag)])
		}
		switch {
		case whole:
			t.thinking = t.tag[1] != '/'
			t.tag = ""
		case !begun:
			if !t.thinking {
				out.WriteString(t.tag)
			}
			t.tag = ""
		}
	}
	return out.String()
}

// close returns what was held back.
func (t *thoughts) close() string {
	held := t.tag
	t.tag = ""
	if t.thinking {
		return ""
	}
	return held
}
