package cluster_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"

	"kinoautomat/cluster"
	"kinoautomat/cluster/clustertest"
)

func TestMemory(t *testing.T) {
	clustertest.Run(t, synctest.Test, func(testing.TB) func() clustertest.Backend {
		m := cluster.NewMemory()
		return func() clustertest.Backend { return m }
	})
}

func TestEmbedded(t *testing.T) {
	clustertest.Run(t, inRealTime, func(t testing.TB) func() clustertest.Backend {
		e := open(t, t.TempDir())
		return func() clustertest.Backend { return e }
	})
}

func inRealTime(t *testing.T, run func(*testing.T)) { t.Parallel(); run(t) }

func open(t testing.TB, dir string) *cluster.Embedded {
	t.Helper()
	e, err := cluster.OpenEmbedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return e
}

// A node that died without releasing anything leaves no lease behind: the next process owns the rooms at once, under a newer epoch,
// and finds every entry that was acknowledged.
func TestEmbedded_Reopen(t *testing.T) {
	dir := t.TempDir()
	first, err := cluster.OpenEmbedded(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Create(t.Context(), "r", cluster.Entry{N: 1, Body: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	lease, _, err := first.Acquire(t.Context(), "r", "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Append(t.Context(), lease, []cluster.Entry{{N: 2, Body: []byte("two")}}); err != nil {
		t.Fatal(err)
	}
	if err := first.Add(t.Context(), "learned", func([]byte) ([]byte, error) { return []byte("much"), nil }); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, dir)
	if sum, err := second.Sum(t.Context(), "learned"); err != nil || string(sum) != "much" {
		t.Errorf("of what was added there is %q, %v", sum, err)
	}
	newer, record, err := second.Acquire(t.Context(), "r", "b")
	if err != nil {
		t.Fatal(err)
	}
	if newer.Epoch <= lease.Epoch || len(record.Tail) != 2 || string(record.Tail[1].Body) != "two" {
		t.Errorf("got epoch %d after %d and tail %+v", newer.Epoch, lease.Epoch, record.Tail)
	}
}

func TestEmbedded_OneProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if second, err := cluster.OpenEmbedded(dir); err == nil {
		second.Close()
		t.Error("a second node could open the data folder")
	}
}

func BenchmarkEmbedded_Append(b *testing.B) {
	for _, size := range []int{1, 100} {
		b.Run(fmt.Sprintf("entries=%d", size), func(b *testing.B) {
			e := open(b, b.TempDir())
			if err := e.Create(b.Context(), "r"); err != nil {
				b.Fatal(err)
			}
			lease, _, err := e.Acquire(b.Context(), "r", "a")
			if err != nil {
				b.Fatal(err)
			}
			n := uint64(0)
			batch := make([]cluster.Entry, size)
			for b.Loop() {
				for i := range batch {
					n++
					batch[i] = cluster.Entry{N: n, Body: []byte(`{"type":"ballot.cast","hidden":{"poll":"p","viewer":"v","choices":["a"]}}`)}
				}
				if err := e.Append(b.Context(), lease, batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func TestEmbedded_ClosedRefuses(t *testing.T) {
	e, err := cluster.OpenEmbedded(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Create(t.Context(), "r"); err == nil {
		t.Error("a closed storage took a room")
	}
}

// A name with a mark of URIs in it once opened another file than the folder's.
func TestEmbedded_AnyFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?c#d%41")
	if cluster.Holds(dir) {
		t.Error("a folder that is not there holds journals")
	}
	open(t, dir)
	if !cluster.Holds(dir) {
		t.Error("the journals are not in the folder")
	}
}
