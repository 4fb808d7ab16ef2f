package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"kinoautomat/cluster"
	"kinoautomat/room"
	"kinoautomat/story"
	"kinoautomat/vote"
)

func TestNode_WholeShow(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		ada, bo := n.join(made.ID, room.Join{Name: "Ada"}), n.join(made.ID, room.Join{Name: "Bo"})
		defer host.leave()
		defer ada.leave()
		defer bo.leave()
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		bo.event("poll.opened", nil)
		ada.refused(room.CodePollNotOpen, "vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		time.Sleep(time.Until(time.UnixMilli(opened.OpensAt)))
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		bo.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		var tally room.TallyChanged
		bo.until(func(f room.Frame) bool {
			if f.Type == "tally.changed" {
				bo.decode(f, &tally)
			}
			return tally.Turnout == 2
		})
		if tally.Counts["b"] != 2 || tally.Eligible != 2 {
			t.Errorf("tally %+v", tally)
		}
		var closed room.PollClosed
		ada.event("poll.closed", &closed)
		if closed.Winner != "b" || closed.DecidedBy != vote.ByMajority {
			t.Errorf("closed %+v", closed)
		}
		ada.event("scene.started", nil)
		var told room.SceneTold
		ada.event("scene.told", &told)
		if told.Source != story.SourceReserve || told.Text != "The reserve voice says hello." {
			t.Errorf("without a model: %+v", told)
		}
		var ended room.ShowEnded
		ada.event("show.ended", &ended)
		if ended.Ending != "light" || len(ended.Tree.Nodes) == 0 {
			t.Errorf("ended %+v", ended)
		}
		ada.do("rate", room.Rate{Stars: 5})
	})
}

func TestNode_Resume(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":5,"tail_seconds":1}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		ada := n.join(made.ID, room.Join{Name: "Ada"})
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		seq, me := ada.seq, ada.me
		ada.ws.CloseNow()
		host.event("poll.closed", nil)

		back, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer back.leave()
		welcome := back.join(room.Join{Token: ada.token, Since: &seq})
		if welcome.Viewer != me || welcome.Snapshot != nil {
			t.Errorf("came back as %+v with snapshot %v", welcome.Viewer, welcome.Snapshot != nil)
		}
		back.seq = seq
		var closed room.PollClosed
		back.event("poll.closed", &closed)
		if closed.Counts["b"] != 1 {
			t.Errorf("the ballot is gone: %+v", closed)
		}
	})
}

func TestNode_ReloadKeepsTheBallot(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{"pace":0,"arm_seconds":0,"vote_seconds":60}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		cookie := http.Header{"Origin": {"http://node"}}
		token, _ := n.keys.newGuest(time.Now())
		cookie.Set("Cookie", guestCookie+"="+token)
		first, err := n.dial(made.ID, cookie)
		if err != nil {
			t.Fatal(err)
		}
		first.join(room.Join{})
		host.do("start", nil)
		var opened room.PollOpened
		first.event("poll.opened", &opened)
		first.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		first.ws.CloseNow()
		second, err := n.dial(made.ID, cookie)
		if err != nil {
			t.Fatal(err)
		}
		defer second.leave()
		welcome := second.join(room.Join{})
		if welcome.Viewer.ID != first.me.ID || welcome.Own.Ballot == nil || welcome.Own.Ballot.Choices[0] != "b" {
			t.Errorf("after a reload: %+v, %+v", welcome.Viewer, welcome.Own)
		}
		if welcome.Snapshot.Poll.Tally.Turnout != 1 || welcome.Token != "" {
			t.Errorf("turnout %d, token %q", welcome.Snapshot.Poll.Tally.Turnout, welcome.Token)
		}
	})
}

