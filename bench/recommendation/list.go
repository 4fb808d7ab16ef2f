package recommendation

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"kinoautomat/recommend"
)

// List is what the list is worth as a whole, and what its reasons are, for rooms of five strangers with two likes each.
type List struct {
	Plain     float64 `json:"ndcg_10_best"`      // of the ten with the highest scores
	Diverse   float64 `json:"ndcg_10_diverse"`   // of the ten that are listed
	Exploring float64 `json:"ndcg_10_exploring"` // of those, the last of them drawn to learn from
	PlainILD  float64 `json:"unlikeness_best"`   // mean of 1 − cosine of genres over the pairs of a list
	ListedILD float64 `json:"unlikeness_diverse"`
	PlainCov  float64 `json:"coverage_best"` // share of the films that stand in any list
	ListedCov float64 `json:"coverage_diverse"`
	Reasons   Reasons `json:"reasons"`
	Feelings  []Felt  `json:"feelings"`
}

// Reasons says whether a reason is one: what happens to a film of the ten best when its reason is taken away.
type Reasons struct {
	Films      int     `json:"films"`
	ByLike     float64 `json:"largest_is_a_like"`            // share of the films whose largest share is one like; else it is popularity
	Like       float64 `json:"decisive_like"`                // share that leaves the ten when the like is taken from the room
	Popularity float64 `json:"decisive_popularity"`          // share that would leave the ten if it were as popular as the mean film
	Cited      float64 `json:"decisive_cited"`               // both together
	Strongest  float64 `json:"decisive_strongest_like"`      // the same for the strongest like of every film, also where popularity says more
	Random     float64 `json:"decisive_random_like"`         // the same for another like of the room, drawn
	Part       float64 `json:"cited_part_of_positive_score"` // mean
}

// Felt is a way to use how strongly something was felt. Members gave stars to 10 films at random; the room is to be offered films that
// they like and nobody hates.
type Felt struct {
	Way    string  `json:"way"`
	Member float64 `json:"ndcg_10"`
	Harm   float64 `json:"harm"`
}

func (b Bench) list(ctx context.Context, w *world, r *Report, progress io.Writer) error {
	l := &List{}
	lists := [2]map[int32]bool{{}, {}}
	n, reasons := 0.0, &reasoning{}
	felt := map[string]*Felt{}
	for seed := range b.Seeds {
		c, err := newCold(w, seed)
		if err != nil {
			return err
		}
		random := randomness(seed, 3)
		for i, room := range c.rooms(c.test, 5, 2, b.Rooms, false, random) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			q := c.query(room)
			plain, diverse := c.filmsOf(c.ours.Best(q, long)), c.filmsOf(c.ours.Rank(q, long))
			q.Explore = random.Uint64() | 1
			exploring := c.filmsOf(c.ours.Rank(q, long))
			q.Explore = 0
			l.Plain += c.judge(room, plain).member
			l.Diverse += c.judge(room, diverse).member
			l.Exploring += c.judge(room, exploring).member
			l.PlainILD += w.unlikeness(plain)
			l.ListedILD += w.unlikeness(diverse)
			for j, list := range [][]int32{plain, diverse} {
				for _, f := range list {
					lists[j][f] = true
				}
			}
			if n++; i < b.Rooms/3 { // the costly part
				reasons.examine(c, room, random)
			}
		}
		c.feel(b.Rooms/2, random, felt)
		fmt.Fprintf(progress, "list, seed %d done\n", seed)
	}
	for _, v := range []*float64{&l.Plain, &l.Diverse, &l.Exploring, &l.PlainILD, &l.ListedILD} {
		*v /= n
	}
	l.PlainCov, l.ListedCov = float64(len(lists[0]))/float64(len(w.ids)), float64(len(lists[1]))/float64(len(w.ids))
	l.Reasons = reasons.sum()
	rooms := float64(b.Seeds * (b.Rooms / 2))
	for _, way := range waysToFeel {
		f := felt[way.name]
		l.Feelings = append(l.Feelings, Felt{way.name, f.Member / rooms, f.Harm / rooms})
	}
	r.List = l
	l.tell(progress)
	r.bar("list: unlikeness of the list against the ten best, +5.8 %", l.ListedILD, 1.058*l.PlainILD, false)
	r.bar("list: NDCG@10 of the list against the ten best, −0.6 %", l.Diverse, 0.994*l.Plain, false)
	r.bar("reasons: the cited one decides", l.Reasons.Cited, 0.64, false)
	r.bar("reasons: a random like decides", l.Reasons.Random, 0.15, true)
	return nil
}

func (l *List) tell(w io.Writer) {
	fmt.Fprintf(w, "\n%-40s %8s %10s %9s\n", "lists, 5 × 2", "NDCG@10", "unlikeness", "coverage")
	fmt.Fprintf(w, "%-40s %8.4f %10.4f %9.4f\n", "ten best", l.Plain, l.PlainILD, l.PlainCov)
	fmt.Fprintf(w, "%-40s %8.4f %10.4f %9.4f\n", "as listed", l.Diverse, l.ListedILD, l.ListedCov)
	fmt.Fprintf(w, "%-40s %8.4f\n", "as listed, one drawn to learn from", l.Exploring)
	s := l.Reasons
	fmt.Fprintf(w, "\nreasons of %d films: cited one decides %.3f (a like, cited for %.3f of the films: %.3f; popularity: %.3f), has %.3f of the score\n",
		s.Films, s.Cited, s.ByLike, s.Like, s.Popularity, s.Part)
	fmt.Fprintf(w, "strongest like of each decides %.3f, another like %.3f\n", s.Strongest, s.Random)
	fmt.Fprintf(w, "\n%-40s %8s %8s\n", "10 films rated by each of 5", "NDCG@10", "harm")
	for _, f := range l.Feelings {
		fmt.Fprintf(w, "%-40s %8.4f %8.4f\n", f.Way, f.Member, f.Harm)
	}
	fmt.Fprintln(w)
}

