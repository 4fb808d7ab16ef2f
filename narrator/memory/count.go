package memory

import "unicode"

// Counter says how many tokens a text has, or how many it has at most. It must be safe for concurrent use and give equal texts equal
// numbers, and two texts together must not have more tokens than the two by themselves; tokenizers that part words at blank space are
// so where this package joins texts, which is at blank lines.
type Counter interface {
	Count(text string) int
}

// Estimate counts without a tokenizer, and rather too much than too little. Its value is what one Chinese character costs, in
// thousandths of a token.
//
// The rule of thumb for English prose is four characters to a token; measured on this project's stories it is 0.24–0.25 tokens per
// character for the o200k, cl100k, Llama 3, Qwen 2.5, DeepSeek V3 and Gemma 3 vocabularies and 0.27–0.29 for the 32k ones of Llama 2 and
// Mistral 7B. Chinese prose with its punctuation was measured at 0.82–1.13 tokens per character for the large vocabularies and at
// 1.42–1.60 for cl100k and Mistral 7B. (Llama 2 and GPT-2 need 2 to 2.7, and are not covered.)
//
// Literary Chinese with rare characters goes up to 1.19 and 1.66, and a long German word has a token for every three letters.
//
// A word therefore costs 1 and 0.45 for each letter after the fourth, a digit and a mark 1, a letter with an accent 2, any other
// letter half a token for each byte, and an emoji 3. testdata/tokens.json holds texts with their measured counts, which the tests hold
// this against. Words that are no words ("qzxvwk") are the one thing that it may count too low.
type Estimate int

const (
	Cautious Estimate = 1800 // for whatever comes, cl100k and Mistral 7B included; Chinese comes out twice what Qwen makes of it
	Modern   Estimate = 1250 // for vocabularies of 128k and more: o200k, Llama 3, Qwen 2.5 and 3, DeepSeek V3, Gemma 3
)

// Thousandths of a token.
const (
	perWord   = 1000
	perLetter = 450  // after the fourth of a word
	perAccent = 2000 // of a Latin letter that is not ASCII; it parts the word, too
	perByte   = 500  // of a letter that is neither ASCII nor Han
	perEmoji  = 3000
	perMark   = 1000
	perSpace  = 250 // of blank space before other blank space; one before a word is part of it
)

// Count is the estimate for a text, rounded up.
func (e Estimate) Count(text string) int {
	cost, word := 0, 0
	for _, r := range text {
		switch {
		case r <= 'z' && (r >= 'a' || r >= 'A' && r <= 'Z'):
			if word++; word == 1 {
				cost += perWord
			} else if word > 4 {
				cost += perLetter
			}
			continue
		case r == ' ':
			if word == 0 {
				cost += perSpace
			}
			word = 0
			continue
		case r < 0x80:
			cost += perMark
		case r >= 0x4E00 && r <= 0x9FA5:
			cost += int(e)
		case r >= 0x10000 || unicode.Is(unicode.Han, r): // rare characters are spelt in bytes
			cost += perEmoji
		case r < 0x250:
			cost += perAccent
		case r < 0x800:
			cost += 2 * perByte
		case r >= 0x3000 && r <= 0x303F || r >= 0xFF00 || r >= 0x2010 && r <= 0x2027: // punctuation of Chinese, and curly quotes
			cost += perMark
		default:
			cost += 3 * perByte
		}
		word = 0
	}
	return (cost + 999) / 1000
}
