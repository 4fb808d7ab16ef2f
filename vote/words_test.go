package vote

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestResult_Words(t *testing.T) {
	choices := []Choice{{"a", "Follow the light"}, {"b", "Wait"}, {"c", "Run"}}
	// decide casts the ballots and closes for so many eligible, with the host's choice unless that is "".
	tests := []struct {
		name     string
		rules    func(*Rules)
		ballots  []string
		eligible int
		host     string // "": does not decide; "-": was asked and did not answer
		en, zh   string
	}{
		{
			name: "some", ballots: times(3, "a", 1, "b"),
			en: "“Follow the light” won with 3 of 4 votes (75%).", zh: "“Follow the light”在 4 票中得到 3 票（75%），胜出。",
		}, {
			name: "nearly all", ballots: times(399, "a", 1, "b"),
			en: "“Follow the light” won with 399 of 400 votes (99%).", zh: "“Follow the light”在 400 票中得到 399 票（99%），胜出。",
		}, {
			name: "half a percent up", ballots: times(5, "a", 3, "b"),
			en: "“Follow the light” won with 5 of 8 votes (63%).", zh: "“Follow the light”在 8 票中得到 5 票（63%），胜出。",
		}, {
			name: "all", ballots: times(2, "b"),
			en: "“Wait” won unanimously with 2 votes.", zh: "“Wait”获得全部 2 票，胜出。",
		}, {
			name: "only", ballots: times(1, "b"),
			en: "“Wait” won with the only vote.", zh: "只有一人投票，“Wait”以这一票胜出。",
		}, {
			name: "approval, some", rules: with(Approval), ballots: times(1, "ab", 2, "b", 1, "c"),
			en: "“Wait” won: 3 of 4 voters approved of it (75%).", zh: "“Wait”胜出：4 位投票者中有 3 位赞成（75%）。",
		}, {
			name: "approval, all", rules: with(Approval), ballots: times(1, "ab", 2, "b"),
			en: "“Wait” won, approved unanimously by 3 voters.", zh: "“Wait”胜出：3 位投票者全部赞成。",
		}, {
			name: "approval, only", rules: with(Approval), ballots: times(1, "c"),
			en: "“Run” won: the only voter approved of it.", zh: "“Run”胜出：唯一一位投票者表示赞成。",
		}, {
			name: "ranked, some", rules: with(Ranked), ballots: times(3, "ab", 1, "b"),
			en: "“Follow the light” won in the first round: 3 of 4 ballots put it first (75%).",
			zh: "“Follow the light”首轮胜出：4 张选票中有 3 张把它列为首选（75%）。",
		}, {
			name: "ranked, all", rules: with(Ranked), ballots: times(2, "cb"),
			en: "“Run” won unanimously in the first round with 2 ballots.", zh: "“Run”首轮胜出：2 张选票全部把它列为首选。",
		}, {
			name: "ranked, only", rules: with(Ranked), ballots: times(1, "cb"),
			en: "“Run” won: the only ballot put it first.", zh: "“Run”胜出：唯一一张选票把它列为首选。",
		}, {
			name: "run-off", rules: with(Ranked), ballots: times(4, "a", 3, "b", 2, "cb"),
			en: "“Wait” won the run-off in round 2 with 5 of 9 ballots (56%).", zh: "“Wait”在第 2 轮计票中胜出：9 张选票中得到 5 张（56%）。",
		}, {
			name: "run-off with exhausted", rules: with(Ranked), ballots: times(4, "a", 3, "b", 1, "c"),
			en: "“Follow the light” won the run-off in round 2 with 4 of 7 ballots (57%). 1 ballot had no choice left.",
			zh: "“Follow the light”在第 2 轮计票中胜出：7 张选票中得到 4 张（57%）。另有 1 张选票所列的选项均已淘汰。",
		}, {
			name: "tie, listed", ballots: times(1, "c", 1, "b"),
			en: "Two choices tied at 1 vote each; “Wait” is listed first and was taken.", zh: "两个选项各得 1 票，并列第一；“Wait”排在前面，因此入选。",
		}, {
			name: "tie, draw", rules: func(r *Rules) { r.Tie = Draw }, ballots: times(2, "c", 2, "b", 2, "a"),
			en: "Three choices tied at 2 votes each; the draw announced before the vote picked “Wait”.",
			zh: "三个选项各得 2 票，并列第一；按投票前公布的抽签方式，抽中了“Wait”。",
		}, {
			name: "tie, waits", rules: func(r *Rules) { r.Tie = Host }, ballots: times(2, "c", 2, "b"),
			en: "Two choices tied at 2 votes each; the host decides.", zh: "两个选项各得 2 票，并列第一；等待主持人决定。",
		}, {
			name: "tie, host", rules: func(r *Rules) { r.Tie = Host }, ballots: times(2, "c", 2, "b"), host: "c",
			en: "Two choices tied at 2 votes each; the host chose “Run”.", zh: "两个选项各得 2 票，并列第一；主持人选定了“Run”。",
		}, {
			name: "tie, no answer", rules: func(r *Rules) { r.Tie = Host }, ballots: times(2, "c", 2, "b"), host: "-",
			en: "Two choices tied at 2 votes each; the host did not choose, so “Wait”, listed first, was taken.",
			zh: "两个选项各得 2 票，并列第一；主持人没有作出选择，因此由排在前面的“Wait”入选。",
		}, {
			name: "approval, tie", rules: with(Approval), ballots: times(2, "bc", 1, "a"),
			en: "Two choices tied, approved by 2 voters each; “Wait” is listed first and was taken.",
			zh: "两个选项各获 2 位投票者赞成，并列第一；“Wait”排在前面，因此入选。",
		}, {
			name: "run-off with two exhausted", rules: with(Ranked), ballots: times(1, "a", 2, "b", 2, "c", 1, "ac", 1, "ab"),
			en: "“Follow the light” won the run-off in round 2 with 3 of 5 ballots (60%). 2 ballots had no choice left.",
			zh: "“Follow the light”在第 2 轮计票中胜出：5 张选票中得到 3 张（60%）。另有 2 张选票所列的选项均已淘汰。",
		}, {
			name: "run-off, tied in the end", rules: with(Ranked), ballots: times(2, "ac", 2, "ca", 1, "b"),
			en: "Two choices tied in round 2 at 2 ballots each; “Follow the light” is listed first and was taken.",
			zh: "第 2 轮计票，两个选项各得 2 张选票，并列第一；“Follow the light”排在前面，因此入选。",
		}, {
			name: "quorum", rules: func(r *Rules) { r.Quorum, r.Default = 0.5, "b" }, ballots: times(1, "a"), eligible: 10,
			en: "Only 1 of 10 viewers voted and 5 were needed, so “Wait” was taken by default.",
			zh: "10 位观众中只有 1 位投票，未达到所需的 5 位，因此采用默认选项“Wait”。",
		}, {
			name: "nobody", eligible: 10,
			en: "Nobody voted, so “Follow the light” was taken by default.", zh: "无人投票，因此采用默认选项“Follow the light”。",
		}, {
			name: "the host alone", eligible: 10, host: "c",
			en: "The host chose “Run”; nobody had voted.", zh: "无人投票，主持人选定了“Run”。",
		}, {
			name: "the host over the majority", ballots: times(3, "a", 1, "b"), host: "b",
			en: "The host chose “Wait”, which had 1 of 4 votes.", zh: "主持人选定了“Wait”，它在 4 票中得到 1 票。",
		}, {
			name: "the host over approvals", rules: with(Approval), ballots: times(3, "a", 1, "b"), host: "b",
			en: "The host chose “Wait”, which 1 of 4 voters approved of.", zh: "主持人选定了“Wait”，4 位投票者中有 1 位赞成它。",
		}, {
			name: "the host over a run-off", rules: with(Ranked), ballots: times(4, "a", 3, "b", 2, "cb"), host: "c",
			en: "The host chose “Run”, which 2 of 9 ballots put first.", zh: "主持人选定了“Run”，9 张选票中有 2 张把它列为首选。",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3, tt.rules)
			cast(t, p, tt.ballots...)
			r, _ := p.Close(tt.eligible)
			switch tt.host {
			case "":
			case "-":
				r = p.SettleListed(tt.eligible)
			default:
				var err error
				if r, err = p.Settle(tt.host, tt.eligible); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.Words(choices, "en"); got != tt.en {
				t.Errorf("en\n got %s\nwant %s", got, tt.en)
			}
			if got := r.Words(choices, "zh-Hans"); got != tt.zh {
				t.Errorf("zh-Hans\n got %s\nwant %s", got, tt.zh)
			}
			if got := r.Words(choices, "tlh"); got != tt.en {
				t.Errorf("a language that we do not speak got %s", got)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	if got := Languages(); !slices.Equal(got, []string{"en", "zh-Hans"}) {
		t.Errorf("got %v", got)
	}
}

func TestResult_WordsTakesLabelsAsTheyAre(t *testing.T) {
	p := open(t, 2, nil)
	cast(t, p, "a")
	r, _ := p.Close(1)
	if got, want := r.Words([]Choice{{"a", "{count} %d ½"}}, "en"), "“{count} %d ½” won with the only vote."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := r.Words([]Choice{{ID: "a"}}, "en"), "“a” won with the only vote."; got != want {
		t.Errorf("without a label: got %s, want %s", got, want)
	}
}

func TestResult_WordsFillsEveryBlank(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 2000 {
		p := randomPoll(t, random)
		eligible := random.IntN(20)
		r, _ := p.Close(eligible)
		switch random.IntN(3) {
		case 0:
			r = p.SettleListed(eligible)
		case 1:
			var err error
			if r, err = p.Settle("a", eligible); err != nil {
				t.Fatal(err)
			}
		}
		for _, language := range Languages() {
			words := r.Words(p.Choices, language)
			if words == "" || strings.ContainsAny(words, "{}") {
				t.Fatalf("%s: %q of %+v", language, words, r)
			}
			if r.Winner != "" && !strings.Contains(words, "“"+label(p.Choices, r.Winner)+"”") {
				t.Fatalf("%s: %q does not name %q", language, words, r.Winner)
			}
		}
	}
}
