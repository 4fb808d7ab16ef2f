package recommendation

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGain(t *testing.T) {
	wanted := map[int32]bool{1: true, 2: true}
	for name, test := range map[string]struct {
		list         []int32
		ndcg, recall float64
	}{
		"best":        {[]int32{1, 2, 3}, 1, 1},
		"none":        {[]int32{3, 4}, 0, 0},
		"second only": {[]int32{3, 1}, (1 / math.Log2(3)) / (1 + 1/math.Log2(3)), 0.5},
		"too late":    {[]int32{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1}, 0, 0},
	} {
		if n, r := gain(test.list, wanted); math.Abs(n-test.ndcg) > 1e-12 || r != test.recall {
			t.Errorf("%s: %g, %g; want %g, %g", name, n, r, test.ndcg, test.recall)
		}
	}
}

func TestParts_RoundAsRecBole(t *testing.T) {
	for n, want := range map[int][3]int{1: {1, 0, 0}, 2: {1, 0, 1}, 3: {1, 1, 1}, 9: {7, 1, 1}, 10: {8, 1, 1}, 25: {21, 2, 2}, 100: {80, 10, 10}} {
		a, b, c := parts(n, randomness(0, 0))
		if got := [3]int{len(a), len(b), len(c)}; got != want {
			t.Errorf("%d ratings: %v, want %v", n, got, want)
		}
		seen := map[int]bool{}
		for _, part := range [][]int{a, b, c} {
			for _, i := range part {
				seen[i] = true
			}
		}
		if len(seen) != n {
			t.Errorf("%d of %d ratings are in a part", len(seen), n)
		}
	}
}

func TestTop_IsBestFirstAndSkips(t *testing.T) {
	if got := top([]float32{1, 5, 3, 5, 2}, 3, map[int32]bool{2: true}); !cmp.Equal(got, []int32{1, 3, 4}) {
		t.Errorf("got %v", got)
	}
}

// small is a folder of made-up ratings: two tastes.
func small(t *testing.T) string {
	t.Helper()
	movies, ratings := strings.Builder{}, strings.Builder{}
	movies.WriteString("movieId,title,genres\n")
	ratings.WriteString("userId,movieId,rating,timestamp\n")
	random := randomness(1, 9)
	for i := range 120 {
		fmt.Fprintf(&movies, "%d,Film %d (%d),%s\n", i, i, 1950+i%50, []string{"Comedy|Romance", "Horror", "Drama"}[i%3])
	}
	for p := range 150 {
		for i := range 120 {
			chance := 0.15
			if i%2 == p%2 {
				chance = 0.6 * math.Exp(-float64(i)/60)
			}
			if random.Float64() < chance {
				fmt.Fprintf(&ratings, "%d,%d,%d,0\n", p, i, 1+random.IntN(5))
			}
		}
	}
	at := t.TempDir()
	for name, text := range map[string]string{"movies.csv": movies.String(), "ratings.csv": ratings.String()} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

func TestBench_FindsTheSameAgain(t *testing.T) {
	b := Bench{Ratings: small(t), Seeds: 2, Rooms: 12, People: 1000, Only: []string{"general", "rooms", "list"}}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	first, err := b.Run(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Run(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.General, again.General) + cmp.Diff(first.Rooms, again.Rooms) + cmp.Diff(first.List, again.List); diff != "" {
		t.Errorf("another run found otherwise:\n%s", diff)
	}
	if len(first.General) != 7 || len(first.Rooms) != len(kindsOfRooms()) || len(first.Bars) < 20 {
		t.Errorf("%d methods, %d kinds of rooms, %d bars", len(first.General), len(first.Rooms), len(first.Bars))
	}
	for _, g := range first.General {
		if !(g.NDCG.Mean > 0 && g.NDCG.Mean <= 1) || !(g.Recall.Mean > 0 && g.Recall.Mean <= 1) {
			t.Errorf("%+v", g)
		}
	}
	// With every film in the matrix and long histories, the ranking is not far from EASE.
	if ours, ease := first.General[0].NDCG.Mean, first.General[3].NDCG.Mean; ours < 0.9*ease {
		t.Errorf("%g, EASE %g", ours, ease)
	}
}

func TestCheck(t *testing.T) {
	good := Bench{Ratings: "x", Seeds: 1, Rooms: 10, People: 60, Only: []string{"speed"}}
	for says, change := range map[string]func(*Bench){
		"": func(*Bench) {}, "--ratings": func(b *Bench) { b.Ratings = "" }, "--seeds": func(b *Bench) { b.Seeds = 21 }, "--rooms": func(b *Bench) { b.Rooms = 9 },
		"--people": func(b *Bench) { b.People = 59 }, "--only": func(b *Bench) { b.Only = []string{"all"} },
	} {
		b := good
		change(&b)
		if err := b.Check(); (err == nil) != (says == "") || err != nil && !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
