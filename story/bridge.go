package story

import "unicode/utf8"

// A bridge is a passage that is told for several beats, each after a choice that the narrator invented, and that ends at a scene of the
// author's, come what may.

// bridge is what a passage with "mode": "bridge" says.
type bridge struct {
	to        string // the anchor
	beats     int
	mode      string
	floor     *float64
	storylets []*unit // that may be told in place of a beat, in the order of the source
}

// storylet is what makes a passage one: the bridges in which it may be told, and when.
type storylet struct {
	in   []string
	when expr // nil = always
}

// bridge is nil for any passage that is none.
func (u *unit) bridge() *bridge {
	if u == nil || u.cue == nil {
		return nil
	}
	return u.cue.bridge
}

func (c *compiler) bridge(keys bridgeKeys, p Passage) *bridge {
	switch {
	case c.kinds[p.Name] != kindScene:
		return nil
	case keys.to == "":
		c.warn("kino.llm.to", `a bridge needs "to", the name of the passage that it leads to; the passage is told as an ordinary scene`)
	case keys.to == p.Name:
		c.warn("kino.llm.to", "a bridge cannot lead to itself; the passage is told as an ordinary scene")
	case c.kinds[keys.to] != kindScene:
		c.warn("kino.llm.to", "there is no scene %q for the bridge to lead to; the passage is told as an ordinary scene", keys.to)
	default:
		return &bridge{to: keys.to, beats: keys.beats, mode: keys.mode, floor: keys.floor}
	}
	return nil
}

// checkBridge reports what will not be met, and what a show without a model will miss.
func (c *compiler) checkBridge(u *unit, b *bridge, links int, text bool) {
	if u.ends {
		c.warn("end", "a bridge leads to %q; the show does not end here", b.to)
		u.ends, u.ending = false, ""
	}
	if links == 1 {
		c.warn("link", "one link alone is never offered in a bridge: write two or more, or none")
	}
	if n := len(u.cue.reserve); n > b.beats {
		c.warn("kino.llm.reserve", "reserve passages stand for one beat each: there are %d, but %d beats", n, b.beats)
		u.cue.reserve = u.cue.reserve[:b.beats]
	}
	if n := len(u.cue.tension); n > b.beats {
		c.warn("kino.llm.tension", "there are %d tensions, but %d beats", n, b.beats)
	}
	for beat := 1; beat <= b.beats; beat++ {
		if len(u.cue.standIns(beat)) == 0 && !(beat == 1 && text) {
			c.note("kino.llm.reserve", "beat %d has no reserve passage: where no model tells it, the show goes straight on to %q", beat, b.to)
		}
	}
}

func (c *compiler) storylet(keys storyletKeys, p Passage) *storylet {
	let := &storylet{in: keys.in}
	switch {
	case c.kinds[p.Name] != kindScene:
		c.warn("kino.storylet", "the passage is not a scene; it is never told as a storylet")
		return nil
	case len(keys.in) == 0:
		c.warn("kino.storylet.in", `a storylet needs "in", the names of the bridges in which it may be told`)
	}
	if keys.when != "" {
		outer := *c
		c.begin(keys.when, p.Line)
		let.when = c.expr(keys.when, false)
		c.resume(&outer)
		if let.when == nil { // told of; a condition that nobody can read does not hold
			let.in = nil
		}
	}
	return let
}

// placeStorylets gives the bridges their storylets.
func (s *Story) placeStorylets(c *compiler) {
	for _, p := range s.Passages {
		u := s.units[p.Name]
		if u == nil || u.storylet == nil {
			continue
		}
		c.at(p.Name, p.Line)
		if u.bridge() != nil {
			c.warn("kino.storylet", "a bridge cannot be a storylet")
			u.storylet = nil
			continue
		}
		for _, name := range u.storylet.in {
			if b := s.units[name].bridge(); b != nil {
				b.storylets = append(b.storylets, u)
			} else {
				c.warn("kino.storylet.in", "%q is not a bridge", name)
			}
		}
	}
}

