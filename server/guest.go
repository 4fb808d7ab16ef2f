package server

import (
	"net/http"
	"time"

	"kinoautomat/room"
)

// guestCookie holds a guest's token in browsers, out of the reach of scripts.
const guestCookie = "kino_guest"

// guest is who the cookie says this is, "" without a good one.
func (s *Server) guest(r *http.Request) string {
	cookie, err := r.Cookie(guestCookie)
	if err != nil {
		return ""
	}
	guest, ok := s.keys.guestOf(cookie.Value, time.Now())
	if !ok {
		return ""
	}
	return guest
}

// welcomeGuest gives a browser a new identity.
func (s *Server) welcomeGuest(w http.ResponseWriter, r *http.Request) (guest string) {
	token, guest := s.keys.newGuest(time.Now())
	http.SetCookie(w, &http.Cookie{
		Name: guestCookie, Value: token, Path: "/", MaxAge: int(guestLife.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.https(r),
	})
	return guest
}

// admitToken finds out who joins: by the token they send, else the guest of their connection, who needs the token fresh where no cookie
// brought them. Staff are somebody too: that guest, in a person of their own.
func (s *Server) admitToken(token, roomID, guest, fresh string) (identity, error) {
	if token != "" {
		id, err := s.keys.identify(token, roomID, time.Now())
		return s.keys.as(id, roomID, guest), err
	}
	return identity{viewer: s.keys.viewerID(roomID, room.RoleViewer, guest), role: room.RoleViewer, token: fresh}, nil
}

// forget is DELETE /api/v1/me: the browser is given a new identity, and nothing links it to the old one.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	s.welcomeGuest(w, r)
	w.WriteHeader(http.StatusNoContent)
}
