package plan

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// model stands in for a language model: it writes answers by the contract, and breaks them.
type model struct {
	random   *rand.Rand
	language string
}

var phrasebook = map[string]struct{ verbs, things, places []string }{
	"en": {
		verbs:  []string{"Open", "Hide", "Burn", "Follow", "Sell", "Wake", "Repair", "Bury", "Steal", "Question"},
		things: []string{"the lamp", "the pilot", "an old letter", "the drowned bell", "her brother", "the machine", "nobody’s coat", "the last key"},
		places: []string{"before dawn", "in the harbour", "under the stairs", "without a word", "at the wrong door", "while it rains"},
	},
	"zh": {
		verbs:  []string{"打开", "藏起", "烧掉", "跟踪", "卖掉", "叫醒", "修好", "埋下", "偷走", "盘问"},
		things: []string{"那盏灯", "领航员", "旧信封", "沉没的钟", "她的哥哥", "机器", "无名的大衣", "最后一把钥匙"},
		places: []string{"趁天还没亮", "在港口", "在楼梯下面", "一言不发", "敲错了门", "等雨停"},
	},
}

func (m model) one(of []string) string { return of[m.random.IntN(len(of))] }

// plan is a good answer with six candidates.
func (m model) plan() Plan {
	words := phrasebook[m.language]
	space := " "
	if m.language == "zh" {
		space = ""
	}
	p := Plan{
		Summary:  strings.Join([]string{m.one(words.things), m.one(words.places)}, space) + ".",
		FactsAdd: []Fact{{m.one(words.things), "is", "“lost”, for now"}},
		FactsEnd: []string{"f3"},
		Threads:  []ThreadChange{{"t1", Advanced}, {"t2", Open}},
		Mood:     Mood{Valence: -0.25, Arousal: 0.5, Tension: 0.75},
		End:      End{},
	}
	verbs, things := m.random.Perm(len(words.verbs)), m.random.Perm(len(words.things))
	for i := range AskFor {
		p.Candidates = append(p.Candidates, Candidate{
			ID:    string(rune('a' + i)),
			Label: strings.Join([]string{words.verbs[verbs[i]], words.things[things[i]], m.one(words.places)}, space),
			Hook:  "It's late, and " + m.one(words.places),
			Kind:  Kinds()[m.random.IntN(5)],
			Risk:  m.random.IntN(4),
			Prob:  float64(1+m.random.IntN(50)) / 100,
			Why:   "It follows from t1",
			Uses:  []string{"t1"},
		})
	}
	return p
}

// answer is a plan as JSON, spread over lines as models do.
func answer(p Plan) string {
	b, err := json.MarshalIndent(struct {
		V int `json:"v"`
		Plan
	}{Version, p}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

// breaks are ways in which models get an answer wrong, all without taking anything of it away that matters.
var breaks = []struct {
	name string
	do   func(m model, p Plan) string
	want RepairKind
}{
	{"code fence", func(_ model, p Plan) string { return "```json\n" + answer(p) + "\n```" }, RepairAround},
	{"words around", func(_ model, p Plan) string {
		return "<think>What {might} follow?</think>Here is the plan [as asked]:\n" + answer(p) + "\nI hope {this} helps!"
	}, RepairAround},
	{"trailing commas", func(_ model, p Plan) string {
		return strings.NewReplacer("\n      ]", ",\n      ]", "\n    }", ",\n    }").Replace(answer(p))
	}, RepairComma},
	{"single quotes", func(_ model, p Plan) string { return strings.ReplaceAll(answer(p), `"`, `'`) }, RepairQuotes},
	{"line breaks in strings", func(_ model, p Plan) string {
		return strings.ReplaceAll(answer(p), "It's late, and ", "It's late,\n\tand ")
	}, RepairNewline},
	{"names without quotes", func(_ model, p Plan) string {
		s := answer(p)
		for _, name := range []string{"id", "label", "hook", "summary", "candidates", "risk", "prob", "mood"} {
			s = strings.ReplaceAll(s, `"`+name+`":`, name+`:`)
		}
		return s
	}, RepairQuotes},
	{"numbers in quotes", func(_ model, p Plan) string {
		s := answer(p)
		for i, c := range p.Candidates {
			prob, _ := json.Marshal(c.Prob)
			with := `"prob": "` + string(prob) + `"`
			if i%2 == 1 {
				with = fmt.Sprintf(`"prob": "%.0f%%"`, 100*c.Prob)
			}
			s = strings.Replace(s, `"prob": `+string(prob), with, 1)
		}
		return s
	}, RepairType},
	{"words not in the list", func(_ model, p Plan) string {
		return strings.NewReplacer(`"kind": "action"`, `"kind": "Action scene"`, `"advanced"`, `"Advanced!"`).Replace(answer(p))
	}, RepairEnum},
	{"parts missing", func(_ model, p Plan) string {
		b, _ := json.Marshal(map[string]any{"candidates": p.Candidates})
		return string(b)
	}, RepairMissing},
	{"Python", func(_ model, p Plan) string {
		return strings.NewReplacer("false", "False", `"kind": ""`, `"kind": None`).Replace(answer(p))
	}, RepairBareWord},
	{"comments", func(_ model, p Plan) string {
		return strings.ReplaceAll(answer(p), `"hook"`, "// what happens\n /* really */ \"hook\"")
	}, RepairComment},
	{"curly quotes and wide commas", func(_ model, p Plan) string {
		return strings.NewReplacer(`"id": "`, `“id”： "`, ",\n      \"label\"", "，\n      \"label\"").Replace(answer(p))
	}, RepairQuotes},
	{"quotes inside of strings", func(_ model, p Plan) string {
		return strings.ReplaceAll(answer(p), "It follows from t1", `He said "yes" to t1`)
	}, RepairInnerQuote},
	{"missing commas", func(_ model, p Plan) string { return strings.ReplaceAll(answer(p), ",\n", "\n") }, RepairComma},
	{"JSON in a string", func(_ model, p Plan) string {
		b, _ := json.Marshal(answer(p))
		return string(b)
	}, RepairEncoded},
	{"wrapped", func(_ model, p Plan) string { return `{"plan": ` + answer(p) + `}` }, RepairWrapped},
	{"only the candidates", func(_ model, p Plan) string {
		b, _ := json.Marshal(p.Candidates)
		return string(b)
	}, RepairWrapped},
	{"a closing bracket missing", func(_ model, p Plan) string {
		return strings.Replace(answer(p), "\n    }\n  ],\n  \"end\"", "\n    ],\n  \"end\"", 1)
	}, RepairBracket},
}
