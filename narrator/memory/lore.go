package memory

import (
	"cmp"
	"fmt"
	"slices"
)

// Lore is something that the narrator is told when its keys come up.
type Lore struct {
	ID   string
	Text string

	Keys  []string // any of them brings the entry in
	Also  []string // further keys, which Logic reads; none = the first ones are enough
	Logic Logic

	Order  int    // the higher, the nearer to the end of the prompt, and the later left out
	Tokens int    // at most so many of the entry's text are told; 0 = all
	Group  string // of the entries of one group only the one with the highest Order is told, the first of equals; "" = no group

	// Sticky is how many beats the entry stays after its keys came up last. With a Cooldown it stays no longer than that after it came
	// in, even if they come up again, and then stays away for so many beats. Both 0–MaxStay.
	Sticky, Cooldown int
}

// Logic is how an entry's further keys count.
type Logic string

const (
	AndAny Logic = "" // at least one of them
	AndAll Logic = "and all"
	NotAny Logic = "not any" // none of them
	NotAll Logic = "not all" // one of them at least is missing
)

// told is a lore entry in one turn.
type told struct {
	*Lore
	key string // that brought it in
	ago int    // beats since
}

func (e told) reason() string {
	switch e.ago {
	case 0:
		return fmt.Sprintf("key %q", e.key)
	case 1:
		return fmt.Sprintf("key %q, 1 beat ago", e.key)
	}
	return fmt.Sprintf("key %q, %d beats ago", e.key, e.ago)
}

// active are the entries that are told after these beats, those with the highest Order first. A turn reads the last ScanBeats beats;
// the turn at hand also reads scan.
func active(entries []Lore, beats []Beat, scan string) []told {
	s := scanner{beats: beats, now: fold(scan), texts: map[int]folded{}}
	for _, e := range entries {
		for _, key := range slices.Concat(e.Keys, e.Also) {
			s.names = append(s.names, newLexicon(key)...)
		}
	}
	var all []told
	for i := range entries {
		if e, ok := s.state(&entries[i]); ok {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(b.Order, a.Order) })
	groups := map[string]bool{}
	return slices.DeleteFunc(all, func(e told) bool {
		taken := e.Group != "" && groups[e.Group]
		groups[e.Group] = true
		return taken
	})
}

// scanner looks for keys in what a turn reads. Turn t comes after the first t beats.
type scanner struct {
	beats []Beat
	now   folded
	names lexicon
	texts map[int]folded // by turn
}

func (s *scanner) text(turn int) folded {
	text, known := s.texts[turn]
	if !known {
		for _, b := range s.beats[max(turn-ScanBeats, 0):turn] {
			text += fold(b.Title+"\n"+b.Text+"\n"+b.Choice) + "\n"
		}
		if turn == len(s.beats) {
			text += s.now
		}
		s.texts[turn] = text
	}
	return text
}

// entry is a Lore with its keys ready to be looked for.
type entry struct {
	*Lore
	keys, also       []keyword
	sticky, cooldown int
}

type keyword struct {
	key    folded
	longer []folded
}

func (s *scanner) keywords(keys []string) []keyword {
	var words []keyword
	for _, key := range newLexicon(keys...) {
		words = append(words, keyword{key, s.names.around(key)})
	}
	return words
}

// hit is the key that would bring an entry in at a turn, or "".
func (s *scanner) hit(e entry, turn int) string {
	text := s.text(turn)
	i := slices.IndexFunc(e.keys, func(k keyword) bool { return text.has(k.key, k.longer) })
	if i < 0 {
		return ""
	}
	found := 0
	for _, k := range e.also {
		if text.has(k.key, k.longer) {
			found++
		}
	}
	ok := len(e.also) == 0
	switch {
	case ok:
	case e.Logic == AndAll:
		ok = found == len(e.also)
	case e.Logic == NotAny:
		ok = found == 0
	case e.Logic == NotAll:
		ok = found < len(e.also)
	default:
		ok = found > 0
	}
	if !ok {
		return ""
	}
	return string(e.keys[i].key)
}

// state is what an entry does at the present turn.
func (s *scanner) state(l *Lore) (told, bool) {
	e := entry{
		Lore: l, keys: s.keywords(l.Keys), also: s.keywords(l.Also),
		sticky: min(max(l.Sticky, 0), MaxStay), cooldown: min(max(l.Cooldown, 0), MaxStay),
	}
	now := len(s.beats)
	came, key := -1, ""
	if e.cooldown > 0 {
		came, key = s.follow(e)
	} else {
		for turn := now; turn >= max(now-e.sticky, 0) && key == ""; turn-- {
			came, key = turn, s.hit(e, turn)
		}
	}
	return told{l, key, now - came}, key != "" && now-came <= e.sticky
}

// follow is the turn that brought an entry with a cooldown in last, and the key. What the entry did before it had no hit for as many
// turns as it stays and stays away cannot matter any more, so that is where it begins.
func (s *scanner) follow(e entry) (came int, key string) {
	span := e.sticky + e.cooldown
	hits := map[int]string{}
	turn := len(s.beats)
	for quiet := 0; turn >= 0 && quiet <= span; turn-- {
		hits[turn] = s.hit(e, turn)
		if quiet++; hits[turn] != "" {
			quiet = 0
		}
	}
	came = -1
	for turn++; turn <= len(s.beats); turn++ {
		if hits[turn] != "" && (came < 0 || turn > came+span) {
			came, key = turn, hits[turn]
		}
	}
	return came, key
}
