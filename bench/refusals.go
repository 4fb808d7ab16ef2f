package bench

import (
	"encoding/json"
	"maps"
	"sync"

	"kinoautomat/room"
)

// refusals counts refused commands by their code.
type refusals struct {
	mu    sync.Mutex
	codes map[string]uint64 // guarded by mu
}

// readRefusal reads an error frame.
func readRefusal(frame []byte) room.Error {
	var f struct {
		Data room.Error `json:"data"`
	}
	if json.Unmarshal(frame, &f) != nil || f.Data.Code == "" {
		f.Data.Code = "not_understood"
	}
	return f.Data
}

func (r *refusals) add(frame []byte) { r.count(readRefusal(frame).Code) }

func (r *refusals) count(code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.codes == nil {
		r.codes = map[string]uint64{}
	}
	r.codes[code]++
}

func (r *refusals) byCode() map[string]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.codes)
}
