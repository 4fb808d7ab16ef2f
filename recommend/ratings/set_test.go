package ratings

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"kinoautomat/recommend"
)

func folder(files ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fs[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fs
}

// What the three forms of MovieLens say of the same two films and two people is read alike.
func TestRead_FormsOfMovieLens(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"MovieLens, CSV": folder(
			"movies.csv", "movieId,title,genres\n1,\"Kid, The (1921)\",Comedy|Drama|IMAX\n9,Les Misérables (1995),(no genres listed)\n",
			"ratings.csv", "userId,movieId,rating,timestamp\n7,1,4.0,9\n7,9,2.5,9\n8,1,0.5,9\n7,1,5,10\n",
			"tags.csv", "userId,movieId,tag,timestamp\n7,1,Orphan,9\n8,1,orphan,9\n8,1,mine alone,9\n"),
		"MovieLens, u.data": folder(
			"u.item", "1|Kid, The (1921)|01-Jan-1921|||0|0|0|0|0|1|0|0|1|0|0|0|0|0|0|0|0|0|0\n"+
				"9|Les Mis\xe9rables (1995)|01-Jan-1995|||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
			"u.data", "7\t1\t4\t9\n7\t9\t2.5\t9\n8\t1\t0.5\t9\n7\t1\t5\t10\n"),
		"MovieLens, .dat": folder(
			"movies.dat", "1::Kid, The (1921)::Comedy|Drama\n9::Les Mis\xe9rables (1995)::\n", "ratings.dat", "7::1::4::9\n7::9::2.5::9\n8::1::0.5::9\n7::1::5::10\n"),
	} {
		set, report, err := Read(files)
		if err != nil || len(report.Problems) > 0 {
			t.Fatalf("%s: %v, %v", name, err, report)
		}
		if set.Source != name || len(set.Films) != 2 {
			t.Fatalf("%s: %+v", name, set)
		}
		kid, other := set.Films[0], set.Films[1]
		if kid.ID != "the-kid-1921" || kid.In("en").Title != "The Kid" || kid.Year != 1921 || !cmp.Equal(kid.Genres, []string{"comedy", "drama"}) {
			t.Errorf("%s: %+v", name, kid)
		}
		if other.ID != "les-miserables-1995" || other.In("en").Title != "Les Misérables" || other.Genres != nil {
			t.Errorf("%s: %+v", name, other)
		}
		if want := [][]Rating{{{0, 5}, {1, 2.5}}, {{0, 0.5}}}; !cmp.Equal(set.People, want) {
			t.Errorf("%s: %v, want %v", name, set.People, want)
		}
		if name == "MovieLens, CSV" && !cmp.Equal(kid.Themes, []string{"orphan"}) {
			t.Errorf("themes %v", kid.Themes)
		}
	}
}

func TestRead_LeavesOutAndSaysSo(t *testing.T) {
	set, report, err := Read(folder(
		"movies.csv", "movieId,title,genres\n1,One (1921),Comedy\n1,Again (1922),Comedy\n2,Two (1921)\n",
		"ratings.csv", "userId,movieId,rating,timestamp\n7,1,4.0,9\n7,3,4,9\n7,1,six,9\n7,1,5.5,9\n7\n"))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, p := range report.Problems {
		told = append(told, p.String())
	}
	want := []string{
		"movies.csv:3: film 1 stands there twice; the first is kept", "movies.csv:4: 2 columns instead of 3; left out",
		`ratings.csv:3: there is no film "3"; left out`, `ratings.csv:4: "six" is no number of stars from 0 to 5; left out`,
		`ratings.csv:5: "5.5" is no number of stars from 0 to 5; left out`, "ratings.csv:6: 1 columns instead of 3; left out",
	}
	if !cmp.Equal(told, want) || set.Ratings() != 1 {
		t.Errorf("%d ratings, %s", set.Ratings(), cmp.Diff(want, told))
	}
	many := "userId,movieId,rating,timestamp\n" + strings.Repeat("7,3,4,9\n", MaxProblems+5)
	if _, report, _ = Read(folder("movies.csv", "movieId,title,genres\n1,One (1921),Comedy\n", "ratings.csv", many)); len(report.Problems) != MaxProblems || report.More != 5 {
		t.Errorf("%d problems and %d more", len(report.Problems), report.More)
	}
}

