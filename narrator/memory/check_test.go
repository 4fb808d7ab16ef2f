package memory

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A template is a text with names to be filled in, what is certain before it, and whether it contradicts that.
type template struct {
	language string
	about    int
	want     bool
	text     string
}

const (
	dead = iota
	lost
	destroyed
	given
	place
	night
)

var subjects = []string{"dead", "lost", "destroyed", "given away", "places", "time of day"}

// stage is a set of names for the templates' letters.
type stage map[string]string

var stages = map[string][]stage{
	"en": {
		{"N": "Anna", "M": "Ben", "R": "Clara", "I": "lamp", "G": "key", "P": "tower", "Q": "harbour"},
		{"N": "Old Tom", "M": "Mara", "R": "Ivo", "I": "brass compass", "G": "silver whistle", "P": "mill", "Q": "chapel"},
		{"N": "Rose", "M": "Will", "R": "Hope", "I": "map", "G": "knife", "P": "Red Lion", "Q": "station"},
		{"N": "Dr. Okafor", "M": "you", "R": "Yusuf", "I": "signal gun", "G": "ring", "P": "engine room", "Q": "crow's nest"},
		{"N": "Captain Vance", "M": "Lin Mei", "R": "the ferryman", "I": "music box", "G": "pocket watch", "P": "cellar", "Q": "old bridge"},
	},
	"zh": {
		{"N": "安娜", "M": "本", "R": "克拉拉", "I": "灯", "G": "钥匙", "P": "灯塔", "Q": "码头"},
		{"N": "老周", "M": "阿福", "R": "小梅", "I": "铜罗盘", "G": "银哨子", "P": "磨坊", "Q": "教堂"},
		{"N": "林雪", "M": "陈默", "R": "赵船长", "I": "地图", "G": "匕首", "P": "红狮酒馆", "Q": "车站"},
		{"N": "王大夫", "M": "你", "R": "玉兰", "I": "信号枪", "G": "戒指", "P": "机舱", "Q": "瞭望台"},
		{"N": "奥卡福船长", "M": "苏小小", "R": "摆渡人", "I": "八音盒", "G": "怀表", "P": "地窖", "Q": "老石桥"},
	},
}

// ledger is what is certain on a stage.
func (s stage) ledger(about int) Ledger {
	facts := []Fact{
		{Subject: s["P"], Predicate: Within, Object: "—"},
		{Subject: s["Q"], Predicate: Within, Object: "——"},
		{Subject: s["R"], Predicate: Alive},
		{Subject: s["M"], Predicate: Alive},
	}
	switch about {
	case dead:
		facts = append(facts, Fact{Subject: s["N"], Predicate: Dead})
	case lost:
		facts = append(facts, Fact{Subject: s["I"], Predicate: Lost})
	case destroyed:
		facts = append(facts, Fact{Subject: s["I"], Predicate: Destroyed})
	case given:
		facts = append(facts, Fact{Subject: s["M"], Predicate: Gave, Object: s["G"]}, Fact{Subject: s["R"], Predicate: Holds, Object: s["G"]})
	case place:
		facts = append(facts, Fact{Subject: s["M"], Predicate: At, Object: s["P"]})
	case night:
		facts = append(facts, Fact{Subject: "it", Predicate: Time, Object: "night"})
	}
	cast := []Entity{
		{Name: s["N"]}, {Name: s["M"]}, {Name: s["R"]}, {Name: s["I"], Kind: Item}, {Name: s["G"], Kind: Item},
		{Name: s["P"], Kind: Place}, {Name: s["Q"], Kind: Place},
	}
	return NewLedger(Bible{Cast: cast, Facts: facts}, nil)
}

// fill puts names in. ("You opens the door" is what comes of one of them, and is read all the same.)
func (s stage) fill(text string) string {
	for letter, name := range s {
		text = strings.ReplaceAll(text, "{"+letter+"}", name)
	}
	return text
}

// score counts right and wrong answers.
type score struct {
	hits, misses, alarms, rests int
}

func (s score) recall() float64     { return float64(s.hits) / float64(max(s.hits+s.misses, 1)) }
func (s score) falseAlarm() float64 { return float64(s.alarms) / float64(max(s.alarms+s.rests, 1)) }

func run(t *testing.T, cases []template, show bool) map[string]score {
	scores := map[string]score{}
	for _, c := range cases {
		for _, names := range stages[c.language] {
			text := names.fill(c.text)
			found := names.ledger(c.about).Check(text, c.language)
			for _, key := range []string{"all", c.language, subjects[c.about]} {
				s := scores[key]
				switch got := len(found) > 0; {
				case c.want && got:
					s.hits++
				case c.want:
					s.misses++
				case got:
					s.alarms++
				default:
					s.rests++
				}
				scores[key] = s
			}
			if show && (len(found) > 0) != c.want {
				t.Logf("want %v: %s %v", c.want, text, found)
			}
		}
	}
	return scores
}

