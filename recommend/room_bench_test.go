package recommend

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkRoom is a new list for a room of five with five likes each, in the largest catalogue and with as much learned as can be.
func BenchmarkRoom(b *testing.B) {
	c := largest(b)
	random := rand.New(rand.NewPCG(3, 4))
	var ids []string
	for _, item := range c.items {
		ids = append(ids, item.ID)
	}
	baskets := make([][]int32, 600)
	for p := range baskets {
		for range 100 {
			baskets[p] = append(baskets[p], int32(float64(len(ids))*random.Float64()*random.Float64()*random.Float64()))
		}
	}
	c = c.WithModel(Training{Published: CountRatings(ids, baskets)}.Model())
	q := busy(b, c)
	q.Liked = nil
	for m := range 5 {
		var member Member
		for i := range 5 {
			member.Liked = append(member.Liked, Like{ID: fmt.Sprint("film-", 37*m+11*i)})
		}
		q.Members = append(q.Members, member)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Rank(q, listed)
	}
}
