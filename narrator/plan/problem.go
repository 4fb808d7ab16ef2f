package plan

import (
	"errors"
	"strconv"
	"strings"
)

// Problem are the words with which to ask a model once more after an error of [Parse] or [Check], to be sent after its answer. They are
// Chinese for a Chinese story (language is a BCP 47 tag), else English, and quote nothing of the answer.
func Problem(err error, language string) string {
	w := problems["en"]
	if primary(language) == "zh" {
		w = problems["zh"]
	}
	var few *TooFewError
	said := w.few
	switch {
	case errors.Is(err, ErrNoAnswer):
		said = w.noAnswer
	case errors.As(err, &few) && len(few.Refused) > 0:
		var why []string
		for _, r := range few.Refused[:min(len(few.Refused), MaxCandidates)] {
			line := strings.Replace(w.reason, "{why}", w.reasons[r.Reason], 1)
			why = append(why, strings.NewReplacer("{id}", r.ID, "{of}", r.Of).Replace(line))
		}
		said = w.refused + "\n" + strings.Join(why, "\n")
	}
	return said + "\n" + strings.NewReplacer("{n}", strconv.Itoa(AskFor), "{label}", strconv.Itoa(MaxLabel)).Replace(w.again)
}

type problemWords struct {
	noAnswer, few, refused string
	reason                 string
	reasons                map[Reason]string
	again                  string
}

var problems = map[string]problemWords{
	"en": {
		noAnswer: "That was not the JSON object that was asked for.",
		few:      "That had fewer than two candidates.",
		refused:  "Too few of these candidates can be used:",
		reason:   "- {id}: {why}",
		reasons: map[Reason]string{
			NoWords:       "the label has no words",
			WrongScript:   "the label is not in the story's language",
			TooAlike:      "the label says nearly the same as that of {of}",
			EndsTooSoon:   "it ends the story, which is not allowed yet",
			Contradictory: "it contradicts what is true in the story",
			Blocked:       "it is not fit for this audience",
		},
		again: "Answer once more with one JSON object by the schema and nothing else: no code fence, no remarks, no trailing commas, " +
			"double quotes around every name and text. Give {n} candidates that differ in what happens, each with a label of at most {label} characters.",
	},
	"zh": {
		noAnswer: "刚才的回答不是所要求的 JSON 对象。",
		few:      "刚才的回答里候选不足两个。",
		refused:  "下面这些候选不能用，剩下的太少：",
		reason:   "- {id}：{why}",
		reasons: map[Reason]string{
			NoWords:       "选项里没有文字",
			WrongScript:   "选项的语言与故事不符",
			TooAlike:      "选项与 {of} 几乎相同",
			EndsTooSoon:   "它会让故事结束，现在还不允许",
			Contradictory: "它与故事中已有的事实矛盾",
			Blocked:       "它不适合这里的观众",
		},
		again: "请重新回答，只输出一个符合格式的 JSON 对象：不要代码块，不要说明，不要多余的逗号，名称和文字都用英文双引号。" +
			"给出 {n} 个情节各不相同的候选，每个选项不超过 {label} 个字符。",
	},
}
