package story

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestLibrary(t *testing.T) {
	l, report := Open(os.DirFS("testdata/library"))
	if err := report.Strict(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, editions := range l.Editions() {
		for _, s := range editions {
			got = append(got, s.ID+" "+s.Language+" "+s.Title)
		}
	}
	diff(t, "editions", got, []string{"ferry en The Last Ferry", "ferry zh-Hans 末班渡轮", "lamp en The Lamp Room"})
	for ask, want := range map[[2]string]string{
		{"ferry", "en"}: "en", {"ferry", ""}: "en", {"ferry", "zh-Hans"}: "zh-Hans", {"ferry", "zh"}: "zh-Hans", {"ferry", "zh-CN"}: "zh-Hans",
		{"ferry", "ZH-hans-CN"}: "zh-Hans", {"ferry", "en-GB"}: "en", {"ferry", "de"}: "en", {"lamp", "zh-Hans"}: "en",
	} {
		if s, ok := l.Story(ask[0], ask[1]); !ok || s.Language != want || s.ID != ask[0] {
			t.Errorf("Story(%q, %q) is %v in %q, want %q", ask[0], ask[1], ok, s.Language, want)
		}
	}
	if s, ok := l.Story("nowhere", "en"); ok {
		t.Errorf("there is a story %v", s)
	}
	l.Editions()[0][0] = nil
	if s, _ := l.Story("ferry", "en"); s == nil {
		t.Error("who reads the editions can change the library")
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func edition(language, passages string) *fstest.MapFile {
	return file(strings.Replace(source("SugarCube", passages), `"en"`, `"`+language+`"`, 1))
}

func TestLibrary_Problems(t *testing.T) {
	good := edition("en", ":: Start\n[[Go->A]]\n:: A\nhi\n")
	for _, test := range []struct {
		name    string
		files   fstest.MapFS
		stories string
		want    string
	}{
		{"others are ignored", fstest.MapFS{"a.twee": good, "README.md": file("x"), ".b.twee": file("x"), ".git/c.twee": file("x"), "d.txt": file("x"), "sub/README.md": file("x")}, "a:en", ""},
		{"all kinds", fstest.MapFS{"a.twee": good, "b.TW": good, "sub/en.tw": good}, "a:en b:en sub:en", ""},
		{"a broken one is left out", fstest.MapFS{"a.twee": good, "b.twee": file("nothing")}, "a:en", `b.twee: error: there is no passage "Start"`},
		{"two of a name", fstest.MapFS{"a.twee": good, "A.tw": good, "a/en.twee": good}, "a:en", `there is another story "a"`},
		{"not a file", fstest.MapFS{"a.twee": good, "b.twee": &fstest.MapFile{Mode: fs.ModeNamedPipe}}, "a:en", "b.twee: error: the file cannot be read: it is not an ordinary file"},
		{"too large", fstest.MapFS{"a.twee": good, "b.twee": file(strings.Repeat("x", MaxFileBytes+1))}, "a:en", "b.twee: error: the file cannot be read: bytes of the file: limit exceeded"},
		{"no language", fstest.MapFS{"a/en.twee": good, "a/my notes.twee": good}, "a:en", "not named for a language"},
		{"language twice", fstest.MapFS{"a/en.twee": good, "a/en.tw": good}, "a:en", `there is another edition in "en"`},
		{"language declared otherwise", fstest.MapFS{"a/de.twee": good}, "a:de", `kino.language is "en" but the file is named for "de"`},
		{"English first", fstest.MapFS{"a/de.twee": edition("de", ":: Start\nx\n"), "a/en-GB.twee": edition("en-GB", ":: Start\nx\n")}, "a:en-GB a:de", ""},
		{"one edition is broken", fstest.MapFS{"a/en.twee": file("x"), "a/de.twee": edition("de", ":: Start\nx\n")}, "a:de", "a/en.twee: error"},
		{"scene missing", fstest.MapFS{"a/en.twee": good, "a/de.twee": edition("de", ":: Start\nx\n")}, "a:en a:de", `a/de.twee: warning: passage "A": the scene is missing here, but is there in "en"`},
		{"scene added", fstest.MapFS{"a/en.twee": good, "a/de.twee": edition("de", ":: Start\n[[Los->A]]\n:: A\nhi\n:: B\nx\n")}, "a:en a:de", `passage "B": the scene is here, but not in "en"`},
		{"leads elsewhere", fstest.MapFS{"a/en.twee": good, "a/de.twee": edition("de", ":: Start\n[[Los->Start]]\n:: A\nhi\n")}, "a:en a:de", `passage "Start": it leads to ["Start"], but in "en" to ["A"]`},
	} {
		l, report := Open(test.files)
		var stories, problems []string
		for _, editions := range l.Editions() {
			for _, s := range editions {
				stories = append(stories, s.ID+":"+s.Language)
			}
		}
		for _, p := range report.Problems {
			if p.Severity != SeverityNote {
				problems = append(problems, p.String())
			}
		}
		diff(t, test.name, strings.Join(stories, " "), test.stories)
		if test.want == "" && len(problems) > 0 {
			t.Errorf("%s: %q", test.name, problems)
		}
		mustContain(t, problems, test.want)
	}
}

func TestLibrary_OtherStart(t *testing.T) {
	_, report := Open(fstest.MapFS{
		"a/en.twee": edition("en", ":: Start\n[[A]]\n:: A\n[[Start]]\n"),
		"a/de.twee": file(":: StoryTitle\nT\n:: StoryData\n{\"ifid\":\"ABCDEFGH\",\"start\":\"A\",\"kino\":{\"language\":\"de\"}}\n:: Start\n[[A]]\n:: A\n[[Start]]\n"),
	})
	mustContain(t, texts(report), `it starts with "A", but "en" starts with "Start"`)
}

func TestLibrary_Limits(t *testing.T) {
	files := fstest.MapFS{}
	for i := range MaxStories {
		files[fmt.Sprintf("s%04d.twee", i)] = edition("en", ":: Start\n")
	}
	l, report := Open(files)
	if err := report.Err(); err != nil || len(l.Editions()) != MaxStories {
		t.Errorf("%d stories: %v", len(l.Editions()), err)
	}
	files["t.twee"] = files["s0000.twee"]
	l, report = Open(files)
	if err := report.Err(); !errors.Is(err, ErrLimit) || len(l.Editions()) != MaxStories {
		t.Errorf("%d stories: %v", len(l.Editions()), err)
	}

	files = fstest.MapFS{}
	for i := range MaxEditions {
		files[fmt.Sprintf("a/a%c.twee", 'a'+i)] = file(":: Start\n")
	}
	l, report = Open(files)
	if err := report.Err(); err != nil || len(l.Editions()[0]) != MaxEditions {
		t.Errorf("%d editions: %v", len(l.Editions()[0]), err)
	}
	files["a/zz.twee"] = file(":: Start\n")
	l, report = Open(files)
	if err := report.Err(); !errors.Is(err, ErrLimit) || len(l.Editions()[0]) != MaxEditions {
		t.Errorf("%d editions: %v", len(l.Editions()[0]), err)
	}
}

func TestLibrary_NoFolder(t *testing.T) {
	l, report := Open(os.DirFS("testdata/nowhere"))
	if report.Err() == nil || len(l.Editions()) != 0 {
		t.Errorf("library is %v, report %v", l, report)
	}
}
