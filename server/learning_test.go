package server

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/recommend"
	"kinoautomat/room"
)

// rated gives a node the shipped catalogue with published ratings: of two films that everybody liked, and one that few did.
func rated(t *testing.T, first, second string) func(*Config) {
	t.Helper()
	catalogue, err := recommend.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	baskets := make([][]int32, 400)
	for i := range baskets {
		baskets[i] = []int32{0, 1}
	}
	baskets[0] = append(baskets[0], 2)
	return func(c *Config) {
		c.Catalogue = catalogue.WithPublished(recommend.CountRatings([]string{first, second, "the-general-1926"}, baskets))
	}
}

// reasons are those of a node's list for an empty room, by pick.
func reasons(s *Server) map[string]string {
	all := map[string]string{}
	for _, p := range s.rank(room.Interest{Language: "en", Liked: map[string]int{}}).Picks {
		all[p.ID] = p.Reason
	}
	return all
}

const popular = "Because many people like it"

// Until ratings are learned, and they are learned beside the rooms, lists are ranked without them.
func TestLearning_RatingsAreLearnedBesideTheRooms(t *testing.T) {
	const first, second = "the-goddess-1934", "nosferatu-1922"
	s := &Server{config: Config{Shelf: NewShelf(fstest.MapFS{}, zap.NewNop())}, log: zap.NewNop()}
	rated(t, first, second)(&s.config)
	s.rank = s.sidebar()
	for id, reason := range reasons(s) {
		if reason == popular {
			t.Errorf("before anything was learned %s is popular", id)
		}
	}
	s.learn().train(t.Context())
	if got := reasons(s); got[first] != popular || got[second] != popular {
		t.Errorf("afterwards the list is %v", got)
	}
	inBubble(t, rated(t, first, second), func(t *testing.T, n *node) {
		synctest.Wait()
		if got := reasons(n.Server); got[first] != popular {
			t.Errorf("a node that runs has the list %v", got)
		}
	})
}

// kept is what the nodes that share a storage have learned together.
func kept(t *testing.T, sums cluster.Sums) *learned {
	t.Helper()
	sum, err := sums.Sum(t.Context(), sumOfLessons)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeLearned(sum)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// marking is a show in which so many viewers, on nodes in turn, all mark the last two picks. It ends it.
func marking(t *testing.T, viewers int, nodes ...*node) (roomID string, picks []string) {
	t.Helper()
	made := nodes[0].room(`{"pace":0,"arm_seconds":0,"vote_seconds":300}`)
	host := nodes[0].join(made.ID, room.Join{Token: made.HostToken})
	host.do("start", nil)
	for i := range viewers {
		w, err := nodes[i%len(nodes)].dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		snapshot := w.join(room.Join{Name: fmt.Sprint("Viewer ", i)}).Snapshot
		if picks == nil {
			picks = []string{snapshot.Picks[4].ID, snapshot.Picks[5].ID}
		}
		for _, id := range picks {
			w.do("pick", room.PickItem{ID: id})
		}
	}
	host.do("end", nil)
	return made.ID, picks
}

// What a show's viewers marked changes the lists of all nodes within minutes, and of a node that starts later at once.
func TestMany_LearnTogether(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		_, picks := marking(t, recommend.MinPeople, m.nodes...)
		synctest.Wait()
		all := kept(t, m.reach[1])
		if all.counts.People() != recommend.MinPeople || all.counts.Items() != 2 || all.counts.Pairs() != 1 {
			t.Errorf("%d people, %d films and %d pairs were learned", all.counts.People(), all.counts.Items(), all.counts.Pairs())
		}
		if m.nodes[1].model.Load() != nil {
			t.Error("a model was made at once")
		}
		time.Sleep(trainEvery)
		synctest.Wait()
		fresh := startNode(t, m.reach[0].shared, offering(t))
		defer fresh.stop()
		synctest.Wait()
		for name, n := range map[string]*node{"the owner": m.nodes[0], "the other": m.nodes[1], "a new one": fresh} {
			if model := n.model.Load(); model == nil || model.People() != recommend.MinPeople {
				t.Errorf("%s has the model %+v", name, model)
			}
			in := room.Interest{Language: "en", Liked: map[string]int{}, Tastes: []room.Taste{{Liked: picks[:1]}}}
			if list := n.rank(in).Picks; !slices.ContainsFunc(list[:2], func(p room.Pick) bool { return p.ID == picks[1] }) {
				t.Errorf("%s: who likes the one is not offered the other, but %s and %s", name, list[0].ID, list[1].ID)
			}
		}
	}, offering(t))
}

