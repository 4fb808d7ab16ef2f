package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/room"
)

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, map[string]string{"status": "alive"})
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	switch {
	case s.draining.Load():
		problem(w, http.StatusServiceUnavailable, "draining", "Draining", "This node is stopping; use another.")
	case s.outage.isCutOff():
		problem(w, http.StatusServiceUnavailable, "cut_off", "Cut off from storage", "Journals cannot be read or written: is the disk of --data full, or does the server of --redis not answer?")
	default:
		respond(w, http.StatusOK, map[string]string{"status": "ready"})
	}
}

// storyItem is a line of GET /api/v1/stories: one per story, in the words of its first edition.
type storyItem struct {
	room.StoryInfo
	Languages []string         `json:"languages"`
	Editions  []room.StoryInfo `json:"editions"`
}

func (s *Server) getStories(w http.ResponseWriter, _ *http.Request) {
	list := []storyItem{}
	for _, editions := range s.config.Shelf.Library().Editions() {
		item := storyItem{StoryInfo: room.Describe(editions[0])}
		for _, e := range editions {
			item.Languages = append(item.Languages, e.Language)
			item.Editions = append(item.Editions, room.Describe(e))
		}
		list = append(list, item)
	}
	respond(w, http.StatusOK, list)
}

func (s *Server) getRooms(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, s.listing.all())
}

// NewRoom asks for a room (POST /api/v1/rooms).
type NewRoom struct {
	Story    string        `json:"story"`
	Title    string        `json:"title,omitempty"`    // "" = the story's
	Language string        `json:"language,omitempty"` // "" = the story's first
	Settings room.Settings `json:"settings,omitzero"`
}

// MadeRoom is what its maker gets: the links, and the tokens that are in them.
type MadeRoom struct {
	ID             string `json:"id"`
	JoinURL        string `json:"join_url"`
	HostURL        string `json:"host_url"`
	HostToken      string `json:"host_token"`
	ModeratorURL   string `json:"moderator_url"`
	ModeratorToken string `json:"moderator_token"`
	OverlayURL     string `json:"overlay_url"`
	OverlayToken   string `json:"overlay_token"`
	ScreenURL      string `json:"screen_url"`
}

func (s *Server) postRoom(w http.ResponseWriter, r *http.Request) {
	if s.config.CreateToken && !s.keys.isAdmin(bearer(r)) {
		problem(w, http.StatusForbidden, room.CodeForbidden, "Forbidden", "On this node rooms are created with the admin token (Authorization: Bearer …).")
		return
	}
	if !s.limits.mayCreate(s.clientAddress(r), time.Now()) {
		problem(w, http.StatusTooManyRequests, room.CodeTooFast, "Too many rooms", "Wait a minute before the next room.")
		return
	}
	var wanted NewRoom
	if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &wanted) != nil {
		problem(w, http.StatusBadRequest, room.CodeBadData, "Bad request", "The body must be a JSON object with at least a story.")
		return
	}
	id, err := s.CreateRoom(r.Context(), wanted)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Location", "/api/v1/rooms/"+id)
	respond(w, http.StatusCreated, s.Links(s.base(r), id))
}

// CreateRoom makes a room and returns its id; a *room.Error says what is wrong with what was wanted.
func (s *Server) CreateRoom(ctx context.Context, wanted NewRoom) (string, error) {
	for range 8 {
		id := newRoomID()
		if err := s.createRoom(ctx, id, wanted); !errors.Is(err, cluster.ErrExists) {
			return id, err
		}
	}
	return "", room.Refuse(room.CodeUnavailable, "no free room id was found; try again")
}

// KeepRoom opens the room with an id of the caller's, and makes it first when there is none. An old room stays as it is; kept is the story
// that it shows, "" where another node has it.
func (s *Server) KeepRoom(ctx context.Context, id string, wanted NewRoom) (kept string, err error) {
	if err = s.createRoom(ctx, id, wanted); errors.Is(err, cluster.ErrExists) {
		err = s.owner.ensure(ctx, id, forViewer)
	}
	for _, sum := range s.owner.summaries() {
		if sum.ID == id {
			kept = sum.Story
		}
	}
	return kept, err
}

// createRoom is CreateRoom with a given id; cluster.ErrExists when it is taken.
func (s *Server) createRoom(ctx context.Context, id string, wanted NewRoom) error {
	st, ok := s.config.Shelf.Story(wanted.Story, wanted.Language)
	if !ok {
		return room.Refuse(room.CodeBadData, "there is no story %.40q; GET /api/v1/stories lists them", wanted.Story)
	}
	title := room.Clean(wanted.Title)
	if title == "" {
		title = st.Title
	}
	if utf8.RuneCountInString(title) > room.MaxTitleLength {
		return room.Refuse(room.CodeTooLong, "a title has at most %d characters", room.MaxTitleLength)
	}
	if refused := wanted.Settings.Check(); refused != nil {
		return refused
	}
	events := room.New(s.config.Shelf).Create(s.clock.Now().UnixMilli(), id, title, st.Language, st.ID, wanted.Settings)
	body, err := json.Marshal(events[0])
	if err != nil {
		return err
	}
	err = s.config.Rooms.Create(ctx, id, cluster.Entry{N: events[0].N, Body: body})
	switch {
	case errors.Is(err, cluster.ErrExists):
		return err
	case err != nil:
		s.outage.note(err)
		s.log.Error("room not created", zap.Error(err))
		return room.Refuse(room.CodeUnavailable, "the room could not be kept; try again")
	}
	return s.owner.ensure(ctx, id, forViewer)
}

