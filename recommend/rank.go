package recommend

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"kinoautomat/story"
)

// Query is what a room has shown of its taste, or one viewer has, who wants picks of their own. Everything may be absent.
type Query struct {
	Story    *story.Story       // that runs; it is never picked
	Path     []story.Step       // texts included, oldest first
	Mood     string             // of the running scene
	Feelings map[string]float64 // share of each of Feelings in the room's reactions, 0–1
	Liked    map[string]int     // by id: viewers who marked the item; absent: as Members have it
	Members  []Member           // who is here; absent: Liked is taken for one person's
	Seen     []string           // ids of what the room watched together: it isn't offered again
	Turn     int                // 1 or more: the first pick is the favourite of that member, going round; 0: of nobody
	Explore  uint64             // seed of the pick that is there to learn from; 0: there is none. The same seed gives the same pick
}

// Pick is an item that is recommended.
type Pick struct {
	*Item
	Score  float64
	Reason Reason
	Shares []Share // what makes the score up, largest first; what every item has is nobody's
	Chance float64 // that this item stands in this place, 0–1: less than 1 only of the pick that is there to learn from
}

// Numbers of the formula r = F · M + C. They were chosen by looking at what comes out, not by measurement.
const (
	fitFloor    = 0.3  // M of an item with nothing in common with the history, so that feelings count from the start
	fitHalf     = 0.15 // cosine at which the fit is half of what it can be
	feelSlope   = 4.0  // how fast F saturates
	feelStep    = 0.1  // shares are rounded to it, so that one more reaction doesn't shuffle the list
	editorsTop  = 0.15 // C of three stars
	editorsLast = 10.0 // people from whom on the model says more than the editors, and than what films are about
	markedTop   = 0.9  // C of an item that very many marked, or that is like one
	markedHalf  = 2.0  // marks at which half of markedTop can be had
	crowdLeast  = 0.05 // C of a standard deviation of the room's score, while nobody liked anything
	crowdTop    = 0.3  // the same when very much was liked
)

// What is looked at, so that a long show costs no more than a short one.
const (
	pathSteps = 8    // newest steps
	textRunes = 1500 // newest code points of a step's text
	markedMax = 8    // items with the most marks that are compared by what they are about
)

// Rank picks up to n items for a room, best first. The same query gives the same picks.
func (c *Catalogue) Rank(q Query, n int) []Pick {
	if n <= 0 || len(c.items) == 0 {
		return nil
	}
	w := newWork(c)
	defer w.free()
	room := c.read(q, w)
	picks := []Pick{}
	pool := c.best(room, poolSize)
	c.mean(pool, room)
	c.askWhy(pool, room)
	for _, chosen := range c.compose(pool, room, q, n, w) {
		shares := c.shares(chosen, room)
		picks = append(picks, Pick{
			Item: c.items[chosen.item], Score: chosen.score(), Reason: c.explain(chosen, shares), Shares: shares, Chance: chosen.chance,
		})
	}
	return picks
}

// Best are the n items with the highest scores, without diversity, turns or exploring: what evaluations of accuracy look at.
func (c *Catalogue) Best(q Query, n int) []Pick {
	w := newWork(c)
	defer w.free()
	room := c.read(q, w)
	picks := make([]Pick, 0, n)
	for _, s := range c.best(room, n) {
		picks = append(picks, Pick{Item: c.items[s.item], Score: s.score(), Chance: 1})
	}
	return picks
}

// Evidence is what an item's score owes to each thing that was liked here, by id, and to its popularity: the shares of [Pick] before those
// that must not be told to others are put together. It is for evaluations; it is never to be shown to anybody.
func (c *Catalogue) Evidence(q Query, id string) (liked map[string]float64, popularity float64) {
	w := newWork(c)
	defer w.free()
	room, liked := c.read(q, w), map[string]float64{}
	place, known := c.place[id]
	if !known {
		return liked, 0
	}
	c.askWhy(c.best(room, poolSize), room)
	shares, popularity := c.owes(c.weigh(place, room), room)
	for i, l := range room.liked {
		liked[l.id] = shares[i]
	}
	return liked, popularity
}

// taste is a query made ready to be compared with every item.
type taste struct {
	skip     []bool // by item, what isn't picked: the running story, what was seen, what somebody here dislikes
	sources  []source
	cosines  []float32
	scores   []float32 // what calm fills
	feelings profile   // rounded; all 0 without reactions
	marked   []mark
	beside   []float32      // by item, what marks that the model knows add to C: of themselves, and of what the model doesn't know
	counts   map[string]int // who marked what
	voices   []voice
	liked    []liked   // what was liked or marked here, by id
	common   float64   // what the items that might be listed have of popularity, on average
	group    []float32 // the room's score by item of the model
	stranger float64   // that of what the model doesn't have
	crowd    float64   // what a standard deviation of group counts for
	editors  float64   // what the editors' stars, and what films are about, count for beside people's likes, 0–1
	members  []Member
}

