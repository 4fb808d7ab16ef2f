package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kinoautomat/story"
)

// importStory runs import: of a catalogue, or else it checks stories and prints what is wrong with them by file, line and passage; with --out it also writes one as Twee 3.
func importStory(_ context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "catalogue" {
		return importCatalogue(args[1:], stdout, stderr)
	}
	f := newSettings("import")
	strict := f.Bool("strict", false, "fail on warnings too")
	asJSON := f.Bool("json", false, "print the report as JSON")
	out := f.String("out", "", "write the story as Twee 3 to this `file`")
	if err := f.read(args, stdout); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, "\nThen name the stories: Twee 3 files, Twine 2 HTML files, or folders with one Twee file per language.\n"+
			"kinoautomat import catalogue --help tells how to import films for the sidebar.")
		return nil
	} else if err != nil {
		return err
	}
	if f.NArg() == 0 {
		return usagef("import: name a story file or folder")
	}
	if *out != "" && f.NArg() > 1 {
		return usagef("import: --out takes one story")
	}
	var report story.Report
	var read []*story.Story
	for _, path := range f.Args() {
		stories, found, err := readStories(path)
		if err != nil {
			return usagef("import: %w", err)
		}
		read = append(read, stories...)
		report.Problems = append(report.Problems, found.Problems...)
	}
	if err := printReport(stdout, report, read, *asJSON); err != nil {
		return err
	}
	if len(read) == 0 && report.Err() == nil {
		return usagef("import: there is no story in %s", strings.Join(f.Args(), ", "))
	}
	if err := report.Err(); err != nil {
		return err
	}
	if err := report.Strict(); *strict && err != nil {
		return err
	}
	if *out == "" {
		return nil
	}
	if len(read) != 1 {
		return usagef("import: --out takes a story in one language, not %d", len(read))
	}
	if err := os.WriteFile(*out, read[0].Write(), 0o644); err != nil {
		return fmt.Errorf("write story: %w", err)
	}
	fmt.Fprintln(stderr, "written:", *out)
	return nil
}

// readStories reads a file, or a folder of editions.
func readStories(path string) ([]*story.Story, story.Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, story.Report{}, err
	}
	if !info.IsDir() {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, story.Report{}, err
		}
		st, report := story.Parse(path, text)
		if st == nil {
			return nil, report, nil
		}
		return []*story.Story{st}, report, nil
	}
	folder := os.DirFS(path)
	if editionsOf(folder) {
		whole, err := filepath.Abs(path)
		if err != nil {
			return nil, story.Report{}, err
		}
		editions, report := story.OpenStory(folder, filepath.Base(whole))
		return editions, report, nil
	}
	library, report := story.Open(folder)
	return slices.Concat(library.Editions()...), report, nil
}

var (
	source   = regexp.MustCompile(`(?i)\.(twee|tw|html)$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]+)*\.`) // how the files of a story's editions are named
)

// editionsOf says whether a folder is one story with a file per language, rather than a shelf of stories.
func editionsOf(folder fs.FS) bool {
	files, err := fs.ReadDir(folder, ".")
	editions := 0
	for _, f := range files {
		switch {
		case !source.MatchString(f.Name()):
		case f.IsDir() || !language.MatchString(f.Name()):
			return false
		default:
			editions++
		}
	}
	return err == nil && editions > 0
}

func printReport(w io.Writer, report story.Report, read []*story.Story, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	for _, p := range report.Problems {
		fmt.Fprintln(w, p)
	}
	for _, st := range read {
		fmt.Fprintf(w, "%s (%s): %d scenes, %d endings\n", st.Title, st.Language, st.Scenes(), st.Endings())
	}
	return nil
}
