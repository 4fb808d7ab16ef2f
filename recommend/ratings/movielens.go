package ratings

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"kinoautomat/recommend"
)

// genres are those of MovieLens as ours. IMAX and "(no genres listed)" are none.
var genres = map[string]string{
	"Action": "action", "Adventure": "adventure", "Animation": "animation", "Children": "family", "Children's": "family", "Comedy": "comedy",
	"Crime": "crime", "Documentary": "documentary", "Drama": "drama", "Fantasy": "fantasy", "Film-Noir": "film noir", "Horror": "horror",
	"Musical": "musical", "Mystery": "mystery", "Romance": "romance", "Sci-Fi": "science fiction", "Thriller": "thriller", "War": "war",
	"Western": "western",
}

// uGenres are those of u.item's last 19 columns, in their order.
var uGenres = []string{
	"", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical",
	"Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
}

// tagPeople is how many people must have given a tag before it is a theme.
const tagPeople = 2

func (r *reader) moviesCSV(name string) error {
	return r.csv(name, []string{"movieId", "title", "genres"}, func(line int, row []string) error {
		return r.movie(name, line, row[0], row[1], strings.Split(row[2], "|"))
	})
}

// csv reads a file with a header that has at least these columns, and hands over their values.
func (r *reader) csv(name string, columns []string, use func(line int, row []string) error) error {
	file, err := r.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	header, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: no header: %w", name, err)
	}
	at := make([]int, len(columns))
	for i, column := range columns {
		if at[i] = slices.IndexFunc(header, func(h string) bool { return strings.TrimPrefix(strings.TrimSpace(h), "\ufeff") == column }); at[i] < 0 {
			return fmt.Errorf("%s: no column %q", name, column)
		}
	}
	values := make([]string, len(columns))
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		line, _ := rows.FieldPos(0)
		if err != nil {
			if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
				r.report.add(name, wrong.Line, "%v", wrong.Err)
				continue
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(row) != len(header) {
			r.report.add(name, line, "%d columns instead of %d; left out", len(row), len(header))
			continue
		}
		for i, column := range at {
			values[i] = strings.Clone(strings.TrimSpace(row[column]))
		}
		if err := use(line, values); err != nil {
			return err
		}
	}
}

// lines hands over the lines of a file that isn't CSV. What is no UTF-8 is taken for ISO 8859-1, as old sets are.
func (r *reader) lines(name, separator string, least int, use func(line int, row []string) error) error {
	file, err := r.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 4096), MaxLineBytes)
	for line := 1; scanner.Scan(); line++ {
		text := scanner.Text()
		if !utf8.ValidString(text) {
			text, _ = charmap.ISO8859_1.NewDecoder().String(text)
		}
		row := strings.Split(strings.TrimRight(text, "\r"), separator)
		if len(row) < least {
			r.report.add(name, line, "%d columns instead of %d; left out", len(row), least)
			continue
		}
		if err := use(line, row); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (r *reader) uItem(name string) error {
	return r.lines(name, "|", 5+len(uGenres), func(line int, row []string) error {
		var of []string
		for i, flag := range row[5 : 5+len(uGenres)] {
			if flag == "1" {
				of = append(of, uGenres[i])
			}
		}
		return r.movie(name, line, row[0], row[1], of)
	})
}

func (r *reader) moviesDAT(name string) error {
	return r.lines(name, "::", 3, func(line int, row []string) error {
		return r.movie(name, line, row[0], row[1], strings.Split(row[2], "|"))
	})
}

var (
	yearAtEnd = regexp.MustCompile(`\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$`)
	article   = regexp.MustCompile(`^(.*), (The|A|An|Le|La|Les|L'|Der|Die|Das|El|Los|Las|Il|Lo|Un|Une|Den|Det)((?: \(.*\))?)$`)
	noID      = regexp.MustCompile(`[^a-z0-9]+`)
)

// movie takes in a film of MovieLens: "Kid, The (1921)" is "The Kid" of 1921.
func (r *reader) movie(file string, line int, id, title string, of []string) error {
	item := &recommend.Item{Kind: recommend.KindFilm, Country: recommend.UnknownCountry, Director: recommend.Unknown, Rights: recommend.Unknown}
	if m := yearAtEnd.FindStringSubmatchIndex(title); m != nil {
		item.Year, _ = strconv.Atoi(title[m[2]:m[3]])
		title = title[:m[0]]
	}
	if m := article.FindStringSubmatch(title); m != nil {
		title = strings.TrimSuffix(m[2]+" ", "' ")
		if strings.HasSuffix(m[2], "'") {
			title = m[2]
		}
		title += m[1] + m[3]
	}
	for _, g := range of {
		if ours, ok := genres[g]; ok && len(item.Genres) < recommend.MaxGenres {
			item.Genres = append(item.Genres, ours)
		}
	}
	if item.ID = slug(title, item.Year); item.ID == "" || r.ids[item.ID] {
		item.ID = strings.Trim(slug(title, item.Year)+"-"+noID.ReplaceAllString(strings.ToLower(id), "-"), "-")
	}
	sentence := strings.Join(item.Genres, ", ")
	if sentence != "" {
		sentence = strings.ToUpper(sentence[:1]) + sentence[1:] + "."
	}
	item.Words = map[string]recommend.Words{"en": {Title: title, Sentence: sentence}}
	return r.film(id, item, file, line)
}

// slug makes an id of a title: without accents, in small letters, with hyphens.
func slug(title string, year int) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), title)
	if err != nil {
		plain = title
	}
	id := strings.Trim(noID.ReplaceAllString(strings.ToLower(plain), "-"), "-")
	if id = strings.TrimRight(id[:min(len(id), recommend.MaxIDBytes-20)], "-"); id != "" && year > 0 {
		id += "-" + strconv.Itoa(year)
	}
	return id
}

