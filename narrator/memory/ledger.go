package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Predicates that the ledger understands. Typed finds them behind the words that models use.
const (
	Dead      = "dead"      // the subject, a person
	Alive     = "alive"     // the subject, a person
	At        = "at"        // the subject is in the place that is the object
	Within    = "within"    // the subject, a place, is a part of the place that is the object
	Holds     = "holds"     // the subject has the item that is the object
	Gave      = "gave"      // the subject gave the item that is the object away
	Lost      = "lost"      // the subject, an item, is lost; or the subject, a person, lost the item that is the object
	Destroyed = "destroyed" // the subject, an item, is no more
	Time      = "time"      // of day: the object is a word such as "night" or "清晨"
)

var synonyms = map[string][]string{
	Dead:      {"dies", "died", "is dead", "has died", "killed", "was killed", "is killed", "deceased", "死", "死了", "已死", "死亡", "去世", "已故", "牺牲", "遇害"},
	Alive:     {"lives", "is alive", "survived", "survives", "活着", "还活着", "生还", "复活", "活了下来"},
	At:        {"is at", "in", "is in", "located at", "location", "on", "is on", "在", "位于", "身在", "来到", "到了"},
	Within:    {"part of", "is part of", "inside", "belongs to place", "属于", "位于其中", "在其中"},
	Holds:     {"has", "carries", "owns", "keeps", "possesses", "found", "持有", "拿着", "带着", "拥有", "有", "找到"},
	Gave:      {"gave away", "gives", "gives away", "handed over", "sold", "送出", "给了", "送给", "送走", "交出", "卖了"},
	Lost:      {"is lost", "loses", "missing", "is missing", "stolen", "丢失", "丢了", "失踪", "不见了", "遗失", "被偷"},
	Destroyed: {"is destroyed", "broken", "is broken", "burned", "burnt", "shattered", "ruined", "毁了", "摧毁", "被毁", "烧毁", "打碎", "碎了", "坏了"},
	Time:      {"time of day", "is time", "时间", "时辰", "时刻"},
}

var typed = func() map[string]string {
	known := map[string]string{}
	for predicate, words := range synonyms {
		known[predicate] = predicate
		for _, word := range words {
			known[word] = predicate
		}
	}
	return known
}()

// Typed is the predicate that the ledger understands by a word, or "" where it is only told.
func Typed(predicate string) string {
	if known := typed[predicate]; known != "" {
		return known
	}
	return typed[strings.TrimSpace(string(fold(predicate)))]
}

// condition is the predicate of a fact whose object says what became of the subject, as models like to put it: Mara, is, dead.
func condition(f Fact) string {
	for _, words := range []string{f.Predicate + " " + f.Object, f.Object} {
		switch typed := Typed(words); typed {
		case Dead, Alive, Lost, Destroyed:
			return typed
		}
	}
	return ""
}

// Ledger is what has been true in a show, and when. The zero Ledger is empty.
type Ledger struct {
	facts []known
	names names
	by    map[string][]int // places in facts of those that hold, by the names in them and by their id

	turn, beat int // beats so far, and the number of the last
}

// known is a fact with its words made comparable.
type known struct {
	Fact
	typed           string
	subject, object string // one name for all aliases

	came            int // beats there were when it came
	pinnedAt, ended int // and when it was pinned and when it ended; -1 = never
}

// item is what a fact about a thing is about, else "".
func (k *known) item(n *names) string {
	switch k.typed {
	case Holds, Gave:
		return k.object
	case Lost, Destroyed:
		if k.object != "" && (n.kinds[k.object] == Item || n.of(k.Subject, Person)) {
			return k.object // a person lost it
		}
		return k.subject
	}
	return ""
}

// NewLedger is the ledger after all beats. What a fact replaces it ends: who is alive is not dead, who is in one place is in no
// other, who gets an item has it, and nobody else does. Facts without a subject or a predicate are passed over.
func NewLedger(bible Bible, beats []Beat) Ledger {
	l := Ledger{names: newNames(bible.Cast), by: map[string][]int{}}
	n := len(bible.Facts)
	for i := range beats {
		n += len(beats[i].FactsAdded)
	}
	l.facts = make([]known, 0, n)
	for i, f := range bible.Facts {
		f.Pinned, f.ID = true, cmp.Or(f.ID, fmt.Sprintf("0.%d", i+1))
		l.add(f)
	}
	for _, b := range beats {
		l.turn, l.beat = l.turn+1, b.Number
		for _, id := range b.FactsEnded {
			l.end("#"+id, func(*known) bool { return true })
		}
		for i, f := range b.FactsAdded {
			f.ID = cmp.Or(f.ID, fmt.Sprintf("%d.%d", b.Number, i+1))
			l.add(f)
		}
	}
	return l
}

