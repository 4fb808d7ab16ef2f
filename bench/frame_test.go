package bench

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

// serverFrame is a frame as a node sends it.
func serverFrame(op byte, payload []byte) []byte {
	frame := []byte{0x80 | op}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(n))
	}
	return append(frame, payload...)
}

// Frames come out whole and in order, wherever the network cuts the stream.
func TestDecoder_AnyCuts(t *testing.T) {
	var stream []byte
	var want []string
	for i, size := range []int{0, 1, 125, 126, 127, 300, 65535, 65536} {
		payload := bytes.Repeat([]byte{byte('a' + i)}, size)
		op := byte(opText)
		if size < 126 && i%2 == 1 {
			op = opPing
		}
		stream = append(stream, serverFrame(op, payload)...)
		want = append(want, fmt.Sprint(op, " ", string(payload)))
	}
	for _, step := range []int{1, 2, 3, 7, 125, 4096, len(stream)} {
		var d decoder
		var got []string
		for rest := stream; len(rest) > 0; {
			n := min(step, len(rest))
			err := d.feed(bytes.Clone(rest[:n]), func(op byte, payload []byte) error {
				got = append(got, fmt.Sprint(op, " ", string(payload)))
				return nil
			})
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			rest = rest[n:]
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("step %d: got %d frames, want %d, or they differ", step, len(got), len(want))
		}
		if d.rest != nil {
			t.Errorf("step %d: %d bytes are held for nothing", step, len(d.rest))
		}
	}
}

// Cutting in two at every place covers every part of every head.
func TestDecoder_EveryCut(t *testing.T) {
	stream := append(serverFrame(opText, []byte("one")), serverFrame(opText, bytes.Repeat([]byte("2"), 200))...)
	for at := range stream {
		var d decoder
		frames := 0
		for _, part := range [][]byte{stream[:at], stream[at:]} {
			if err := d.feed(part, func(byte, []byte) error { frames++; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if frames != 2 {
			t.Errorf("cut at %d: %d frames", at, frames)
		}
	}
}

func TestDecoder_Refuses(t *testing.T) {
	for name, stream := range map[string][]byte{
		"a fragment":        {opText, 1, 'x'},
		"a reserved bit":    {0x80 | 0x40 | opText, 1, 'x'},
		"a masked frame":    {0x80 | opText, 0x80 | 1, 0, 0, 0, 0, 'x'},
		"more than 8 MiB":   {0x80 | opText, 127, 0, 0, 0, 0, 0, 0x80, 0, 1},
		"a negative length": {0x80 | opText, 127, 0x80, 0, 0, 0, 0, 0, 0, 0},
	} {
		var d decoder
		if err := d.feed(stream, func(byte, []byte) error { return nil }); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// What a viewer sends is masked, and unmasks to what was meant (RFC 6455 §5.3).
func TestAppendFrame(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
		payload := bytes.Repeat([]byte("k"), size)
		frame := appendFrame(nil, opText, payload)
		if frame[0] != 0x80|opText || frame[1]&0x80 == 0 {
			t.Fatalf("%d bytes: head %x", size, frame[:2])
		}
		plain := bytes.Clone(frame)
		plain[1] &^= 0x80
		head := len(frame) - size - 4
		mask, body := plain[head:head+4], plain[head+4:]
		for i := range body {
			body[i] ^= mask[i%4]
		}
		_, got, _, err := cutFrame(append(plain[:head:head], body...))
		if err != nil || !bytes.Equal(got, payload) {
			t.Errorf("%d bytes come out as %d, %v", size, len(got), err)
		}
	}
}

func TestReadHead(t *testing.T) {
	for frame, want := range map[string]string{
		`{"type":"chat.said","seq":1207,"at":1,"data":{"id":"x","seq":9}}`: "chat.said||1207",
		`{"type":"ack","id":"b7x0","at":1}`:                                "ack|b7x0|0",
		`{"type":"beat","at":1,"data":{"seq":9}}`:                          "beat||0",
	} {
		h, ok := readHead([]byte(frame))
		if got := fmt.Sprintf("%s|%s|%d", h.kind, h.id, h.seq); !ok || got != want {
			t.Errorf("%s: got %s, %v", frame, got, ok)
		}
	}
	for _, frame := range []string{"", "{}", `{"type":"ack`, `{"type":"ack","id":"b`} {
		if _, ok := readHead([]byte(frame)); ok {
			t.Errorf("%q was understood", frame)
		}
	}
}

func TestStamp(t *testing.T) {
	at := time.Now().UnixMicro()
	frame := `{"type":"chat.said","data":{"text":"` + string(appendStamp(nil, at)) + `xxx"}}`
	if got, ok := readStamp([]byte(frame)); !ok || got != at {
		t.Errorf("got %d, %v, want %d", got, ok, at)
	}
	if _, ok := readStamp([]byte(`{"type":"chat.said","data":{"text":"hello"}}`)); ok {
		t.Error("a line of somebody else has no stamp")
	}
}

// A frame of the floor is as long as asked, and is renewed in place.
func TestFloorFrame(t *testing.T) {
	f := Floor{Bytes: 250}.frame()
	for seq := range uint64(3) {
		at := time.UnixMicro(1_795_489_282_335_000 + int64(seq))
		f.renew(seq+1, at)
		_, payload, size, err := cutFrame(f.bytes)
		if err != nil || size != len(f.bytes) || len(payload) != 250 {
			t.Fatalf("size %d, payload %d, %v", size, len(payload), err)
		}
		h, _ := readHead(payload)
		if got, ok := readStamp(payload); h.seq != seq+1 || !ok || got != at.UnixMicro() {
			t.Errorf("seq %d, stamp %d %v", h.seq, got, ok)
		}
	}
}
