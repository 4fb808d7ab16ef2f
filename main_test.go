package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kinoautomat/narrator"
)

// try runs a command line as main would.
func try(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out strings.Builder
	err = run(t.Context(), args, &out, io.Discard)
	return out.String(), err
}

func isUsage(err error) bool {
	var wrong errUsage
	return errors.As(err, &wrong)
}

// What cannot be understood is one line that names it, and status 2.
func TestUsage(t *testing.T) {
	t.Setenv("KINO_LOG", "")
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "name a command"},
		{[]string{"sing"}, `"sing"`},
		{[]string{"serve", "--colour", "red"}, "serve: there is no flag --colour; kinoautomat serve --help"},
		{[]string{"serve", "--addr"}, "--addr: a value is missing"},
		{[]string{"serve", "--addr", "8080"}, `--addr: "8080" is no address such as :8080`},
		{[]string{"serve", "--addr", ":65536"}, `--addr: "65536" is no port`},
		{[]string{"serve", "--retention", "a month"}, `--retention: "a month" is no duration such as 90m`},
		{[]string{"serve", "--max-per-address", "many"}, `--max-per-address: "many" is no whole number`},
		{[]string{"serve", "--log", "loud"}, `"loud"`},
		{[]string{"serve", "--create", "me"}, `"me"`},
		{[]string{"serve", "--max-per-address", "0"}, "--max-per-address"},
		{[]string{"serve", "--public-url", "ftp://x"}, "--public-url"},
		{[]string{"serve", "--public-url", "https://x/?a=b"}, "--public-url"},
		{[]string{"export", "--data", "/does/not/exist"}, "/does/not/exist"},
		{[]string{"serve", "--trusted-proxies", "everyone"}, `"everyone"`},
		{[]string{"serve", "--stories", "/does/not/exist"}, "--stories"},
		{[]string{"serve", "--llm", "gpt"}, "--llm"},
		{[]string{"doctor", "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--llm", "off", "--embeddings", "gpt"}, "--embeddings"},
		{[]string{"doctor", "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--llm", "off", "--embeddings", "off,auto"}, "--embeddings"},
		{[]string{"serve", "--catalogue", "/does/not/exist"}, "--catalogue"},
		{[]string{"serve", "--config", "/does/not/exist"}, "--config"},
		{[]string{"serve", "now"}, `"now"`},
		{[]string{"import"}, "import: name a story"},
		{[]string{"import", "/does/not/exist"}, "/does/not/exist"},
		{[]string{"bench", "sleep"}, `"sleep"`},
	} {
		_, err := try(t, c.args...)
		if !isUsage(err) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v, want one line with %q", c.args, err, c.says)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"serve", "--help"}, {"import", "--help"}, {"export", "--help"}, {"doctor", "--help"}, {"bench", "--help"}, {"version"}} {
		if out, err := try(t, args...); err != nil || out == "" {
			t.Errorf("%q: %v, %q", args, err, out)
		}
	}
	out, err := try(t, "serve", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"--addr", ":8080", "KINO_MAX_PER_ADDRESS", "300", "--llm", "--embeddings", "--log-format", "--trusted-proxies"} {
		if !strings.Contains(out, setting) {
			t.Errorf("serve --help does not tell of %s", setting)
		}
	}
}

