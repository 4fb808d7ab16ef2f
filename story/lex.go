package story

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenString
	tokenWord     // a name or an operator in letters
	tokenVariable // $name; text is "name", with its dotted parts
	tokenTemp     // _name; text is "name"
	tokenSign     // an operator or bracket in signs
)

type token struct {
	kind       tokenKind
	text       string
	start, end int // in the source
}

// signs, longest first.
var signs = []string{
	"===", "!==", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "%=",
	"+", "-", "*", "/", "%", "<", ">", "=", "!", "(", ")", "[", "]", ",", ";", ":",
}

// lex cuts an expression into tokens; the last is tokenEnd.
func lex(source string) ([]token, error) {
	if len(source) > MaxExpressionBytes {
		return nil, &LimitError{What: "bytes of an expression", Max: MaxExpressionBytes}
	}
	var tokens []token
	for at := 0; ; {
		at += len(source[at:]) - len(strings.TrimLeftFunc(source[at:], unicode.IsSpace))
		if at == len(source) {
			return append(tokens, token{tokenEnd, "the end", at, at}), nil
		}
		t, err := lexOne(source, at)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		at = t.end
	}
}

func lexOne(source string, at int) (token, error) {
	c := source[at]
	switch {
	case c == '"' || c == '\'':
		end := quoteEnd(source, at)
		if end == 0 {
			return token{}, fmt.Errorf("the string has no closing %c", c)
		}
		return token{tokenString, unquote(source[at:end]), at, end}, nil
	case isDigit(c), c == '.' && at+1 < len(source) && isDigit(source[at+1]):
		end := at
		for end < len(source) && (isDigit(source[end]) || source[end] == '.') {
			end++
		}
		return token{tokenNumber, source[at:end], at, end}, nil
	}
	if name, end, temp, ok := variableAt(source, at); ok {
		kind := tokenVariable
		if temp {
			kind = tokenTemp
		}
		return token{kind, name, at, end}, nil
	}
	if name := wordAt(source[at:]); name != "" {
		end := dotted(source, at+len(name))
		return token{tokenWord, source[at:end], at, end}, nil
	}
	for _, s := range signs {
		if strings.HasPrefix(source[at:], s) {
			return token{tokenSign, s, at, at + len(s)}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(source[at:])
	return token{}, fmt.Errorf("%q is not known here", r)
}

// quoteEnd is where the quoted string that begins at source[at] ends, 0 if it does not.
func quoteEnd(source string, at int) int {
	for i := at + 1; i < len(source); i++ {
		switch source[i] {
		case source[at]:
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

// unquote takes the quotes off. A backslash makes the next sign itself, \n a new line.
func unquote(quoted string) string {
	var b strings.Builder
	for i := 1; i < len(quoted)-1; i++ {
		c := quoted[i]
		if c == '\\' {
			i++
			if c = quoted[i]; c == 'n' {
				c = '\n'
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

// wordAt is the name that s begins with: ASCII letters, digits and underscores, not beginning with a digit; "" if there is none.
// Other letters do not belong to it, because Chinese prose goes on after a name without a space.
func wordAt(s string) string {
	end := 0
	for end < len(s) && isWord(s[end]) && (end > 0 || !isDigit(s[end])) {
		end++
	}
	return s[:end]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || isDigit(c) }

// variableAt reads $name or _name at source[at]. Its dotted parts belong to it: $cat.age is a variable of its own.
func variableAt(source string, at int) (name string, end int, temp, ok bool) {
	if source[at] != '$' && source[at] != '_' {
		return "", 0, false, false
	}
	word := wordAt(source[at+1:])
	if word == "" {
		return "", 0, false, false
	}
	end = dotted(source, at+1+len(word))
	return source[at+1 : end], end, source[at] == '_', true
}

// dotted goes on from end over ".name" parts.
func dotted(source string, end int) int {
	for end < len(source) && source[end] == '.' {
		word := wordAt(source[end+1:])
		if word == "" {
			break
		}
		end += 1 + len(word)
	}
	return end
}
