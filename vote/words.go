package vote

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// fallback is the language of everybody whose own we do not speak.
const fallback = "en"

// Languages are those that Words speaks, as BCP 47 tags in alphabetical order.
func Languages() []string { return slices.Sorted(maps.Keys(spoken)) }

// Words tells in one or two sentences how the poll was decided, with its numbers. Choices are those of the poll, for their labels.
// Language is one of [Languages]; any other gets English.
func (r Result) Words(choices []Choice, language string) string {
	lang, ok := spoken[language]
	if !ok {
		lang = spoken[fallback]
	}
	method := lang.methods[r.Rules.Method]
	count, ballots, spent := r.Counts[r.Winner], r.Turnout, 0
	if len(r.Rounds) > 1 && r.DecidedBy == ByMajority {
		end := r.Rounds[len(r.Rounds)-1]
		count, ballots, spent = end.Counts[r.Winner], r.Turnout-end.Exhausted, end.Exhausted
	}
	return strings.NewReplacer(
		"{winner}", "“"+label(choices, r.Winner)+"”",
		"{count}", strconv.Itoa(count),
		"{ballots}", method.unit(ballots),
		"{percent}", strconv.Itoa(percent(count, ballots)),
		"{spent}", method.unit(spent),
		"{rounds}", strconv.Itoa(len(r.Rounds)),
		"{tied}", lang.numbers[len(r.Tied)],
		"{each}", method.unit(r.shared()),
		"{turnout}", strconv.Itoa(r.Turnout),
		"{eligible}", strconv.Itoa(r.Eligible),
		"{needed}", strconv.Itoa(r.Needed),
	).Replace(r.sentence(lang, method, count == ballots, spent > 0))
}

// sentence picks the sentence with its blanks. All means that the winner has every ballot, spent that some ran out of choices.
func (r Result) sentence(lang sentences, method methodSentences, all, spent bool) string {
	switch {
	case len(r.Tied) > 0:
		return method.tied + r.tieSentence(lang)
	case r.DecidedBy == ByQuorum:
		return lang.quorum
	case r.Turnout == 0 && r.DecidedBy == ByHost:
		return lang.hostAlone
	case r.Turnout == 0:
		return lang.nobody
	case r.DecidedBy == ByHost:
		return method.host
	case len(r.Rounds) > 1 && spent:
		return lang.runOff + lang.spent
	case len(r.Rounds) > 1:
		return lang.runOff
	case r.Turnout == 1:
		return method.only
	case all:
		return method.all
	default:
		return method.some
	}
}

// tieSentence ends the sentence that began with the tie.
func (r Result) tieSentence(lang sentences) string {
	switch {
	case r.Winner == "":
		return lang.tieWaits
	case r.DecidedBy == ByHost:
		return lang.tieHost
	case r.Rules.Tie == Host:
		return lang.tieNoHost
	case r.Rules.Tie == Draw:
		return lang.tieDraw
	default:
		return lang.tieListed
	}
}

// shared is what each of the tied has.
func (r Result) shared() int {
	switch {
	case len(r.Tied) == 0:
		return 0
	case len(r.Rounds) > 0:
		return r.Rounds[len(r.Rounds)-1].Counts[r.Tied[0]]
	default:
		return r.Counts[r.Tied[0]]
	}
}

// percent is the rounded share of n in of; 100 only if it is all of them.
func percent(n, of int) int {
	if n == of {
		return 100
	}
	return min(99, (200*n+of)/(2*of))
}

// label is a choice in words; its id if it has none.
func label(choices []Choice, id string) string {
	i := slices.IndexFunc(choices, func(c Choice) bool { return c.ID == id })
	if i < 0 || choices[i].Label == "" {
		return id
	}
	return choices[i].Label
}
