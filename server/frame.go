package server

import "encoding/binary"

// WebSocket framing of what a server sends (RFC 6455 §5.2): no mask, so one frame serves every viewer as it is.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8a
)

// textFrame frames a payload once for all.
func textFrame(payload []byte) []byte {
	frame := make([]byte, 0, len(payload)+10)
	frame = append(frame, opText)
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, byte(n))
	case n <= 0xffff:
		frame = append(frame, 126)
		frame = binary.BigEndian.AppendUint16(frame, uint16(n))
	default:
		frame = append(frame, 127)
		frame = binary.BigEndian.AppendUint64(frame, uint64(n))
	}
	return append(frame, payload...)
}

// pingFrame keeps proxies from cutting a quiet connection and makes a dead one noticed.
var pingFrame = []byte{opPing, 0}

// closeFrame says goodbye; reason has at most 123 bytes.
func closeFrame(code int, reason string) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{opClose, byte(2 + len(reason))}, uint16(code))
	return append(frame, reason...)
}

// skipPongs takes whole pongs off the front of what a viewer sent. They answer our pings, and that they came is all there is to know.
func skipPongs(p []byte) []byte {
	const head, masked, longest = 6, 0x80, 125
	for len(p) >= head && p[0] == opPong && masked <= p[1] && p[1] <= masked+longest && len(p) >= head+int(p[1]-masked) {
		p = p[head+int(p[1]-masked):]
	}
	return p
}
