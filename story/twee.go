package story

import (
	"encoding/json"
	"strings"
	"unicode"
)

// draft is a source before it is checked: what Twee and HTML have in common.
type draft struct {
	title    string
	keys     map[string]json.RawMessage // of StoryData
	passages []Passage
}

// readTwee reads Twee 3 (https://github.com/iftechfoundation/twine-specs). A body line that begins with \:: is one that begins with ::;
// Twine writes such lines though the specification does not speak of them. Further backslashes before them are kept in the same way.
func readTwee(source string, r *reporter) draft {
	var d draft
	var body []string
	stray := false
	flush := func() {
		if n := len(d.passages); n > 0 {
			d.passages[n-1].Text = joinBody(body)
		}
		body = nil
	}
	line := 0
	for s := range strings.SplitSeq(source, "\n") {
		line++
		r.at("", line)
		if header, ok := strings.CutPrefix(s, "::"); ok {
			flush()
			d.passages = append(d.passages, readHeader(header, line, r))
			if len(d.passages) > MaxPassages+2 {
				break // the report says so later
			}
			continue
		}
		if len(d.passages) == 0 {
			if !stray && strings.TrimSpace(s) != "" {
				r.warn("header", "text before the first passage is left out")
				stray = true
			}
			continue
		}
		if isEscapedHeader(s) {
			s = s[1:]
		}
		body = append(body, s)
	}
	flush()
	return d
}

// isEscapedHeader says whether s begins with backslashes and then with ::.
func isEscapedHeader(s string) bool {
	rest := strings.TrimLeft(s, `\`)
	return len(rest) < len(s) && strings.HasPrefix(rest, "::")
}

// joinBody makes a text of lines without the blank ones at its end.
func joinBody(lines []string) string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// readHeader reads `name [tags] {metadata}`.
func readHeader(s string, line int, r *reporter) Passage {
	end := bracket(s, "[{")
	p := Passage{Name: strings.TrimSpace(unescape(s[:end])), Line: line}
	r.at(p.Name, line)
	rest := s[end:]
	if tags, ok := strings.CutPrefix(rest, "["); ok {
		end := bracket(tags, "]")
		p.Tags = splitTags(tags[:end])
		rest = strings.TrimSpace(strings.TrimPrefix(tags[end:], "]"))
		if end == len(tags) {
			r.warn("header", "the tags are not closed by ]")
		}
	}
	if strings.HasPrefix(rest, "{") {
		p.Meta = readMeta(rest, r)
	} else if rest != "" {
		r.warn("header", "%.40q after the tags is left out", rest)
	}
	return p
}

func readMeta(s string, r *reporter) map[string]json.RawMessage {
	var meta map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s), &meta); err != nil {
		r.warn("metadata", "the metadata is not a JSON object: %v; it is left out", err)
		return nil
	}
	if len(meta) == 0 {
		return nil
	}
	for key, raw := range meta {
		meta[key] = canonical(raw)
	}
	return meta
}

// bracket is where the first of the signs stands in s without a backslash; len(s) if nowhere.
func bracket(s, signs string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if strings.IndexByte(signs, s[i]) >= 0 {
			return i
		}
	}
	return len(s)
}

// unescape takes the backslash off whatever it stands before.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// splitTags parts tags at blank space without a backslash.
func splitTags(s string) []string {
	var tags []string
	var tag strings.Builder
	escaped := false
	flush := func() {
		if t := strings.TrimSpace(unescape(tag.String())); t != "" {
			tags = append(tags, t)
		}
		tag.Reset()
	}
	for _, r := range s {
		if unicode.IsSpace(r) && !escaped {
			flush()
			continue
		}
		tag.WriteRune(r)
		escaped = r == '\\' && !escaped
	}
	flush()
	return tags
}

var headerEscapes = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// escapeTag escapes a tag for a header; blank space in it is escaped too.
func escapeTag(tag string) string {
	var b strings.Builder
	for _, r := range headerEscapes.Replace(tag) {
		if unicode.IsSpace(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
