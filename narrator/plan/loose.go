package plan

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDepth is how deeply values may be nested. An answer needs four levels.
const maxDepth = 16

// loose reads what was meant to be JSON: with comments, without quotes around names, with other quotes than ", with trailing, doubled or
// missing commas, with line breaks and quotes inside of strings, and cut off anywhere. A value that was cut off in its middle is dropped,
// the objects and lists around it are closed.
type loose struct {
	text     string
	at       int
	cut      bool // the text ended inside of a value
	repaired func(kind RepairKind)
}

// cutOff stands for a value that the text did not finish.
type cutOff struct{}

// value reads one value: map[string]any, []any, string, float64, bool or nil; cutOff where it is not whole.
func (l *loose) value(depth int) any {
	l.space()
	if l.at >= len(l.text) || depth > maxDepth {
		l.cut, l.at = true, len(l.text)
		return cutOff{}
	}
	switch r := l.peek(); {
	case r == '{':
		return l.object(depth)
	case r == '[':
		return l.list(depth)
	case closing(r) != 0:
		return l.quoted(r)
	}
	return l.bare()
}

func (l *loose) object(depth int) any {
	fields := make(map[string]any)
	l.at++
	for expectComma := false; ; expectComma = true {
		if l.endOf('}', expectComma) {
			return fields
		}
		name, whole := l.name()
		l.space()
		switch {
		case !whole || l.at >= len(l.text):
			l.cut = true
			return fields
		case l.peek() == ':' || l.peek() == '：' || l.peek() == '=':
			if l.peek() != ':' {
				l.repaired(RepairPunctuation)
			}
			l.next()
		default:
			l.repaired(RepairPunctuation)
			if !strings.ContainsRune(`"'{[`, l.peek()) { // no value follows: a stray word
				if name == "" {
					l.next()
				}
				continue
			}
		}
		v := l.value(depth + 1)
		if _, dropped := v.(cutOff); !dropped {
			fields[name] = v
		}
	}
}

func (l *loose) list(depth int) any {
	items := []any{}
	l.at++
	for expectComma := false; ; expectComma = true {
		if l.endOf(']', expectComma) {
			return items
		}
		before := l.at
		v := l.value(depth + 1)
		if _, dropped := v.(cutOff); !dropped {
			items = append(items, v)
		}
		if l.at == before { // something that begins no value
			l.repaired(RepairPunctuation)
			l.next()
		}
	}
}

// endOf passes the commas before the next entry of an object or list and says whether there is none.
func (l *loose) endOf(bracket rune, expectComma bool) bool {
	commas := 0
	for {
		l.space()
		if l.at >= len(l.text) {
			l.cut = true
			return true
		}
		switch r := l.peek(); r {
		case ',', '，', ';':
			commas++
			if r != ',' {
				l.repaired(RepairPunctuation)
			}
			l.next()
			continue
		case bracket:
			if commas > 0 {
				l.repaired(RepairComma)
			}
			l.next()
			return true
		case '}', ']': // the other bracket: this one was forgotten
			l.repaired(RepairBracket)
			return true
		}
		if expectComma != (commas == 1) {
			l.repaired(RepairComma)
		}
		return false
	}
}

// name reads the name of a field, with or without quotes.
func (l *loose) name() (name string, whole bool) {
	if r := l.peek(); closing(r) != 0 {
		v := l.quoted(r)
		name, whole = v.(string)
		return name, whole
	}
	begin := l.at
	for l.at < len(l.text) {
		r := l.peek()
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' && r != '$' {
			break
		}
		l.next()
	}
	if l.at > begin {
		l.repaired(RepairQuotes)
	}
	return l.text[begin:l.at], l.at < len(l.text)
}

// closing is the quotation mark that ends what r begins, 0 if r is none.
func closing(r rune) rune {
	switch r {
	case '"', '\'', '`':
		return r
	case '“', '”':
		return '”'
	case '‘', '’':
		return '’'
	case '「':
		return '」'
	}
	return 0
}