// A node goes down in mid-poll and another takes its rooms: nobody's acknowledged ballot is lost.
func TestNode_AnotherTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := cluster.NewMemory()
		one, two := startNode(t, shared, nil), startNode(t, shared, nil)
		two.keys = one.keys
		defer two.stop()
		made := one.room(`{"pace":0,"arm_seconds":0,"vote_seconds":60}`)
		host := one.join(made.ID, room.Join{Token: made.HostToken})
		ada := one.join(made.ID, room.Join{Name: "Ada"})
		host.do("start", nil)
		var opened room.PollOpened
		ada.event("poll.opened", &opened)
		ada.do("vote", room.Vote{Poll: opened.Poll, Choices: []string{"b"}})
		one.stop()
		if code := ada.ended(); code != closeDraining {
			t.Errorf("the draining node said goodbye with %d", code)
		}
		back := two.join(made.ID, room.Join{Token: ada.token})
		defer back.leave()
		var closed room.PollClosed
		back.event("poll.closed", &closed)
		if back.me != ada.me || closed.Winner != "b" || closed.Turnout != 1 {
			t.Errorf("%+v closed with %+v", back.me, closed.Result)
		}
	})
}

func TestNode_BannedViewerIsShownTheDoor(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		mod := n.join(made.ID, room.Join{Token: made.ModeratorToken, Name: "Mod"})
		defer mod.leave()
		ada, bo := n.join(made.ID, room.Join{Name: "Ada"}), n.join(made.ID, room.Join{Name: "Bo"})
		defer bo.leave()
		second := n.join(made.ID, room.Join{Token: ada.token})
		mod.do("ban", room.Moderate{Viewer: ada.me.ID, Why: "enough"})
		if a, b := ada.ended(), second.ended(); a != closeBanned || b != closeBanned {
			t.Errorf("both tabs ended with %d and %d", a, b)
		}
		again, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		again.refused(room.CodeBanned, "join", room.Join{Token: ada.token})
		if code := again.ended(); code != closeBanned {
			t.Errorf("the reload ended with %d", code)
		}
		bo.do("say", room.Say{Text: "still here"})
		for f := range drained(bo) {
			if f.Type == "viewer.moderated" {
				t.Error("everybody was told of the ban")
			}
		}
	})
}

func drained(w *watcher) func(func(room.Frame) bool) {
	return func(yield func(room.Frame) bool) {
		for {
			select {
			case f, open := <-w.frames:
				if !open || !yield(f) {
					return
				}
			default:
				return
			}
		}
	}
}

func TestNode_BadInputChangesNothing(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		ada := n.join(made.ID, room.Join{Name: "Ada"})
		defer ada.leave()
		for _, raw := range []string{``, `{`, `null`, `[]`, `"join"`, `{"type":7}`, `{"id":"1"}`, `{"type":"vote","id":{}}`, "\x00"} {
			if err := ada.ws.Write(t.Context(), websocket.MessageText, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			var e room.Error
			ada.event("error", &e)
			if e.Code != room.CodeBadFrame {
				t.Errorf("%q: %+v", raw, e)
			}
		}
		if err := ada.ws.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		ada.event("error", nil)
		ada.refused(room.CodeUnknownType, "dance", nil)
		ada.refused(room.CodeForbidden, "start", nil)
		ada.refused(room.CodeForbidden, "ban", room.Moderate{Viewer: ada.me.ID})
		ada.refused(room.CodeBadData, "say", map[string]int{"text": 7})
		ada.refused(room.CodeTooLong, "join", room.Join{Name: strings.Repeat("n", 41)})
		ada.refused(room.CodeBadToken, "join", room.Join{Token: "g.x.y.z"})
		stranger, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.leave()
		stranger.refused(room.CodeNotJoined, "say", room.Say{Text: "hello"})
		stranger.refused(room.CodeBadToken, "join", room.Join{Token: made.HostToken + "x"})
		other := n.room(`{}`)
		stranger.refused(room.CodeBadToken, "join", room.Join{Token: other.HostToken})
	})
}

func TestNode_NoSuchRoom(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		w, err := n.dial("nosuch", nil)
		if err != nil {
			t.Fatal(err)
		}
		if code := w.ended(); code != closeNoRoom {
			t.Errorf("ended with %d", code)
		}
		if status, body := n.call("GET", "/api/v1/rooms/nosuch", "", nil); status != http.StatusNotFound || !strings.Contains(string(body), room.CodeNoSuchRoom) {
			t.Errorf("%d %s", status, body)
		}
	})
}

