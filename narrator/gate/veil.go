package gate

import (
	"strings"
)

// The built-in lists and the sentences that tests expect to be blocked are stored veiled, so that nobody who reads or searches the
// source has to meet them: a letter a to z as the one 13 further on, a Han character as the one half the block further on, both around
// the end. The veil hides nothing from anybody who wants to look; taking it off is putting it on once more.
//
//	go test ./narrator/gate -run TestVeil -v -veil 'n jbeq'

// half of the Han block U+4E00 to U+9FFF.
const half = (0x9fff - 0x4e00 + 1) / 2

func veil(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		case 0x4e00 <= r && r <= 0x9fff:
			return 0x4e00 + (r-0x4e00+half)%(2*half)
		}
		return r
	}, text)
}

// unveil takes the veil off the terms of a list; remarks and headings have none.
func unveil(list string) string {
	var out strings.Builder
	for line := range strings.Lines(list) {
		if bare := strings.TrimSpace(line); !strings.HasPrefix(bare, "#") && !strings.HasSuffix(bare, ":") {
			line = veil(line)
		}
		out.WriteString(line)
	}
	return out.String()
}
