package story

import (
	"encoding/json"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Parse reads one story: Twee 3, or HTML that Twine 2 published or archived. name is the source's path: the report shows it, and
// the story's ID is made of its last part. The story is nil exactly if the report has an error.
func Parse(name string, source []byte) (*Story, Report) {
	return read(name, slug(strings.TrimSuffix(path.Base(name), path.Ext(name))), "", source)
}

// read is Parse for an edition whose ID and language are known from its place; language is "" if it is not.
func read(file, id, language string, source []byte) (*Story, Report) {
	r := &reporter{file: file}
	s := readStory(r, id, language, source)
	for _, p := range r.problems {
		if p.Severity == SeverityError {
			return nil, r.report()
		}
	}
	return s, r.report()
}

func readStory(r *reporter, id, language string, source []byte) *Story {
	if len(source) > MaxFileBytes {
		r.limit("bytes of the file", MaxFileBytes)
		return nil
	}
	if !utf8.Valid(source) {
		r.warn("encoding", "the file is not UTF-8 throughout; the wrong bytes are replaced")
	}
	text := normalise(string(source))
	var d draft
	if isHTML(text) {
		d = readHTML(text, r)
	} else {
		d = readTwee(text, r)
	}
	s := &Story{ID: id}
	d.lift(r)
	if len(d.passages) > MaxPassages {
		r.at("", 0)
		r.limit("passages", MaxPassages)
		return nil
	}
	s.Title, s.Passages = d.title, d.passages
	s.readKeys(d.keys, language, r)
	if s.IFID == "" {
		s.IFID = strings.ToUpper(uuid.NewSHA1(uuid.NameSpaceOID, []byte(text)).String())
		r.warn("ifid", "the story has no valid IFID; it is given %s", s.IFID)
	}
	r.at("", 0)
	if s.Title == "" {
		s.Title = id
		r.warn("StoryTitle", "the story has no title; it is called %q", id)
	}
	if s.checkNames(r) {
		s.compile(r)
	}
	return s
}

// normalise makes valid UTF-8 with plain line ends, without byte order mark and control characters.
func normalise(s string) string {
	s = strings.TrimPrefix(strings.ToValidUTF8(s, "\uFFFD"), "\uFEFF")
	return strip(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes an ID of a file's name.
func slug(name string) string {
	if s := strings.Trim(notSlug.ReplaceAllLiteralString(strings.ToLower(name), "-"), "-"); s != "" {
		return s
	}
	return "story"
}

// lift takes StoryTitle and StoryData out of the passages. In HTML too a passage StoryData may hold our keys.
func (d *draft) lift(r *reporter) {
	var rest []Passage
	lines := map[string]int{}
	for _, p := range d.passages {
		r.at(p.Name, p.Line)
		if p.Name != "StoryTitle" && p.Name != "StoryData" {
			rest = append(rest, p)
			continue
		}
		if first, twice := lines[p.Name]; twice {
			r.fail("header", "the passage is there twice: in line %d and in line %d", first, p.Line)
			continue
		}
		lines[p.Name] = p.Line
		if p.Name == "StoryTitle" {
			d.title = p.Text
			continue
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal([]byte(p.Text), &keys); err != nil {
			r.warn("StoryData", "it is not a JSON object: %v; it is left out", err)
		}
		if d.keys == nil {
			d.keys = map[string]json.RawMessage{}
		}
		for key, raw := range keys {
			d.keys[key] = canonical(raw)
		}
	}
	d.passages = rest
	d.title = strings.Join(strings.Fields(d.title), " ")
	if runes := []rune(d.title); len(runes) > MaxNameRunes {
		r.at("StoryTitle", lines["StoryTitle"])
		r.limit("characters of the title", MaxNameRunes)
	}
	r.at("StoryData", lines["StoryData"])
}

// checkNames reports whether every passage can be told apart by its name.
func (s *Story) checkNames(r *reporter) bool {
	lines := map[string]int{}
	ok := true
	for _, p := range s.Passages {
		r.at(p.Name, p.Line)
		first, twice := lines[p.Name]
		switch {
		case p.Name == "":
			r.fail("header", "the passage has no name")
		case twice:
			r.fail("header", "the passage is there twice: in line %d and in line %d", first, p.Line)
		case len([]rune(p.Name)) > MaxNameRunes:
			r.limit("characters of a passage's name", MaxNameRunes)
		default:
			lines[p.Name] = p.Line
			continue
		}
		ok = false
	}
	return ok
}
