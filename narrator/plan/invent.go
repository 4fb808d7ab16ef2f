package plan

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// templates are the choices that can be made without a model, in one language. {name} stands for a thread's title or somebody's name.
// The fixed ones fit any scene; each differs from all others by at least MinDistance.
type templates struct {
	thread, cast []template
	fixed        []template
}

type template struct {
	label, hook string
	kind        Kind
	risk        int
}

var made = map[string]templates{
	"en": {
		thread: []template{
			{"Look into {name}", "The trail of {name} is taken up again.", Reveal, 1},
			{"Leave {name} alone for now", "Attention turns away from {name}, to what is close at hand.", Calm, 0},
		},
		cast: []template{
			{"Talk to {name}", "A conversation with {name} that has been put off.", Dialogue, 0},
			{"Follow {name} unseen", "{name} is followed at a distance.", Action, 2},
		},
		fixed: []template{
			{"Go on ahead", "The way leads on, without waiting.", Action, 1},
			{"Stay and look around", "What is here gets a closer look.", Calm, 0},
			{"Turn back", "The way back, to where it began.", Action, 1},
			{"Wait and listen", "Nobody moves until something does.", Reveal, 1},
			{"Take a risk", "What nobody dared so far is tried.", Twist, 3},
			{"Ask for help", "Somebody else is drawn in.", Dialogue, 1},
		},
	},
	"zh": {
		thread: []template{
			{"追查{name}", "重新追查{name}。", Reveal, 1},
			{"暂时不管{name}", "先把{name}放在一边，处理眼前的事。", Calm, 0},
		},
		cast: []template{
			{"和{name}谈谈", "与{name}进行一场一直拖着的谈话。", Dialogue, 0},
			{"悄悄跟上{name}", "远远地跟着{name}。", Action, 2},
		},
		fixed: []template{
			{"继续往前走", "不再等待，继续向前。", Action, 1},
			{"留下来仔细看看", "仔细查看这里的一切。", Calm, 0},
			{"原路返回", "回到一切开始的地方。", Action, 1},
			{"屏住呼吸静听", "谁也不动，直到有动静传来。", Reveal, 1},
			{"冒一次险", "尝试至今没有人敢做的事。", Twist, 3},
			{"找人帮忙", "把另一个人卷进来。", Dialogue, 1},
		},
	},
}

// templateLanguage is that in which choices are made for a story: its own where we have it, else English.
func templateLanguage(language string) string {
	if _, ok := made[primary(language)]; ok {
		return primary(language)
	}
	return "en"
}

// Invent makes n candidates, at most MaxShown, to stand beside others that there are: about the thread that has waited longest, about
// somebody who is there, and such as fit any scene, by turns. They pass the same checks as a model's. Only when the gate refuses even what
// is ours alone, word for word, the first of the fixed ones are taken without it: an audience must have something to choose.
func Invent(n int, t Turn, others []Candidate) []Candidate {
	n = min(max(n, 0), MaxShown)
	language := templateLanguage(t.Language)
	taken := slices.Clone(others)
	var invented []Candidate
	add := func(c Candidate, judged bool) {
		if len(invented) == n {
			return
		}
		c.ID = freeID(taken)
		if !judged && judge(c, t, language, taken).Reason != "" {
			return
		}
		taken = append(taken, c)
		invented = append(invented, c)
	}
	ideas := t.ideas(language)
	for _, fresh := range []bool{true, false} { // what was offered lately only where nothing else is left
		for _, idea := range ideas {
			if fresh == (novelty(idea, t) >= MinDistance) {
				add(idea, false)
			}
		}
	}
	for _, fixed := range made[language].fixed {
		c := fixed.about("")
		if !slices.ContainsFunc(taken, func(o Candidate) bool { return Distance(o.Label, c.Label) < MinDistance }) {
			add(c, true)
		}
	}
	for i := range invented {
		invented[i].Prob = 1 / float64(len(invented))
	}
	return invented
}

// ideas are candidates without ids: one of each source by turns, each source's best first.
func (t Turn) ideas(language string) []Candidate {
	words := made[language]
	order := rand.New(rand.NewPCG(t.Seed, 0))
	threads := slices.Clone(t.Threads)
	slices.SortStableFunc(threads, func(a, b Thread) int { return b.Age - a.Age })
	var sources [3][]Candidate
	for _, thread := range threads[:min(len(threads), MaxThreads)] {
		if title, ok := nameOf(thread.Title, language, true); ok {
			with := words.thread[0]
			if len(sources[0]) == 1 { // the one that has waited longest is looked into; after it, leaving one alone is a real other way
				with = words.thread[1]
			}
			c := with.about(title)
			if thread.ID != "" {
				c.Uses = []string{Shorten(thread.ID, MaxID)}
			}
			sources[0] = append(sources[0], c)
		}
	}
	cast := slices.Clone(t.Cast[:min(len(t.Cast), MaxThreads)])
	order.Shuffle(len(cast), func(i, j int) { cast[i], cast[j] = cast[j], cast[i] })
	for i, name := range cast {
		if name, ok := nameOf(name, language, false); ok {
			sources[1] = append(sources[1], words.cast[i%len(words.cast)].about(name))
		}
	}
	for _, i := range order.Perm(len(words.fixed)) {
		sources[2] = append(sources[2], words.fixed[i].about(""))
	}
	var ideas []Candidate
	for i := 0; len(sources[0])+len(sources[1])+len(sources[2]) > 0; i++ {
		if from := &sources[i%len(sources)]; len(*from) > 0 {
			ideas = append(ideas, (*from)[0])
			*from = (*from)[1:]
		}
	}
	return ideas
}

// maxName is the longest title or name that goes into a template, so that no label is longer than MaxLabel.
const maxName = 30

// nameOf is a title or name as it stands inside of a sentence; ok is false where it cannot. Titles must be in the language; names need
// not, for people may be called anything.
func nameOf(name, language string, title bool) (string, bool) {
	name = tidy(name)
	letters := strings.ContainsFunc(name, isWordRune)
	if !letters || len([]rune(name)) > maxName || strings.ContainsAny(name, "{}<>\\|\"“”。！？!?;；") {
		return "", false
	}
	if title {
		return inSentence(name, language), InLanguage(name, language)
	}
	return name, true
}

// inSentence is an English title without the capital of its article.
func inSentence(title, language string) string {
	if language != "en" {
		return title
	}
	for _, article := range []string{"The ", "A ", "An "} {
		if strings.HasPrefix(title, article) {
			return strings.ToLower(article) + title[len(article):]
		}
	}
	return title
}

func (t template) about(name string) Candidate {
	fill := strings.NewReplacer("{name}", name)
	return Candidate{Label: fill.Replace(t.label), Hook: capital(fill.Replace(t.hook)), Kind: t.kind, Risk: t.risk}
}

// freeID is the first of m1, m2, … that no candidate has.
func freeID(taken []Candidate) string {
	for n := 1; ; n++ {
		id := "m" + strconv.Itoa(n)
		if !slices.ContainsFunc(taken, func(c Candidate) bool { return c.ID == id }) {
			return id
		}
	}
}
