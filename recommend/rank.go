package recommend

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"kinoautomat/story"
)

// Query is what a room has shown of its taste. Everything may be absent.
type Query struct {
	Story    *story.Story       // that runs; it is never picked
	Path     []story.Step       // texts included, oldest first
	Mood     string             // of the running scene
	Feelings map[string]float64 // share of each of Feelings in the room's reactions, 0–1
	Liked    map[string]int     // by id: viewers who marked the item
}

// Pick is an item that is recommended.
type Pick struct {
	*Item
	Score  float64
	Reason Reason
}

// Numbers of the formula r = F · M + C. They were chosen by looking at what comes out, not by measurement.
const (
	fitFloor   = 0.3  // M of an item with nothing in common with the history, so that feelings count from the start
	fitHalf    = 0.15 // cosine at which the fit is half of what it can be
	feelSlope  = 4.0  // how fast F saturates
	feelStep   = 0.1  // shares are rounded to it, so that one more reaction doesn't shuffle the list
	editorsTop = 0.15 // C of three stars
	markedTop  = 0.9  // C of an item that very many marked
	markedHalf = 2.0  // marks at which half of markedTop can be had
)

// What is looked at, so that a long show costs no more than a short one.
const (
	pathSteps = 8    // newest steps
	textRunes = 1500 // newest code points of a step's text
	markedMax = 8    // items with the most marks
)

// Rank picks up to n items for a room, best first. The same query gives the same picks.
func (c *Catalogue) Rank(q Query, n int) []Pick {
	if n <= 0 || len(c.items) == 0 {
		return nil
	}
	room := c.read(q)
	picks := []Pick{}
	for _, chosen := range c.diversify(c.best(room), n) {
		picks = append(picks, Pick{Item: c.items[chosen.item], Score: chosen.score(), Reason: c.explain(chosen, room)})
	}
	return picks
}

// taste is a query made ready to be compared with every item.
type taste struct {
	running  string // id that isn't picked
	sources  []source
	cosines  []float32
	feelings profile // rounded; all 0 without reactions
	marked   []mark
}

// source is a part of the history: its vector, already weighed, and the reason that it can be.
type source struct {
	vector vector
	reason Reason
}

// mark is an item that viewers marked, and how like it every item is.
type mark struct {
	item   *Item
	count  int
	weight float64 // most that it can add to C
	likes  []float32
}

// scored is an item with the parts of its score.
type scored struct {
	item    int32
	fit     float64 // what M is above fitFloor
	feeling float64 // (F − 1) · M, which may be negative
	editors float64
	marked  float64
}

func (s scored) score() float64 { return fitFloor + s.fit + s.feeling + s.editors + s.marked }

// read makes a query ready.
func (c *Catalogue) read(q Query) *taste {
	t := &taste{sources: c.history(q), cosines: make([]float32, len(c.items))}
	if q.Story != nil {
		t.running = storyID(q.Story.ID)
	}
	vectors := make([]vector, len(t.sources))
	for i, s := range t.sources {
		vectors[i] = s.vector
	}
	total, length := sum(vectors...)
	total.scale(min(length, 1)) // little history says little
	c.index.likeness(total, t.cosines)
	for i, name := range Feelings {
		if share := q.Feelings[name]; share > 0 && share <= 1 {
			t.feelings[i] = math.Round(share/feelStep) * feelStep
		}
	}
	t.marked = c.marks(q.Liked)
	return t
}

// marks finds what was marked most.
func (c *Catalogue) marks(liked map[string]int) []mark {
	var marked []mark
	for _, id := range slices.Sorted(maps.Keys(liked)) {
		if place, known := c.place[id]; known && liked[id] > 0 {
			marked = append(marked, mark{item: c.items[place], count: liked[id]})
		}
	}
	slices.SortStableFunc(marked, func(a, b mark) int { return cmp.Compare(b.count, a.count) })
	marked = marked[:min(len(marked), markedMax)]
	all := 0.0
	for _, m := range marked {
		all += float64(m.count)
	}
	for i, m := range marked {
		marked[i].weight = markedTop * float64(m.count) / (all + markedHalf)
		marked[i].likes = make([]float32, len(c.items))
		c.index.likeness(c.index.vectors[c.place[m.item.ID]], marked[i].likes)
	}
	return marked
}

// saturate maps a cosine to 0–1, with half at fitHalf: the difference between a little and something matters more than that between
// much and very much.
func saturate(cosine float64) float64 {
	cosine = max(cosine, 0)
	return cosine / (cosine + fitHalf)
}

// weigh is the score of an item.
func (c *Catalogue) weigh(item int32, t *taste) scored {
	s := scored{item: item, fit: (1 - fitFloor) * saturate(float64(t.cosines[item])), editors: c.esteem(item)}
	s.feeling = math.Tanh(feelSlope*t.feelings.dot(c.moods[item])) * (fitFloor + s.fit)
	for _, m := range t.marked {
		s.marked += m.weight * saturate(float64(m.likes[item]))
	}
	return s
}

// esteem is what an item has from its editors. The node's stories stand in the middle.
func (c *Catalogue) esteem(item int32) float64 {
	stars := float64(c.items[item].Editors)
	if c.items[item].Kind == KindStory {
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

// best are the items with the highest scores, best first, those that are equal in the order of the catalogue.
func (c *Catalogue) best(t *taste) []scored {
	top := make([]scored, 0, poolSize+1)
	scores := make([]float64, 0, poolSize+1)
	for i, item := range c.items {
		if item.ID == t.running {
			continue
		}
		s := c.weigh(int32(i), t)
		score := s.score()
		if len(top) == poolSize && score <= scores[poolSize-1] {
			continue
		}
		at, _ := slices.BinarySearchFunc(scores, score, func(have, want float64) int {
			if have >= want {
				return -1
			}
			return 1
		})
		top, scores = slices.Insert(top, at, s), slices.Insert(scores, at, score)
		top, scores = top[:min(len(top), poolSize)], scores[:min(len(scores), poolSize)]
	}
	return top
}
