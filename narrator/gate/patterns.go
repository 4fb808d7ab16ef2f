package gate

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fewestDigits is how many digits a text must have before it can hold an address or a number of somebody.
const fewestDigits = 4

// patterns finds what no list can: the ways to reach a person, and tokens that models reserve. It looks at the end of previous and at
// text. Numerals says that Chinese ones can be a number's digits.
func (m *matcher) patterns(previous, text string, numerals bool) Category {
	written := flatten(previous, numerals)
	from := len(written)
	written += flatten(text, numerals)
	switch {
	case !m.skip[Leak] && strings.ContainsAny(written, "<[#") && reaches(reserved, written, from):
		return Leak
	case m.skip[Personal]:
		return ""
	case mayBeAddress(written) && reaches(streets, written, from), hasMail(written, from), hasNumber(written, from):
		return Personal
	}
	return ""
}

func reaches(pattern *regexp.Regexp, text string, from int) bool {
	for _, span := range pattern.FindAllStringIndex(text, -1) {
		if span[1] > from {
			return true
		}
	}
	return false
}

// flatten is a text in NFKC without what is invisible, and with digits for Chinese numerals if they can be some.
func flatten(text string, numerals bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case numerals && isNumeral(r):
			return numeralDigits[r]
		case isInvisible(r):
			return -1
		}
		return r
	}, norm.NFKC.String(text))
}

var numeralDigits = map[rune]rune{
	'〇': '0', '零': '0', '一': '1', '幺': '1', '二': '2', '三': '3', '四': '4', '五': '5', '六': '6', '七': '7', '八': '8', '九': '9',
}

var (
	// mails are e-mail addresses; the group is the host.
	mails = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]{1,64}\s?(?:@|[(\[]\s?at\s?[)\]])\s?` +
		`((?:[\p{L}\p{N}-]{1,63}\s?(?:\.|[(\[]\s?dot\s?[)\]])\s?)+[a-z]{2,24})`)

	// streets are postal addresses in full. A street and a number alone are not: every other story has those.
	streets = regexp.MustCompile(`(?i)\b\d{1,6}[a-z]?\s+(?:[\p{L}.'’-]+\s+){1,4}` +
		`(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|square|terrace)\b` +
		`[^\n!?]{0,60}(?:\b(?-i:[A-Z]{2})[\s,]+\d{5}\b|\b(?-i:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b)` +
		`|(?:省|市|区|县|镇)[^\n。！？]{0,20}(?:路|街|道|巷|弄|村|小区|大道)\s*\d{1,5}\s*号[^\n。！？]{0,14}?\d{2,4}\s*(?:室|房)`)

	// reserved are the tokens with which chat templates part the speakers, and the headings that stand for them.
	reserved = regexp.MustCompile(`(?i)<\s*[|｜][^<>\n]{0,40}>?|</?(?:s|bos|eos|pad|unk|think|thinking|reasoning|` +
		`start_of_turn|end_of_turn|im_start|im_end|system|assistant|user|human)>|<</?sys>>|` +
		`\[/?(?:inst|sys|system|system_prompt|pad|unk|cls|sep|mask|bos|eos|available_tools|tool_calls|tool_results)\]|` +
		`#{2,}\s*(?:instructions?|response|system|user|assistant|input|human)\b`)
)

// mayBeAddress says whether a text has what ends a postal address: a ZIP code, the end of a British postcode, or a Chinese room. It
// saves most texts the search for a street.
func mayBeAddress(text string) bool {
	if strings.Contains(text, "号") && (strings.Contains(text, "室") || strings.Contains(text, "房")) {
		return true
	}
	digits := 0
	for i := range len(text) {
		if !isDigit(text[i]) {
			digits = 0
			continue
		}
		digits++
		next := text[i+1:]
		if digits == 5 && (next == "" || !isDigit(next[0])) {
			return true
		}
		if len(next) >= 2 && isCapital(next[0]) && isCapital(next[1]) && (len(next) == 2 || !isWord(next[2])) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }

func hasMail(text string, from int) bool {
	if !strings.ContainsAny(text, "@([") {
		return false
	}
	for _, span := range mails.FindAllStringSubmatchIndex(text, -1) {
		if span[1] > from && !isReservedHost(text[span[2]:span[3]]) {
			return true
		}
	}
	return false
}

// isReservedHost says whether a host is one of those that nobody has, RFC 2606: they are free for stories to use.
func isReservedHost(host string) bool {
	host = strings.ToLower(strings.Join(strings.Fields(host), ""))
	for _, tail := range []string{".example", ".test", ".invalid", ".localhost", ".example.com", ".example.org", ".example.net"} {
		if strings.HasSuffix("."+host, tail) {
			return true
		}
	}
	return false
}
