package ratings

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kinoautomat/recommend"
)

// ownColumns are those of catalogue.csv, but for title.LANGUAGE, sentence.LANGUAGE and mood.FEELING.
var ownColumns = map[string]func(*recommend.Item, string) error{
	"id":       func(i *recommend.Item, v string) error { i.ID = v; return nil },
	"original": func(i *recommend.Item, v string) error { i.Original = v; return nil },
	"year":     func(i *recommend.Item, v string) error { return number(&i.Year, v) },
	"country":  func(i *recommend.Item, v string) error { i.Country = v; return nil },
	"director": func(i *recommend.Item, v string) error { i.Director = v; return nil },
	"minutes":  func(i *recommend.Item, v string) error { return number(&i.Minutes, v) },
	"genres":   func(i *recommend.Item, v string) error { i.Genres = several(v); return nil },
	"themes":   func(i *recommend.Item, v string) error { i.Themes = several(v); return nil },
	"rights":   func(i *recommend.Item, v string) error { i.Rights = v; return nil },
	"editors":  func(i *recommend.Item, v string) error { return number(&i.Editors, v) },
	"url":      func(i *recommend.Item, v string) error { i.URL = v; return nil },
}

func number(to *int, v string) (err error) {
	if v != "" {
		*to, err = strconv.Atoi(v)
	}
	return err
}

func several(v string) []string {
	var all []string
	for part := range strings.SplitSeq(v, "|") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// ownCSV reads catalogue.csv. Unlike the ratings of others, which are as they are, a column or a value of our own form that is wrong is an
// error: somebody wrote it for us and can mend it.
func (r *reader) ownCSV(name string) error {
	file, err := r.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil {
		return fmt.Errorf("%s: no header: %w", name, err)
	}
	for i, column := range header {
		header[i] = strings.TrimPrefix(strings.TrimSpace(column), "\ufeff")
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		line, _ := rows.FieldPos(0)
		item := &recommend.Item{Kind: recommend.KindFilm, Words: map[string]recommend.Words{}}
		for i, column := range header {
			if err := setOwn(item, column, strings.TrimSpace(row[i])); err != nil {
				return fmt.Errorf("%s:%d: %s: %w", name, line, column, err)
			}
		}
		if err := item.Check(); err != nil {
			return fmt.Errorf("%s:%d: %w", name, line, err)
		}
		if _, twice := r.films[item.ID]; twice {
			return fmt.Errorf("%s:%d: id: %s stands there twice", name, line, item.ID)
		}
		if err := r.film(item.ID, item, name, line); err != nil {
			return err
		}
	}
}

func setOwn(item *recommend.Item, column, value string) error {
	if set, known := ownColumns[column]; known {
		return set(item, value)
	}
	kind, rest, _ := strings.Cut(column, ".")
	words := item.Words[rest]
	switch {
	case kind == "title" && rest != "":
		words.Title = value
	case kind == "sentence" && rest != "":
		words.Sentence = value
	case kind == "mood" && slices.Contains(recommend.Feelings[:], rest):
		if value == "" {
			return nil
		}
		strength, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return err
		}
		if item.Mood == nil {
			item.Mood = map[string]float64{}
		}
		item.Mood[rest] = strength
		return nil
	default:
		return fmt.Errorf("there is no such column")
	}
	if value != "" {
		item.Words[rest] = words
	}
	return nil
}

// ownJSON reads catalogue.json, which is what serve takes.
func (r *reader) ownJSON(name string) error {
	file, err := r.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	catalogue, err := recommend.Load(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, item := range catalogue.Items() {
		if err := r.film(item.ID, item, name, 0); err != nil {
			return err
		}
	}
	return nil
}
