package memory

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a name, a mark or a quotation of an English sentence.
type token struct {
	low     string // "“" for a quotation, "'s" for a possessive
	at      int    // in the sentence's text
	mention *mention
}

func (t token) word() bool {
	return t.mention == nil && t.low != "" && unicode.IsLetter([]rune(t.low)[0])
}

func (t token) mark() bool {
	return t.mention == nil && strings.Contains(".,;:—–!?“()…-", t.low)
}

func (t token) is(kind Kind) bool {
	return t.mention != nil && t.mention.kind == kind
}

// reading is one English sentence as it is read.
type reading struct {
	sentence
	w      *world
	tokens []token
}

func readEnglish(w *world, s sentence) {
	s.unreal = s.frame || unrealAnywhere.MatchString(s.words) || inRecord.MatchString(s.words)
	r := &reading{s, w, tokensOf(s)}
	r.travel()
	for i, t := range r.tokens {
		switch {
		case t.mention == nil:
		case t.mention.kind == Item:
			r.item(i)
		case t.mention.kind == Place:
			r.place(i)
		default:
			if fact, isDead := w.dead[t.mention.one]; isDead && r.acts(i) {
				w.report(DeadActs, fact, s)
			}
		}
	}
	r.hour()
}

func tokensOf(s sentence) []token {
	var tokens []token
	next := 0
	for i := 0; i < len(s.text); {
		if next < len(s.mentions) && s.mentions[next].start == i {
			tokens = append(tokens, token{strings.ToLower(s.text[i:s.mentions[next].end]), i, &s.mentions[next]})
			i = s.mentions[next].end
			next++
			continue
		}
		var end int
		switch c := s.text[i]; {
		case c == ' ' || c == '\t':
			i++
			continue
		case strings.HasPrefix(s.text[i:], "'s") && !spacedFirst(s.text[i+2:]):
			end = i + 2
		case strings.HasPrefix(s.text[i:], "“"):
			end = i + len("“")
			if strings.HasPrefix(s.text[end:], "”") {
				end += len("”")
			}
			tokens = append(tokens, token{"“", i, nil})
			i = end
			continue
		default:
			end = i + len(s.text[i:]) - len(strings.TrimLeftFunc(s.text[i:], func(r rune) bool { return unicode.IsLetter(r) || r == '-' }))
			if end == i {
				_, size := utf8.DecodeRuneInString(s.text[i:])
				end = i + size
			} else if strings.HasPrefix(s.text[end:], "'t") {
				end += 2
			}
		}
		tokens = append(tokens, token{strings.ToLower(s.text[i:end]), i, nil})
		i = end
	}
	return tokens
}

// at is a token, or an empty one beyond the sentence.
func (r *reading) at(i int) token {
	if i < 0 || i >= len(r.tokens) {
		return token{low: "."}
	}
	return r.tokens[i]
}

// untold says whether what stands at a token is not told as happening now.
func (r *reading) untold(i int) bool {
	return r.unreal || r.supposed(i)
}

// supposed says whether what stands at a token is remembered, wished or supposed by what the sentence says before it.
func (r *reading) supposed(i int) bool {
	at, clause := r.at(i).at, r.at(r.clause(i)).at
	turn := max(strings.LastIndex(r.words[:at], ", but "), strings.LastIndex(r.words[:at], "; "), 0)
	return unrealBefore.MatchString(r.words[turn:at]) || clause < at && unrealClause.MatchString(r.words[clause:at])
}

// acts says whether the person at a token does something, in the time that is told.
func (r *reading) acts(i int) bool {
	if r.unreal {
		return false
	}
	before := r.at(i - 1)
	if r.at(i-2).low == "“" && speechWords[before.low] || speechWords[before.low] && adverb(r.at(i-2).low) && r.at(i-3).low == "“" {
		return r.now(before.low)
	}
	if r.supposed(i) {
		return false
	}
	if before.low == "with" && withDeadWords[r.at(i-2).low] {
		return r.now(r.at(i - 2).low)
	}
	if r.inverted(i) {
		return true
	}
	if r.at(i+1).low == "'s" {
		return r.body(i + 2)
	}
	return r.subject(i) && r.does(i)
}

