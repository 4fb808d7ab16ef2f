package story

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
)

// Write is the story as Twee 3. Parse makes the same story of it again, but for Passage.Line and what Parse had to complain about.
func (s *Story) Write() []byte {
	var b bytes.Buffer
	writePassage(&b, Passage{Name: "StoryTitle", Text: s.Title})
	writePassage(&b, Passage{Name: "StoryData", Text: string(s.writeKeys())})
	for _, p := range s.Passages {
		writePassage(&b, p)
	}
	return b.Bytes()
}

func writePassage(b *bytes.Buffer, p Passage) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(":: ")
	b.WriteString(headerEscapes.Replace(p.Name))
	if len(p.Tags) > 0 {
		b.WriteString(" [")
		for i, tag := range p.Tags {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(escapeTag(tag))
		}
		b.WriteByte(']')
	}
	if len(p.Meta) > 0 {
		b.WriteByte(' ')
		b.Write(encode(p.Meta))
	}
	b.WriteByte('\n')
	for line := range strings.SplitSeq(p.Text, "\n") {
		if strings.HasPrefix(line, "::") || isEscapedHeader(line) {
			b.WriteByte('\\')
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
}

// writeKeys is the body of StoryData.
func (s *Story) writeKeys() []byte {
	keys := maps.Clone(s.Data)
	if keys == nil {
		keys = map[string]json.RawMessage{}
	}
	put(keys, "ifid", s.IFID)
	put(keys, "format", s.Format)
	put(keys, "format-version", s.FormatVersion)
	put(keys, "start", s.Start)

	kino := map[string]json.RawMessage{}
	_ = json.Unmarshal(keys["kino"], &kino) // what is there was an object when it was read
	_ = json.Unmarshal(encode(s.Rules), &kino)
	put(kino, "language", s.Language)
	put(kino, "summary", s.Summary)
	put(kino, "mood", s.Mood)
	if len(s.Genres) > 0 {
		kino["genres"] = encode(s.Genres)
	}
	if len(s.Themes) > 0 {
		kino["themes"] = encode(s.Themes)
	}
	if s.World != nil {
		kino["world"] = encode(s.World)
	}
	keys["kino"] = encode(kino)

	var b bytes.Buffer
	_ = json.Indent(&b, encode(keys), "", "  ") // encode makes nothing that is not JSON
	return b.Bytes()
}

func put(keys map[string]json.RawMessage, key, value string) {
	if value != "" {
		keys[key] = encode(value)
	}
}

// encode is JSON on one line, without escapes for HTML. Only a story that was not made by Parse may hold what is not JSON; that is null.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return json.RawMessage("null")
	}
	return bytes.TrimSpace(b.Bytes())
}

// canonical is raw in the one form that encode gives it.
func canonical(raw json.RawMessage) json.RawMessage {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return json.RawMessage("null")
	}
	return encode(v)
}
