package vote

import (
	"strconv"
	"strings"
)

// sentences are one language's. Their blanks, in braces, are those that Result.Words fills; "{n}" is filled by unit.
type sentences struct {
	methods map[Method]methodSentences
	numbers [MaxChoices + 1]string // as they begin a sentence about a tie; 0 and 1 never do

	runOff, spent                                    string // after several rounds; what became of exhausted ballots
	tieListed, tieDraw, tieHost, tieNoHost, tieWaits string // the second half after a tie
	quorum, nobody, hostAlone                        string
}

// methodSentences are those that differ by method.
type methodSentences struct {
	one, many       string // ballots, in the method's unit
	only, all, some string // won with the only ballot, with every one, with some
	tied            string // the first half after a tie
	host            string // the host decided without a tie
}

// unit is a number of ballots in words.
func (m methodSentences) unit(n int) string {
	form := m.many
	if n == 1 {
		form = m.one
	}
	return strings.Replace(form, "{n}", strconv.Itoa(n), 1)
}

var spoken = map[string]sentences{
	"en": {
		methods: map[Method]methodSentences{
			Plurality: {
				one:  "{n} vote",
				many: "{n} votes",
				only: "{winner} won with the only vote.",
				all:  "{winner} won unanimously with {ballots}.",
				some: "{winner} won with {count} of {ballots} ({percent}%).",
				tied: "{tied} choices tied at {each} each; ",
				host: "The host chose {winner}, which had {count} of {ballots}.",
			},
			Approval: {
				one:  "{n} voter",
				many: "{n} voters",
				only: "{winner} won: the only voter approved of it.",
				all:  "{winner} won, approved unanimously by {ballots}.",
				some: "{winner} won: {count} of {ballots} approved of it ({percent}%).",
				tied: "{tied} choices tied, approved by {each} each; ",
				host: "The host chose {winner}, which {count} of {ballots} approved of.",
			},
			Ranked: {
				one:  "{n} ballot",
				many: "{n} ballots",
				only: "{winner} won: the only ballot put it first.",
				all:  "{winner} won unanimously in the first round with {ballots}.",
				some: "{winner} won in the first round: {count} of {ballots} put it first ({percent}%).",
				tied: "{tied} choices tied in round {rounds} at {each} each; ",
				host: "The host chose {winner}, which {count} of {ballots} put first.",
			},
		},
		numbers:   [...]string{2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"},
		runOff:    "{winner} won the run-off in round {rounds} with {count} of {ballots} ({percent}%).",
		spent:     " {spent} had no choice left.",
		tieListed: "{winner} is listed first and was taken.",
		tieDraw:   "the draw announced before the vote picked {winner}.",
		tieHost:   "the host chose {winner}.",
		tieNoHost: "the host did not choose, so {winner}, listed first, was taken.",
		tieWaits:  "the host decides.",
		quorum:    "Only {turnout} of {eligible} viewers voted and {needed} were needed, so {winner} was taken by default.",
		nobody:    "Nobody voted, so {winner} was taken by default.",
		hostAlone: "The host chose {winner}; nobody had voted.",
	},
	"zh-Hans": {
		methods: map[Method]methodSentences{
			Plurality: {
				one:  "{n} 票",
				many: "{n} 票",
				only: "只有一人投票，{winner}以这一票胜出。",
				all:  "{winner}获得全部 {ballots}，胜出。",
				some: "{winner}在 {ballots}中得到 {count} 票（{percent}%），胜出。",
				tied: "{tied}个选项各得 {each}，并列第一；",
				host: "主持人选定了{winner}，它在 {ballots}中得到 {count} 票。",
			},
			Approval: {
				one:  "{n} 位投票者",
				many: "{n} 位投票者",
				only: "{winner}胜出：唯一一位投票者表示赞成。",
				all:  "{winner}胜出：{ballots}全部赞成。",
				some: "{winner}胜出：{ballots}中有 {count} 位赞成（{percent}%）。",
				tied: "{tied}个选项各获 {each}赞成，并列第一；",
				host: "主持人选定了{winner}，{ballots}中有 {count} 位赞成它。",
			},
			Ranked: {
				one:  "{n} 张选票",
				many: "{n} 张选票",
				only: "{winner}胜出：唯一一张选票把它列为首选。",
				all:  "{winner}首轮胜出：{ballots}全部把它列为首选。",
				some: "{winner}首轮胜出：{ballots}中有 {count} 张把它列为首选（{percent}%）。",
				tied: "第 {rounds} 轮计票，{tied}个选项各得 {each}，并列第一；",
				host: "主持人选定了{winner}，{ballots}中有 {count} 张把它列为首选。",
			},
		},
		numbers:   [...]string{2: "两", 3: "三", 4: "四", 5: "五", 6: "六", 7: "七", 8: "八", 9: "九"},
		runOff:    "{winner}在第 {rounds} 轮计票中胜出：{ballots}中得到 {count} 张（{percent}%）。",
		spent:     "另有 {spent}所列的选项均已淘汰。",
		tieListed: "{winner}排在前面，因此入选。",
		tieDraw:   "按投票前公布的抽签方式，抽中了{winner}。",
		tieHost:   "主持人选定了{winner}。",
		tieNoHost: "主持人没有作出选择，因此由排在前面的{winner}入选。",
		tieWaits:  "等待主持人决定。",
		quorum:    "{eligible} 位观众中只有 {turnout} 位投票，未达到所需的 {needed} 位，因此采用默认选项{winner}。",
		nobody:    "无人投票，因此采用默认选项{winner}。",
		hostAlone: "无人投票，主持人选定了{winner}。",
	},
}