// tags makes themes of the tags that at least two people gave a film, the most given first.
func (r *reader) tags(name string) error {
	given := make([]map[string]map[string]bool, len(r.set.Films)) // film, tag, people
	err := r.csv(name, []string{"userId", "movieId", "tag"}, func(_ int, row []string) error {
		film, known := r.films[row[1]]
		tag := strings.ToLower(row[2])
		if !known || tag == "" || utf8.RuneCountInString(tag) > recommend.MaxThemeRunes || strings.ContainsFunc(tag, unicode.IsControl) {
			return nil
		}
		if given[film] == nil {
			given[film] = map[string]map[string]bool{}
		}
		if given[film][tag] == nil {
			given[film][tag] = map[string]bool{}
		}
		given[film][tag][row[0]] = true
		return nil
	})
	for film, tags := range given {
		order := slices.SortedFunc(maps.Keys(tags), func(a, b string) int { return cmp.Or(len(tags[b])-len(tags[a]), cmp.Compare(a, b)) })
		for _, tag := range order {
			if len(tags[tag]) >= tagPeople && len(r.set.Films[film].Themes) < recommend.MaxThemes {
				r.set.Films[film].Themes = append(r.set.Films[film].Themes, tag)
			}
		}
	}
	return err
}

// dialect is how a file of ratings is written: person, film, stars, of which only the first two in one of likes.
type dialect struct {
	separator     string
	header, likes bool
}

func (r *reader) ratings(name string, d dialect) error {
	latest := map[[2]int32]int{} // of a person and a film, the place of the rating
	count, least := 0, 3
	if d.likes {
		least = 2
	}
	return r.lines(name, d.separator, least, func(line int, row []string) error {
		if line == 1 && d.header {
			return nil
		}
		if count++; count > MaxRatings {
			return fmt.Errorf("%s: more than %d ratings", name, MaxRatings)
		}
		film, known := r.films[strings.TrimSpace(row[1])]
		if !known {
			r.report.add(name, line, "there is no film %q; left out", row[1])
			return nil
		}
		stars := float64(LikeStars)
		if !d.likes {
			var err error
			if stars, err = strconv.ParseFloat(strings.TrimSpace(row[2]), 32); err != nil || !(stars >= 0 && stars <= 5) {
				r.report.add(name, line, "%q is no number of stars from 0 to 5; left out", row[2])
				return nil
			}
		}
		person, known := r.people[row[0]]
		if !known {
			person = len(r.set.People)
			r.people[strings.Clone(row[0])] = person
			r.set.People = append(r.set.People, nil)
		}
		key := [2]int32{int32(person), film}
		if at, twice := latest[key]; twice {
			r.set.People[person][at].Stars = float32(stars)
			return nil
		}
		latest[key] = len(r.set.People[person])
		r.set.People[person] = append(r.set.People[person], Rating{film, float32(stars)})
		return nil
	})
}
