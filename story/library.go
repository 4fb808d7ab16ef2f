package story

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Library is a folder of stories. It never changes: who wants to see a changed folder opens it again.
type Library struct {
	shelf [][]*Story // in the order of the IDs
}

// Open reads the stories of a folder: files <id>.twee, .tw or .html, and folders <id> with one such file for each language,
// e.g. en.twee and zh-Hans.twee. Other files are ignored. A story with an error is left out and the report says why; the library is
// never nil.
func Open(fsys fs.FS) (*Library, Report) {
	b := &shelving{fsys: fsys}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		b.problem(".", SeverityError, "", "the folder cannot be read: %v", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		var editions []*Story
		if e.IsDir() {
			editions = b.folder(e.Name(), slug(e.Name()))
		} else if base, ok := isSource(e.Name()); ok {
			if s := b.file(e.Name(), slug(base), ""); s != nil {
				editions = []*Story{s}
			}
		}
		b.place(editions, e.Name())
	}
	slices.SortFunc(b.shelf, func(x, y []*Story) int { return cmp.Compare(x[0].ID, y[0].ID) })
	return &Library{shelf: b.shelf}, Report{Problems: b.problems}
}

// OpenStory reads a folder that is one story, with a file for each language: the editions, English first, and what is wrong with them.
func OpenStory(fsys fs.FS, id string) ([]*Story, Report) {
	b := &shelving{fsys: fsys}
	editions := b.folder(".", slug(id))
	return editions, Report{Problems: b.problems}
}

// Story is the edition of a story that suits a language (BCP 47) best: the same tag, else the one that shares most of its parts, else
// the first. It is false if there is no such story.
func (l *Library) Story(id, language string) (*Story, bool) {
	for _, editions := range l.shelf {
		if editions[0].ID == id {
			return slices.MaxFunc(editions, func(x, y *Story) int {
				return cmp.Compare(likeness(x.Language, language), likeness(y.Language, language))
			}), true
		}
	}
	return nil, false
}

// Editions are all stories in the order of their IDs, each with its editions, English first.
func (l *Library) Editions() [][]*Story {
	all := make([][]*Story, len(l.shelf))
	for i, editions := range l.shelf {
		all[i] = slices.Clone(editions)
	}
	return all
}

// likeness counts the parts that two language tags have in common from the beginning; equal tags have one more.
func likeness(a, b string) int {
	if strings.EqualFold(a, b) {
		return len(strings.Split(a, "-")) + 1
	}
	x, y := strings.Split(strings.ToLower(a), "-"), strings.Split(strings.ToLower(b), "-")
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}

// isSource says whether a file is a story by its name, and gives the name without its extension.
func isSource(name string) (string, bool) {
	ext := path.Ext(name)
	switch strings.ToLower(ext) {
	case ".twee", ".tw", ".html":
		return strings.TrimSuffix(name, ext), !strings.HasPrefix(name, ".")
	}
	return "", false
}

// shelving is a library while it is read.
type shelving struct {
	fsys     fs.FS
	shelf    [][]*Story
	problems []Problem
}

func (b *shelving) problem(file string, severity Severity, construct, format string, args ...any) {
	b.problems = append(b.problems, Problem{
		File: file, Severity: severity, Construct: construct, Text: fmt.Sprintf(format, args...),
	})
}

// place puts the editions of one story on the shelf.
func (b *shelving) place(editions []*Story, file string) {
	if len(editions) == 0 {
		return
	}
	for _, other := range b.shelf {
		if other[0].ID == editions[0].ID {
			b.problem(file, SeverityError, "id", "there is another story %q; this one is left out", editions[0].ID)
			return
		}
	}
	if len(b.shelf) == MaxStories {
		b.problem(file, SeverityError, constructLimit, "stories of a library: more than %d", MaxStories)
		return
	}
	b.shelf = append(b.shelf, editions)
}

// folder reads the editions of one story, English first.
func (b *shelving) folder(dir, id string) []*Story {
	entries, err := fs.ReadDir(b.fsys, dir)
	if err != nil {
		b.problem(dir, SeverityError, "", "the folder cannot be read: %v", err)
	}
	var editions []*Story
	files := map[*Story]string{}
	for _, e := range entries {
		language, ok := isSource(e.Name())
		if !ok || e.IsDir() {
			continue
		}
		file := path.Join(dir, e.Name())
		if !validLanguage.MatchString(language) {
			b.problem(file, SeverityWarning, "language", "the file is not named for a language such as en or zh-Hans; it is left out")
			continue
		}
		if len(editions) == MaxEditions {
			b.problem(file, SeverityError, constructLimit, "editions of a story: more than %d", MaxEditions)
			break
		}
		if slices.ContainsFunc(editions, func(s *Story) bool { return strings.EqualFold(s.Language, language) }) {
			b.problem(file, SeverityWarning, "language", "there is another edition in %q; this one is left out", language)
			continue
		}
		if s := b.file(file, id, language); s != nil {
			editions, files[s] = append(editions, s), file
		}
	}
	slices.SortStableFunc(editions, func(x, y *Story) int {
		return cmp.Compare(likeness(y.Language, "en"), likeness(x.Language, "en"))
	})
	for _, s := range editions[min(1, len(editions)):] {
		b.compare(editions[0], s, files[s])
	}
	return editions
}

// file reads one story; it is nil if that has an error.
func (b *shelving) file(name, id, language string) *Story {
	source, err := b.load(name)
	if err != nil {
		construct := ""
		if errors.Is(err, ErrLimit) {
			construct = constructLimit
		}
		b.problem(name, SeverityError, construct, "the file cannot be read: %v", err)
		return nil
	}
	s, report := read(name, id, language, source)
	b.problems = append(b.problems, report.Problems...)
	return s
}

func (b *shelving) load(name string) ([]byte, error) {
	info, err := fs.Stat(b.fsys, name)
	if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait for whoever writes to it
		return nil, errors.New("it is not an ordinary file")
	}
	if err != nil {
		return nil, err
	}
	f, err := b.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err == nil && len(source) > MaxFileBytes {
		err = &LimitError{What: "bytes of the file", Max: MaxFileBytes}
	}
	return source, err
}

// compare warns where an edition is not the same story as the first.
func (b *shelving) compare(first, s *Story, file string) {
	ways := func(s *Story) map[string][]string {
		leads := map[string][]string{}
		for _, n := range s.graph.Nodes {
			leads[n.ID] = nil
		}
		for _, e := range s.graph.Edges {
			leads[e.From] = append(leads[e.From], e.To)
		}
		return leads
	}
	warn := func(passage, format string, args ...any) {
		b.problem(file, SeverityWarning, "edition", format, args...)
		b.problems[len(b.problems)-1].Passage = passage
	}
	mine, theirs := ways(s), ways(first)
	if s.Start != first.Start {
		warn("", "it starts with %q, but %q starts with %q", s.Start, first.Language, first.Start)
	}
	for _, n := range first.graph.Nodes {
		to, ok := mine[n.ID]
		if !ok {
			warn(n.ID, "the scene is missing here, but is there in %q", first.Language)
		} else if want := theirs[n.ID]; !slices.Equal(to, want) {
			warn(n.ID, "it leads to %q, but in %q to %q", to, first.Language, want)
		}
	}
	for _, n := range s.graph.Nodes {
		if _, ok := theirs[n.ID]; !ok {
			warn(n.ID, "the scene is here, but not in %q", first.Language)
		}
	}
}
