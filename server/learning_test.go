package server

import (
	"testing"
	"testing/fstest"
	"testing/synctest"

	"go.uber.org/zap"

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
	s.train()
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