func TestNode_TooManyCommands(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		ada := n.join(made.ID, room.Join{Name: "Ada"})
		sent := 0
		for range commandsBurst + refusalsAllowed + 5 {
			if ada.ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping"}`)) != nil {
				break
			}
			sent++
		}
		if code := ada.ended(); code != closeTooMany {
			t.Errorf("%d frames at once ended with %d", sent, code)
		}
	})
}

// A viewer who stops reading is cut, and nobody else waits for them.
func TestNode_SilentViewerIsCut(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		bo := n.join(made.ID, room.Join{Name: "Bo"})
		defer bo.leave()
		silent, err := n.pipes.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		go silent.Write([]byte("GET /api/v1/rooms/" + made.ID + "/ws HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: kinoautomat.v1\r\n\r\n"))
		head := make([]byte, 4096)
		if _, err := silent.Read(head); err != nil {
			t.Fatal(err)
		}
		silent.Write([]byte("\x81\x8f\x00\x00\x00\x00{\"type\":\"join\"}")) // masked with zeros
		time.Sleep(time.Second)
		bo.do("say", room.Say{Text: "hello"})
		time.Sleep(2 * time.Minute)
		if got := n.hub.seatCount(made.ID); got != 1 {
			t.Errorf("%d seats are taken, want Bo's alone", got)
		}
	})
}

func TestNode_Origins(t *testing.T) {
	inBubble(t, func(c *Config) { c.PublicURL = "https://kino.example" }, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		for origin, allowed := range map[string]bool{
			"http://node": true, "https://kino.example": true, "https://evil.example": false, "http://kino.example": false, "null": false, "http://node.evil.example": false,
		} {
			w, err := n.dial(made.ID, http.Header{"Origin": {origin}})
			if (err == nil) != allowed {
				t.Errorf("origin %s: allowed is %v", origin, err == nil)
			}
			if err == nil {
				w.leave()
			}
		}
	})
}

func TestNode_ConnectionsPerAddress(t *testing.T) {
	inBubble(t, func(c *Config) { c.MaxPerAddress = 2 }, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		a, b := n.join(made.ID, room.Join{}), n.join(made.ID, room.Join{})
		defer b.leave()
		if _, err := n.dial(made.ID, nil); err == nil {
			t.Error("a third connection was let in")
		}
		a.leave()
		time.Sleep(time.Second)
		n.join(made.ID, room.Join{}).leave()
	})
}

func TestNode_REST(t *testing.T) {
	inBubble(t, func(c *Config) { c.AdminToken = "the admin" }, func(t *testing.T, n *node) {
		made := n.room(`{"public":true,"quorum":0.5}`)
		for _, c := range []struct {
			method, path, token string
			body                any
			status              int
			has                 string
		}{
			{"GET", "/healthz", "", nil, 200, "alive"},
			{"GET", "/readyz", "", nil, 200, "ready"},
			{"GET", "/metrics", "", nil, 200, "kino_viewers"},
			{"GET", "/api/v1/stories", "", nil, 200, `"id":"test"`},
			{"GET", "/api/v1/rooms", "", nil, 200, made.ID},
			{"GET", "/api/v1/rooms/" + made.ID, "", nil, 200, `"phase":"lobby"`},
			{"GET", "/api/v1/rooms/" + made.ID + "/journal", "", nil, 401, room.CodeBadToken},
			{"GET", "/api/v1/rooms/" + made.ID + "/journal", made.OverlayToken, nil, 401, room.CodeBadToken},
			{"GET", "/api/v1/rooms/" + made.ID + "/journal", made.HostToken, nil, 200, "room.created"},
			{"GET", "/api/v1/rooms/" + made.ID + "/report", "the admin", nil, 200, `"shows":[]`},
			{"GET", "/api/v1/nothing", "", nil, 404, "not_found"},
			{"POST", "/api/v1/rooms", "", map[string]any{"story": "none"}, 400, room.CodeBadData},
			{"POST", "/api/v1/rooms", "", map[string]any{"story": "test", "settings": map[string]any{"quorum": 2}}, 400, "quorum"},
			{"POST", "/api/v1/rooms", "", map[string]any{"story": "test", "settings": map[string]any{"pace": -1}}, 400, "pace"},
			{"POST", "/api/v1/rooms", "", map[string]any{"story": "test", "title": strings.Repeat("t", 81)}, 400, room.CodeTooLong},
			{"POST", "/api/v1/rooms", "", "no object", 400, room.CodeBadData},
			{"POST", "/api/v1/rooms", "", raw(`{"story":"test"} and more`), 400, room.CodeBadData},
			{"DELETE", "/api/v1/rooms/" + made.ID, made.HostToken, nil, 204, ""},
			{"DELETE", "/api/v1/rooms/" + made.ID, made.HostToken, nil, 404, room.CodeNoSuchRoom},
		} {
			status, body := n.call(c.method, c.path, c.token, c.body)
			if status != c.status || !strings.Contains(string(body), c.has) {
				t.Errorf("%s %s: %d %.200s; want %d with %q", c.method, c.path, status, body, c.status, c.has)
			}
		}
	})
}

