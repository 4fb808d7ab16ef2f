package clustertest

import (
	"bytes"
	"errors"
	"strconv"
	"sync"
	"testing"

	"kinoautomat/cluster"
)

// sum is the value of a name.
func sum(t *testing.T, b Backend, name string) string {
	t.Helper()
	value, err := b.Sum(t.Context(), name)
	must(t, err)
	return string(value)
}

func sumAdds(t *testing.T, b Backend) {
	if value, err := b.Sum(t.Context(), "learned"); err != nil || value != nil {
		t.Fatalf("before anything was added: %q, %v", value, err)
	}
	for _, more := range []string{"a", "b\x00\n", "c"} {
		must(t, b.Add(t.Context(), "learned", func(kept []byte) ([]byte, error) { return append(kept, more...), nil }))
	}
	must(t, b.Add(t.Context(), "other", func(kept []byte) ([]byte, error) { return append(kept, 'x'), nil }))
	if got := sum(t, b, "learned"); got != "ab\x00\nc" {
		t.Errorf("got %q", got)
	}
	kept, err := b.Sum(t.Context(), "learned")
	must(t, err)
	kept[0] = '!'
	if got := sum(t, b, "learned"); got != "ab\x00\nc" {
		t.Errorf("who read it changed it: %q", got)
	}
}

func sumRefused(t *testing.T, b Backend) {
	must(t, b.Add(t.Context(), "learned", func([]byte) ([]byte, error) { return []byte("kept"), nil }))
	broken := errors.New("cannot be read")
	want(t, "an add that refuses", b.Add(t.Context(), "learned", func([]byte) ([]byte, error) { return nil, broken }), broken)
	if got := sum(t, b, "learned"); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func sumTooLong(t *testing.T, b Backend) {
	long := bytes.Repeat([]byte("x"), cluster.MaxSum+1)
	want(t, "one byte too many", b.Add(t.Context(), "learned", func([]byte) ([]byte, error) { return long, nil }), cluster.ErrTooLong)
	must(t, b.Add(t.Context(), "learned", func([]byte) ([]byte, error) { return long[1:], nil }))
	if got := sum(t, b, "learned"); len(got) != cluster.MaxSum {
		t.Errorf("%d bytes came back", len(got))
	}
}

// sumContended: eight that count at once, on two nodes, count to eighty.
func sumContended(t *testing.T, one, two Backend) {
	var all sync.WaitGroup
	for i := range 8 {
		node := []Backend{one, two}[i%2]
		all.Go(func() {
			for range 10 {
				err := node.Add(t.Context(), "learned", func(kept []byte) ([]byte, error) {
					n, _ := strconv.Atoi(string(kept))
					return strconv.AppendInt(nil, int64(n+1), 10), nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if a, b := sum(t, one, "learned"), sum(t, two, "learned"); a != "80" || b != "80" {
		t.Errorf("the nodes count %s and %s", a, b)
	}
}
