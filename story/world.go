package story

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// World is what a narrator must know of a story beside its scenes: StoryData's kino.world. It is told to no viewer as such.
type World struct {
	Style string   `json:"style,omitempty"` // how the story is told: person, tense, tone
	Rules []string `json:"rules,omitempty"` // what always holds in its world
	Cast  []Entity `json:"cast,omitempty"`  // whoever and whatever has a name
	Facts []Fact   `json:"facts,omitempty"` // that are true from the beginning, and must never be forgotten
	Lore  []Lore   `json:"lore,omitempty"`  // what matters only where it comes up
}

// Entity is a person, item or place.
type Entity struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"` // other names
	Kind    string   `json:"kind,omitempty"`    // "" or person, item, place
	About   string   `json:"about,omitempty"`   // one line
}

// Fact is a statement: the lamp, is, broken.
type Fact struct {
	Subject   string `json:"subject"`
	Predicate string `json:"predicate"`
	Object    string `json:"object,omitempty"`
}

// Lore is told to a narrator when one of its keys was told, or is asked for.
type Lore struct {
	Text     string   `json:"text"`
	Keys     []string `json:"keys"`
	Also     []string `json:"also,omitempty"`     // further keys, which Logic reads
	Logic    string   `json:"logic,omitempty"`    // "" or any, all, none, not_all of Also must be there as well
	Sticky   int      `json:"sticky,omitempty"`   // scenes that it stays after its keys came up last, 0–50
	Cooldown int      `json:"cooldown,omitempty"` // scenes that it then stays away, 0–50
	Order    int      `json:"order,omitempty"`    // the higher, the later left out where there is no room
	Group    string   `json:"group,omitempty"`    // of a group only the one with the highest order is told
}

const maxStay = 50 // of Sticky and Cooldown

// readWorld reads kino.world; nil where nothing is in it.
func readWorld(raw json.RawMessage, r *reporter) *World {
	var w World
	r.object("kino.world", raw, map[string]any{"style": &w.Style, "rules": &w.Rules, "cast": &w.Cast, "facts": &w.Facts, "lore": &w.Lore})
	w.check(r)
	if string(encode(w)) == "{}" {
		return nil
	}
	return &w
}

// check reports what is wrong with a world, and what is longer than it may be. What names nothing is left out.
func (w *World) check(r *reporter) {
	text := func(where, text string, limit int) {
		if utf8.RuneCountInString(text) > limit {
			r.limit("characters of "+where, limit)
		}
	}
	count := func(where string, n int) {
		if n > MaxWorld {
			r.limit("entries of "+where, MaxWorld)
		}
	}
	const at = "kino.world"
	text(at+".style", w.Style, MaxWorldRunes)
	count(at+".rules", len(w.Rules))
	w.Rules = filled(w.Rules)
	for _, rule := range w.Rules {
		text("a rule in "+at+".rules", rule, MaxWorldRunes)
	}
	count(at+".cast", len(w.Cast))
	w.Cast = kept(w.Cast, func(i int, e *Entity) bool {
		e.Aliases = filled(e.Aliases)
		where := fmt.Sprintf("%s.cast[%d]", at, i)
		count(where+".aliases", len(e.Aliases))
		text(where, e.About, MaxWorldRunes)
		for _, name := range slices.Concat(e.Aliases, []string{e.Name}) {
			text("a name in "+where, name, MaxNameRunes)
		}
		return r.named(where, "name", e.Name) && r.among(where+".kind", e.Kind, "", "person", "item", "place")
	})
	count(at+".facts", len(w.Facts))
	w.Facts = kept(w.Facts, func(i int, f *Fact) bool {
		where := fmt.Sprintf("%s.facts[%d]", at, i)
		text(where, f.Subject+f.Predicate+f.Object, MaxNameRunes)
		return r.named(where, "subject", f.Subject) && r.named(where, "predicate", f.Predicate)
	})
	count(at+".lore", len(w.Lore))
	w.Lore = kept(w.Lore, func(i int, l *Lore) bool {
		l.Keys, l.Also = filled(l.Keys), filled(l.Also)
		where := fmt.Sprintf("%s.lore[%d]", at, i)
		text(where, l.Text, MaxLoreRunes)
		keys := slices.Concat(l.Keys, l.Also)
		count(where+".keys", len(keys))
		for _, key := range keys {
			text("a key in "+where, key, MaxNameRunes)
		}
		if len(l.Keys) == 0 {
			return r.named(where, "keys", "")
		}
		if l.Sticky < 0 || l.Sticky > maxStay || l.Cooldown < 0 || l.Cooldown > maxStay {
			r.warn(where, "%s: sticky and cooldown are from 0 to %d scenes; the entry is left out", where, maxStay)
			return false
		}
		return r.named(where, "text", l.Text) && r.among(where+".logic", l.Logic, "", "any", "all", "none", "not_all")
	})
}

// kept are the entries that are good.
func kept[T any](all []T, good func(int, *T) bool) []T {
	var left []T
	for i := range all {
		if good(i, &all[i]) {
			left = append(left, all[i])
		}
	}
	return left
}

// filled are the words that are not empty.
func filled(words []string) []string {
	return kept(words, func(_ int, word *string) bool { return strings.TrimSpace(*word) != "" })
}

// named warns of an entry that lacks what it is about.
func (r *reporter) named(where, key, value string) bool {
	if strings.TrimSpace(value) == "" {
		r.warn(where, "%s has no %s; it is left out", where, key)
		return false
	}
	return true
}

// among warns of a word that means nothing.
func (r *reporter) among(where, value string, words ...string) bool {
	if !slices.Contains(words, value) {
		r.warn(where, "%s must be one of %s, not %.40q; the entry is left out", where, strings.Join(words[1:], ", "), value)
		return false
	}
	return true
}