// FirstStory is the id of the first story on the shelf that is told in a language (BCP 47), else of the first one; "" when there is none.
func (s *Server) FirstStory(language string) string {
	shelf := s.config.Shelf.Library().Editions()
	for _, editions := range shelf {
		for _, e := range editions {
			if baseLanguage(e.Language) == baseLanguage(language) {
				return e.ID
			}
		}
	}
	if len(shelf) == 0 {
		return ""
	}
	return shelf[0][0].ID
}

// baseLanguage is the language of a tag, without script and region.
func baseLanguage(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(language)
}

// roomLetters are easy to tell apart when read aloud or typed from a big screen.
const (
	roomLetters  = "23456789abcdefghjkmnpqrstuvwxyz"
	roomIDLength = 6
)

func newRoomID() string {
	var id strings.Builder
	for id.Len() < roomIDLength {
		var b [1]byte
		rand.Read(b[:])
		if int(b[0]) < 256/len(roomLetters)*len(roomLetters) {
			id.WriteByte(roomLetters[int(b[0])%len(roomLetters)])
		}
	}
	return id.String()
}

// Links are a room's links and tokens, on the address base. Tokens of people stand behind the #, which browsers do not send.
func (s *Server) Links(base, id string) MadeRoom {
	host, moderator, overlay := s.keys.roleToken(room.RoleHost, id), s.keys.roleToken(room.RoleModerator, id), s.keys.roleToken(room.RoleOverlay, id)
	return MadeRoom{
		ID: id, JoinURL: base + "/r/" + id, ScreenURL: base + "/screen/" + id,
		HostURL: base + "/host/" + id + "#" + host, HostToken: host,
		ModeratorURL: base + "/host/" + id + "#" + moderator, ModeratorToken: moderator,
		OverlayURL: base + "/overlay/" + id + "?token=" + overlay, OverlayToken: overlay,
	}
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

func (s *Server) getRoom(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("room")
	ctx, cancel := context.WithTimeout(r.Context(), commandLife)
	defer cancel()
	if err := s.owner.ensure(ctx, id, forViewer); err != nil {
		refuse(w, err)
		return
	}
	answer, err := s.edge.ask(ctx, id, room.Command{Type: "snapshot"})
	if err != nil {
		refuse(w, err)
		return
	}
	respond(w, http.StatusOK, answer.Data)
}

// mayRead says whether a request brings the token of the room's host, or the admin's; it answers if not.
func (s *Server) mayRead(w http.ResponseWriter, r *http.Request) bool {
	token := bearer(r)
	id, err := s.keys.identify(token, r.PathValue("room"), time.Now())
	if s.keys.isAdmin(token) || err == nil && id.role == room.RoleHost {
		return true
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	problem(w, http.StatusUnauthorized, room.CodeBadToken, "Unauthorized", "This needs the room's host token or the admin token (Authorization: Bearer …).")
	return false
}

func (s *Server) deleteRoom(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}
	err := s.config.Rooms.Delete(r.Context(), r.PathValue("room"))
	switch {
	case errors.Is(err, cluster.ErrNoRoom):
		refuse(w, room.Refuse(room.CodeNoSuchRoom, "there is no such room"))
	case err != nil:
		refuse(w, err)
	default:
		s.hub.dismiss(r.PathValue("room"), closeNoRoom, "the room was deleted")
		w.WriteHeader(http.StatusNoContent)
	}
}

// getJournal streams a room's events as JSON lines. The secret of a show stays here: with it, draws to come could be foretold.
func (s *Server) getJournal(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}
	begun := false
	for entry, err := range s.config.Rooms.Read(r.Context(), r.PathValue("room"), 0) {
		if err != nil {
			if !begun && errors.Is(err, cluster.ErrNoRoom) {
				err = room.Refuse(room.CodeNoSuchRoom, "there is no such room")
			}
			if !begun {
				refuse(w, err)
			}
			return
		}
		if !begun {
			w.Header().Set("Content-Type", "application/jsonl")
			w.Header().Set("Cache-Control", "no-store")
			begun = true
		}
		line, err := room.WithoutSecrets(entry.Body)
		if err != nil {
			s.log.Error("journal line not understood", zap.Error(err))
			return
		}
		if _, err := w.Write(append(bytes.TrimSpace(line), '\n')); err != nil {
			return
		}
	}
}

func (s *Server) getReport(w http.ResponseWriter, r *http.Request) {
	if !s.mayRead(w, r) {
		return
	}
	var reading room.Report
	for entry, err := range s.config.Rooms.Read(r.Context(), r.PathValue("room"), 0) {
		var e room.Event
		if err == nil {
			err = json.Unmarshal(entry.Body, &e)
		}
		if errors.Is(err, cluster.ErrNoRoom) {
			err = room.Refuse(room.CodeNoSuchRoom, "there is no such room")
		}
		if err != nil {
			refuse(w, err)
			return
		}
		reading.Add(e)
	}
	respond(w, http.StatusOK, reading)
}