// inverted: Behind him stands X. Here is X. It is X, out of breath.
func (r *reading) inverted(i int) bool {
	verb, first := r.at(i-1).low, r.clause(i)
	if (verb == "is" || verb == "comes") && (r.at(first).low == "here" || r.at(first).low == "there") ||
		verb == "is" && r.at(first).low == "it" && first == i-2 && (r.at(i+1).low == "," || r.at(i+1).low == "who") {
		return true
	}
	if !invertedWords[verb] || !frontedWords[r.at(first).low] || first >= i-1 {
		return false
	}
	for _, t := range r.tokens[first : i-1] { // somebody else is who stands
		if t.is(Person) || t.low == "he" || t.low == "she" || t.low == "they" || t.low == "who" {
			return false
		}
	}
	return r.now(verb)
}

// clause is where the clause begins that a token is in.
func (r *reading) clause(i int) int {
	for ; i > 0; i-- {
		if t := r.at(i - 1); t.mark() || t.low == "but" || t.low == "while" {
			break
		}
	}
	return i
}

// body: X's hand closes. The place is that of what belongs to X.
func (r *reading) body(i int) bool {
	for skipped := 0; skipped < 2 && !bodyWords[r.at(i).low]; skipped++ {
		i++
	}
	if !bodyWords[r.at(i).low] {
		return false
	}
	i = r.skip(i + 1)
	t := r.at(i)
	if !t.word() || stillWords[r.at(i+1).low] || t.low == "lie" || t.low == "rest" {
		return false
	}
	if strings.HasSuffix(r.at(i-1).low, "s") && !auxNoneWords[t.low] && !prepositionWords[t.low] && !joiningWords[t.low] && !copula(t.low) {
		return !pastForm(t.low) || r.past
	}
	return r.finite(i)
}

// subject says whether a name stands where a subject does.
func (r *reading) subject(i int) bool {
	if r.at(i-1).low == "the" { // the ferryman
		i--
	}
	before := r.at(i - 1)
	switch {
	case determinerWords[before.low] || prepositionWords[before.low] && before.low != "before" || toOtherWords[before.low]:
		return false
	case speechWords[before.low] && before.word() || before.low == "that" && !r.at(i-2).mark():
		return false
	case before.low == "and" || before.low == "or" || before.low == "nor":
		other := r.at(i - 2)
		return !other.is(Person) && !pronounWords[other.low] || r.at(i-3).low != "between"
	}
	return true
}

// skip is the first place from i on that is no adverb.
func (r *reading) skip(i int) int {
	for adverb(r.at(i).low) {
		i++
	}
	return i
}

func adverb(word string) bool {
	return adverbWords[word] || strings.HasSuffix(word, "ly") && len(word) > 4 && word != "only"
}

// does says whether the name at a place is followed by what somebody alive does.
func (r *reading) does(i int) bool {
	other, coordinated := r.at(i-2), r.at(i-1).low == "and"
	coordinated = coordinated && (other.is(Person) || pronounWords[other.low]) && !toOtherWords[r.at(i-3).low]
	j := r.skip(i + 1)
	if r.at(j).low == "and" && (r.at(j+1).is(Person) || pronounWords[r.at(j+1).low]) {
		coordinated = true
		j = r.skip(j + 2)
	}
	if r.at(j).low == "and" && determinerWords[r.at(j+1).low] && r.at(j+3).word() { // X and the others
		coordinated = true
		j += 3
	}
	if r.at(j).low == "," { // X, tired and wet, sits
		for k := j + 1; k < min(j+9, len(r.tokens)); k++ {
			if r.at(k).low == "," && !r.at(j+1).is(Person) {
				return (r.at(j+1).low == "who" || !r.finite(j+1)) && r.finite(r.skip(k+1)) || r.at(j+1).low == "who" && r.finite(r.skip(j+2))
			}
		}
		return r.at(j+1).low == "who" && r.finite(r.skip(j+2))
	}
	if coordinated {
		t := r.at(j)
		if t.low == "are" || t.low == "were" {
			return r.copula(j)
		}
		return t.word() && !auxNoneWords[t.low] && !prepositionWords[t.low] && !joiningWords[t.low] && !stativeWords[t.low] &&
			!determinerWords[t.low] && t.low != "who" && t.low != "have" && (!pastForm(t.low) || r.past)
	}
	if relative := r.at(i - 1).low; (relative == "where" || relative == "that" || relative == "which" || relative == "whom") && pastForm(r.at(j).low) {
		return false // the boat that X built
	}
	return r.finite(j)
}

