package recommend

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a catalogue. What exceeds one is refused.
const (
	MaxBytes         = 32 << 20 // of the file
	MaxItems         = 10_000
	MaxIDBytes       = 80
	MaxTitleRunes    = 200 // of a title, in each language and in the original
	MaxSentenceRunes = 200
	MaxNameRunes     = 200 // of directors together, and of rights
	MaxGenres        = 6   // of one item
	MaxThemes        = 12  // of one item
	MaxThemeRunes    = 40
	MaxLanguages     = 10 // of one item
	MaxURLBytes      = 500
	MaxMinutes       = 1500
	MinYear          = 1870
	MaxYear          = 2100
	MaxEditors       = 3 // stars
)

// EntryError says what is wrong with an entry of a catalogue.
type EntryError struct {
	Entry int    // 1 for the first; 0 of an item that is in no file
	ID    string // "" where it has none that can be read
	Field string // as in the JSON, e.g. "words.en.title"; "" for the whole entry
	Why   string
}

func (e *EntryError) Error() string {
	where := fmt.Sprintf("entry %d", e.Entry)
	switch {
	case e.Entry == 0:
		where = e.ID
	case e.ID != "":
		where += fmt.Sprintf(" (%s)", e.ID)
	}
	if e.Field != "" {
		where += ": " + e.Field
	}
	return "catalogue: " + where + ": " + e.Why
}

var (
	validID       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	validCountry  = regexp.MustCompile(`^[A-Z]{2}$`)
	validLanguage = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// read reads and checks the entries of a catalogue.
func read(r io.Reader, lex *lexicon) ([]*Item, *Counts, error) {
	source, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("catalogue: %w", err)
	}
	if len(source) > MaxBytes {
		return nil, nil, fmt.Errorf("catalogue: more than %d bytes", MaxBytes)
	}
	var file struct {
		Items  []json.RawMessage `json:"items"`
		Counts []byte            `json:"counts"`
	}
	if err := strict(source, &file); err != nil {
		return nil, nil, fmt.Errorf("catalogue: %w", err)
	}
	if file.Items == nil {
		return nil, nil, errors.New(`catalogue: no "items"`)
	}
	if len(file.Items) > MaxItems {
		return nil, nil, fmt.Errorf("catalogue: more than %d items", MaxItems)
	}
	items, entries := make([]*Item, len(file.Items)), map[string]int{}
	for i, raw := range file.Items {
		item := &Item{}
		if problem := decode(raw, item); problem != nil {
			problem.Entry = i + 1
			return nil, nil, problem
		}
		if field, why := item.check(lex); why != "" {
			return nil, nil, &EntryError{i + 1, item.ID, field, why}
		}
		if other, taken := entries[item.ID]; taken {
			return nil, nil, &EntryError{i + 1, item.ID, "id", fmt.Sprintf("entry %d has it too", other)}
		}
		item.Kind, items[i], entries[item.ID] = KindFilm, item, i+1
	}
	if file.Counts == nil {
		return items, nil, nil
	}
	counts, err := DecodeCounts(file.Counts)
	if err != nil {
		return nil, nil, fmt.Errorf("catalogue: counts: %w", err)
	}
	return items, counts, nil
}

// strict decodes one JSON value, and refuses fields that v doesn't have and what follows the value.
func strict(source []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(source))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the end of the JSON")
	}
	return nil
}

func decode(raw []byte, item *Item) *EntryError {
	err := strict(raw, item)
	if err == nil {
		return nil
	}
	problem := &EntryError{ID: item.ID, Why: strings.TrimPrefix(err.Error(), "json: ")}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		problem.Field, problem.Why = wrong.Field, fmt.Sprintf("a %s is no %s", wrong.Value, wrong.Type)
	}
	return problem
}

// Check says what is wrong with a film, as [Load] would: an [*EntryError] without an entry's number, or nil.
func (i *Item) Check() error {
	lex, err := theLexicon()
	if err != nil {
		return err
	}
	if field, why := i.check(lex); why != "" {
		return &EntryError{ID: i.ID, Field: field, Why: why}
	}
	return nil
}

