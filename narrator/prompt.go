package narrator

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"kinoautomat/story"
)

// Limits of what goes into a prompt, in characters unless it says otherwise. Only the author's words, the models' earlier words and the
// labels of choices go in; nothing that viewers wrote.
const (
	maxTitle     = 120
	maxSummary   = 600
	maxDirection = 1500
	maxMood      = 80
	maxLabel     = 120
	maxNext      = 9           // choices
	maxHistory   = 4000        // of earlier scenes' texts, the newest first
	maxTold      = maxMaxChars // of what was told of this scene, its end
	maxHeadlines = 40          // earlier scenes that are named, the newest first
	maxFeelings  = 3           // the strongest
	minFeeling   = 0.15        // share below which a feeling is not worth a word
)

// prompt is what a model is asked for a cue, in the story's own language where that is Chinese, else in English.
func prompt(cue story.Cue) (contract, request string) {
	p := english
	if inChinese(cue) {
		p = chinese
	}
	return p.contract(cue), p.request(cue)
}

func inChinese(cue story.Cue) bool {
	tag := strings.ToLower(cue.Language)
	return tag == "zh" || strings.HasPrefix(tag, "zh-")
}

// phrases are the words of a prompt in one language; %s and %d are filled in.
type phrases struct {
	rules, language, ending, open, strict string // the contract
	length                                func(chars int) string
	title, summary                        string
	path, chose, now, mood                string
	lately, told                          string
	feelings                              map[string]string
	list                                  string // between two entries of a list
}

// contract is what holds for every scene: what to write, how, and how long.
func (p phrases) contract(cue story.Cue) string {
	rules := []string{p.rules}
	if p.language != "" {
		rules = append(rules, fmt.Sprintf(p.language, languageName(cue.Language)))
	}
	if cue.Strict {
		rules = append(rules, p.strict)
	}
	rules = append(rules, p.length(maxChars(cue)-utf8.RuneCountInString(cue.Told)))
	var labels []string
	for _, label := range cue.Next[:min(len(cue.Next), maxNext)] {
		labels = append(labels, "“"+clip(label, maxLabel)+"”")
	}
	if len(labels) > 0 {
		rules = append(rules, fmt.Sprintf(p.open, strings.Join(labels, p.list)))
	} else {
		rules = append(rules, p.ending)
	}
	return strings.Join(rules, "\n")
}

// request is what holds for this scene: the story, the path to here, and what the author wants now.
func (p phrases) request(cue story.Cue) string {
	var parts []string
	add := func(format, text string) {
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, fmt.Sprintf(format, text))
		}
	}
	add(p.title, clip(cue.Title, maxTitle))
	add(p.summary, clip(cue.Summary, maxSummary))
	add(p.path, p.history(cue.Path))
	add(p.now, clip(cue.Direction, maxDirection))
	add(p.mood, clip(cue.Mood, maxMood))
	add(p.lately, p.lean(cue.Feelings))
	add(p.told, clipFront(cue.Told, maxTold))
	return strings.Join(parts, "\n\n")
}

// history is the path so far. Of scenes long past only the title and the choice are left, since decisions bind longer than words.
func (p phrases) history(path []story.Step) string {
	var scenes []string
	left := maxHistory
	for i, step := range slices.Backward(path) {
		if len(path)-i > maxHeadlines {
			break
		}
		lines := []string{"## " + clip(step.Title, maxTitle)}
		if text := clipFront(step.Text, left); text != "" {
			lines = append(lines, text)
			left -= utf8.RuneCountInString(text)
		}
		if step.Label != "" {
			lines = append(lines, fmt.Sprintf(p.chose, clip(step.Label, maxLabel)))
		}
		scenes = append(scenes, strings.Join(lines, "\n"))
	}
	slices.Reverse(scenes)
	return strings.Join(scenes, "\n\n")
}

// lean is the audience's feelings in one line, the strongest first.
func (p phrases) lean(feelings map[string]float64) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(feelings)), func(name string) bool {
		return p.feelings[name] == "" || feelings[name] < minFeeling
	})
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(feelings[b], feelings[a]) })
	var shares []string
	for _, name := range names[:min(len(names), maxFeelings)] {
		shares = append(shares, fmt.Sprintf("%s %.0f%%", p.feelings[name], math.Round(100*min(feelings[name], 1))))
	}
	return strings.Join(shares, p.list)
}

