package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinoautomat/recommend"
)

func TestImportCatalogue(t *testing.T) {
	folder, out := t.TempDir(), filepath.Join(t.TempDir(), "films.json")
	movies, ratings := "movieId,title,genres\n3,Nameless,Drama\n", "userId,movieId,rating,timestamp\n"
	for _, film := range []string{"1,\"Kid, The (1921)\",Comedy", "2,Nosferatu (1922),Horror"} {
		movies += film + "\n"
		for _, person := range []string{"7", "8", "9"} {
			ratings += person + "," + film[:1] + ",5,1\n"
		}
	}
	write(t, filepath.Join(folder, "movies.csv"), movies)
	write(t, filepath.Join(folder, "ratings.csv"), ratings)
	told, err := try(t, "import", "catalogue", "--out", out, folder)
	if err != nil || !strings.Contains(told, "left out: catalogue: nameless: year: 0 is not between 1870 and 2100") ||
		!strings.Contains(told, "MovieLens, CSV: 2 films, 6 ratings of 3 people, 1 pairs") {
		t.Errorf("%v\n%s", err, told)
	}
	c, err := readCatalogue(out)
	if err != nil || len(c.Items()) != 2 || (recommend.Training{Published: c.Published()}).Model().People() != 3 {
		t.Errorf("what serve reads: %+v, %v", c, err)
	}
	if left, _ := filepath.Glob(out + "*"); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if told, err := try(t, "import", "catalogue", "--json", folder); err != nil || !strings.Contains(told, `"ratings": 6`) {
		t.Errorf("%v\n%s", err, told)
	}
	if _, err := try(t, "import", "catalogue", "--strict", "--out", out+"2", folder); err == nil || isUsage(err) {
		t.Errorf("strict, a film without a year: %v", err)
	}
	if _, err := os.Stat(out + "2"); err == nil {
		t.Error("strict wrote a catalogue all the same")
	}
	for _, args := range [][]string{{}, {"--out", out, t.TempDir()}, {"/does/not/exist"}, {folder, folder}} {
		if _, err := try(t, append([]string{"import", "catalogue"}, args...)...); !isUsage(err) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
