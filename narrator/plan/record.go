package plan

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// record reads the fields of one object of an answer.
type record struct {
	fields map[string]any
	where  string // "" or "candidates[1]"
	reader *reader
}

func (r *reader) plan(f record) Plan {
	p := Plan{
		Summary:  f.text("summary", MaxSummary),
		FactsEnd: f.ids("facts_end", MaxFacts),
	}
	for _, fact := range f.records("facts_add", MaxFacts) {
		s, p1, o := fact.text("s", MaxTerm, "subject"), fact.text("p", MaxTerm, "predicate"), fact.text("o", MaxTerm, "object")
		if s != "" && p1 != "" && o != "" {
			p.FactsAdd = append(p.FactsAdd, Fact{s, p1, o})
		}
	}
	for _, thread := range f.records("threads", MaxThreads) {
		id, status := thread.text("id", MaxID), ThreadStatus(thread.word("status", string(Open), string(Advanced), string(Closed)))
		if id != "" {
			p.Threads = append(p.Threads, ThreadChange{id, status})
		}
	}
	mood := f.inner("mood")
	p.Mood = Mood{
		Valence: mood.number("valence", -1, 1, 0),
		Arousal: mood.number("arousal", 0, 1, 0.5),
		Tension: mood.number("tension", 0, 1, 0.5),
	}
	end := f.inner("end")
	p.End = End{IsEnd: end.yes("is_end"), Kind: end.text("kind", MaxEndKind)}
	p.Candidates = f.candidates()
	return p
}

// candidates reads them, those without a label excepted, and makes their ids unique.
func (f record) candidates() []Candidate {
	var list []Candidate
	taken := make(map[string]bool)
	for i, c := range f.records("candidates", MaxCandidates, "choices", "options") {
		candidate := Candidate{
			ID:    c.text("id", MaxID),
			Label: c.text("label", 4*MaxLabel, "text", "title", "choice"), // Check shortens it, at a word
			Hook:  c.text("hook", MaxHook),
			Kind:  Kind(c.word("kind", names(Kinds())...)),
			Risk:  int(math.Round(c.number("risk", 0, MaxRisk, 1))),
			Prob:  c.number("prob", 0, 1, 0, "probability", "p"),
			Why:   c.text("why", MaxWhy),
			Uses:  c.ids("uses", MaxUses),
			Ends:  c.yes("ends"),
		}
		if candidate.Label == "" {
			continue
		}
		if taken[candidate.ID] {
			c.repaired(RepairDuplicateID, "id")
			candidate.ID = ""
		}
		for n := i + 1; candidate.ID == "" || taken[candidate.ID]; n++ {
			candidate.ID = "c" + strconv.Itoa(n)
		}
		taken[candidate.ID] = true
		list = append(list, candidate)
	}
	return list
}

func names[T ~string](values []T) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return words
}

func (f record) repaired(kind RepairKind, name string) { f.reader.repaired(kind, f.path(name)) }

func (f record) path(name string) string {
	if f.where == "" {
		return name
	}
	return f.where + "." + name
}

// get is the value of a field, or of one of the other names that models give it.
func (f record) get(name string, others ...string) (any, bool) {
	if v, ok := f.fields[name]; ok && v != nil {
		return v, true
	}
	v, ok := lookUp(f.fields, name, others...)
	switch {
	case ok && v != nil:
		f.repaired(RepairName, name)
		return v, true
	default:
		f.repaired(RepairMissing, name)
		return nil, false
	}
}

// lookUp finds a field by one of its names, in any case and with any of - _ or space in it.
func lookUp(fields map[string]any, name string, others ...string) (any, bool) {
	if v, ok := fields[name]; ok {
		return v, true
	}
	plain := strings.NewReplacer("-", "", "_", "", " ", "")
	for _, want := range append([]string{name}, others...) {
		for _, have := range sortedNames(fields) {
			if strings.EqualFold(plain.Replace(have), plain.Replace(want)) {
				return fields[have], true
			}
		}
	}
	return nil, false
}

func sortedNames(fields map[string]any) []string { return slices.Sorted(maps.Keys(fields)) }

// text is a line of at most that many characters.
func (f record) text(name string, most int, others ...string) string {
	v, ok := f.get(name, others...)
	if !ok {
		return ""
	}
	line, ok := f.line(v, name)
	if !ok {
		return ""
	}
	short := Shorten(line, most)
	if short != line {
		f.repaired(RepairLength, name)
	}
	return short
}

