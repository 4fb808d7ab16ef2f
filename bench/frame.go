package bench

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Opcodes of RFC 6455 §5.2.
const (
	opText  = 0x1
	opClose = 0x8
	opPing  = 0x9
	opPong  = 0xa
)

// maxFrame is the greatest frame that is believed, in bytes: several times the snapshot of the liveliest room.
const maxFrame = 8 << 20

// appendFrame appends a whole frame as a viewer must send it: masked.
func appendFrame(to []byte, op byte, payload []byte) []byte {
	const masked = 0x80
	to = append(to, 0x80|op)
	switch n := len(payload); {
	case n < 126:
		to = append(to, masked|byte(n))
	case n <= 0xffff:
		to = binary.BigEndian.AppendUint16(append(to, masked|126), uint16(n))
	default:
		to = binary.BigEndian.AppendUint64(append(to, masked|127), uint64(n))
	}
	var mask [4]byte
	binary.BigEndian.PutUint32(mask[:], rand.Uint32())
	to = append(to, mask[:]...)
	for i, b := range payload {
		to = append(to, b^mask[i&3])
	}
	return to
}

// decoder cuts a byte stream into frames, however the stream was cut on its way.
type decoder struct {
	rest []byte // the beginning of a frame whose end has not come
}

// feed hands every frame that is whole now to take, whose payload is lent for the call. It ends at the first error.
func (d *decoder) feed(p []byte, take func(op byte, payload []byte) error) error {
	if len(d.rest) > 0 {
		d.rest = append(d.rest, p...)
		p = d.rest
	}
	for {
		op, payload, size, err := cutFrame(p)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		if err := take(op, payload); err != nil {
			return err
		}
		p = p[size:]
	}
	if len(p) == 0 {
		d.rest = nil // mostly nothing waits, and thousands of viewers should hold nothing
	} else {
		d.rest = append(d.rest[:0], p...)
	}
	return nil
}

// cutFrame reads the frame at the front of p; size 0 means that it is not whole yet.
func cutFrame(p []byte) (op byte, payload []byte, size int, err error) {
	if len(p) < 2 {
		return 0, nil, 0, nil
	}
	if p[0]&0xf0 != 0x80 {
		return 0, nil, 0, fmt.Errorf("frame begins with %#x: neither whole nor plain", p[0])
	}
	if p[1]&0x80 != 0 {
		return 0, nil, 0, errors.New("node masks its frames")
	}
	length, head := uint64(p[1]), 2
	switch length {
	case 126:
		head = 4
	case 127:
		head = 10
	}
	if len(p) < head {
		return 0, nil, 0, nil
	}
	switch head {
	case 4:
		length = uint64(binary.BigEndian.Uint16(p[2:]))
	case 10:
		length = binary.BigEndian.Uint64(p[2:])
	}
	if length > maxFrame {
		return 0, nil, 0, fmt.Errorf("frame of %d bytes; at most %d are believed", length, maxFrame)
	}
	size = head + int(length)
	if len(p) < size {
		return 0, nil, 0, nil
	}
	return p[0] & 0x0f, p[head:size], size, nil
}

// head is what a frame's first fields say. The slices are parts of the frame.
type head struct {
	kind []byte
	id   []byte // of an answer
	seq  uint64 // of a numbered event
}

// readHead reads only as far as it must: a node writes type, id, seq in this order, and ids are ours, so that nothing is escaped.
func readHead(frame []byte) (h head, ok bool) {
	rest, ok := cutPrefix(frame, `{"type":"`)
	if !ok {
		return h, false
	}
	if h.kind, rest, ok = cutQuote(rest); !ok {
		return h, false
	}
	if after, found := cutPrefix(rest, `,"id":"`); found {
		if h.id, rest, ok = cutQuote(after); !ok {
			return h, false
		}
	}
	if digits, found := cutPrefix(rest, `,"seq":`); found {
		for len(digits) > 0 && '0' <= digits[0] && digits[0] <= '9' {
			h.seq = h.seq*10 + uint64(digits[0]-'0')
			digits = digits[1:]
		}
	}
	return h, true
}

func cutPrefix(p []byte, prefix string) (rest []byte, found bool) {
	if len(p) < len(prefix) || string(p[:len(prefix)]) != prefix {
		return p, false
	}
	return p[len(prefix):], true
}

func cutQuote(p []byte) (text, rest []byte, found bool) {
	for i, b := range p {
		if b == '"' {
			return p[:i], p[i+1:], true
		}
	}
	return nil, p, false
}

// A stamp is a time in a text: @, the microseconds since 1970 in base 36, and a space.
var stampStart = []byte(`"text":"@`)

func appendStamp(to []byte, micros int64) []byte {
	return append(strconv.AppendInt(append(to, '@'), micros, 36), ' ')
}

// readStamp finds the stamp at the start of a frame's text.
func readStamp(frame []byte) (micros int64, ok bool) {
	_, text, found := bytes.Cut(frame, stampStart)
	if !found {
		return 0, false
	}
	for _, b := range text {
		switch {
		case '0' <= b && b <= '9':
			micros = micros*36 + int64(b-'0')
		case 'a' <= b && b <= 'z':
			micros = micros*36 + int64(b-'a'+10)
		default:
			return micros, true
		}
	}
	return 0, false
}
