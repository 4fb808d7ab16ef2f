package ratings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"kinoautomat/recommend"
)

// Limits of what is read. A file that exceeds one is refused; of films, people and problems the first are kept, and the report says so.
const (
	MaxFileBytes = 1 << 30
	MaxRatings   = 30_000_000
	MaxFilms     = 100_000 // that are read; a catalogue has at most recommend.MaxItems
	MaxLineBytes = 64 << 10
	MaxProblems  = 100 // that are told one by one
)

// LikeStars is how many stars of five say that somebody likes a film.
const LikeStars = 4

// Rating is what a person gave a film.
type Rating struct {
	Film  int32 // place in Films
	Stars float32
}

// Set is films and ratings.
type Set struct {
	Films  []*recommend.Item // ids are those of a catalogue; what nobody knows of a film is not in it
	People [][]Rating        // a person's ratings in the order of the file; of a film that was rated twice, the last
	Source string            // the form that was found, in words
}

// Ratings is how many there are.
func (s *Set) Ratings() int {
	n := 0
	for _, p := range s.People {
		n += len(p)
	}
	return n
}

// Report is what was found wrong, or worth knowing, about what was read.
type Report struct {
	Problems []Problem `json:"problems"`
	More     int       `json:"more,omitempty"` // problems beyond MaxProblems
}

// Problem is one of them.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

func (r *Report) add(file string, line int, format string, args ...any) {
	if len(r.Problems) == MaxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// ErrNothing is what [Read] returns of a folder that holds none of the forms.
var ErrNothing = errors.New("there are no ratings.csv and movies.csv, no u.data and u.item, no ratings.dat and movies.dat, and no catalogue.csv or catalogue.json")

// Read reads a folder. Lines that make no sense are left out and reported; an error is returned where nothing of a file can be trusted.
func Read(folder fs.FS) (*Set, *Report, error) {
	r := &reader{folder: folder, report: &Report{Problems: []Problem{}}, set: &Set{}, films: map[string]int32{}, ids: map[string]bool{}, people: map[string]int{}}
	for _, form := range []struct {
		name, films, ratings string
		readFilms            func(string) error
		rating               dialect
		optional             bool
	}{
		{"MovieLens, CSV", "movies.csv", "ratings.csv", r.moviesCSV, dialect{separator: ",", header: true}, false},
		{"MovieLens, u.data", "u.item", "u.data", r.uItem, dialect{separator: "\t"}, false},
		{"MovieLens, .dat", "movies.dat", "ratings.dat", r.moviesDAT, dialect{separator: "::"}, false},
		{"CSV of Kinoautomat", "catalogue.csv", "likes.csv", r.ownCSV, dialect{separator: ",", header: true, likes: true}, true},
		{"JSON of Kinoautomat", "catalogue.json", "likes.csv", r.ownJSON, dialect{separator: ",", header: true, likes: true}, true},
	} {
		if !r.has(form.films) || !form.optional && !r.has(form.ratings) {
			continue
		}
		r.set.Source = form.name
		if err := form.readFilms(form.films); err != nil {
			return nil, r.report, err
		}
		if r.has("tags.csv") && form.films == "movies.csv" {
			if err := r.tags("tags.csv"); err != nil {
				return nil, r.report, err
			}
		}
		if r.has(form.ratings) {
			if err := r.ratings(form.ratings, form.rating); err != nil {
				return nil, r.report, err
			}
		}
		return r.set, r.report, nil
	}
	return nil, r.report, ErrNothing
}

// reader reads one folder.
type reader struct {
	folder fs.FS
	report *Report
	set    *Set
	films  map[string]int32 // by the id that the files have
	ids    map[string]bool  // of the catalogue
	people map[string]int
}

func (r *reader) has(name string) bool {
	info, err := fs.Stat(r.folder, name)
	return err == nil && info.Mode().IsRegular()
}

func (r *reader) open(name string) (io.ReadCloser, error) {
	file, err := r.folder.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.Size() > MaxFileBytes {
		file.Close()
		return nil, errors.Join(err, fmt.Errorf("%s: more than %d bytes", name, MaxFileBytes))
	}
	return file, nil
}

// film takes a film in under the id that the files have.
func (r *reader) film(id string, item *recommend.Item, file string, line int) error {
	if _, twice := r.films[id]; twice {
		r.report.add(file, line, "film %s stands there twice; the first is kept", id)
		return nil
	}
	if len(r.set.Films) == MaxFilms {
		return fmt.Errorf("%s: more than %d films", file, MaxFilms)
	}
	r.films[id] = int32(len(r.set.Films))
	r.ids[item.ID] = true
	r.set.Films = append(r.set.Films, item)
	return nil
}

// Baskets are the films that each person rated with at least so many stars, as [recommend.CountRatings] wants them: without doubles, and
// with the ids of the films.
func (s *Set) Baskets(stars float32) (ids []string, baskets [][]int32) {
	for _, film := range s.Films {
		ids = append(ids, film.ID)
	}
	for _, ratings := range s.People {
		var basket []int32
		for _, r := range ratings {
			if r.Stars >= stars {
				basket = append(basket, r.Film)
			}
		}
		baskets = append(baskets, basket)
	}
	return ids, baskets
}

// Catalogue are the films that a catalogue takes, and what people thought of them: those of the set that are described well enough, and of
// too many the most rated. What is left out is reported, and dropped from the set.
func (s *Set) Catalogue(report *Report) (*recommend.Catalogue, error) {
	keep := make([]bool, len(s.Films))
	for i, film := range s.Films {
		err := film.Check()
		if keep[i] = err == nil; err != nil {
			report.add(s.Source, 0, "left out: %v", err)
		}
	}
	s.retain(keep)
	if over := s.KeepMostRated(recommend.MaxItems); over > 0 {
		report.add(s.Source, 0, "%d films with the fewest ratings left out: a catalogue has at most %d", over, recommend.MaxItems)
	}
	return recommend.New(s.Films)
}

// KeepMostRated drops all films but those with the most ratings, and says how many it dropped.
func (s *Set) KeepMostRated(most int) int {
	rated, order := make([]int, len(s.Films)), make([]int32, len(s.Films))
	for i := range order {
		order[i] = int32(i)
	}
	for _, ratings := range s.People {
		for _, r := range ratings {
			rated[r.Film]++
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return rated[b] - rated[a] })
	keep := make([]bool, len(s.Films))
	for _, i := range order[:min(most, len(order))] {
		keep[i] = true
	}
	s.retain(keep)
	return max(0, len(order)-most)
}

// retain drops films and their ratings.
func (s *Set) retain(keep []bool) {
	now := make([]int32, len(keep))
	var films []*recommend.Item
	for i, k := range keep {
		if now[i] = -1; k {
			now[i] = int32(len(films))
			films = append(films, s.Films[i])
		}
	}
	s.Films = films
	for p, ratings := range s.People {
		var kept []Rating
		for _, r := range ratings {
			if at := now[r.Film]; at >= 0 {
				kept = append(kept, Rating{at, r.Stars})
			}
		}
		s.People[p] = kept
	}
}