// The owner dies before it has kept what its show taught: the next one keeps it, and the first, which lives after all, does not keep it again.
func TestMany_LessonOutlivesItsNode(t *testing.T) {
	onMany(t, 2, func(t *testing.T, m *many) {
		m.reach[0].dull.Store(true)
		roomID, _ := marking(t, 3, m.nodes[0])
		watcher := m.nodes[1].join(roomID, room.Join{Name: "Late"})
		defer watcher.leave()
		synctest.Wait()
		if n := kept(t, m.reach[1]).counts.People(); n != 0 {
			t.Fatalf("%d people were learned by a node that cannot keep them", n)
		}
		m.kill(0)
		time.Sleep(5 * time.Second)
		if n := kept(t, m.reach[1]).counts.People(); n != 3 {
			t.Errorf("%d people were learned by the next owner, want 3", n)
		}
		m.reach[0].cut.Store(false)
		m.reach[0].dull.Store(false)
		time.Sleep(3 * keepAgain)
		if all := kept(t, m.reach[1]); all.counts.People() != 3 || len(all.shows) != 1 {
			t.Errorf("in the end %d people of %d shows were learned", all.counts.People(), len(all.shows))
		}
	}, offering(t))
}

// A node that ends keeps what it has just heard; a storage that is full of something else is left alone.
func TestLearning_EndsAndDoesNoHarm(t *testing.T) {
	inBubble(t, offering(t), func(t *testing.T, n *node) {
		marking(t, 2, n)
		n.stop()
		if all := kept(t, n.config.Sums); all.counts.People() != 2 {
			t.Errorf("%d people were learned, want 2", all.counts.People())
		}
	})
	shared := cluster.NewMemory()
	other := []byte("something of a newer version")
	if err := shared.Add(t.Context(), sumOfLessons, func([]byte) ([]byte, error) { return other, nil }); err != nil {
		t.Fatal(err)
	}
	l := &learning{sums: shared, use: func(*recommend.Model) {}, log: zap.NewNop(), lessons: make(chan room.Lesson, lessonsWait)}
	l.hear(lessonOf("a", time.Now()))
	if again := l.keep(t.Context()); again != nil || len(l.unkept) > 0 {
		t.Error("it is tried again and again")
	}
	if sum, _ := shared.Sum(t.Context(), sumOfLessons); !bytes.Equal(sum, other) {
		t.Errorf("now there is %q", sum)
	}
}

func lessonOf(show string, ended time.Time) room.Lesson {
	return room.Lesson{Show: show, EndedAt: ended, Baskets: []room.Basket{{Liked: []string{"film"}}}}
}

func TestLearning_Limits(t *testing.T) {
	l := &learning{sums: cluster.NewMemory(), log: zap.NewNop(), lessons: make(chan room.Lesson, lessonsWait)}
	l.hear(lessonOf("too old", time.Now().Add(-relearnWithin-time.Second)))
	if len(l.lessons) != 0 {
		t.Error("a lesson was taken of which nobody may know whether it was learned")
	}
	for i := range lessonsWait + 1 {
		l.hear(lessonOf(fmt.Sprint(i), time.Now()))
	}
	if len(l.lessons) != lessonsWait {
		t.Errorf("%d lessons wait, want %d", len(l.lessons), lessonsWait)
	}
}

func TestLearned_EachShowOnce(t *testing.T) {
	all := &learned{}
	for range 2 {
		for i := range showsLearned {
			all.learn(lessonOf(fmt.Sprint(i), time.Time{}))
		}
	}
	read, err := decodeLearned(all.encode())
	if err != nil || read.counts.People() != showsLearned || len(read.shows) != showsLearned {
		t.Fatalf("%d people of %d shows came back, %v", read.counts.People(), len(read.shows), err)
	}
	read.learn(lessonOf("one more", time.Time{}))
	if len(read.shows) != showsLearned || read.shows[0] != "1" {
		t.Errorf("%d shows are known, from %s on", len(read.shows), read.shows[0])
	}
	for _, damaged := range []string{"x", "[]", "[\"a\"]\nkinocounts1\n", "{}\n" + string((&recommend.Counts{}).Encode())} {
		if _, err := decodeLearned([]byte(damaged)); !errors.Is(err, errLearned) {
			t.Errorf("%q: %v", damaged, err)
		}
	}
}