// check says which field is wrong, and why; both are "" if none is.
func (i *Item) check(lex *lexicon) (field, why string) {
	between := func(name string, v, least, most int) {
		if why == "" && (v < least || v > most) {
			field, why = name, fmt.Sprintf("%d is not between %d and %d", v, least, most)
		}
	}
	text := func(name, s string, least, most int) {
		if why == "" {
			if why = checkText(s, least, most); why != "" {
				field = name
			}
		}
	}
	switch {
	case !validID.MatchString(i.ID):
		return "id", fmt.Sprintf("%q is not made of a-z, 0-9 and single hyphens", i.ID)
	case len(i.ID) > MaxIDBytes:
		return "id", fmt.Sprintf("more than %d characters", MaxIDBytes)
	case !validCountry.MatchString(i.Country):
		return "country", fmt.Sprintf("%q is no code of two capitals (ISO 3166-1)", i.Country)
	}
	between("year", i.Year, MinYear, MaxYear)
	between("minutes", i.Minutes, 0, MaxMinutes)
	between("editors", i.Editors, 0, MaxEditors)
	text("original", i.Original, 0, MaxTitleRunes)
	text("director", i.Director, 1, MaxNameRunes)
	text("rights", i.Rights, 1, MaxNameRunes)
	if why != "" {
		return field, why
	}
	for _, check := range []func(*lexicon) (string, string){i.checkTags, i.checkWords, i.checkURL} {
		if field, why := check(lex); why != "" {
			return field, why
		}
	}
	return "", ""
}

// checkText wants least–most code points that can be shown in a line.
func checkText(s string, least, most int) string {
	switch n := utf8.RuneCountInString(s); {
	case n < least || least > 0 && strings.TrimSpace(s) == "":
		return "is empty"
	case n > most:
		return fmt.Sprintf("%d characters; at most %d", n, most)
	case strings.ContainsFunc(s, unicode.IsControl):
		return "has a control character or a line break"
	}
	return ""
}

func (i *Item) checkTags(lex *lexicon) (field, why string) {
	switch {
	case len(i.Genres) == 0:
		return "genres", "is empty"
	case len(i.Genres) > MaxGenres:
		return "genres", fmt.Sprintf("more than %d", MaxGenres)
	case len(i.Themes) > MaxThemes:
		return "themes", fmt.Sprintf("more than %d", MaxThemes)
	}
	for _, genre := range i.Genres {
		if _, known := lex.genres[genre]; !known {
			return "genres", fmt.Sprintf("%q is none of those in docs/catalogue.md", genre)
		}
	}
	for _, theme := range i.Themes {
		if why := checkText(theme, 1, MaxThemeRunes); why != "" {
			return "themes", why
		}
	}
	for name, strength := range i.Mood {
		if !slices.Contains(Feelings[:], name) {
			return "mood", fmt.Sprintf("%q is none of %s", name, strings.Join(Feelings[:], ", "))
		}
		if strength < 0 || strength > 1 {
			return "mood." + name, fmt.Sprintf("%g is not between 0 and 1", strength)
		}
	}
	return "", ""
}

func (i *Item) checkWords(*lexicon) (field, why string) {
	if len(i.Words) > MaxLanguages {
		return "words", fmt.Sprintf("more than %d languages", MaxLanguages)
	}
	if _, ok := i.Words[fallback]; !ok {
		return "words." + fallback, "is missing"
	}
	for language, words := range i.Words {
		if !validLanguage.MatchString(language) {
			return "words", fmt.Sprintf("%q is no language tag such as en or zh-Hans", language)
		}
		if why := checkText(words.Title, 1, MaxTitleRunes); why != "" {
			return "words." + language + ".title", why
		}
		if why := checkText(words.Sentence, 1, MaxSentenceRunes); why != "" {
			return "words." + language + ".sentence", why
		}
	}
	return "", ""
}

func (i *Item) checkURL(*lexicon) (field, why string) {
	if i.URL == "" {
		return "", ""
	}
	if len(i.URL) > MaxURLBytes {
		return "url", fmt.Sprintf("more than %d bytes", MaxURLBytes)
	}
	u, err := url.Parse(i.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return "url", fmt.Sprintf("%q is no http:// or https:// address", i.URL)
	}
	return "", ""
}
