package room

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"
)

// forgetful is a journal that takes everything.
type forgetful struct{}

func (forgetful) Hold(context.Context) (time.Duration, error)       { return 0, nil }
func (forgetful) Append(context.Context, []Event, []Emission) error { return nil }
func (forgetful) Checkpoint(context.Context, uint64, []byte) error  { return nil }

// rush starts a room and hands it, before it runs, as many joins as it takes.
func rush(t *testing.T, count int) (r *Room, refused int) {
	t.Helper()
	s := newStage(t, Settings{})
	r = NewRoom(s.state, Config{Journal: forgetful{}, Emit: func([]Emission) {}, Log: zaptest.NewLogger(t)})
	for i := range count {
		r.Do(Request{
			Command: Command{Type: "join", Viewer: fmt.Sprint("viewer ", i), Role: RoleViewer, Conn: fmt.Sprint("conn ", i)},
			Answer: func(a Reply) {
				if a.Error != nil {
					refused++
				}
			},
		})
	}
	return r, refused
}

// Departures once had a way of their own, past a full inbox: who came and left in a rush was taken out first and let in afterwards, and was
// in the room for ever.
func TestInbox_DepartureDoesNotOvertakeTheJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, refused := rush(t, inboxSize)
		last := inboxSize - 1
		r.Leave(fmt.Sprint("viewer ", last), fmt.Sprint("conn ", last))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(time.Minute)
		if here := r.Summary().Viewers; refused != 0 || here != inboxSize-1 {
			t.Errorf("%d are here and %d were refused, of %d who came and one who left", here, refused, inboxSize)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestInbox_Limit(t *testing.T) {
	if r, refused := rush(t, inboxSize+3); refused != 3 || len(r.inbox.close()) != inboxSize {
		t.Errorf("%d were refused, want 3", refused)
	}
}

// A room that has stopped answers whoever comes too late.
func TestInbox_Closed(t *testing.T) {
	r, _ := rush(t, 1)
	r.inbox.close()
	var answer Reply
	r.Do(Request{Command: Command{Type: "join"}, Answer: func(a Reply) { answer = a }})
	r.Leave("viewer 0", "conn 0")
	if answer.Error == nil || answer.Error.Code != CodeUnavailable || len(r.inbox.close()) != 0 {
		t.Errorf("got %+v", answer.Error)
	}
}
