package server

import (
	"context"
	"encoding/json"
	"net/http"

	"kinoautomat/room"
)

// What a room keeps of a viewer's taste, for that viewer alone: by their guest token, or their browser's cookie.

// OwnPicks are picks for one viewer (GET /api/v1/rooms/{room}/me/picks).
type OwnPicks struct {
	Picks []room.Pick `json:"picks"`
}

// askAs asks a room in the name of whoever sent the request. It answers if that cannot be.
func (s *Server) askAs(w http.ResponseWriter, r *http.Request, kind string, data json.RawMessage) (taste room.OwnTaste, ok bool) {
	roomID := r.PathValue("room")
	guest := s.guest(r)
	token := bearer(r)
	id, err := s.admitToken(token, roomID, guest, "")
	if guest == "" && (token == "" || id.role != room.RoleViewer) || err != nil || id.viewer == "" {
		w.Header().Set("WWW-Authenticate", "Bearer")
		problem(w, http.StatusUnauthorized, room.CodeBadToken, "Unauthorized", "This needs a viewer's own token, of their welcome (Authorization: Bearer …), or the cookie of the node's pages.")
		return taste, false
	}
	ctx, cancel := context.WithTimeout(r.Context(), commandLife)
	defer cancel()
	if err := s.owner.ensure(ctx, roomID, forViewer); err != nil {
		refuse(w, err)
		return taste, false
	}
	answer, err := s.edge.ask(ctx, roomID, room.Command{Type: kind, Viewer: id.viewer, Role: id.role, Data: data})
	if err == nil && answer.Data != nil {
		err = json.Unmarshal(answer.Data, &taste)
	}
	if err != nil {
		refuse(w, err)
		return taste, false
	}
	w.Header().Set("Cache-Control", "no-store")
	return taste, true
}

// getKept is GET /api/v1/rooms/{room}/me.
func (s *Server) getKept(w http.ResponseWriter, r *http.Request) {
	if taste, ok := s.askAs(w, r, "taste", nil); ok {
		respond(w, http.StatusOK, taste.Kept)
	}
}

// deleteKept is DELETE /api/v1/rooms/{room}/me.
func (s *Server) deleteKept(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.askAs(w, r, "forget", nil); ok {
		w.WriteHeader(http.StatusNoContent)
	}
}

// getOwnPicks is GET /api/v1/rooms/{room}/me/picks. They are ranked here, not by the room: however many ask, no show waits for them.
func (s *Server) getOwnPicks(w http.ResponseWriter, r *http.Request) {
	taste, ok := s.askAs(w, r, "taste", json.RawMessage(`{}`))
	if !ok {
		return
	}
	own := OwnPicks{Picks: []room.Pick{}}
	if s.rank != nil {
		own.Picks = s.rank(taste.Interest).Picks
	}
	ids := make([]string, 0, len(own.Picks))
	for _, p := range own.Picks {
		ids = append(ids, p.ID)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		refuse(w, err)
		return
	}
	if _, ok := s.askAs(w, r, "offered", list); !ok {
		return
	}
	s.metrics.picks.WithLabelValues("shown", string(room.SourceOwn)).Add(float64(len(ids)))
	respond(w, http.StatusOK, own)
}
