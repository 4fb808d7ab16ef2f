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

// admitToken finds out who joins: by the token they send, else by their cookie, else somebody new. Staff are somebody too: the guest of
// their cookie, in a person of their own.
func (s *Server) admitToken(token, roomID, guest string) (identity, error) {
	now := time.Now()
	fresh := ""
	if guest == "" {
		fresh, guest = s.keys.newGuest(now)
	}
	if token != "" {
		id, err := s.keys.identify(token, roomID, now)
		return s.keys.as(id, roomID, guest), err
	}
	return identity{viewer: s.keys.viewerID(roomID, room.RoleViewer, guest), role: room.RoleViewer, token: fresh}, nil
}

// forget is DELETE /api/v1/me: the browser is given a new identity, and nothing links it to the old one.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	s.welcomeGuest(w, r)
	w.WriteHeader(http.StatusNoContent)
}
