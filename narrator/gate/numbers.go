package gate

import (
	"regexp"
	"slices"
	"strings"
)

// Limits of numbers that can be somebody's.
const (
	minNumber     = 7 // digits
	maxGroups     = 5 // of digits, as in +86 138 1234 5678
	maxSeparators = 2 // characters between two groups, as in (617) 867
)

// number is digits in groups, each a mark or a blank from the next.
type number struct {
	plus   bool   // there is a + before it
	digits string // of all groups
	starts []int  // where each group begins in digits, and where the last one ends
	ends   []int  // where each group ends in the text
}

// hasNumber says whether a text has a telephone number, an identity card's or a bank card's that ends after the offset. Numbers may stand
// side by side, so every few groups in a row are looked at.
func hasNumber(text string, from int) bool {
	for at := 0; at < len(text); {
		if !isDigit(text[at]) {
			at++
			continue
		}
		end, digits := numberEnd(text, at)
		if digits >= minNumber && end > from {
			n := readNumber(text, at, end)
			for first := range n.ends {
				for last := first; last < len(n.ends) && last < first+maxGroups; last++ {
					if n.ends[last] > from && n.isPersonal(first, last+1) {
						return true
					}
				}
			}
		}
		at = end
	}
	return false
}

// numberEnd is where the number that begins at an offset ends, and how many digits it has.
func numberEnd(text string, at int) (end, digits int) {
	separators := 0
	for i, r := range text[at:] {
		if '0' <= r && r <= '9' {
			digits++
			separators = 0
			end = at + i + 1
		} else if separators++; separators > maxSeparators || !strings.ContainsRune(" \t.()/-‐‑‒–—", r) {
			break
		}
	}
	return end, digits
}

func readNumber(text string, at, end int) number {
	n := number{plus: strings.HasSuffix(strings.TrimRight(text[:at], " ("), "+")}
	var digits strings.Builder
	for i := at; i < end; i++ {
		if !isDigit(text[i]) {
			continue
		}
		if i == at || !isDigit(text[i-1]) {
			n.starts = append(n.starts, digits.Len())
			n.ends = append(n.ends, 0)
		}
		digits.WriteByte(text[i])
		n.ends[len(n.ends)-1] = i + 1
	}
	n.digits = digits.String()
	n.starts = append(n.starts, len(n.digits))
	if len(n.ends) == len(n.digits) { // one by one
		n.starts, n.ends = []int{0, len(n.digits)}, n.ends[len(n.ends)-1:]
	}
	return n
}

// isPersonal says whether the groups from first to before end look like somebody's number. Telephone numbers that the numbering plans of
// North America and the United Kingdom keep for fiction are nobody's.
func (n *number) isPersonal(first, end int) bool {
	digits := n.digits[n.starts[first]:n.starts[end]]
	shape := make([]int, 0, maxGroups)
	for i := first; i < end; i++ {
		shape = append(shape, n.starts[i+1]-n.starts[i])
	}
	grouped := func(lengths ...int) bool { return slices.Equal(shape, lengths) }
	whole := len(shape) == 1
	bare, chinese := strings.CutPrefix(digits, "86")
	switch {
	case chinese && isChineseMobile(bare) && (whole || grouped(2, 11) || grouped(2, 3, 4, 4)):
		return true
	case n.plus && first == 0 && 8 <= len(digits) && len(digits) <= 15:
		return !fictional.MatchString(digits)
	case isChineseMobile(digits) && (whole || grouped(3, 4, 4)):
		return true
	case len(digits) == 10 && (whole || grouped(3, 3, 4)), grouped(1, 3, 3, 4) && digits[0] == '1':
		local := digits[len(digits)-10:]
		return local[0] >= '2' && local[3] >= '2' && !fictional.MatchString(digits)
	case 10 <= len(digits) && len(digits) <= 12 && digits[0] == '0' && digits[1] != '0' && len(shape) <= 3:
		return !fictional.MatchString(digits)
	case whole && (len(digits) == 17 || len(digits) == 18):
		return chineseIdentity.MatchString(digits)
	case len(digits) == 16 && (whole || grouped(4, 4, 4, 4)):
		return passesLuhn(digits)
	}
	return false
}

func isChineseMobile(digits string) bool {
	return len(digits) == 11 && digits[0] == '1' && '3' <= digits[1] && digits[1] <= '9'
}

// fictional are the numbers kept for fiction: 555-0100 to 555-0199 in North America; a thousand in each big British area.
var fictional = regexp.MustCompile(`^(?:1?\d{3}55501\d\d|(?:44|0)(?:2079460\d{3}|1(?:1[346-8]|21|31|41|51|61)4960\d{3}|` +
	`1632960\d{3}|7700900\d{3}|8081570\d{3}))$`)

// chineseIdentity is an identity card's number: a place, a day of birth, a serial number; the last sign may be an X.
var chineseIdentity = regexp.MustCompile(`^[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3,4}$`)

// passesLuhn says whether the last digit checks the others as on bank cards, ISO/IEC 7812-1.
func passesLuhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
