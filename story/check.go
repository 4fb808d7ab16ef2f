package story

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// foreign are the passages that mean something to another player of the same format and nothing to ours.
var foreign = []string{
	"StoryAuthor", "StoryBanner", "StoryCaption", "StoryDisplayTitle", "StoryIncludes", "StoryInterface", "StoryMenu", "StorySettings",
	"StoryShare", "StorySubtitle", "PassageDone", "PassageFooter", "PassageHeader", "PassageReady",
}

func kindOf(p Passage) kind {
	has := func(tag string) bool { return slices.Contains(p.Tags, tag) }
	switch {
	case has("script"), has("stylesheet"):
		return kindScript
	case has("reserve"):
		return kindReserve
	case p.Name == "StoryInit", has("startup"):
		return kindSetup
	case slices.Contains(foreign, p.Name), has("widget"), has("header"), has("footer"), has("Twine.private"):
		return kindOther
	}
	return kindScene
}

// compile makes the story ready to be played, and reports everything that can be known without playing it.
func (s *Story) compile(r *reporter) {
	c := &compiler{
		reporter: r, dialect: dialectOf(s.Format), kinds: map[string]kind{}, set: map[string]bool{}, seen: map[string]bool{},
	}
	for _, p := range s.Passages {
		c.kinds[p.Name] = kindOf(p)
	}
	s.findStart(c)
	s.units = map[string]*unit{}
	for _, p := range s.Passages {
		r.at(p.Name, p.Line)
		switch k := c.kinds[p.Name]; k {
		case kindScript:
			if slices.Contains(p.Tags, "script") {
				r.warn("script", "a script is never run; it is kept as it is")
			}
		case kindOther:
			r.note("passage", "the passage is kept but not shown")
		default:
			u := c.unit(p, k)
			s.units[p.Name] = u
			if k == kindSetup {
				s.setup = append(s.setup, u)
			}
		}
	}
	s.placeStorylets(c)
	c.checkReads()
	s.graph = s.shape()
	s.checkReach(r)
	r.at("", 0)
	if _, err := s.begin(0); err != nil {
		r.add(SeverityError, constructLimit, "what runs before the first scene takes too much: %v", err)
	}
}

// findStart reports a story that cannot begin.
func (s *Story) findStart(c *compiler) {
	c.at("", 0)
	if s.Start == "" {
		s.Start = "Start"
	}
	switch c.kinds[s.Start] {
	case kindScene:
	case 0:
		c.fail("start", "there is no passage %q to start with", s.Start)
	default:
		c.fail("start", "the start passage %q is not a scene", s.Start)
	}
}

func (c *compiler) unit(p Passage, k kind) *unit {
	keys := readPassageKeys(p, c.reporter)
	u := &unit{
		name: p.Name, title: p.Name, rules: keys.rules, byDefault: keys.byDefault, ends: keys.ends, ending: keys.ending,
		scene: k == kindScene, body: c.compile(p.Text, p.Line+1),
	}
	if slices.Contains(p.Tags, "nobr") {
		u.body = block{wrapped{body: u.body}}
	}
	if title := plainLine(keys.title); title != "" {
		u.title = title
	}
	if utf8.RuneCountInString(u.title) > MaxNameRunes {
		c.limit("characters of kino.title", MaxNameRunes)
	}
	if u.ends && u.ending == "" {
		u.ending = u.title
	}
	c.at(p.Name, p.Line)
	if keys.llm {
		u.cue = c.cue(keys, p)
	}
	if keys.storylet != nil {
		u.storylet = c.storylet(*keys.storylet, p)
	}
	c.at(p.Name, p.Line)
	c.checkUnit(u)
	return u
}

func (c *compiler) cue(keys passageKeys, p Passage) *cuePlan {
	cue := &cuePlan{
		maxChars: keys.maxChars, direction: c.compile(keys.direction, p.Line), mood: c.compile(keys.mood, p.Line), tension: keys.tension,
	}
	c.at(p.Name, p.Line)
	if utf8.RuneCountInString(keys.direction) > MaxDirectionRunes {
		c.limit("characters of kino.llm.direction", MaxDirectionRunes)
	}
	if keys.bridge != nil {
		cue.bridge = c.bridge(*keys.bridge, p)
	}
	for _, name := range keys.reserve {
		if c.kinds[name] != kindReserve {
			c.warn("kino.llm.reserve", "%q is not a passage tagged reserve; it is left out", name)
			if name = ""; cue.bridge == nil {
				continue
			}
		}
		cue.reserve = append(cue.reserve, name)
	}
	switch wordless := strings.TrimSpace(p.Text) == ""; {
	case strings.TrimSpace(keys.direction) != "":
	case wordless && len(cue.reserve) == 0:
		c.warn("kino.llm", "the scene has no direction, no text and no reserve passages: nobody knows what to tell")
	case !wordless:
		c.note("kino.llm.direction", "no direction is given; the passage's own text is the direction")
	}
	return cue
}

// checkUnit reports limits that a passage is sure to exceed, and choices that nobody will see.
func (c *compiler) checkUnit(u *unit) {
	links := number(u.body, 0)
	sure, words := 0, 0
	for _, n := range certain(u.body) {
		switch n := n.(type) {
		case *link:
			if n.target != "" {
				sure++
			}
		case text:
			words += utf8.RuneCountInString(plain(string(n)))
		}
	}
	if words > MaxTextRunes {
		c.limit("characters of a scene's text", MaxTextRunes)
	}
	switch {
	case u.scene && sure > MaxChoices:
		c.limit("choices of a scene", MaxChoices)
	case u.scene && links > MaxChoices:
		c.warn("link", "if more than %d of the %d links are there at once, the show ends here", MaxChoices, links)
	case !u.scene && links > 0:
		c.warn("link", "the passage is not a scene; its links are never offered")
	case u.ends && links > 0 && u.bridge() == nil:
		c.warn("end", "the show ends here; the links are never offered")
	}
	if b := u.bridge(); b != nil {
		c.checkBridge(u, b, links, words > 0)
	}
	if u.byDefault < 0 || u.byDefault > links {
		c.warn("default", "there is no choice number %d; the first is taken when nobody votes", u.byDefault)
		u.byDefault = 0
	}
}

// checkReach notes the scenes that no choice leads to.
func (s *Story) checkReach(r *reporter) {
	leads := map[string][]string{}
	for _, e := range s.graph.Edges {
		leads[e.From] = append(leads[e.From], e.To)
	}
	reached := map[string]bool{s.Start: true}
	for next := []string{s.Start}; len(next) > 0; next = next[1:] {
		for _, to := range leads[next[0]] {
			if !reached[to] {
				reached[to] = true
				next = append(next, to)
			}
		}
	}
	for _, p := range s.Passages {
		if u := s.units[p.Name]; u != nil && u.scene && !reached[p.Name] {
			r.at(p.Name, p.Line)
			r.note("scene", "no choice leads here")
		}
	}
}