// Flags win, then the environment, then the file.
func TestSettings_Precedence(t *testing.T) {
	config := filepath.Join(t.TempDir(), "kino.conf")
	write(t, config, "# a node\naddr = :1\nlog = error\ncreate = \"token\"\n")
	t.Setenv("KINO_ADDR", ":2")
	t.Setenv("KINO_LOG", "warn")
	secret := filepath.Join(t.TempDir(), "token")
	write(t, secret, "the secret\n")
	t.Setenv("KINO_ADMIN_TOKEN_FILE", secret)
	s, err := readServeSettings([]string{"--config", config, "--addr", ":3"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if s.addr != ":3" || s.log != "warn" || s.create != "token" || s.adminToken != "the secret" {
		t.Errorf("got addr %q, log %q, create %q, admin token %q", s.addr, s.log, s.create, s.adminToken)
	}
}

func TestSettings_Unknown(t *testing.T) {
	t.Run("environment", func(t *testing.T) {
		t.Setenv("KINO_COLOUR", "red")
		if _, err := readServeSettings(nil, io.Discard); !isUsage(err) || !strings.Contains(err.Error(), "KINO_COLOUR") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("Kubernetes", func(t *testing.T) { // it tells every container of the services beside it
		for _, name := range []string{"KINO_PORT", "KINO_SERVICE_HOST", "KINO_SERVICE_PORT_HTTP", "KINO_PORT_8080_TCP_ADDR", "KINO_REDIS_SERVICE_HOST", "KINO_REDIS_PORT_6379_TCP"} {
			t.Setenv(name, "tcp://10.0.0.1:8080")
		}
		if _, err := readServeSettings(nil, io.Discard); err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("file", func(t *testing.T) {
		config := filepath.Join(t.TempDir(), "kino.conf")
		write(t, config, "addr = :1\ncolour = red\n")
		if _, err := readServeSettings([]string{"--config", config}, io.Discard); !isUsage(err) || !strings.Contains(err.Error(), "kino.conf:2") {
			t.Errorf("got %v", err)
		}
	})
}

// The key of a model backend is a variable without a flag, and serve once refused to start because of it.
func TestSettings_ModelKey(t *testing.T) {
	t.Setenv(narrator.KeyVariable, "sk-very-secret")
	s, err := readServeSettings([]string{"--llm", "openai+http://127.0.0.1:1?model=m"}, io.Discard)
	if err != nil || len(s.llm) != 1 {
		t.Errorf("got %v", err)
	}
}

// The doctor once found a node well that could not start, and told everybody whose storage was broken to stop another node.
func TestDoctor(t *testing.T) {
	for _, c := range []struct{ file, text, says string }{
		{"keys.json", `{"secret":"`, "move it away to get new keys"},
		{"rooms.db", strings.Repeat("no database", 500), "A damaged rooms.db"},
	} {
		data := t.TempDir()
		write(t, filepath.Join(data, c.file), c.text)
		out, err := try(t, "doctor", "--data", data, "--addr", "127.0.0.1:0", "--llm", "off")
		if err == nil || !strings.Contains(out, "FAIL") || !strings.Contains(out, c.says) || strings.Contains(out, "stop the other node") {
			t.Errorf("broken %s: %v\n%s", c.file, err, out)
		}
	}
	data := t.TempDir()
	if out, err := try(t, "doctor", "--data", data, "--addr", "127.0.0.1:0", "--llm", "off"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	node := start(t, "--data", data)
	defer node.stop()
	if len(node.lines) != 1 || !strings.Contains(node.lines[0], "admin token") {
		t.Errorf("after the doctor the first start printed %q, and not the admin's token", node.lines)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// started is a node in this process.
type started struct {
	url   string
	lines []string // printed before it listened
	stop  func() error
}

func start(t *testing.T, args ...string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0", "--llm", "off", "--log", "error"}, args...), writer, t.Output())
		writer.CloseWithError(err)
		ended <- err
	}()
	n := started{stop: func() error { cancel(); return <-ended }}
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			n.url = url
			go func() { _, _ = io.Copy(io.Discard, reader) }() // ends with the writer
			return n
		}
		n.lines = append(n.lines, lines.Text())
	}
	t.Fatalf("the node ended with %v", n.stop())
	return n
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// A newcomer's node: it prints the demo room's links with a QR code, serves every page, keeps its rooms through a restart, and what it
// keeps can be exported.
func TestServe_Demo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	node := start(t, "--data", data, "--demo", "first")
	printed := strings.Join(node.lines, "\n")
	for _, part := range []string{"admin token", "audience", "/r/demo", "host", "/host/demo#h.demo.", "big screen", "/screen/demo", "/overlay/demo?token=o.demo.", "█"} {
		if !strings.Contains(printed, part) {
			t.Errorf("printed nothing of %q:\n%s", part, printed)
		}
	}
	for _, path := range []string{"/", "/r/demo", "/host/demo", "/screen/demo", "/overlay/demo"} {
		if status, body := get(t, node.url+path, ""); status != http.StatusOK || !strings.Contains(body, "<script") {
			t.Errorf("%s: %d %.80q", path, status, body)
		}
	}
	if err := node.stop(); err != nil {
		t.Fatal("drained with", err)
	}
	again := start(t, "--data", data, "--demo", "one-pear")
	if printed := strings.Join(again.lines, "\n"); !strings.Contains(printed, "goes on with") {
		t.Errorf("an old demo room took the place of the one that was asked for, without a word:\n%s", printed)
	}
	if strings.Contains(strings.Join(again.lines, "\n"), "admin token") {
		t.Error("the admin token was printed twice")
	}
	if status, body := get(t, again.url+"/api/v1/rooms", ""); status != http.StatusOK || !strings.Contains(body, `"demo"`) {
		t.Errorf("after a restart: %d %s", status, body)
	}
	if out, err := try(t, "doctor", "--data", data, "--addr", "127.0.0.1:0", "--llm", "off"); err == nil || !strings.Contains(out, "FAIL  storage") {
		t.Errorf("the doctor found a folder that is in use well: %v\n%s", err, out)
	}
	if err := again.stop(); err != nil {
		t.Fatal("drained with", err)
	}
	out, err := try(t, "export", "--data", data)
	if err != nil || !strings.HasPrefix(out, `{"room":"demo","event":{"n":1,`) {
		t.Errorf("export: %v, %.200s", err, out)
	}
	for line := range strings.Lines(out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("export wrote %q", line)
		}
	}
	if out, err := try(t, "doctor", "--data", data, "--addr", "127.0.0.1:0", "--llm", "off"); err != nil || strings.Contains(out, "FAIL") {
		t.Errorf("the doctor: %v\n%s", err, out)
	}
}

func TestImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lamp.twee")
	write(t, file, ":: StoryTitle\nLamp\n\n:: StoryData\n{\"ifid\":\"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11\",\"start\":\"On\",\"kino\":{\"language\":\"en\"}}\n\n"+
		":: On\nLight.\n\n[[Leave->Nowhere]]\n[[Stay->Off]]\n\n:: Off {\"kino\":{\"end\":\"dark\"}}\nDark.\n")
	out, err := try(t, "import", file)
	if err != nil || !strings.Contains(out, "lamp.twee:10: warning") || !strings.Contains(out, "Nowhere") {
		t.Errorf("a link to nowhere: %v\n%s", err, out)
	}
	if _, err := try(t, "import", "--strict", file); err == nil || isUsage(err) {
		t.Errorf("strict, a link to nowhere: %v", err)
	}
	if out, err := try(t, "import", "--strict", "stories/one-pear"); err != nil || strings.Count(out, "scenes") != 2 {
		t.Errorf("a folder of editions: %v\n%s", err, out)
	}
	if _, err := try(t, "import", t.TempDir()); !isUsage(err) {
		t.Errorf("an empty folder: %v", err)
	}
	if out, err := try(t, "import", "--strict", "stories"); err != nil {
		t.Errorf("the shipped stories: %v\n%s", err, out)
	}
}