// beat takes the next turn of a bridge where u is one: what is told is u itself, a storylet in its place, or, after the last beat, the anchor.
func (s *Story) beat(r *run, u *unit) (*unit, error) {
	at := r.p.Bridge
	r.p.Bridge = Beat{}
	b := u.bridge()
	if b == nil {
		return u, nil
	}
	if at.Scene != u.name {
		at = Beat{Scene: u.name}
	}
	if at.Beat++; at.Beat > b.beats { // a link of a storylet's led back here
		return s.beat(r, s.units[b.to])
	}
	r.p.Bridge, r.p.Scene = at, u.name
	for _, let := range b.storylets {
		if r.p.Visits[let.name] > 0 {
			continue
		}
		if let.storylet.when != nil {
			v, _, err := r.try(let.storylet.when)
			if err != nil {
				return nil, err
			}
			if !truth(v) {
				continue
			}
		}
		return let, nil
	}
	return u, nil
}

// lead says where a beat of a bridge leads, if u is told as one and has no way of its own.
func (s *Story) lead(r *run, u *unit, told *Scene) bool {
	from := s.units[r.p.Bridge.Scene]
	if from == nil {
		return false
	}
	b := from.bridge()
	last := r.p.Bridge.Beat == b.beats
	anchor := Choice{ID: "a", Label: s.units[b.to].title, Target: b.to}
	if u != from {
		if u.ends || len(r.choices) > 0 {
			return false
		}
		if !last {
			anchor = Choice{ID: "a", Label: from.title, Target: from.name}
		}
		told.Choices = []Choice{anchor}
		return true
	}
	told.Anchor = &anchor
	if last || len(r.choices) < 2 {
		told.Choices = []Choice{anchor}
	} else {
		told.offer(r.choices, u)
	}
	return true
}

// between is what a narrator has to know of the bridge that it is in.
func (s *Story) between(r *run, plan *cuePlan, told Scene) (*Bridge, error) {
	b := plan.bridge
	to := s.units[b.to]
	there := newRun(r.p)
	there.steps = r.steps
	there.p.Scene = to.name
	if there.p.Visits == nil {
		there.p.Visits = map[string]int{}
	}
	there.p.Visits[to.name]++
	toward, err := there.aside(to.body)
	if err == nil && toward == "" && to.cue != nil {
		toward, err = there.aside(to.cue.direction)
	}
	if err != nil {
		return nil, err
	}
	r.steps = there.steps
	if utf8.RuneCountInString(toward) > MaxTowardRunes {
		toward = string([]rune(toward)[:MaxTowardRunes-1]) + "…"
	}
	between := &Bridge{
		To: to.title, Toward: toward, Beat: r.p.Bridge.Beat, Beats: b.beats, Tension: plan.tensionAt(r.p.Bridge.Beat + 1), Mode: b.mode, Floor: b.floor,
	}
	if len(told.Choices) > 1 {
		between.Links = len(told.Choices)
	}
	return between, nil
}

// tensionAt is what the author wants in a beat, nil where nothing is said.
func (p *cuePlan) tensionAt(beat int) *float64 {
	if len(p.tension) == 0 {
		return nil
	}
	return new(p.tension[min(beat, len(p.tension))-1])
}

// standIns are the reserve passages that can stand in: in a bridge the one of that beat.
func (p *cuePlan) standIns(beat int) []string {
	switch {
	case p.bridge == nil:
		return p.reserve
	case beat > len(p.reserve) || p.reserve[beat-1] == "":
		return nil
	}
	return p.reserve[beat-1 : beat]
}

// ways are the choices that some show may offer in a scene, those of a bridge's beats among them.
func (s *Story) ways(u *unit) []Edge {
	if u.ends {
		return nil
	}
	ways := edges(u)
	if b := u.bridge(); b != nil {
		ways = append(ways, Edge{From: u.name, To: b.to, Label: s.units[b.to].title})
		for _, let := range b.storylets {
			ways = append(ways, Edge{From: u.name, To: let.name})
		}
	}
	if u.storylet != nil && len(ways) == 0 {
		for _, name := range u.storylet.in {
			if b := s.units[name].bridge(); b != nil {
				ways = append(ways, Edge{From: u.name, To: name}, Edge{From: u.name, To: b.to})
			}
		}
	}
	return ways
}