// source is a part of the history: its vector, already weighed, and the reason that it can be.
type source struct {
	vector  vector
	reason  Reason
	said    string  // its text, for Meanings; "" if it has none
	weight  float64 // that the vector was scaled by
	meaning []float32
}

// mark is an item that viewers marked, and how like it every item is.
type mark struct {
	item   *Item
	place  int32
	count  int
	known  bool    // to the model: then what it says of others is the model's to tell
	weight float64 // most that it can add to C
	likes  []float32
}

// own is what a mark adds to C of the item itself.
func (m mark) own() float64 { return m.weight * saturate(1) }

// scored is an item with the parts of its score.
type scored struct {
	item    int32
	fit     float64 // what M is above fitFloor
	feeling float64 // (F − 1) · M, which may be negative
	editors float64
	marked  float64
	crowd   float64 // from the people that the model learned from, for all that was liked here
	chance  float64 // 1 unless it is there to learn from
	turn    bool    // it is one member's favourite
}

func (s scored) score() float64 { return fitFloor + s.fit + s.feeling + s.editors + s.marked + s.crowd }

// read makes a query ready.
func (c *Catalogue) read(q Query, w *work) *taste {
	t := &taste{sources: c.history(q), cosines: w.cosines, scores: w.scores, skip: w.skip, members: q.Members, editors: 1}
	skip := func(id string) {
		if place, known := c.place[id]; known {
			t.skip[place] = true
		}
	}
	if q.Story != nil {
		skip(storyID(q.Story.ID))
	}
	for _, id := range q.Seen {
		skip(id)
	}
	for _, m := range q.Members {
		for _, id := range m.Disliked {
			skip(id)
		}
	}
	c.index.likeness(w.sum(t.sources), t.cosines)
	for i, name := range Feelings {
		if share := q.Feelings[name]; share > 0 && share <= 1 {
			t.feelings[i] = math.Round(share/feelStep) * feelStep
		}
	}
	if t.counts = q.Liked; t.counts == nil {
		t.counts = marksOf(q.Members)
	}
	if c.model != nil {
		t.editors = editorsLast / (float64(c.model.people) + editorsLast)
	}
	c.marks(t, w)
	if c.model != nil {
		c.listen(q, t, w)
	}
	return t
}

// listen has the model score everything for the room.
func (c *Catalogue) listen(q Query, t *taste, w *work) {
	if q.Members == nil && len(q.Liked) > 0 {
		var one Member
		for _, id := range slices.Sorted(maps.Keys(q.Liked)) {
			if q.Liked[id] > 0 {
				one.Liked = append(one.Liked, Like{ID: id})
			}
		}
		t.members = []Member{one}
	}
	t.voices = c.model.voices(t.members)
	t.group = w.group[:len(c.model.ids)]
	c.model.group(t.voices, t.group, w.scratch[:len(t.group)])
	t.stranger = c.model.stranger(t.voices)
	likes := 0.0
	for _, v := range t.voices {
		likes += float64(len(v.likes))
	}
	t.crowd = (1 - t.editors) * (crowdLeast + (crowdTop-crowdLeast)*likes/(likes+markedHalf))
}

// marksOf counts who marked what.
func marksOf(members []Member) map[string]int {
	counts := map[string]int{}
	for _, m := range members {
		mine := map[string]bool{}
		for _, like := range m.Liked {
			if !mine[like.ID] {
				mine[like.ID] = true
				counts[like.ID]++
			}
		}
	}
	return counts
}

// marks finds what was marked most. What people say of a mark and of an item is the model's to tell; what the two are about speaks where
// the model doesn't know one of them.
func (c *Catalogue) marks(t *taste, w *work) {
	for _, id := range slices.Sorted(maps.Keys(t.counts)) {
		if place, listed := c.place[id]; listed && t.counts[id] > 0 {
			t.marked = append(t.marked, mark{item: c.items[place], place: place, count: t.counts[id], known: c.known(place)})
		}
	}
	slices.SortStableFunc(t.marked, func(a, b mark) int { return cmp.Compare(b.count, a.count) })
	t.marked = t.marked[:min(len(t.marked), markedMax)]
	all := 0.0
	for _, m := range t.marked {
		all += float64(m.count)
	}
	t.beside = w.likes(0)
	var known []source
	weight := 0.0
	for i := range t.marked {
		m := &t.marked[i]
		m.weight = markedTop * float64(m.count) / (all + markedHalf)
		if !m.known {
			m.likes = w.likes(i + 1)
			c.index.likeness(c.index.vectors[m.place], m.likes)
			continue
		}
		weight += m.weight
		known = append(known, source{vector: c.index.vectors[m.place].times(m.weight)})
	}
	if len(known) == 0 {
		return
	}
	if len(c.cold) > 0 { // what the model doesn't know is compared with all that it does know at once
		w.spread(w.sum(known))
		for _, i := range c.cold {
			t.beside[i] = float32(t.editors * weight * saturate(w.dot(c.index.vectors[i])/weight))
		}
		w.gather()
	}
	for _, m := range t.marked {
		if m.known {
			t.beside[m.place] = float32(m.own())
		}
	}
}

