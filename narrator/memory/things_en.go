package memory

import (
	"regexp"
	"slices"
	"strings"
)

var (
	foundAgain = regexp.MustCompile(`(?i)\b(finds?|found|recovers?|recovered|retrieves?|retrieved|regains?|regained|reclaims?|reclaimed|` +
		`digs? up|dug up|fish(es|ed)? (\w+ ){0,3}out|fish(es|ed)? up|pulls? (\w+ ){0,3}(from|out of) the (water|sea|river|mud|snow|` +
		`harbou?r|well|lake|ashes)|turns? up|turned up|comes? to light|came to light|unearths?|unearthed|reappears?|reappeared|` +
		`washes ashore|washed ashore|back to|is back|are back|comes? back|returns?|returned|brings? (\w+ ){0,4}back|` +
		`brought (\w+ ){0,4}back|gives? (\w+ ){0,4}back|gave (\w+ ){0,4}back|hands? (\w+ ){0,4}back|takes? (\w+ ){0,4}back|` +
		`gets? (\w+ ){0,4}back|got (\w+ ){0,4}back|wins? (\w+ ){0,4}back|buys? (\w+ ){0,4}back|steals? (\w+ ){0,4}back)\b`)
	mended = regexp.MustCompile(`(?i)\b(mends?|mended|repairs?|repaired|fix(es|ed)?|rebuilds?|rebuilt|restores?|restored|reforges?|` +
		`reforged|remakes?|remade|glues?|glued|solders?|soldered|whole again|as good as new|puts? (\w+ ){0,4}back together|patch(es|` +
		`ed)? (\w+ ){0,3}(up|together))\b`)
	notFound = regexp.MustCompile(`(?i)\b(cannot|can't|couldn't|could|never|not|nobody|no one|doesn't|didn't|won't|wants? to|hopes? to|` +
		`tries to|tried to|must|if|unable to|fails? to|without|nor|would|wishes)\b`)
	farAway = regexp.MustCompile(`(?i)\b(somewhere|at the bottom|far below|under the (sea|water|waves|river|ice)|in the (sea|river|` +
		`lake|water|deep))\b`)
)

// item reads what is done with the item at a token.
func (r *reading) item(i int) {
	item := r.tokens[i].mention.one
	if !notFound.MatchString(r.words) && !r.untold(i) {
		if foundAgain.MatchString(r.words) {
			r.w.regained(item, false)
		}
		if mended.MatchString(r.words) {
			r.w.regained(item, true)
		}
	}
	if r.untold(i) || farAway.MatchString(r.words) {
		return
	}
	first, definite := r.phrase(i)
	if !definite || goneWords[r.at(r.afterCopula(i)).low] || r.at(i+1).low == "-" {
		return
	}
	if r.used(first, i) {
		r.w.use(item, r.doer(i), r.sentence)
	}
}

// phrase is where the words for an item begin, and whether they mean the one that is known: not another, and not what is left of it.
func (r *reading) phrase(i int) (first int, definite bool) {
	for first = i; i-first < 5; first-- {
		t := r.at(first - 1)
		switch {
		case newOneWords[t.low] || wreckedWords[t.low]:
			return first, false
		case definiteWords[t.low]:
			first--
			if t.low == "'s" {
				first--
			}
			return first, true
		case !t.word() || prepositionWords[t.low] || joiningWords[t.low] || pronounWords[t.low]:
			return first, first == i && capital(r.text[r.at(i).at:])
		}
	}
	return first, false
}

// afterCopula is the place of what is said of an item: "the lamp is gone", "the lamp gone".
func (r *reading) afterCopula(i int) int {
	j := r.skip(i + 1)
	if copula(r.at(j).low) || r.at(j).low == "has" || r.at(j).low == "been" {
		j = r.skip(j + 1)
	}
	if r.at(j).low == "been" {
		j = r.skip(j + 1)
	}
	return j
}

// used says whether the item is in use: first is where its phrase begins, i the item itself.
func (r *reading) used(first, i int) bool {
	if r.at(i+1).low == "in" && r.at(i+2).low == "hand" || r.atHand(i) {
		return true
	}
	before := r.at(first - 1)
	switch {
	case before.low == "of":
		if noun := r.at(first - 2).low; remainsWords[noun] || !r.at(first-2).word() || noun == "out" {
			return false
		}
		return partWords[r.at(first-2).low] || r.governed(first-2)
	case before.low == "and" || before.low == "or":
		return r.governed(first - 1)
	case before.mark() || before.low == "." || joiningWords[before.low]:
		return r.works(i)
	case useParticleWords[before.low]:
		return r.governed(first - 1)
	case prepositionWords[before.low]:
		return usePrepWords[before.low] && before.low != "into" && r.governedBy(before.low, first-1)
	case before.mention != nil: // hands Ben the lamp
		return r.use(r.at(first - 2))
	}
	return r.use(before)
}

// use says whether a word before an item puts it to use. Any verb does that is not known to be none.
func (r *reading) use(t token) bool {
	return t.word() && !notUseWords[t.low] && !auxNoneWords[t.low] && !prepositionWords[t.low] && !joiningWords[t.low] && !adverb(t.low) &&
		r.now(t.low)
}

