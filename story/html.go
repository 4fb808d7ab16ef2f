package story

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
)

var (
	htmlStory     = regexp.MustCompile(`<tw-storydata\b[^>]*>`)
	htmlPassage   = regexp.MustCompile(`<tw-passagedata\b[^>]*>`)
	htmlTag       = regexp.MustCompile(`<tw-tag\b[^>]*>`)
	htmlScript    = regexp.MustCompile(`<(?:script|style)\b[^>]*\bid="?twine-user-(script|stylesheet)[^>]*>`)
	htmlAttribute = regexp.MustCompile(`([a-zA-Z-]+)=(?:"([^"]*)"|'([^']*)')`)
)

// isHTML tells Twine's HTML from Twee, which may have HTML in its passages.
func isHTML(source string) bool {
	return strings.HasPrefix(strings.TrimSpace(source), "<") && htmlStory.MatchString(source)
}

// readHTML reads the tw-storydata of a story that Twine 2 published or archived. Nothing else in the page is looked at.
func readHTML(source string, r *reporter) draft {
	found := htmlStory.FindAllStringIndex(source, 2)
	first := strings.Count(source[:found[0][0]], "\n") + 1
	r.at("", first)
	if len(found) > 1 {
		r.warn("tw-storydata", "the file holds several stories; the first is read")
		source = source[:found[1][0]]
	}
	root := attributes(source[found[0][0]:found[0][1]])
	d := draft{title: root["name"], keys: map[string]json.RawMessage{}}
	for _, key := range []string{"ifid", "format", "format-version", "creator", "creator-version", "tags", "zoom", "options"} {
		if v := root[key]; v != "" {
			d.keys[key] = encode(v)
		}
	}
	source, _, _ = strings.Cut(source[found[0][1]:], "</tw-storydata>")
	line, seen := first, 0
	for _, at := range htmlPassage.FindAllStringIndex(source, MaxPassages+3) {
		line, seen = line+strings.Count(source[seen:at[0]], "\n"), at[0]
		a := attributes(source[at[0]:at[1]])
		content, _, closed := strings.Cut(source[at[1]:], "</tw-passagedata>")
		p := Passage{Name: oneLine(a["name"]), Tags: strings.Fields(a["tags"]), Line: line, Meta: places(a)}
		p.Text = joinBody(strings.Split(normalise(html.UnescapeString(content)), "\n"))
		r.at(p.Name, line)
		if !closed {
			r.warn("tw-passagedata", "the passage is not closed")
		}
		if len(p.Tags) == 0 {
			p.Tags = nil
		}
		if a["pid"] == root["startnode"] && root["startnode"] != "" {
			d.keys["start"] = encode(p.Name)
		}
		d.passages = append(d.passages, p)
	}
	d.readTagColors(source)
	d.readScripts(source, first)
	return d
}

func (d *draft) readTagColors(source string) {
	colors := map[string]string{}
	for _, tag := range htmlTag.FindAllString(source, -1) {
		if a := attributes(tag); a["name"] != "" {
			colors[a["name"]] = a["color"]
		}
	}
	if len(colors) > 0 {
		d.keys["tag-colors"] = encode(colors)
	}
}

// readScripts keeps the story's script and style sheet as passages, as Twine does when it writes Twee.
func (d *draft) readScripts(source string, line int) {
	for _, at := range htmlScript.FindAllStringSubmatchIndex(source, 2) {
		tag := source[at[2]:at[3]]
		content := source[at[1]:]
		if end := codeTagEnd.FindStringIndex(content); end != nil {
			content = content[:end[0]]
		}
		if text := joinBody(strings.Split(content, "\n")); strings.TrimSpace(text) != "" {
			name := map[string]string{"script": "StoryScript", "stylesheet": "StoryStylesheet"}[tag]
			d.passages = append(d.passages, Passage{Name: name, Tags: []string{tag}, Text: text, Line: line})
		}
	}
}

// places are a passage's position and size in Twine's map.
func places(a map[string]string) map[string]json.RawMessage {
	meta := map[string]json.RawMessage{}
	put(meta, "position", a["position"])
	put(meta, "size", a["size"])
	if len(meta) == 0 {
		return nil
	}
	return meta
}

func attributes(tag string) map[string]string {
	all := map[string]string{}
	for _, m := range htmlAttribute.FindAllStringSubmatch(tag, -1) {
		all[m[1]] = normalise(html.UnescapeString(m[2] + m[3]))
	}
	return all
}

// oneLine makes a name of what may have line breaks.
func oneLine(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\n", " ")) }