// reasoning counts.
type reasoning struct {
	films, byLike, likes, popularity, strongest, random int
	part                                                float64
}

// examine takes reasons away, one at a time.
func (s *reasoning) examine(c *cold, r room, random *rand.Rand) {
	q := c.query(r)
	picks := c.ours.Best(q, long+1)
	if len(picks) <= long {
		return
	}
	next := picks[long].Score
	for _, p := range picks[:long] {
		liked, popularity := c.ours.Evidence(q, p.ID)
		most, positive := "", max(0, popularity)
		for _, id := range c.idsOf(r.all()) { // in a fixed order
			if positive += max(0, liked[id]); most == "" || liked[id] > liked[most] {
				most = id
			}
		}
		s.films++
		falls := func(id string) bool {
			return !slices.ContainsFunc(c.ours.Best(without(q, id), long), func(o recommend.Pick) bool { return o.ID == p.ID })
		}
		strongest := falls(most)
		s.strongest += count(strongest)
		others := slices.DeleteFunc(slices.Sorted(slices.Values(c.idsOf(r.all()))), func(id string) bool { return id == most })
		s.random += count(falls(others[random.IntN(len(others))]))
		if liked[most] >= popularity {
			s.byLike++
			s.likes += count(strongest)
			s.part += liked[most] / positive
		} else {
			s.popularity += count(p.Score-popularity < next)
			s.part += popularity / positive
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// without is the query of a room in which nobody likes an item; it is still not to be picked.
func without(q recommend.Query, id string) recommend.Query {
	members := make([]recommend.Member, len(q.Members))
	for i, m := range q.Members {
		members[i].Liked = slices.DeleteFunc(slices.Clone(m.Liked), func(l recommend.Like) bool { return l.ID == id })
	}
	q.Members = members
	return q
}

func (s *reasoning) sum() Reasons {
	part := func(n, of int) float64 { return float64(n) / float64(max(1, of)) }
	return Reasons{
		Films: s.films, ByLike: part(s.byLike, s.films), Like: part(s.likes, s.byLike), Popularity: part(s.popularity, s.films-s.byLike),
		Cited: part(s.likes+s.popularity, s.films), Strongest: part(s.strongest, s.films), Random: part(s.random, s.films),
		Part: s.part / float64(max(1, s.films)),
	}
}

// waysToFeel turn stars of films, as −1 to 1, into members and feelings.
var waysToFeel = []struct {
	name string
	make func(m *recommend.Member, id string, valence float64)
	mood bool
}{
	{"all alike", func(m *recommend.Member, id string, _ float64) { m.Liked = append(m.Liked, recommend.Like{ID: id}) }, false},
	{"only what was felt well", likeWell, false},
	{"by how well it was felt", likeBy, false},
	{"by how well, vetoes", func(m *recommend.Member, id string, v float64) {
		if likeBy(m, id, v); v < 0 {
			m.Disliked = append(m.Disliked, id)
		}
	}, false},
	{"by how well, F from genres' moods", likeBy, true},
}

func likeWell(m *recommend.Member, id string, v float64) {
	if v >= 0 {
		m.Liked = append(m.Liked, recommend.Like{ID: id})
	}
}

func likeBy(m *recommend.Member, id string, v float64) {
	if v >= 0 {
		m.Liked = append(m.Liked, recommend.Like{ID: id, Weight: min(1, 0.25+v)})
	}
}

// ratedByEach is how many films a member has given stars.
const ratedByEach = 10

// feel compares what becomes of what members felt.
func (c *cold) feel(rooms int, random *rand.Rand, felt map[string]*Felt) {
	moody := c.moody()
	for range rooms {
		var r room
		stars := map[int32]float64{}
		for _, at := range random.Perm(len(c.test))[:5] {
			p := c.test[at]
			rated := c.set.People[p]
			var known []int32
			for _, i := range random.Perm(len(rated))[:min(ratedByEach, len(rated)/2)] {
				known = append(known, rated[i].Film)
			}
			r.people, r.known = append(r.people, p), append(r.known, known)
		}
		for _, way := range waysToFeel {
			q := recommend.Query{Seen: c.idsOf(r.all())}
			for i, known := range r.known {
				var m recommend.Member
				for _, rating := range c.set.People[r.people[i]] {
					if slices.Contains(known, rating.Film) {
						valence := (float64(rating.Stars) - 3) / 2
						way.make(&m, c.ids[rating.Film], valence)
						stars[rating.Film] += max(0, valence)
					}
				}
				q.Members = append(q.Members, m)
			}
			from := c.ours
			if way.mood {
				from, q.Feelings = moody, c.feelingsOf(stars)
			}
			if felt[way.name] == nil {
				felt[way.name] = &Felt{}
			}
			v := c.judge(r, c.filmsOf(from.Best(q, long)))
			felt[way.name].Member += v.member
			felt[way.name].Harm += v.harm
		}
	}
}
