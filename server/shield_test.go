package server

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/cluster"
	"kinoautomat/narrator/narratortest"
	"kinoautomat/room"
)

// With the shield on, a model's words reach the staff of every node while they are written, and nobody else on any way there is, until somebody
// has read them.
func TestNode_Shield(t *testing.T) {
	keys := KeyFile(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		shared := cluster.NewMemory()
		script := narratortest.Script{Delay: 50 * time.Millisecond}
		model := func(c *Config) {
			c.Keys = keys
			c.Narrator, c.Passes = ladder(t, script), func(text string) bool { return !strings.Contains(text, "slur") }
		}
		n, other := startNode(t, shared, model), startNode(t, shared, model)
		defer n.stop()
		defer other.stop()
		made := n.room(`{"arm_seconds":0,"vote_seconds":1,"tail_seconds":1,"pace":0}`)
		host, ada := n.join(made.ID, room.Join{Token: made.HostToken}), n.join(made.ID, room.Join{Name: "Ada"})
		mod, bo := other.join(made.ID, room.Join{Token: made.ModeratorToken}), other.join(made.ID, room.Join{Name: "Bo"})
		for _, w := range []*watcher{host, ada, mod, bo} {
			defer w.leave()
		}
		host.do("shield", room.Shield{On: true})
		host.do("start", nil)

		const secret = "lamp" // the model's second word
		var first, whole room.PendingChanged
		for whole.Pending == nil || !whole.Pending.Complete {
			whole = room.PendingChanged{}
			if mod.event("pending.changed", &whole); first.Pending == nil {
				first = whole
			}
		}
		if !strings.Contains(first.Pending.Text, secret) || first.Pending.Complete || whole.Pending.Text != narratortest.Text {
			t.Errorf("the moderator read %+v, then %+v", first.Pending, whole.Pending)
		}
		time.Sleep(20 * time.Second)

		// Who comes now, and who comes back.
		cy := n.join(made.ID, room.Join{})
		defer cy.leave()
		if welcome := cy.join(room.Join{Token: cy.token}); welcome.Snapshot.Pending != nil || !welcome.Snapshot.Scene.Held || welcome.Snapshot.Scene.Text != "" {
			t.Errorf("a newcomer has %+v", welcome.Snapshot.Scene)
		}
		if _, body := n.call(http.MethodGet, "/api/v1/rooms/"+made.ID, "", nil); bytes.Contains(body, []byte(secret)) {
			t.Errorf("anybody can read %s", body)
		}
		since := mod.seq
		if again := mod.join(room.Join{Token: mod.token, Since: &since}); again.Snapshot == nil || again.Snapshot.Pending == nil {
			t.Error("a moderator who comes back does not see what waits")
		}
		mod.refused(room.CodeRefused, "approve", room.Approve{Text: "A slur."})
		ada.refused(room.CodeForbidden, "approve", room.Approve{})

		mod.do("approve", room.Approve{ID: whole.Pending.ID, Text: "The door opens."})
		for _, w := range []*watcher{ada, bo, cy} {
			var told room.SceneTold
			w.decode(w.until(func(f room.Frame) bool {
				if bytes.Contains(f.Data, []byte(secret)) {
					t.Errorf("a viewer was told %s", f.Data)
				}
				return f.Type == "scene.told" && bytes.Contains(f.Data, []byte(`"Hall"`))
			}), &told)
			if told.Text != "The door opens." || told.Why != "edited" {
				t.Errorf("told %+v", told)
			}
		}
		_, journal := n.call(http.MethodGet, "/api/v1/rooms/"+made.ID+"/journal", made.HostToken, nil)
		if !bytes.Contains(journal, []byte(`"did":"edited","text":"The door opens."`)) || !bytes.Contains(journal, []byte(secret)) {
			t.Error("the journal does not have both texts, and who changed it")
		}
	})
}