// finite says whether a word is a verb of somebody who acts in the time that is told.
func (r *reading) finite(i int) bool {
	t := r.at(i)
	if !t.word() || auxNoneWords[t.low] && !copula(t.low) || stativeWords[t.low] {
		return false
	}
	after := r.at(r.skip(i + 1)).low
	switch t.low {
	case "is", "was", "'s", "are", "were":
		return r.copula(i)
	case "has":
		return after == "to" || after == "come" || after == "returned" || after == "arrived" ||
			adverbWords[r.at(i+1).low] && (strings.HasSuffix(after, "ed") || irregularPastWords[after])
	case "can", "must", "will":
		return after != "not" && after != "never" && after != "be" && after != "have"
	case "cannot", "won't", "can't":
		return false
	}
	return pastForm(t.low) && r.past || !pastForm(t.low) && thirdPerson(t.low)
}

func copula(word string) bool {
	return word == "is" || word == "was" || word == "are" || word == "were"
}

// copula: X is running, X is awake.
func (r *reading) copula(i int) bool {
	if word := r.at(i).low; (word == "was" || word == "were") && !r.past {
		return false
	}
	next := r.at(r.skip(i + 1)).low
	if r.at(i+1).low == "here" || presentWords[next] {
		return true
	}
	return strings.HasSuffix(next, "ing") && !notDoingWords[next] && len(next) > 4 || locatedWords[next]
}

func pastForm(word string) bool {
	return strings.HasSuffix(word, "ed") && len(word) > 3 || irregularPastWords[word]
}

func thirdPerson(word string) bool {
	return len(word) > 2 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !notVerbWords[word] &&
		!strings.HasSuffix(word, "ous") && !strings.HasSuffix(word, "'s")
}

// now says whether a verb tells of the time that is told: a verb of the past in a story told in the present is a memory.
func (r *reading) now(verb string) bool {
	return !pastForm(verb) || r.past
}

// toldInPast says whether a text is told in the past tense: by its verbs after names and pronouns and by the forms of "be".
func toldInPast(w *world, text string) bool {
	past, present := 0, 0
	for _, original := range sentences(text) {
		tokens := tokensOf(newSentence(w, original))
		for i, t := range tokens {
			if !t.word() || i == 0 {
				continue
			}
			before := tokens[i-1]
			subject := before.is(Person) || pronounWords[before.low] || adverb(before.low) || before.low == "“" || before.low == "and" || before.low == "who"
			next := "."
			if i+1 < len(tokens) {
				next = tokens[i+1].low
			}
			noun := before.word() && !determinerWords[before.low] && !prepositionWords[before.low] && !joiningWords[before.low] &&
				(prepositionWords[next] || determinerWords[next] || useParticleWords[next] || strings.Contains(".,;", next))
			switch {
			case t.low == "is" || t.low == "are" || t.low == "has" || t.low == "does":
				present++
			case t.low == "was" || t.low == "were" || t.low == "did":
				past++
			case subject && pastForm(t.low):
				past++
			case (subject || noun) && thirdPerson(t.low):
				present++
			}
		}
	}
	return past > 0 && past > 2*present
}

// hour is the check of the time of day.
func (r *reading) hour() {
	if timeShift.MatchString(r.words) {
		r.w.hour = Fact{}
	}
	is := partOfDay(r.w.hour.Object)
	if is == "" || r.unreal || otherTime.MatchString(r.words) {
		return
	}
	for _, h := range isHour {
		if place := h.says.FindStringIndex(r.words); place != nil && h.part != is && !unrealBefore.MatchString(r.words[:place[0]]) {
			r.w.report(WrongTime, r.w.hour, r.sentence)
		}
	}
}

// partOfDay is one of morning, noon, evening and night, for a word of either language.
func partOfDay(word string) string {
	word = string(fold(strings.TrimSpace(word)))
	for _, p := range partsOfDay {
		if slices.ContainsFunc(p.words, func(w string) bool { return strings.Contains(word, w) }) {
			return p.part
		}
	}
	return ""
}

var partsOfDay = []struct {
	part  string
	words []string
}{
	{"morning", []string{"morning", "dawn", "daybreak", "sunrise", "清晨", "早晨", "早上", "上午", "黎明", "拂晓", "凌晨"}},
	{"noon", []string{"noon", "midday", "中午", "正午", "晌午", "下午", "午后"}},
	{"evening", []string{"evening", "dusk", "twilight", "sunset", "黄昏", "傍晚", "日落"}},
	{"night", []string{"night", "夜", "晚上"}},
}
