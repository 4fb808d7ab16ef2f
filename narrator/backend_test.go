package narrator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"
)

func TestParseBackend(t *testing.T) {
	const secret = "sk-very-secret"
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, empty, two := file("good", " "+secret+"\n"), file("empty", "\n"), file("two", "a\nb")
	longest, tooLong := file("longest", strings.Repeat("k", maxKey)), file("long", strings.Repeat("k", maxKey+1))
	name := strings.Repeat("模", maxModelName)
	for _, test := range []struct {
		setting, env   string
		base, key, say string // say: what the error must name; "" = none
	}{
		{"openai+http://host:8000/v1?model=m", "", "http://host:8000/v1", "", ""},
		{"openai+http://host:8000?model=m", "", "http://host:8000/v1", "", ""},
		{"openai+https://host/api/?model=org%2Fm", "", "https://host/api", "", ""},
		{" openai+https://host/v1?model=m ", secret, "https://host/v1", secret, ""},
		{"openai+https://host/v1?model=m&key_file=" + good, "other", "https://host/v1", secret, ""},
		{"openai+https://host/v1?model=m&key_file=" + longest, "", "https://host/v1", strings.Repeat("k", maxKey), ""},
		{"ollama+http://host:11434?model=m:7b", "", "http://host:11434/v1", "", ""},
		{"ollama+http://host/prefix/?model=m", "", "http://host/prefix/v1", "", ""},
		{"ollama+http://[::1]:11434/v1?model=m", "", "http://[::1]:11434/v1", "", ""},
		{"openai+http://h?model=" + name, "", "http://h/v1", "", ""},
		{"openai+http://h?model=m&slots=1&ctx=512", "", "http://h/v1", "", ""},
		{"openai+http://h?model=m&slots=4096&ctx=4194304", "", "http://h/v1", "", ""},
		{"openai+http://h?model=m&slots=0", "", "", "", "slots is no whole number from 1 to 4096"},
		{"openai+http://h?model=m&slots=4097", "", "", "", "slots"},
		{"openai+http://h?model=m&slots=", "", "", "", "slots"},
		{"openai+http://h?model=m&ctx=511", "", "", "", "ctx is no whole number from 512 to 4194304"},
		{"openai+http://h?model=m&ctx=4194305", "", "", "", "ctx"},
		{"openai+http://h?model=m&ctx=8k", "", "", "", "ctx"},
		{"", "", "", "", "must begin"},
		{"http://host:8000/v1?model=m", "", "", "", "openai+http"},
		{"openai+ftp://host?model=m", "", "", "", "must begin"},
		{"openai+http:///v1?model=m", "", "", "", "host"},
		{"openai+http://host/v1", "", "", "", "?model=NAME"},
		{"openai+http://h?model=x" + name, "", "", "", "200 characters"},
		{"openai+http://host/v1?model=a&model=b", "", "", "", "more than once"},
		{"openai+http://host/v1?model=m#" + secret, "", "", "", "#"},
		{"openai+http://me:" + secret + "@host/v1?model=m", "", "", "", "key_file"},
		{"openai+http://host/v1?model=m&key=" + secret, "", "", "", "key_file"},
		{"openai+http://host/v1?model=m&" + secret + "=1", "", "", "", "key_file"},
		{"openai+http://host/v1?model=m&key=%zz" + secret, "", "", "", "after ?"},
		{"openai+http://host:" + secret + "/v1?model=m", "", "", "", "URL"},
		{"openai+http://host/v1?model=m&key_file=" + secret, "", "", "", "no such file"},
		{"openai+http://host/v1?model=m&key_file=" + empty, "", "", "", "empty"},
		{"openai+http://host/v1?model=m&key_file=" + two, "", "", "", "line breaks"},
		{"openai+http://host/v1?model=m&key_file=" + tooLong, "", "", "", "4096"},
		{"openai+http://host/v1?model=m", secret + " x", "", "", "spaces"},
	} {
		t.Run(test.setting, func(t *testing.T) {
			t.Setenv(KeyVariable, test.env)
			b, err := ParseBackend(test.setting)
			if test.say != "" {
				if !errors.Is(err, ErrBackend) || !strings.Contains(err.Error(), test.say) || strings.Contains(err.Error(), secret) {
					t.Errorf("got error %q, want one that says %q and no secret", err, test.say)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			key := ""
			if b.key != nil {
				key = *b.key
			}
			if b.Base != test.base || key != test.key {
				t.Errorf("got base %q, key %q; want %q, %q", b.Base, key, test.base, test.key)
			}
			again, err := ParseBackend(b.String())
			if err != nil || again.Base != b.Base || again.Model != b.Model || again.Kind != b.Kind {
				t.Errorf("%s parses as %v, %v", b, again, err)
			}
		})
	}
}

func TestParseBackend_Limits(t *testing.T) {
	b, err := ParseBackend("openai+http://host/v1?model=m&ctx=8192&slots=8")
	if err != nil || b.Slots != 8 || b.Context != 8192 {
		t.Errorf("got %d slots, context %d, %v; want 8, 8192", b.Slots, b.Context, err)
	}
	if got, want := b.String(), "openai+http://host/v1?model=m"; got != want {
		t.Errorf("its name is %q, want %q", got, want)
	}
}

func TestBackend_KeyIsNeverPrinted(t *testing.T) {
	t.Setenv(KeyVariable, "sk-very-secret")
	b, err := ParseBackend("openai+https://host/v1?model=m")
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(b, Options{}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	held := struct{ b Backend }{b}
	if text := fmt.Sprintf("%v %+v %#v %s %+v %#v %+v", b, b, b, b, held, held, m); strings.Contains(text, "secret") {
		t.Errorf("the key is in %s", text)
	}
	if got, want := b.String(), "openai+https://host/v1?model=m"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

func TestNewModel_NoBackend(t *testing.T) {
	if _, err := NewModel(Backend{}, Options{}, zap.NewNop()); !errors.Is(err, ErrBackend) {
		t.Errorf("got %v, want %v", err, ErrBackend)
	}
}
