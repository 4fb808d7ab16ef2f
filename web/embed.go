// Package web is the browser's side: the built pages, and how they are served.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// dist is what `npm run build` makes of src. It is committed, so that a node builds without Node.js.
//
//go:embed all:dist
var dist embed.FS

// file is one built file as it goes over the wire.
type file struct {
	content, gzipped []byte // gzipped is nil where compressing gains nothing
	kind, tag        string
}

// files are the contents of dist by path, read once: embedded files have no modification time, so the ETag is a hash of the content.
var files = load(dist, "dist")

// kinds are the types of the files that a build makes. The system's own table differs from machine to machine, and with
// X-Content-Type-Options: nosniff a wrong type means a dead page.
var kinds = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".json":        "application/json",
	".md":          "text/markdown; charset=utf-8",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".ico":         "image/x-icon",
	".png":         "image/png",
	".woff2":       "font/woff2",
}

func load(tree fs.FS, root string) map[string]file {
	found := map[string]file{}
	err := fs.WalkDir(tree, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		kind := kinds[path.Ext(name)]
		if kind == "" {
			kind = "application/octet-stream"
		}
		found[strings.TrimPrefix(name, root+"/")] = file{
			content: content, gzipped: squeeze(content, path.Ext(name)), kind: kind, tag: base64.RawURLEncoding.EncodeToString(sum[:12]),
		}
		return nil
	})
	if err != nil {
		panic(err) // the files are inside the binary: only a broken build comes here
	}
	return found
}

// squeeze compresses what is worth it: text, when it gets smaller by a tenth at least.
func squeeze(content []byte, extension string) []byte {
	switch extension {
	case ".png", ".woff2", ".ico":
		return nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(content) // a buffer takes everything
	_ = w.Close()
	if out.Len() > len(content)*9/10 {
		return nil
	}
	return out.Bytes()
}

// Page serves dist/<name>.html, whatever the path of the request is. A name without a file is answered with 404.
func Page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { send(w, r, name+".html") })
}

// Handler serves everything else under dist. Pages are not served by their file names: they belong to the routes of Page.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if strings.HasSuffix(name, ".html") {
			name = ""
		}
		send(w, r, name)
	})
}

func send(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := files[name]
	if !ok {
		notFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache") // names are not hashed: ask each time, and get a 304 most times
	h.Set("Vary", "Accept-Encoding")
	content, tag := f.content, f.tag
	if f.gzipped != nil && acceptsGzip(r) {
		content, tag = f.gzipped, tag+"-gz" // a strong tag names the very bytes
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content)) // If-None-Match, HEAD, ranges
}

// acceptsGzip follows RFC 9110, section 12.5.3, for the one coding that we have.
func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && !strings.HasPrefix(weight, "q=0.000") && weight != "q=0.0" && weight != "q=0.00"
		}
	}
	return false
}

const missing = "Nothing is here.\nThe lobby is at /.\n\n这里什么也没有。大厅在 / 。\n"

func notFound(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(missing)) // a peer that is gone does not read the answer
	}
}
