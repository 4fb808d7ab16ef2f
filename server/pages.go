package server

import (
	_ "embed"
	"net/http"
	"path"

	"kinoautomat/room"
	"kinoautomat/web"
)

// contentPolicy lets the pages run only what this node serves. It was tested with the pages as they are built; see docs/decisions.md.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html"

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		next.ServeHTTP(w, r)
	})
}

// page serves a page and gives a new browser its identity, so that all its tabs are one person.
func (s *Server) page(name string) http.Handler {
	page := web.Page(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case name == "screen" && r.URL.Query().Get("token") == "":
			s.lendToken(w, r)
			return
		case name == "screen" || name == "overlay": // they only read
		case s.guest(r) == "":
			s.welcomeGuest(w, r)
		}
		page.ServeHTTP(w, r)
	})
}

// lendToken sends a big screen to the same address with a reading token, so that a hall's projector is nobody in the room. The bare address
// is short enough to be typed on a television; the token opens nothing that getRoom does not tell everybody.
func (s *Server) lendToken(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	query.Set("token", s.keys.roleToken(room.RoleOverlay, r.PathValue("room")))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, r.URL.EscapedPath()+"?"+query.Encode(), http.StatusFound)
}

// The documents of the wire and of REST; tests hold them against the Go types.
var (
	//go:embed asyncapi.yaml
	asyncAPI []byte
	//go:embed openapi.yaml
	openAPI []byte
)

func (s *Server) getDocument(w http.ResponseWriter, r *http.Request) {
	document := openAPI
	if path.Base(r.URL.Path) == "asyncapi.yaml" {
		document = asyncAPI
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(document) // a peer that is gone does not read the answer
}
