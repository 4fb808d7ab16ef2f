package narrator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/story"
)

// A model that falls into another language is stopped before anybody reads it, and may go on once more, told which language to use.
func TestLadder_Language(t *testing.T) {
	inChinese := cue()
	inChinese.Language, inChinese.Reserve, inChinese.Authored = "zh-Hans", []string{"一夜无人，天亮时船已不见。"}, "一片寂静。"
	inEnglish := cue()
	for name, c := range map[string]struct {
		cue        story.Cue
		text, want string
		asked      int
		telling    story.Telling
	}{
		"Chinese in an English story": {inEnglish, narratortest.TextZh, reserve, 2, story.Telling{Source: story.SourceReserve, Why: narrator.WhyLanguage}},
		"English in a Chinese story":  {inChinese, narratortest.Text, inChinese.Reserve[0], 2, story.Telling{Source: story.SourceReserve, Why: narrator.WhyLanguage}},
		"it drifts": {
			inChinese, "灯灭了，整座岛仿佛屏住了呼吸。The boat turns slowly toward the rocks.", "灯灭了，整座岛仿佛屏住了呼吸。灯灭了，整座岛仿佛屏住了呼吸。", 2,
			story.Telling{Source: story.SourceModel, Why: narrator.WhyLanguage},
		},
		"it drifts in short sentences": {
			inEnglish, "Wait. 船来了。灯灭了。门开了。他们走了。", "Wait. 船来了。灯灭了。 Wait. 船来了。灯灭了。", 2, // what is too short to be judged has been read
			story.Telling{Source: story.SourceModel, Why: narrator.WhyLanguage},
		},
		"a word of another": {
			inEnglish, "“Bàba!” she cries, and then, “爸爸！” The door opens, and the whole harbour hears it.", "", 1,
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered},
		},
		"a name of another": {
			inChinese, "GLASS HARBOUR LIGHTS 三个词刻在船尾，被盐水磨得发白，可是每个人都认得它们，也都不愿先开口。", "", 1,
			story.Telling{Source: story.SourceModel, Why: narrator.WhyModelAnswered},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				n := narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{Text: c.text, Seen: func(body []byte) { asked = append(asked, string(body)) }}, narrator.Options{}))
				got := tell(t, n, c.cue)
				want := c.want
				if want == "" {
					want = c.text
				}
				if got.Text != want || got.Telling.Source != c.telling.Source || got.Telling.Why != c.telling.Why {
					t.Errorf("told %q, %+v; want %q, %+v", got.Text, got.Telling, want, c.telling)
				}
				if len(asked) != c.asked || c.asked == 2 && !strings.Contains(asked[1], c.cue.Language) {
					t.Errorf("the model was asked %d times", len(asked))
				}
			})
		})
	}
}

// A model that goes against what was noted is asked once more, told which fact; what it then says is believed, for the check may be wrong.
func TestLadder_Contradiction(t *testing.T) {
	dead := `{"v":1,"summary":"Mara drowned.","facts_add":[{"s":"Mara","p":"is","o":"dead"}],"facts_end":[],"threads":[],"mood":{"valence":0,"arousal":0,"tension":0},"candidates":[],"end":{"is_end":false,"kind":""}}`
	const against, better = "The door opens. Mara walks in and laughs.", "The door opens. Nobody walks in."
	for name, answers := range map[string][]string{"it mends": {against, better}, "it insists": {against, against}, "no conflict": {better}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				dial := narratortest.DialHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					script := narratortest.Script{Seen: func(body []byte) { asked = append(asked, string(body)) }}
					script.Text = answers[min(len(asked), len(answers)-1)]
					script.ServeHTTP(w, r)
				}))
				c := cue()
				c.Path = []story.Step{{Title: "The rocks", Text: "The boat breaks. Mara is gone.", Label: "Wait"}}
				c.Notes = map[int]json.RawMessage{1: json.RawMessage(dead)}
				got := tell(t, narrator.NewLadder(zap.NewNop(), model(t, narratortest.Script{}, narrator.Options{Dial: dial})), c)
				want := "The door opens. " + answers[len(answers)-1]
				if len(answers) == 1 {
					want = better
				}
				if got.Text != want || got.Telling.Source != story.SourceModel || got.Telling.Why != narrator.WhyModelAnswered {
					t.Errorf("told %q, %+v; want %q", got.Text, got.Telling, want)
				}
				if len(asked) != len(answers) || len(asked) == 2 && !strings.Contains(asked[1], "went against what has happened: Mara is dead") {
					t.Errorf("the model was asked %d times: %q", len(asked), asked[len(asked)-1])
				}
			})
		})
	}
}
