package plan

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// From says who thought of the candidates.
type From string

const (
	FromModel From = "model"
	FromStory From = "story" // made of the story's threads and cast, without a model
	FromBoth  From = "both"

	// FromAuthor: none were made, since the author has choices for this case. Who decides that says so; [Choose] never does.
	FromAuthor From = "author"
)

// Why is the record of how a set of choices came about. It holds labels that passed the gate and ids, nothing else of a model's words.
type Why struct {
	Mode        Mode      `json:"mode"`
	From        From      `json:"from"`
	Offered     int       `json:"offered"` // candidates of the model
	Refused     []Refusal `json:"refused,omitempty"`
	Candidates  []Weighed `json:"candidates"` // those that could be shown
	Temperature float64   `json:"t"`
	Entropy     float64   `json:"h"`     // of the chances, in nats
	Floor       float64   `json:"floor"` // least share of the most entropy possible that was asked for
	Shown       []string  `json:"shown"` // ids, in the order in which they were picked
	Sampled     bool      `json:"sampled,omitempty"`
	Seed        uint64    `json:"seed,string"` // in quotes, since a browser's numbers are not as exact
}

// Weighed is a candidate with what it was judged by.
type Weighed struct {
	ID    string   `json:"id"`
	Label string   `json:"label"`
	P     float64  `json:"p"` // among all candidates
	Score float64  `json:"score"`
	Parts Parts    `json:"parts"`          // of the score
	Path  []string `json:"path,omitempty"` // the best way found to an anchor, in beam mode
}

// Evenness is the entropy as a share of the most possible, 0–1: 1 when all candidates had the same chance.
func (w Why) Evenness() float64 {
	if len(w.Candidates) < 2 {
		return 1
	}
	return min(w.Entropy/math.Log(float64(len(w.Candidates))), 1)
}

// Lines tells a viewer in three lines where the choices came from, which was thought likeliest and why, and how open it was. The
// language is a BCP 47 tag; any but Chinese gets English.
func (w Why) Lines(language string) [3]string {
	words := reasons["en"]
	if primary(language) == "zh" {
		words = reasons["zh"]
	}
	likeliest := Weighed{}
	for _, c := range w.Candidates {
		if slices.Contains(w.Shown, c.ID) && (likeliest.ID == "" || c.P > likeliest.P) {
			likeliest = c
		}
	}
	names := words.parts
	said, best, most := words.even, "", 0.05 // less than a twentieth of a deviation is no reason
	for i := range names {
		if part := *likeliest.Parts.part(i); part > most {
			said, best, most = words.likeliest, names[i], part
		}
	}
	open := words.open
	switch {
	case w.Sampled:
		open = words.sampled
	case w.Mode == Greedy:
		open = words.greedy
	}
	fill := strings.NewReplacer(
		"{offered}", words.number(w.Offered, words.one, words.many),
		"{fit}", strconv.Itoa(len(w.Candidates)),
		"{shown}", strconv.Itoa(len(w.Shown)),
		"{label}", likeliest.Label,
		"{percent}", strconv.Itoa(int(math.Round(100*likeliest.P))),
		"{reason}", best,
		"{even}", strconv.Itoa(int(math.Floor(100*w.Evenness()+1e-6))),
	)
	return [3]string{fill.Replace(words.from[w.From]), fill.Replace(said), fill.Replace(open)}
}

type reasonWords struct {
	from                  map[From]string
	one, many             string
	likeliest, even       string    // with a reason, and without any
	parts                 [6]string // the reasons, in the order of Parts
	open, sampled, greedy string
}

func (r reasonWords) number(n int, one, many string) string {
	form := many
	if n == 1 {
		form = one
	}
	return strings.Replace(form, "{n}", strconv.Itoa(n), 1)
}

var reasons = map[string]reasonWords{
	"en": {
		from: map[From]string{
			FromModel: "The narrator thought of {offered}; {fit} fitted the story, and you see {shown}.",
			FromStory: "The narrator had no answer in time, so these {shown} choices come from the story's own threads and people.",
			FromBoth:  "Only one of the narrator's ideas fitted the story, so another way on was added from the story itself.",
		},
		one: "one way on", many: "{n} ways on",
		likeliest: "“{label}” was thought likeliest ({percent}%): {reason}.",
		open:      "The question was kept {even}% as open as it can be, and the choices were picked to differ from each other.",
		sampled:   "The question was kept {even}% as open as it can be, and which choices you see was drawn by their chances.",
		greedy:    "You see the likeliest ways on, however alike they are; the question is {even}% as open as it can be.",
		parts: [6]string{
			"the narrator saw it coming", "it builds on what has been told", "it is unlike what you were offered before",
			"it suits the mood of the moment", "the author would like it", "it still leads in time to where the story must go",
		},
		even: "“{label}” was thought likeliest ({percent}%), but hardly more than the others.",
	},
	"zh": {
		from: map[From]string{
			FromModel: "讲述者想出了{offered}，其中 {fit} 个符合故事，这里展示 {shown} 个。",
			FromStory: "讲述者没有及时给出答案，这 {shown} 个选项取自故事里的线索和人物。",
			FromBoth:  "讲述者的想法只有一个符合故事，另一个选项取自故事本身。",
		},
		one: " {n} 种走向", many: " {n} 种走向",
		likeliest: "“{label}”被认为最有可能（{percent}%）：{reason}。",
		open:      "悬念保持在最大可能的 {even}%，并且选项彼此尽量不同。",
		sampled:   "悬念保持在最大可能的 {even}%，展示哪些选项由各自的概率抽签决定。",
		greedy:    "这里展示的是最有可能的走向，不论彼此是否相似；悬念为最大可能的 {even}%。",
		parts: [6]string{
			"情节正朝这个方向发展", "它承接了已经发生的事", "它与之前的选项不同",
			"它符合此刻的气氛", "作者希望如此", "它还来得及通向故事必须到达的地方",
		},
		even: "“{label}”被认为最有可能（{percent}%），但与其他选项相差无几。",
	},
}