// line makes one line of a value that is, or can be written as, text.
func (f record) line(v any, name string) (string, bool) {
	switch v := v.(type) {
	case string:
		return clean(v), true
	case float64:
		f.repaired(RepairType, name)
		return strconv.FormatFloat(v, 'g', 6, 64), true
	}
	f.repaired(RepairType, name)
	return "", false
}

// number is one from least to most; a percentage is one too where most is 1.
func (f record) number(name string, least, most, missing float64, others ...string) float64 {
	v, ok := f.get(name, others...)
	if !ok {
		return missing
	}
	n := math.NaN()
	switch v := v.(type) {
	case float64:
		n = v
	case string:
		f.repaired(RepairType, name)
		digits, percent := strings.CutSuffix(strings.TrimSpace(v), "%")
		if parsed, err := strconv.ParseFloat(strings.Replace(digits, ",", ".", 1), 64); err == nil {
			n = parsed
			if percent {
				n /= 100
			}
		}
	}
	if math.IsNaN(n) {
		f.repaired(RepairType, name)
		return missing
	}
	if most == 1 && least == 0 && n > 1 && n <= 100 {
		f.repaired(RepairRange, name)
		n /= 100
	}
	if n < least || n > most {
		f.repaired(RepairRange, name)
		n = min(max(n, least), most)
	}
	return n
}

func (f record) yes(name string) bool {
	v, ok := f.get(name)
	if !ok {
		return false
	}
	switch v := v.(type) {
	case bool:
		return v
	case string:
		f.repaired(RepairType, name)
		return slices.Contains([]string{"true", "yes", "1", "是"}, strings.ToLower(strings.TrimSpace(v)))
	case float64:
		f.repaired(RepairType, name)
		return v == 1
	}
	f.repaired(RepairType, name)
	return false
}

// word is one of those allowed: the one that the value begins with, else the first.
func (f record) word(name string, allowed ...string) string {
	v, ok := f.get(name)
	if !ok {
		return allowed[0]
	}
	said, _ := v.(string)
	if slices.Contains(allowed, said) {
		return said
	}
	f.repaired(RepairEnum, name)
	said = strings.ToLower(strings.TrimSpace(said))
	for _, word := range allowed {
		if strings.HasPrefix(said, word) {
			return word
		}
	}
	return allowed[0]
}

// items are those of a list; one that stands alone is a list of itself.
func (f record) items(name string, most int, others ...string) []any {
	v, ok := f.get(name, others...)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		f.repaired(RepairType, name)
		items = []any{v}
		if fields, ok := v.(map[string]any); ok && name == "candidates" { // {"a": {…}, "b": {…}}
			items = nil
			for _, id := range sortedNames(fields) {
				items = append(items, fields[id])
			}
		}
	}
	if len(items) > most {
		f.repaired(RepairCount, name)
		items = items[:most]
	}
	return items
}

// records are the objects of a list. Candidates may be bare labels.
func (f record) records(name string, most int, others ...string) []record {
	var list []record
	for i, item := range f.items(name, most, others...) {
		where := fmt.Sprintf("%s[%d]", name, i)
		switch item := item.(type) {
		case map[string]any:
			list = append(list, record{fields: item, where: where, reader: f.reader})
		case string:
			f.reader.repaired(RepairType, where)
			if name == "candidates" {
				list = append(list, record{fields: map[string]any{"label": item}, where: where, reader: f.reader})
			}
		default:
			f.reader.repaired(RepairType, where)
		}
	}
	return list
}

// ids are the texts of a list, none of them empty or twice.
func (f record) ids(name string, most int) []string {
	var ids []string
	for _, item := range f.items(name, most) {
		id, _ := f.line(item, name)
		if short := Shorten(id, MaxID); short != id {
			f.repaired(RepairLength, name)
			id = short
		}
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// inner is an object inside of this one, empty if there is none.
func (f record) inner(name string) record {
	v, ok := f.get(name)
	fields, isObject := v.(map[string]any)
	if ok && !isObject {
		f.repaired(RepairType, name)
	}
	return record{fields: fields, where: f.path(name), reader: f.reader}
}