// quoted reads a string. A mark ends it only where what follows can follow a string: others belong to it.
func (l *loose) quoted(open rune) any {
	if open != '"' {
		l.repaired(RepairQuotes)
	}
	end := closing(open)
	var b strings.Builder
	inner := false // a “ stands inside, so that a ” does not end it
	for l.next(); l.at < len(l.text); {
		r := l.peek()
		l.next()
		switch {
		case r == '\\':
			l.escape(&b)
		case r == end || open == '“' && r == '"' || open == '"' && r == '”' && !inner:
			if l.mayEnd() {
				return b.String()
			}
			l.repaired(RepairInnerQuote)
			b.WriteRune(r)
		case r == '\n' || r == '\r' || r == '\t':
			l.repaired(RepairNewline)
			b.WriteByte(' ')
		default:
			inner = inner || r == '“'
			b.WriteRune(r)
		}
	}
	l.cut = true
	return cutOff{}
}

// mayEnd says whether what comes next can follow a string.
func (l *loose) mayEnd() bool {
	rest := strings.TrimLeftFunc(l.text[l.at:], unicode.IsSpace)
	if rest == "" {
		return true
	}
	switch r, size := utf8.DecodeRuneInString(rest); r {
	case '}', ']', ':', '：', '`': // a fence may follow a whole answer
		return true
	case ',', '，':
		rest = strings.TrimLeftFunc(rest[size:], unicode.IsSpace)
		if rest == "" {
			return true
		}
		next, _ := utf8.DecodeRuneInString(rest)
		return closing(next) != 0 || strings.ContainsRune("{[}]-/", next) || next < utf8.RuneSelf && (unicode.IsDigit(next) || beginsBare(rest))
	case '"', '/':
		return strings.ContainsAny(rest[:min(len(rest), MaxID)], ":/") // the comma before the next name is missing, or a comment follows
	}
	return false
}

// beginsBare says whether text begins with a name without quotes, or a bare value.
func beginsBare(text string) bool {
	n := 0
	for n < len(text) && (text[n] == '_' || unicode.IsLetter(rune(text[n]))) {
		n++
	}
	rest := strings.TrimLeft(text[n:], " \t")
	return n > 0 && (rest == "" || strings.ContainsRune(":=,}]", rune(rest[0])))
}

func (l *loose) escape(b *strings.Builder) {
	if l.at >= len(l.text) {
		return
	}
	r := l.peek()
	l.next()
	switch r {
	case 'n', 'r', 't':
		b.WriteByte(' ')
	case 'b', 'f':
	case 'u':
		begin := l.at - len(`\u`)
		for _, size := range []int{len(`\u1234\u1234`), len(`\u1234`)} { // a pair of surrogates, or one
			if begin+size > len(l.text) {
				continue
			}
			var s string
			if json.Unmarshal([]byte(`"`+l.text[begin:begin+size]+`"`), &s) == nil && utf8.RuneCountInString(s) == 1 {
				b.WriteString(s)
				l.at = begin + size
				return
			}
		}
		b.WriteByte('u')
	default:
		b.WriteRune(r)
	}
}

// bare reads what stands without quotes: a number, true, false, null, as Python writes them too, or a word.
func (l *loose) bare() any {
	begin := l.at
	for l.at < len(l.text) && !strings.ContainsRune(",，;}]\n\r", l.peek()) {
		l.next()
	}
	word := strings.TrimSpace(l.text[begin:l.at])
	if i := strings.Index(word, "//"); i >= 0 {
		word = strings.TrimSpace(word[:i])
	}
	if l.at >= len(l.text) { // who knows how it would have gone on
		l.cut = true
		return cutOff{}
	}
	switch word {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	if n, err := strconv.ParseFloat(strings.TrimPrefix(word, "+"), 64); err == nil {
		return n
	}
	l.repaired(RepairBareWord)
	switch word {
	case "True", "yes":
		return true
	case "False", "no":
		return false
	case "", "None", "undefined", "nil":
		return nil
	}
	return word
}

// space passes white space and comments.
func (l *loose) space() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		trimmed := strings.TrimLeftFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
		l.at += len(rest) - len(trimmed)
		end := -1
		switch {
		case strings.HasPrefix(trimmed, "//"):
			end = strings.IndexByte(trimmed, '\n')
		case strings.HasPrefix(trimmed, "/*"):
			if end = strings.Index(trimmed, "*/"); end >= 0 {
				end += len("*/")
			}
		default:
			return
		}
		l.repaired(RepairComment)
		if end < 0 {
			end = len(trimmed)
		}
		l.at += end
	}
}

func (l *loose) peek() rune {
	r, _ := utf8.DecodeRuneInString(l.text[l.at:])
	return r
}

func (l *loose) next() {
	_, size := utf8.DecodeRuneInString(l.text[l.at:])
	l.at += size
}
