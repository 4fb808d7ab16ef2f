package narration

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"kinoautomat/bench"
	"kinoautomat/narrator"
)

// Rooms is what many rooms that are told to at once come to.
type Rooms struct {
	Rooms int `json:"rooms"`
	// Chunks is how late the model's words came, from when the backend sent them; Raw is the same where the rooms read the backend's stream with
	// nothing between, so that it holds what the machine and the backend take by themselves.
	Chunks   Spread  `json:"chunk_ms"`
	Raw      Spread  `json:"chunk_raw_ms"`
	AddedP99 float64 `json:"added_p99_ms"`
	// KiB is heap and stacks of this process while all rooms are told to, less those before, divided by the rooms. It holds the backend's side,
	// since that is in the process too.
	KiB    float64 `json:"kib_per_room"`
	RawKiB float64 `json:"kib_per_room_raw"`
}

// listen streams what the backend says to hear.
type listen func(ctx context.Context, room string, hear func(piece string) error) error

// manyRooms lets n rooms begin within a second, and be told to at once.
func (s *stage) manyRooms(ctx context.Context, n int) (*Rooms, error) {
	model, err := s.model(stampModel)
	if err != nil {
		return nil, err
	}
	pool := narrator.NewPool(model)
	turns := []narrator.Turn{{Role: narrator.RoleAsked, Text: "Tell the next scene."}}
	if _, _, err := listenAll(ctx, n, s.fake.timing, s.raw); err != nil { // the first time, the machine has to find the memory
		return nil, err
	}
	raw, rawKiB, err := listenAll(ctx, n, s.fake.timing, s.raw)
	if err != nil {
		return nil, err
	}
	pooled, kib, err := listenAll(ctx, n, s.fake.timing, func(ctx context.Context, room string, hear func(string) error) error {
		_, err := pool.Stream(ctx, room, turns, narrator.Call{}, hear)
		return err
	})
	if err != nil {
		return nil, err
	}
	r := &Rooms{Rooms: n, Chunks: spreadOf(pooled), Raw: spreadOf(raw), KiB: kib, RawKiB: rawKiB}
	r.AddedP99 = round(r.Chunks.P99-r.Raw.P99, 2)
	return r, nil
}

// listenAll returns how late each chunk came, and how much memory a room took while all were told to.
func listenAll(ctx context.Context, rooms int, t timing, hear listen) (*bench.Histogram, float64, error) {
	stagger := min(time.Second, t.until(stampTokens)/3)
	var late bench.Histogram
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	all := newTogether(ctx)
	for i := range rooms {
		all.do(func(ctx context.Context) error {
			if err := wait(ctx, stagger*time.Duration(i)/time.Duration(rooms)); err != nil {
				return err
			}
			return hear(ctx, fmt.Sprint("many-", i), func(piece string) error {
				now := time.Now().UnixNano()
				for stamp := range strings.FieldsSeq(piece) {
					sent, err := strconv.ParseInt(stamp, 10, 64)
					if err != nil {
						return err
					}
					late.Record(time.Duration(now - sent))
				}
				return nil
			})
		})
	}
	allSpeak := (stagger + t.first + t.until(stampTokens)) / 2 // between the first word of the last room and the last of the first
	if err := wait(ctx, allSpeak); err == nil {
		runtime.ReadMemStats(&during)
	}
	err := all.wait()
	if want := uint64(rooms * stampTokens); err == nil && late.Count() != want {
		err = fmt.Errorf("%d chunks came, not %d", late.Count(), want)
	}
	grown := int64(during.HeapInuse+during.StackInuse) - int64(before.HeapInuse+before.StackInuse)
	return &late, round(float64(grown)/1024/float64(rooms), 1), err
}

// raw reads the backend's stream with nothing between.
func (s *stage) raw(ctx context.Context, _ string, hear func(piece string) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.fake.base+"/chat/completions", strings.NewReader(`{"model":"`+stampModel+`"}`))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		_, rest, _ := strings.Cut(lines.Text(), `"content":"`)
		if stamp, _, ok := strings.Cut(rest, `"`); ok {
			if err := hear(stamp); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}
