package server

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/room"
)

// own asks for a viewer's own picks.
func (w *watcher) own(n *node, roomID string) []room.Pick {
	w.t.Helper()
	status, body := n.call("GET", "/api/v1/rooms/"+roomID+"/me/picks", w.token, nil)
	var own OwnPicks
	if status != http.StatusOK || json.Unmarshal(body, &own) != nil {
		w.t.Fatalf("own picks: %d %s", status, body)
	}
	return own.Picks
}

func TestNode_OwnPicks(t *testing.T) {
	inBubble(t, offering(t), func(t *testing.T, n *node) {
		made := n.room(`{}`)
		path := "/api/v1/rooms/" + made.ID + "/me"
		ann, bo, host := n.join(made.ID, room.Join{Name: "Ann"}), n.join(made.ID, room.Join{Name: "Bo"}), n.join(made.ID, room.Join{Token: made.HostToken})
		cold := ann.own(n, made.ID)
		if len(cold) != sidebarSize || cold[0].Reason == "" {
			t.Errorf("before anything was shown of a taste: %+v", cold)
		}
		if status, body := n.call("GET", path+"/picks", ann.token, nil); status != http.StatusTooManyRequests || !strings.Contains(string(body), room.CodeTooFast) {
			t.Errorf("at once again: %d %s", status, body)
		}
		host.do("start", nil)
		var poll room.PollOpened
		ann.event("poll.opened", &poll)
		time.Sleep(time.Until(time.UnixMilli(poll.OpensAt)))
		ann.do("vote", room.Vote{Poll: poll.Poll, Choices: []string{"a"}})
		bo.do("vote", room.Vote{Poll: poll.Poll, Choices: []string{"b"}})
		ann.do("pick", room.PickItem{ID: cold[2].ID}) // that nobody else was shown
		ann.do("pick", room.PickItem{ID: cold[1].ID, Action: room.PickDismissed})
		host.do("override_poll", room.OverridePoll{Choice: "b"})
		ann.event("scene.started", nil)
		warm := ann.own(n, made.ID)
		if warm[0].ID != cold[2].ID || slices.ContainsFunc(warm, func(p room.Pick) bool { return p.ID == cold[1].ID }) {
			t.Errorf("after a mark and a dismissal: %v", warm)
		}
		for _, p := range warm {
			for _, r := range p.Reasons {
				if strings.Contains(r.Words["en"], room.OwnBallot) || strings.Contains(r.Words["en"], "chose “Knock”") {
					t.Errorf("%s: %v", p.ID, r.Words)
				}
			}
		}

		var kept room.Kept
		if status, body := n.call("GET", path, ann.token, nil); status != http.StatusOK || json.Unmarshal(body, &kept) != nil {
			t.Fatalf("%d %s", status, body)
		}
		if kept.Viewer != ann.me.ID || !slices.Equal(kept.Liked, []string{cold[2].ID}) || len(kept.Chose) != 1 || kept.Chose[0].Label != "Knock" {
			t.Errorf("kept %+v", kept)
		}
		for _, token := range []string{"", made.HostToken, made.OverlayToken, "g.made.up.token"} {
			for _, call := range []string{"GET " + path, "DELETE " + path, "GET " + path + "/picks"} {
				method, where, _ := strings.Cut(call, " ")
				if status, body := n.call(method, where, token, nil); status != http.StatusUnauthorized {
					t.Errorf("%s with %q: %d %s", call, token, status, body)
				}
			}
		}
		if status, body := n.call("DELETE", path, ann.token, nil); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, body)
		}
		kept = room.Kept{}
		if _, body := n.call("GET", path, ann.token, nil); json.Unmarshal(body, &kept) != nil || len(kept.Liked)+len(kept.Dismissed)+len(kept.Chose) > 0 {
			t.Errorf("after it was dropped: %s", body)
		}
		for _, w := range []*watcher{bo, host} {
			for done := false; !done; {
				select {
				case f := <-w.frames:
					if strings.Contains(string(f.Data), `"own"`) {
						t.Errorf("told to others: %s %s", f.Type, f.Data)
					}
				default:
					done = true
				}
			}
		}
		if _, body := n.call("GET", "/metrics", "", nil); !strings.Contains(string(body), `kino_picks_total{source="own",what="shown"} 12`) {
			t.Errorf("metrics: %s", grepLines(string(body), "kino_picks"))
		}
	})
}

func grepLines(text, word string) string {
	var found []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return strings.Join(found, "")
}

// withStories gives a node the shipped catalogue and more stories.
func withStories(t *testing.T, titles ...string) func(*Config) {
	offer := offering(t)
	return func(c *Config) {
		offer(c)
		folder := fstest.MapFS{"test.twee": {Data: []byte(testStory)}}
		for _, title := range titles {
			folder[strings.ToLower(title)+".twee"] = &fstest.MapFile{Data: []byte(strings.Replace(testStory, "The Test", title, 1))}
		}
		c.Shelf = NewShelf(folder, zap.NewNop())
	}
}

// After a show the room's stories are voted on, the winner is the next show, and the report credits the sidebar.
func TestNode_TheNextShow(t *testing.T) {
	inBubble(t, withStories(t, "Other", "Third"), func(t *testing.T, n *node) {
		made := n.room(`{"arm_seconds":1,"early_close":true}`)
		ann, bo, host := n.join(made.ID, room.Join{Name: "Ann"}), n.join(made.ID, room.Join{Name: "Bo"}), n.join(made.ID, room.Join{Token: made.HostToken})
		host.do("start", nil)
		time.Sleep(2 * time.Second)
		host.do("end", nil)
		ann.event("show.ended", nil)
		host.do("poll_next", nil)
		var poll room.PollOpened
		ann.event("poll.opened", &poll)
		if len(poll.Choices) != 2 || poll.About != room.AboutNext { // the one that was just shown is none of them
			t.Fatalf("opened %+v", poll)
		}
		time.Sleep(time.Until(time.UnixMilli(poll.OpensAt)))
		for _, w := range []*watcher{ann, bo} {
			w.do("vote", room.Vote{Poll: poll.Poll, Choices: []string{"third"}})
		}
		var chosen room.StoryChosen
		ann.event("story.chosen", &chosen)
		if chosen.Story.ID != "third" || !chosen.Voted {
			t.Errorf("chosen %+v", chosen)
		}
		host.do("start", nil)
		var started room.ShowStarted
		ann.event("show.started", &started)
		if started.Story.ID != "third" {
			t.Errorf("started %+v", started.Story)
		}
		var report room.Report
		if status, body := n.call("GET", "/api/v1/rooms/"+made.ID+"/report", made.HostToken, nil); status != http.StatusOK || json.Unmarshal(body, &report) != nil {
			t.Fatalf("%d %s", status, body)
		}
		shown, startedFrom := 0, 0
		for _, p := range report.Shows[0].Picks {
			shown, startedFrom = shown+p.Shown, startedFrom+p.Started
		}
		if shown < 2*sidebarSize || startedFrom != 1 || report.Shows[0].Polls[len(report.Shows[0].Polls)-1].About != room.AboutNext {
			t.Errorf("reported %+v", report.Shows[0])
		}
	})
}
