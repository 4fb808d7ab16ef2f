package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"kinoautomat/web"
)

func get(t *testing.T, h http.Handler, path string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPage(t *testing.T) {
	for _, name := range []string{"home", "room", "host", "screen", "overlay"} {
		page := get(t, web.Page(name), "/r/p6f6n6", nil)
		if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: got %d %s", name, page.StatusCode, page.Header.Get("Content-Type"))
		}
		if got := page.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control is %q", name, got)
		}
		html := body(t, page)
		for _, link := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(html, -1) {
			if got := get(t, web.Handler(), link[1], nil); got.StatusCode != http.StatusOK {
				t.Errorf("%s names %s, which is answered with %d", name, link[1], got.StatusCode)
			}
		}
		if strings.Contains(html, "<style") || regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(html) {
			t.Errorf("%s has something inline, which the content policy forbids", name)
		}
	}
}

func TestPage_NotModified(t *testing.T) {
	first := get(t, web.Page("room"), "/r/p6f6n6", nil)
	tag := first.Header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		t.Fatalf("ETag is %q; a strong one is wanted", tag)
	}
	again := get(t, web.Page("room"), "/r/p6f6n6", map[string]string{"If-None-Match": tag})
	if again.StatusCode != http.StatusNotModified || body(t, again) != "" {
		t.Errorf("the same again is answered with %d", again.StatusCode)
	}
	if other := get(t, web.Page("room"), "/r/p6f6n6", map[string]string{"If-None-Match": `"another"`}); other.StatusCode != http.StatusOK {
		t.Errorf("another version is answered with %d", other.StatusCode)
	}
}

func TestHandler_Gzip(t *testing.T) {
	plain := get(t, web.Handler(), "/assets/svelte.js", nil)
	for _, accepts := range []string{"gzip", "br, gzip;q=0.8", "GZIP"} {
		packed := get(t, web.Handler(), "/assets/svelte.js", map[string]string{"Accept-Encoding": accepts})
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%s: got headers %v", accepts, packed.Header)
		}
		if packed.Header.Get("ETag") == plain.Header.Get("ETag") {
			t.Errorf("%s: different bytes have the same strong ETag", accepts)
		}
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		var unpacked bytes.Buffer
		if _, err := unpacked.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		if unpacked.String() != body(t, plain) {
			t.Errorf("%s: unpacked is not the file", accepts)
		}
		plain = get(t, web.Handler(), "/assets/svelte.js", nil)
	}
	for _, refuses := range []string{"", "identity", "br", "gzip;q=0", "gzip; q=0.0"} {
		if got := get(t, web.Handler(), "/assets/svelte.js", map[string]string{"Accept-Encoding": refuses}); got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%q gets %s", refuses, got.Header.Get("Content-Encoding"))
		}
	}
}

func TestHandler_Types(t *testing.T) {
	for path, want := range map[string]string{
		"/assets/svelte.js":            "text/javascript; charset=utf-8",
		"/assets/newsreader.woff2":     "font/woff2",
		"/icon.svg":                    "image/svg+xml",
		"/kinoautomat.webmanifest":     "application/manifest+json",
		"/licences/newsreader-OFL.txt": "text/plain; charset=utf-8",
	} {
		got := get(t, web.Handler(), path, map[string]string{"Accept-Encoding": "gzip"})
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != want {
			t.Errorf("%s: got %d %s, want %s", path, got.StatusCode, got.Header.Get("Content-Type"), want)
		}
	}
	if font := get(t, web.Handler(), "/assets/newsreader.woff2", map[string]string{"Accept-Encoding": "gzip"}); font.Header.Get("Content-Encoding") != "" {
		t.Error("the font is compressed twice")
	}
}

func TestHandler_Missing(t *testing.T) {
	for _, path := range []string{"/nothing", "/assets/", "/assets", "/../embed.go", "/room.html", "/assets/../../embed.go"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		web.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Nothing is here") {
			t.Errorf("%s: got %d %.40q", path, w.Code, w.Body.String())
		}
	}
	if got := get(t, web.Page("no-such-page"), "/", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("a page without a file: got %d", got.StatusCode)
	}
}
