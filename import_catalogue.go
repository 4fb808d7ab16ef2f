package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"kinoautomat/recommend"
	"kinoautomat/recommend/ratings"
)

// importCatalogue reads films and ratings, prints what is wrong with them, and with --out writes a catalogue for serve.
func importCatalogue(args []string, stdout, stderr io.Writer) error {
	f := newSettings("import catalogue")
	strict := f.Bool("strict", false, "fail if anything was left out")
	asJSON := f.Bool("json", false, "print the report as JSON")
	out := f.String("out", "", "write the catalogue, with what its ratings say, to this `file`, for serve --catalogue")
	if err := f.read(args, stdout); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, "\nThen name a folder: of MovieLens, or with a catalogue.csv or catalogue.json and, if there is one, a likes.csv. docs/catalogue.md describes them.")
		return nil
	} else if err != nil {
		return err
	}
	if f.NArg() != 1 {
		return usagef("import catalogue: name one folder")
	}
	folder, err := os.OpenRoot(f.Arg(0))
	if err != nil {
		return usagef("import catalogue: %w", err)
	}
	defer folder.Close()
	set, report, err := ratings.Read(folder.FS())
	if errors.Is(err, ratings.ErrNothing) {
		return usagef("import catalogue: %s: %w", f.Arg(0), err)
	} else if err != nil {
		return fmt.Errorf("import catalogue: %w", err)
	}
	catalogue, err := set.Catalogue(report)
	if err != nil {
		return err
	}
	found := imported{Report: report, Form: set.Source, Films: len(set.Films), Ratings: set.Ratings()}
	if found.Ratings > 0 {
		counts := recommend.CountRatings(set.Baskets(ratings.LikeStars))
		catalogue = catalogue.WithPublished(counts)
		found.People, found.Pairs = counts.People(), counts.Pairs()
	}
	if err := found.print(stdout, *asJSON); err != nil {
		return err
	}
	switch {
	case found.Films == 0:
		return errors.New("import catalogue: no film is fit for a catalogue")
	case *strict && len(report.Problems) > 0:
		return errors.New("import catalogue: something was left out")
	case *out == "":
		return nil
	}
	if err := writeCatalogue(*out, catalogue); err != nil {
		return fmt.Errorf("write catalogue: %w", err)
	}
	fmt.Fprintln(stderr, "written:", *out)
	return nil
}

// imported is what an import of a catalogue found.
type imported struct {
	*ratings.Report
	Form    string `json:"form"`
	Films   int    `json:"films"`
	People  int    `json:"people"`
	Ratings int    `json:"ratings"`
	Pairs   int    `json:"pairs"` // of films that somebody likes both of, as they are kept
}

func (i imported) print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(i)
	}
	for _, p := range i.Problems {
		fmt.Fprintln(w, p)
	}
	if i.More > 0 {
		fmt.Fprintf(w, "and %d more\n", i.More)
	}
	_, err := fmt.Fprintf(w, "%s: %d films, %d ratings of %d people, %d pairs of films liked by one person\n", i.Form, i.Films, i.Ratings, i.People, i.Pairs)
	return err
}

// writeCatalogue writes the file at once or not at all, and only what serve will read.
func writeCatalogue(path string, c *recommend.Catalogue) error {
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	defer os.Remove(path + ".new")
	if err := errors.Join(c.Write(file), file.Close()); err != nil {
		return err
	}
	if _, err := readCatalogue(path + ".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