var english = phrases{
	rules: `You are the narrator of an interactive story that an audience watches together. Write the next scene.
Write plain prose in the present tense and in the second or third person as the story so far does: no headings, no lists, no Markdown, no remarks about the task, no thinking aloud. Begin at once with the scene.
Keep to every fact, name and decision of the story so far. Follow the author's direction. Show, and let things happen; do not sum up.`,
	language: "Write in %s.",
	strict:   "Viewers from twelve years on are watching. The last try was stopped: leave out slurs, anything sexual, instructions for harm, and people's addresses or numbers. Let danger and grief be felt, not described.",
	length: func(chars int) string {
		return fmt.Sprintf("Write about %d words, in two to five short paragraphs, and end with a whole sentence.", max(chars/8, 10))
	},
	open:    "End at the moment when the audience must choose among exactly these: %s. Take no side, make none of them impossible, and do not list them.",
	ending:  "Bring this scene to a rest; do not ask the audience anything.",
	title:   "The story: %s",
	summary: "What it is about: %s",
	path:    "The story so far:\n\n%s",
	chose:   "The audience chose: %s",
	now:     "The author's direction for this scene: %s",
	mood:    "Mood: %s",
	lately:  "What the audience felt of late (let it colour the tone, never mention it): %s",
	told:    "The audience has already read this beginning of the scene. Go on right after it and repeat nothing:\n\n%s",
	list:    "; ",
	feelings: map[string]string{
		"joy": "joy", "love": "love", "wonder": "wonder", "sorrow": "sorrow", "fear": "fear", "anger": "anger",
	},
}

var chinese = phrases{
	rules: `你是一部互动故事的讲述者，观众正聚在一起观看。请写出下一幕。
只写连贯的叙述文字，语气与前文一致，让情节正在眼前发生：不要标题、列表或 Markdown 符号，不要解释，不要写出思考过程，直接从故事写起。
前文已有的事实、人名和决定都不能改变，并遵照作者对这一幕的要求。用动作和细节说话，不要概括。
用简体中文写作，标点用全角。`,
	length: func(chars int) string {
		return fmt.Sprintf("全文约 %d 字，分成二到五个短段落，以完整的句子收尾。", max(chars*3/5, 20))
	},
	strict:  "观众中有十二岁以上的孩子。上一稿没有通过审查：不要出现侮辱性称呼、任何色情内容、伤害他人或自己的方法，以及个人的住址或号码。危险和悲伤只让人感到，不作描写。",
	open:    "写到观众必须做出选择的那一刻为止，可选的只有：%s。不要偏向任何一个，不要让任何一个变得不可能，也不要把它们列出来。",
	ending:  "让这一幕自然收束，不要向观众提问。",
	title:   "故事：%s",
	summary: "故事梗概：%s",
	path:    "到目前为止的情节：\n\n%s",
	chose:   "观众的选择：%s",
	now:     "作者对这一幕的要求：%s",
	mood:    "氛围：%s",
	lately:  "观众近来的情绪（可以影响语气，但不要提及）：%s",
	told:    "这一幕的开头观众已经读过。请紧接着往下写，不要重复：\n\n%s",
	list:    "；",
	feelings: map[string]string{
		"joy": "欢喜", "love": "喜爱", "wonder": "惊奇", "sorrow": "悲伤", "fear": "恐惧", "anger": "愤怒",
	},
}

// languageName is how a prompt names a language; models know the tags of the rarer ones.
func languageName(tag string) string {
	names := map[string]string{
		"": "English", "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
		"nl": "Dutch", "pl": "Polish", "cs": "Czech", "ru": "Russian", "uk": "Ukrainian", "ja": "Japanese", "ko": "Korean",
	}
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return cmp.Or(names[primary], "the language with the BCP 47 tag "+clip(tag, maxLabel))
}

// clip shortens a text to n characters.
func clip(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}

// clipFront shortens a text to its last n characters.
func clipFront(text string, n int) string {
	if runes := []rune(text); n == 0 {
		return ""
	} else if len(runes) > n {
		return "…" + string(runes[len(runes)-n+1:])
	}
	return text
}

// clipBytes is the longest beginning of a text that has at most n bytes and whole characters.
func clipBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