// Goals: at least 95 of 100 contradictions are found, and at most 2 of 100 texts without one are accused. The patterns were mended by
// the known cases and the passages. The held-out cases and the traps were only ever counted; of the traps every second text was written
// to mislead, so that theirs is about the worst that a show can meet.
func TestLedger_Check(t *testing.T) {
	sets := []struct {
		name               string
		cases              []template
		seen               bool
		least              int
		recall, falseAlarm float64
	}{
		{"known", knownCases, true, 500, 0.95, 0.02},
		{"passages", passages, true, 500, 0.95, 0.02},
		{"held out", heldOut, false, 500, 0.95, 0.02},
		{"traps", trapped, false, 200, 0.94, 0.11},
	}
	for _, set := range sets {
		t.Run(set.name, func(t *testing.T) {
			scores := run(t, set.cases, set.seen)
			for _, key := range slices.Sorted(maps.Keys(scores)) {
				s := scores[key]
				t.Logf("%-14s %4d texts, recall %.3f (%d of %d), false alarms %.3f (%d of %d)", key, s.hits+s.misses+s.alarms+s.rests,
					s.recall(), s.hits, s.hits+s.misses, s.falseAlarm(), s.alarms, s.alarms+s.rests)
			}
			s := scores["all"]
			if n := s.hits + s.misses + s.alarms + s.rests; n < set.least || s.recall() < set.recall || s.falseAlarm() > set.falseAlarm {
				t.Errorf("%d texts, recall %.3f, false alarms %.3f; want %d, %.2f, %.2f", n, s.recall(), s.falseAlarm(), set.least, set.recall,
					set.falseAlarm)
			}
		})
	}
}

// What is found is named: the clash, the fact, the sentence.
func TestLedger_Check_conflict(t *testing.T) {
	l := NewLedger(Bible{Cast: []Entity{{Name: "Anna", Aliases: []string{"the keeper"}}}}, []Beat{
		{Number: 7, FactsAdded: []Fact{{Subject: "Anna", Predicate: "died"}, {Subject: "the lamp", Predicate: "is lost"}}},
	})
	got := l.Check("The rain stops. The keeper lights the lamp. She coughs.\n\nAnna laughs.", "en-GB")
	want := []Conflict{
		{DeadActs, Fact{ID: "7.1", Subject: "Anna", Predicate: "died", From: 7}, "The keeper lights the lamp."},
		{ItemUsed, Fact{ID: "7.2", Subject: "the lamp", Predicate: "is lost", From: 7}, "The keeper lights the lamp."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := l.Check("Anna lacht.", "de"); got != nil {
		t.Errorf("a language that is not read: %v", got)
	}
	if got := (Ledger{}).Check("Anna laughs.", "en"); got != nil {
		t.Errorf("an empty ledger: %v", got)
	}
}

// Two sentences of one text may contradict each other.
func TestLedger_Check_withinText(t *testing.T) {
	l := NewLedger(Bible{Cast: []Entity{
		{Name: "Anna"}, {Name: "tower", Kind: Place}, {Name: "harbour", Kind: Place}, {Name: "lamp room", Kind: Place},
	}, Facts: []Fact{{Subject: "lamp room", Predicate: Within, Object: "tower"}}}, nil)
	if got := l.Check("Anna sits in the tower. The bell rings. Anna waits at the harbour.", "en"); len(got) != 1 || got[0].Clash != TwoPlaces {
		t.Errorf("got %v, want two places", got)
	}
	if got := l.Check("Anna sits in the tower. The bell rings. Anna waits in the lamp room.", "en"); len(got) != 0 {
		t.Errorf("a room of the tower: %v", got)
	}
}

// Nothing that a model writes may break the check.
func FuzzCheck(f *testing.F) {
	for _, c := range slices.Concat(knownCases, passages) {
		f.Add(stages[c.language][0].fill(c.text), c.about, c.language)
	}
	f.Add("“Anna", dead, "en")
	f.Add("安娜的", dead, "zh")
	f.Fuzz(func(t *testing.T, text string, about int, language string) {
		names, ok := stages[language]
		if !ok {
			return
		}
		l := names[0].ledger(about)
		first := l.Check(text, language)
		if diff := cmp.Diff(first, l.Check(text, language)); diff != "" {
			t.Errorf("not the same again:\n%s", diff)
		}
		for _, c := range first {
			if !strings.Contains(text, strings.TrimSpace(c.Sentence)) {
				t.Errorf("%q is not in the text", c.Sentence)
			}
		}
	})
}