func TestRead_RefusesWhatCannotBeTrusted(t *testing.T) {
	for name, test := range map[string]struct {
		files fstest.MapFS
		says  string
	}{
		"nothing":         {folder("films.txt", ""), ErrNothing.Error()},
		"no header":       {folder("movies.csv", "", "ratings.csv", ""), "movies.csv: no header"},
		"no such column":  {folder("movies.csv", "id,title,genres\n", "ratings.csv", ""), `movies.csv: no column "movieId"`},
		"a line too long": {folder("movies.dat", "1::One (1921)::Comedy\n", "ratings.dat", strings.Repeat("x", MaxLineBytes+1)), "ratings.dat: "},
		"our CSV":         {folder("catalogue.csv", "id,stars\na,3\n"), "catalogue.csv:2: stars: there is no such column"},
		"our year":        {folder("catalogue.csv", "id,year\na,soon\n"), "catalogue.csv:2: year: "},
		"our film":        {folder("catalogue.csv", "id,year,country,director,genres,rights,title.en,sentence.en\na,1921,US,X,comedie,PD,A,A film.\n"), `"comedie" is none of those`},
		"our JSON":        {folder("catalogue.json", "{"), "catalogue.json: catalogue: "},
	} {
		if _, _, err := Read(test.files); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

const ours = "id,year,country,director,minutes,genres,themes,rights,editors,title.en,sentence.en,title.zh-Hans,sentence.zh-Hans,mood.joy,mood.fear\n" +
	"the-kid-1921,1921,US,Charles Chaplin,68,comedy | drama,orphans,public domain,3,The Kid,A tramp finds a child.,寻子遇仙记,流浪汉捡到一个孩子。,0.7,\n"

func TestRead_OurOwnForms(t *testing.T) {
	set, report, err := Read(folder("catalogue.csv", "\ufeff"+ours, "likes.csv", "person,item\na,the-kid-1921\nb,the-kid-1921\nb,gone\n"))
	if err != nil {
		t.Fatal(err)
	}
	kid := set.Films[0]
	if kid.In("zh-Hans").Title != "寻子遇仙记" || kid.Editors != 3 || !cmp.Equal(kid.Mood, map[string]float64{"joy": 0.7}) || !cmp.Equal(kid.Genres, []string{"comedy", "drama"}) {
		t.Errorf("%+v", kid)
	}
	if set.Ratings() != 2 || len(report.Problems) != 1 {
		t.Errorf("%d likes, %v", set.Ratings(), report.Problems)
	}
	c, err := set.Catalogue(report)
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	if err := c.WithPublished(recommend.CountRatings(set.Baskets(LikeStars))).Write(&written); err != nil {
		t.Fatal(err)
	}
	again, _, err := Read(fstest.MapFS{"catalogue.json": &fstest.MapFile{Data: written.Bytes()}})
	if err != nil || !cmp.Equal(again.Films, set.Films) {
		t.Errorf("what was written is read as %v, %v", again, err)
	}
	loaded, err := recommend.Load(&written)
	if err != nil || loaded.Published().People() != 2 {
		t.Errorf("%v, %v", loaded, err)
	}
}

func TestCatalogue_KeepsTheMostRatedAndWhatIsDescribed(t *testing.T) {
	movies, ratings := "movieId,title,genres\n0,No Genre (1950),\n", "userId,movieId,rating,timestamp\n5,0,5,1\n"
	for i := 1; i <= recommend.MaxItems+1; i++ {
		movies += fmt.Sprintf("%d,Film (1950),Drama\n", i)
	}
	ratings += fmt.Sprintf("5,%d,5,1\n", recommend.MaxItems+1)
	set, report, err := Read(folder("movies.csv", movies, "ratings.csv", ratings))
	if err != nil {
		t.Fatal(err)
	}
	c, err := set.Catalogue(report)
	if err != nil || len(c.Items()) != recommend.MaxItems || set.Ratings() != 1 {
		t.Fatalf("%d films, %d ratings, %v", len(c.Items()), set.Ratings(), err)
	}
	if len(report.Problems) != 2 || !strings.Contains(report.Problems[0].Text, "no-genre-1950: genres: is empty") || !strings.Contains(report.Problems[1].Text, "1 films with the fewest") {
		t.Errorf("%v", report.Problems)
	}
	if last := c.Items()[recommend.MaxItems-1]; last.ID != fmt.Sprintf("film-1950-%d", recommend.MaxItems+1) {
		t.Errorf("the most rated film is gone; last is %s", last.ID)
	}
}

// The development set, where it is.
func TestRead_MovieLensSmall(t *testing.T) {
	const at = "../../../shared/data/ml-latest-small"
	if _, err := os.Stat(at); errors.Is(err, os.ErrNotExist) {
		t.Skip("ml-latest-small is not beside the project; it is never part of it")
	}
	set, _, err := Read(os.DirFS(at))
	if err != nil || len(set.Films) != 9742 || len(set.People) != 610 || set.Ratings() != 100836 {
		t.Errorf("%d films, %d people, %d ratings, %v", len(set.Films), len(set.People), set.Ratings(), err)
	}
}