func (l *Ledger) add(f Fact) {
	k := known{f, Typed(f.Predicate), l.names.one(f.Subject), l.names.one(f.Object), l.turn, -1, -1}
	if k.typed == "" && condition(f) != "" {
		k.typed, k.object = condition(f), ""
	}
	if k.subject == "" || strings.TrimSpace(f.Predicate) == "" {
		return
	}
	k.From = cmp.Or(f.From, l.beat)
	if f.Pinned {
		k.pinnedAt = l.turn
	}
	for _, i := range l.by[k.subject] {
		if old := &l.facts[i]; old.ended < 0 && old.subject == k.subject && old.object == k.object &&
			old.typed == k.typed && (k.typed != "" || old.Predicate == f.Predicate) { // said again
			if f.Pinned && !old.Pinned {
				old.Pinned, old.pinnedAt = true, l.turn
			}
			return
		}
	}
	l.replace(&k)
	for _, name := range slices.Compact([]string{k.subject, k.object}) {
		l.by[name] = append(l.by[name], len(l.facts))
	}
	l.by["#"+f.ID] = append(l.by["#"+f.ID], len(l.facts))
	if k.typed == Time {
		l.by["@time"] = append(l.by["@time"], len(l.facts))
	}
	l.facts = append(l.facts, k)
}

// end ends what holds under a key of l.by.
func (l *Ledger) end(key string, ends func(*known) bool) {
	l.by[key] = slices.DeleteFunc(l.by[key], func(i int) bool {
		if k := &l.facts[i]; k.ended < 0 && ends(k) {
			k.To, k.ended = max(l.beat, 1), l.turn
		}
		return l.facts[i].ended >= 0
	})
}

// replace ends the facts that hold no longer when k does.
func (l *Ledger) replace(k *known) {
	item := k.item(&l.names)
	switch k.typed {
	case Dead, Alive:
		l.end(k.subject, func(old *known) bool {
			return old.subject == k.subject && (old.typed == Dead || old.typed == Alive)
		})
	case At:
		l.end(k.subject, func(old *known) bool { return old.subject == k.subject && old.typed == At })
	case Time:
		l.end("@time", func(old *known) bool { return true })
	case Holds: // what somebody else gave away, he still has not
		l.end(item, func(old *known) bool {
			return old.item(&l.names) == item && !(old.typed == Gave && old.subject != k.subject)
		})
	case Gave:
		l.end(item, func(old *known) bool {
			return old.typed == Holds && old.item(&l.names) == item && old.subject == k.subject
		})
	case Lost, Destroyed:
		l.end(item, func(old *known) bool { return old.typed != Gave && old.item(&l.names) == item })
	}
}

// Facts are all facts that ever held, in the order in which they came.
func (l Ledger) Facts() []Fact {
	facts := make([]Fact, len(l.facts))
	for i, k := range l.facts {
		facts[i] = k.Fact
	}
	return facts
}

// Current are the facts that hold now, in the order in which they came.
func (l Ledger) Current() []Fact {
	var facts []Fact
	for _, k := range l.facts {
		if k.ended < 0 {
			facts = append(facts, k.Fact)
		}
	}
	return facts
}

// names knows who is meant by a name.
type names struct {
	main  map[string]string // the one name of an entity, by each of its names
	kinds map[string]Kind   // by the one name
	all   map[string][]string
	words lexicon

	proper map[string]bool // names written with a capital
}

func newNames(cast []Entity) names {
	n := names{main: map[string]string{}, kinds: map[string]Kind{}, all: map[string][]string{}, proper: map[string]bool{}}
	for _, e := range cast {
		main := bare(e.Name)
		if main == "" {
			continue
		}
		n.kinds[main] = e.Kind
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			if b := bare(name); b != "" && n.main[b] == "" {
				n.main[b] = main
				n.all[main] = append(n.all[main], b)
				n.words = append(n.words, folded(b))
				n.proper[b] = capital(name)
			}
		}
	}
	return n
}

// one is the same for all names of an entity; a name that the cast does not know stands for itself.
func (n names) one(name string) string {
	b := bare(name)
	return cmp.Or(n.main[b], b)
}

// of says whether the cast knows the name as that of an entity of a kind.
func (n names) of(name string, kind Kind) bool {
	k, ok := n.kinds[n.one(name)]
	return ok && k == kind
}

// called are all the names of an entity.
func (n names) called(one string) []string {
	if all := n.all[one]; len(all) > 0 {
		return all
	}
	return []string{one}
}

// around are the names of which a name is only a part.
func (n names) around(name string) []folded {
	return n.words.around(folded(name))
}

// bare is a name folded and without its article.
func bare(name string) string {
	b := strings.TrimSpace(string(fold(name)))
	for _, article := range []string{"the ", "a ", "an "} {
		if rest, ok := strings.CutPrefix(b, article); ok {
			return strings.TrimSpace(rest)
		}
	}
	return b
}