// governed says whether the nearest verb before a place puts what follows to use: takes [the rope and] the lamp.
func (r *reading) governed(end int) bool {
	for j := end - 1; j >= max(end-7, 0); j-- {
		t := r.at(j)
		switch {
		case t.mark():
			return false
		case notUseWords[t.low] && !prepositionWords[t.low]:
			return false
		case t.word() && (thirdPerson(t.low) || pastForm(t.low) || strings.HasSuffix(t.low, "ing") && len(t.low) > 5):
			return r.use(t)
		case (t.is(Person) || pronounWords[t.low]) && j+1 < end:
			return r.use(r.at(r.skip(j + 1)))
		}
	}
	return false
}

// governedBy is for a preposition before an item: "with the lamp" is use, "parts with the lamp" is none.
func (r *reading) governedBy(preposition string, at int) bool {
	verb := r.at(at - 1).low
	for j := at - 1; j >= max(at-5, 0) && !r.at(j).mark(); j-- {
		if notUseWords[r.at(j).low] && !prepositionWords[r.at(j).low] {
			return false
		}
	}
	switch preposition {
	case "with", "by", "using":
		return verb != "parts" && verb != "parted" && verb != "done"
	case "to":
		return slices.Contains([]string{"clings", "holds", "on", "listens", "clung", "held"}, verb)
	case "at":
		return slices.Contains([]string{"looks", "stares", "glances", "looked", "stared", "tugs", "plucks", "turns"}, verb)
	case "from", "on", "through", "against":
		return verb != "away" && verb != "far"
	}
	return false
}

// works: the lamp glows; the lamp's light falls.
func (r *reading) works(i int) bool {
	j := i + 1
	if r.at(j).low == "'s" {
		j += 2
	}
	return itemActsWords[r.at(r.skip(j)).low] && r.now(r.at(r.skip(j)).low)
}

// atHand: the lamp is in her pocket.
func (r *reading) atHand(i int) bool {
	j := r.skip(i + 1)
	if !copula(r.at(j).low) && r.at(j).low != "hangs" && r.at(j).low != "lies" && r.at(j).low != "sits" {
		return false
	}
	j = r.skip(j + 1)
	if !locatedWords[r.at(j).low] && !prepositionWords[r.at(j).low] {
		return false
	}
	for k := j + 1; k < j+6 && !r.at(k).mark(); k++ {
		if holdPlaceWords[r.at(k).low] {
			return true
		}
	}
	return false
}

// doer is the person who does what the sentence says before a token, or who is the first that it names after it; "" for nobody named.
func (r *reading) doer(i int) string {
	for j := i - 1; j >= 0; j-- {
		if r.at(j).is(Person) && r.at(j+1).low != "'s" && r.subject(j) {
			return r.at(j).mention.one
		}
	}
	for j := i + 1; j < len(r.tokens); j++ {
		if r.at(j).is(Person) {
			return r.at(j).mention.one
		}
	}
	return ""
}

// place reads who is in the place at a token.
func (r *reading) place(i int) {
	if r.untold(i) || otherTime.MatchString(r.words) {
		return
	}
	first := i
	for i-first < 4 && (definiteWords[r.at(first-1).low] || r.at(first-1).word() && !prepositionWords[r.at(first-1).low] &&
		!locatedWords[r.at(first-1).low] && !thirdPerson(r.at(first-1).low)) {
		first--
	}
	if !locatedWords[r.at(first-1).low] || r.at(i+1).low == "'s" {
		return
	}
	if who := r.whoIs(first-1, i); who != "" {
		r.w.stands(who, r.tokens[i].mention.one, r.sentence)
	}
}

// whoIs is the person in a place whose phrase stands from first to last, "" where nobody is said to be there.
func (r *reading) whoIs(first, last int) string {
	start := r.clause(first)
	for j := first - 1; j >= start; j-- {
		if !r.at(j).is(Person) {
			if mentalWords[r.at(j).low] {
				return ""
			}
			continue
		}
		if !r.subject(j) || r.at(j+1).low == "'s" || pastForm(r.at(j+1).low) && !r.past || r.at(j+1).low == "was" && !r.past {
			return ""
		}
		return r.at(j).mention.one
	}
	if first-start > 2 { // not: In the harbour, X lights a fire
		return ""
	}
	next := last + 1
	if r.at(next).low == "," {
		next++
	}
	if next = r.skip(next); r.at(next).is(Person) && r.finite(r.skip(next+1)) {
		return r.at(next).mention.one
	}
	return ""
}

// travel forgets where those are who are on their way, and everybody when time has passed.
func (r *reading) travel() {
	if timeShift.MatchString(r.words) {
		r.w.moved()
		return
	}
	moves := false
	for i, t := range r.tokens {
		moves = moves || t.word() && (travelWords[t.low] || movingWords[t.low] && r.heads(i))
	}
	if !moves {
		return
	}
	var people []string
	for i, t := range r.tokens {
		switch {
		case t.is(Person):
			people = append(people, t.mention.one)
		case pronounWords[t.low] && t.low != "it" && (i == 0 || r.at(i-1).mark() || joiningWords[r.at(i-1).low]):
			r.w.moved()
			return
		}
	}
	if len(people) > 0 {
		r.w.moved(people...)
	}
}

// heads says whether a verb of moving has a direction within a few words.
func (r *reading) heads(i int) bool {
	for j := i + 1; j < i+6 && !r.at(j).mark(); j++ {
		if directionWords[r.at(j).low] {
			return true
		}
	}
	return false
}
