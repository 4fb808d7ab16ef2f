package narrator_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/narratortest"
)

// teller streams what the model server says to hear.
type teller func(room string, hear func(piece string) error) error

// load lets rooms listen at once to stamped tokens, and returns how late each token came and how much memory a room took meanwhile.
func load(t *testing.T, rooms int, tell teller) (late []time.Duration, held uint64) {
	t.Helper()
	const stagger = time.Second
	var mu sync.Mutex
	var wg sync.WaitGroup
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for room := range rooms {
		wg.Go(func() {
			<-time.After(rand.N(stagger))
			var mine []time.Duration
			err := tell(fmt.Sprint(room), func(piece string) error {
				now := time.Now().UnixNano()
				for stamp := range strings.FieldsSeq(piece) {
					sent, err := strconv.ParseInt(stamp, 10, 64)
					if err != nil {
						return err
					}
					mine = append(mine, time.Duration(now-sent))
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			late = append(late, mine...)
		})
	}
	<-time.After(stagger + time.Second) // all speak now
	runtime.ReadMemStats(&during)
	wg.Wait()
	slices.Sort(late)
	return late, (during.HeapInuse + during.StackInuse - before.HeapInuse - before.StackInuse) / uint64(rooms)
}

// raw reads the server's stream with nothing between, as a measure of what the machine and the server take by themselves.
func raw(base string) teller {
	return func(_ string, hear func(piece string) error) error {
		res, err := http.Post(base+"/chat/completions", "application/json", strings.NewReader(`{"model":"m","messages":[],"stream":true}`))
		if err != nil {
			return err
		}
		defer res.Body.Close()
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			_, rest, _ := strings.Cut(lines.Text(), `"content":"`)
			if stamp, _, ok := strings.Cut(rest, `"`); ok {
				if err := hear(stamp); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// Two hundred rooms at once get every chunk within 20 ms of when they would get it if nothing stood between them and the server.
func TestLoad_TwoHundredRooms(t *testing.T) {
	if os.Getenv("KINO_TEST_LOAD") == "" {
		t.Skip("set KINO_TEST_LOAD=1 on a machine that is otherwise idle")
	}
	const rooms, tokens = 200, 180
	base := narratortest.New(t, narratortest.Script{
		First: 800 * time.Millisecond, Delay: 8600 * time.Microsecond, Stamp: true, Text: strings.Repeat("abcd", tokens)})
	p := narrator.NewPool(overTCP(t, base, patient, zap.NewNop()))
	before := runtime.NumGoroutine()
	var worst [2]time.Duration
	for i, tell := range []teller{raw(base), func(room string, hear func(string) error) error {
		_, err := p.Stream(t.Context(), room, night, narrator.Call{}, hear)
		return err
	}} {
		late, held := load(t, rooms, tell)
		n := len(late)
		if n != rooms*tokens {
			t.Fatalf("%d chunks came, want %d", n, rooms*tokens)
		}
		worst[i] = late[n*99/100]
		t.Logf("%s: chunks came %v (median), %v (99 of 100), %v (worst) after they were sent; %d KiB per room, the server's side included",
			[]string{"raw", "pool"}[i], late[n/2], worst[i], late[n-1], held>>10)
	}
	if worst[1]-worst[0] > 20*time.Millisecond {
		t.Errorf("99 of 100 chunks came within %v, %v without the pool; want 20ms more at most", worst[1], worst[0])
	}
	http.DefaultClient.CloseIdleConnections()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// BenchmarkStream is a call of 180 tokens that come without delay, the server's side included.
func BenchmarkStream(b *testing.B) {
	base := narratortest.New(b, narratortest.Script{Text: strings.Repeat("abcd", 180)})
	backend, err := narrator.ParseBackend(narratortest.Backend(base))
	if err != nil {
		b.Fatal(err)
	}
	m, err := narrator.NewModel(backend, narrator.Options{}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	p := narrator.NewPool(m)
	b.ReportAllocs()
	chunks := 0
	for b.Loop() {
		if _, err := p.Stream(b.Context(), "r", night, narrator.Call{}, func(string) error { chunks++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(chunks), "ns/chunk")
}
