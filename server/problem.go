package server

import (
	"encoding/json"
	"net/http"

	"kinoautomat/room"
)

// problem answers with an RFC 9457 problem document; code is stable and is what programs should look at.
func problem(w http.ResponseWriter, status int, code, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A peer that is gone does not read the answer; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Code   string `json:"code"`
		Detail string `json:"detail,omitempty"`
	}{"about:blank", title, status, code, detail})
}

// statusOf are the HTTP statuses of the codes that REST can answer with.
var statusOf = map[string]int{
	room.CodeBadData:     http.StatusBadRequest,
	room.CodeBadFrame:    http.StatusBadRequest,
	room.CodeTooLong:     http.StatusBadRequest,
	room.CodeBadToken:    http.StatusUnauthorized,
	room.CodeForbidden:   http.StatusForbidden,
	room.CodeBanned:      http.StatusForbidden,
	room.CodeNotJoined:   http.StatusConflict,
	room.CodeNoSuchRoom:  http.StatusNotFound,
	room.CodeTooFast:     http.StatusTooManyRequests,
	room.CodeUnavailable: http.StatusServiceUnavailable,
}

// refuse answers with what a room, or this node in its words, refused.
func refuse(w http.ResponseWriter, err error) {
	e := room.AsError(err)
	status, known := statusOf[e.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	problem(w, status, e.Code, http.StatusText(status), e.Message)
}

func respond(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // a peer that is gone does not read the answer
}