// A projector shows the room from an address that can be typed, and is nobody in it.
func TestNode_BigScreenIsNobody(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		resp, err := n.http.Get("http://node/screen/" + made.ID + "?lang=zh-Hans")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		shown := resp.Request.URL
		if resp.StatusCode != http.StatusOK || shown.Path != "/screen/"+made.ID || shown.Query().Get("lang") != "zh-Hans" || len(resp.Cookies()) > 0 {
			t.Errorf("%s: %d, cookies %v", shown, resp.StatusCode, resp.Cookies())
		}
		screen := n.join(made.ID, room.Join{Token: shown.Query().Get("token")})
		defer screen.leave()
		viewer, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer viewer.leave()
		if here := viewer.join(room.Join{}).Snapshot.Viewers.Count; screen.me.Role != room.RoleOverlay || here != 1 {
			t.Errorf("the screen is a %s, and %d are here; want only the viewer", screen.me.Role, here)
		}
	})
}

func TestNode_OnlyTheAdminCreates(t *testing.T) {
	inBubble(t, func(c *Config) { c.AdminToken, c.CreateToken = "the admin", true }, func(t *testing.T, n *node) {
		body := map[string]string{"story": "test"}
		if status, _ := n.call("POST", "/api/v1/rooms", "", body); status != http.StatusForbidden {
			t.Errorf("anyone: %d", status)
		}
		if status, _ := n.call("POST", "/api/v1/rooms", "the admin", body); status != http.StatusCreated {
			t.Errorf("the admin: %d", status)
		}
	})
}

// The secret of a running show would foretell its draws.
func TestNode_JournalKeepsTheSecret(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		host := n.join(made.ID, room.Join{Token: made.HostToken})
		defer host.leave()
		host.do("start", nil)
		_, body := n.call("GET", "/api/v1/rooms/"+made.ID+"/journal", made.HostToken, nil)
		if !strings.Contains(string(body), `"show.started"`) || strings.Contains(string(body), `"secret"`) {
			t.Errorf("journal: %s", body)
		}
		for line := range strings.Lines(string(body)) {
			if !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %s", line)
			}
		}
	})
}

func TestNode_Ping(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		w, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer w.leave()
		id := w.send("ping", room.Ping{Sent: 12.5})
		var pong room.Pong
		w.decode(w.until(func(f room.Frame) bool { return f.ID == id }), &pong)
		if pong.Sent != 12.5 || pong.Received == 0 || pong.Replied < pong.Received {
			t.Errorf("%+v", pong)
		}
	})
}

// Seats change places as people leave; the one that had to go was once whichever stood first, not the oldest.
func TestNode_FifthTabReplacesTheOldest(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, n *node) {
		made := n.room(`{}`)
		goes, stays, goesToo := n.join(made.ID, room.Join{}), n.join(made.ID, room.Join{}), n.join(made.ID, room.Join{})
		defer stays.leave()
		first := n.join(made.ID, room.Join{Name: "Ada"})
		goes.leave()
		goesToo.leave()
		synctest.Wait()
		var tabs []*watcher
		for range seatsPerViewer {
			tabs = append(tabs, n.join(made.ID, room.Join{Token: first.token}))
		}
		if code := first.ended(); code != closeReplaced {
			t.Errorf("the oldest tab ended with %d", code)
		}
		for _, tab := range tabs {
			tab.do("react", room.React{Feeling: "joy"})
			tab.leave()
		}
	})
}