// like is what a mark adds to C of an item.
func (c *Catalogue) like(m mark, item int32, t *taste) float64 {
	switch {
	case m.place == item:
		return m.own()
	case !m.known:
		return t.editors * m.weight * saturate(float64(m.likes[item]))
	case c.known(item):
		return 0
	}
	all := 0.0 // of what the marks add together
	for _, other := range t.marked {
		if other.known {
			all += other.weight * c.index.vectors[other.place].dot(c.index.vectors[item])
		}
	}
	if all == 0 {
		return 0
	}
	return float64(t.beside[item]) * m.weight * c.index.vectors[m.place].dot(c.index.vectors[item]) / all
}

// saturate maps a cosine to 0–1, with half at fitHalf: the difference between a little and something matters more than that between
// much and very much.
func saturate(cosine float64) float64 {
	cosine = max(cosine, 0)
	return cosine / (cosine + fitHalf)
}

// weigh is the score of an item. Moods that nobody wrote down, those of genres, don't count.
func (c *Catalogue) weigh(item int32, t *taste) scored {
	s := scored{
		item: item, chance: 1, fit: (1 - fitFloor) * saturate(float64(t.cosines[item])), editors: t.editors * float64(c.esteem[item]),
		marked: float64(t.beside[item]),
	}
	for i := range t.marked {
		if m := &t.marked[i]; m.likes != nil {
			s.marked += c.like(*m, item, t)
		}
	}
	if t.group != nil {
		s.crowd = t.crowd * c.crowd(item, t)
	}
	if c.felt[item] && t.feelings != (profile{}) {
		s.feeling = math.Tanh(feelSlope*t.feelings.dot(c.moods[item])) * (fitFloor + s.fit)
	}
	return s
}

// crowd is the room's score of an item.
func (c *Catalogue) crowd(item int32, t *taste) float64 {
	if at := c.modelled[item]; at >= 0 {
		return float64(t.group[at])
	}
	return t.stranger
}

// esteemOf is what an item has from its editors. The node's stories stand in the middle.
func esteemOf(item *Item) float32 {
	stars := float32(item.Editors)
	if item.Kind == KindStory {
		stars = MaxEditors / 2.0
	}
	return editorsTop * stars / MaxEditors
}

func (p profile) dot(q profile) float64 {
	sum := 0.0
	for i := range p {
		sum += p[i] * q[i]
	}
	return sum
}

// slack is more than what a score of float32 is off.
const slack = 1e-4

// best are the n items with the highest scores, best first, those that are equal in the order of the catalogue. A quick look at all of them,
// by calm and by how much feelings can do, leaves few to be weighed.
func (c *Catalogue) best(t *taste, n int) []scored {
	top := make([]scored, 0, n+1)
	scores := make([]float64, 0, n+1)
	least, felt := math.Inf(-1), t.feelings != (profile{})
	for i, most := range c.calm(t) {
		if felt && c.felt[i] {
			most += fitFloor + (1-fitFloor)*saturate32(t.cosines[i]) // feelings at most double M
		}
		if float64(most) < least-slack || t.skip[i] {
			continue
		}
		s := c.weigh(int32(i), t)
		score := s.score()
		if score <= least {
			continue
		}
		at, _ := slices.BinarySearchFunc(scores, score, func(have, want float64) int {
			if have >= want {
				return -1
			}
			return 1
		})
		top, scores = slices.Insert(top, at, s), slices.Insert(scores, at, score)
		top, scores = top[:min(len(top), n)], scores[:min(len(scores), n)]
		if len(top) == n {
			least = scores[n-1]
		}
	}
	return top
}

// calm is the score of every item without feelings.
func (c *Catalogue) calm(t *taste) []float32 {
	scores, editors := t.scores, float32(t.editors)
	for i, beside := range t.beside {
		scores[i] = fitFloor + beside + editors*c.esteem[i] + (1-fitFloor)*saturate32(t.cosines[i])
	}
	for i := range t.marked {
		if m := &t.marked[i]; m.likes != nil {
			weight := editors * float32(m.weight)
			for j, cosine := range m.likes {
				scores[j] += weight * saturate32(cosine)
			}
			scores[m.place] += float32(m.own())
		}
	}
	if t.group != nil {
		crowd := float32(t.crowd)
		for i, at := range c.modelled {
			if at >= 0 {
				scores[i] += crowd * t.group[at]
			} else {
				scores[i] += crowd * float32(t.stranger)
			}
		}
	}
	return scores
}

func saturate32(cosine float32) float32 {
	cosine = max(cosine, 0)
	return cosine / (cosine + fitHalf)
}
