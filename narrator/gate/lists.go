package gate

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Limits of lists. An operator's file that exceeds one is refused with the number of the line.
const (
	MaxTerm      = 64      // characters of one term
	MaxTerms     = 20_000  // in all lists together
	MaxListBytes = 1 << 20 // of one file
)

// Category is why a text is blocked: lower-case letters and _, at most 24. Lists may have categories of their own.
type Category string

// The categories of the built-in lists and patterns, and those that the gate itself gives.
const (
	Hate      Category = "hate"      // slurs, calls to hate
	Minors    Category = "minors"    // sexual content with minors
	Sexual    Category = "sexual"    // explicit sexual content
	SelfHarm  Category = "self_harm" // how to, and calls to do it
	Personal  Category = "personal"  // ways to reach a person: telephone, e-mail, postal address, identity and bank cards
	Link      Category = "link"      // addresses of web pages
	Leak      Category = "leak"      // the model speaks of itself, its instructions or its task
	Profanity Category = "profanity" // the coarsest words

	Custom  Category = "custom"   // terms of an operator's list before its first heading
	TooLong Category = "too_long" // more than MaxText bytes
	Empty   Category = "empty"    // a line of which nothing is left
	Other   Category = "other"    // what a guard calls by no name of ours
)

// gravest are the categories of which a verdict names the first, where a text is blocked for several. Profanity comes after all others.
var gravest = []Category{Minors, SelfHarm, Hate, Sexual, Personal, Link, Leak}

// graver says whether a category is named rather than other, which is "" for none.
func (c Category) graver(other Category) bool { return other == "" || c.rank() < other.rank() }

func (c Category) rank() int {
	if i := slices.Index(gravest, c); i >= 0 {
		return i
	}
	if c == Profanity {
		return len(gravest) + 1
	}
	return len(gravest)
}

var categoryName = regexp.MustCompile(`^[a-z_]{1,24}$`)

// Lists are the terms that a gate looks for. They do not change: Extend makes new ones. The zero Lists are empty.
type Lists struct {
	entries []entry
	skip    map[Category]bool // whose patterns are off
}

// entry is a term as somebody wrote it.
type entry struct {
	text string
	term
}

//go:embed lists
var built embed.FS

// builtIn are read once; they cannot be wrong, a test reads them.
var builtIn = sync.OnceValue(func() Lists {
	var lists Lists
	for _, name := range []string{"en.txt", "zh.txt"} {
		text, err := built.ReadFile("lists/" + name)
		if err == nil {
			lists, err = lists.Extend(strings.NewReader(unveil(string(text))))
		}
		if err != nil {
			panic(fmt.Errorf("built-in list %s: %w", name, err))
		}
	}
	return lists
})

// BuiltIn are the English and the Chinese lists that come with the gate. A term is in them if hardly any sentence of a story for
// viewers from 12 on has it; what depends on what is meant is a guard's to judge.
func BuiltIn() Lists { return builtIn() }

// Extend returns the lists with a file's changes. One line of the file is one of
//
//	# a remark
//	hate:            the category of the terms that follow; before the first it is custom
//	a term           found as a word or words: in any case, spelling, spacing and disguise that the package comment names
//	begin* *end *mid*  found inside words too, where the * is
//	!a phrase        makes harmless what is found inside it
//	-a term          is no longer looked for, with or without *, in any category
//	-hate:           the whole category goes, built-in patterns too
//
// Han terms are found wherever they stand, as Chinese has no gaps between words. Errors wrap one of the reasons and name the line.
func (l Lists) Extend(file io.Reader) (Lists, error) {
	out := Lists{entries: slices.Clone(l.entries), skip: make(map[Category]bool)}
	for category := range l.skip {
		out.skip[category] = true
	}
	var (
		category = Custom
		left     = &io.LimitedReader{R: file, N: MaxListBytes + 1}
		lines    = bufio.NewScanner(left)
		number   = 0
	)
	lines.Buffer(nil, MaxListBytes+1)
	for lines.Scan() {
		number++
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if err := out.line(line, &category); err != nil {
			return Lists{}, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if err := lines.Err(); err != nil {
		return Lists{}, err
	}
	if left.N <= 0 {
		return Lists{}, errListLong
	}
	return out, nil
}

var (
	errListLong = fmt.Errorf("a list has at most %d bytes", MaxListBytes)
	errTerms    = fmt.Errorf("the lists have at most %d terms", MaxTerms)
	errCategory = errors.New("the name of a category is 1 to 24 lower-case letters and _")
	errUTF8     = errors.New("a list is written in UTF-8")
)

func (l *Lists) line(line string, category *Category) error {
	switch {
	case line == "" || line[0] == '#':
		return nil
	case !utf8.ValidString(line):
		return errUTF8
	}
	rest, remove := strings.CutPrefix(line, "-")
	if name, heading := strings.CutSuffix(strings.TrimSpace(rest), ":"); heading {
		if !categoryName.MatchString(name) {
			return errCategory
		}
		if remove {
			l.skip[Category(name)] = true
			l.entries = slices.DeleteFunc(l.entries, func(e entry) bool { return e.category == Category(name) && !e.excuse })
		} else {
			*category = Category(name)
			delete(l.skip, *category)
		}
		return nil
	}
	rest, excuse := strings.CutPrefix(strings.TrimSpace(rest), "!")
	t, err := parseTerm(strings.TrimSpace(rest))
	if err != nil {
		return err
	}
	t.category, t.excuse = *category, excuse
	same := func(e entry) bool { return e.key() == t.key() && e.excuse == t.excuse }
	switch {
	case remove:
		l.entries = slices.DeleteFunc(l.entries, same)
	case len(l.entries) >= MaxTerms:
		return errTerms
	default:
		l.entries = append(l.entries, entry{text: strings.TrimSpace(rest), term: t})
	}
	return nil
}

// Len is how many terms the lists have, harmless phrases included.
func (l Lists) Len() int { return len(l.entries) }

// WriteTo writes the lists in the form that Extend reads, so that an operator can see what there is to relax. It implements
// [io.WriterTo].
func (l Lists) WriteTo(w io.Writer) (int64, error) {
	var (
		out  strings.Builder
		last Category
	)
	for _, e := range l.entries {
		if e.category != last {
			fmt.Fprintf(&out, "%s:\n", e.category)
			last = e.category
		}
		if e.excuse {
			out.WriteByte('!')
		}
		out.WriteString(e.text)
		out.WriteByte('\n')
	}
	n, err := io.WriteString(w, out.String())
	return int64(n), err
}

func (l Lists) matcher() *matcher {
	terms := make([]term, len(l.entries))
	for i, e := range l.entries {
		terms[i] = e.term
	}
	return newMatcher(terms, l.skip)
}
