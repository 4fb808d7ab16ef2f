package room

import (
	"encoding/json"
	"hash/fnv"
	"strings"
	"unicode/utf8"
)

const maxFrameID = 64 // bytes of a frame's id

// ParseFrame reads a frame from a viewer. The refusal is nil when type and id can be used; the frame's id is returned with a refusal
// wherever it could be read.
func ParseFrame(text []byte) (Frame, *Error) {
	var f Frame
	if !utf8.Valid(text) {
		return f, Refuse(CodeBadFrame, "frames are UTF-8")
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return Frame{ID: clip(f.ID)}, Refuse(CodeBadFrame, "a frame is a JSON object with type, id and data")
	}
	switch {
	case len(f.ID) > maxFrameID:
		return Frame{ID: clip(f.ID)}, Refuse(CodeBadFrame, "an id has at most %d bytes", maxFrameID)
	case f.Type == "":
		return f, Refuse(CodeBadFrame, "the frame has no type")
	case len(f.Type) > maxFrameID:
		return f, Refuse(CodeUnknownType, "there is no command %.20q", f.Type)
	}
	return f, nil
}

func clip(id string) string {
	if len(id) > maxFrameID {
		return ""
	}
	return id
}

// guestNames are made up for people who do not say theirs.
var guestNames = map[string]struct{ first, second []string }{
	"en": {
		[]string{"Amber", "Brisk", "Calm", "Daring", "Early", "Faint", "Gentle", "Hidden", "Idle", "Jolly", "Keen", "Lucky", "Merry", "Noble", "Quiet", "Silver"},
		[]string{"Fox", "Heron", "Otter", "Sparrow", "Lynx", "Moth", "Badger", "Swift", "Hare", "Owl", "Newt", "Crane", "Wren", "Seal", "Finch", "Stag"},
	},
	"zh": {
		[]string{"琥珀", "清晨", "安静的", "幸运的", "银色的", "轻快的", "远方的", "温和的", "早起的", "好奇的", "月下的", "微笑的"},
		[]string{"狐狸", "白鹭", "水獭", "麻雀", "猞猁", "飞蛾", "雨燕", "野兔", "猫头鹰", "仙鹤", "海豹", "小鹿"},
	},
}

// CleanName is the name that somebody gave, made plain; "" when they gave none. Too long a name is refused.
func CleanName(name string) (string, *Error) {
	if name = Clean(name); !fits(name, MaxNameLength) {
		return "", Refuse(CodeTooLong, "a name has at most %d characters", MaxNameLength)
	}
	return name, nil
}

// guestName makes a name up; the same viewer gets the same one.
func guestName(language, viewer string) string {
	words, gap := guestNames["en"], " "
	if strings.HasPrefix(language, "zh") {
		words, gap = guestNames["zh"], ""
	}
	h := fnv.New64a()
	h.Write([]byte(viewer))
	n := h.Sum64()
	return words.first[n%uint64(len(words.first))] + gap + words.second[n/64%uint64(len(words.second))]
}
