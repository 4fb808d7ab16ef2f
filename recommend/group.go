package recommend

import (
	"cmp"
	"math"
	"slices"
)

// Limits of what is looked at of the people of a room.
const (
	MaxMembers = 32   // those who liked most, beyond it the others don't count
	MaxLikes   = 4096 // newest likes of a member
)

// Member is what one person who is here has shown of their taste. It has no name, and no reason ever speaks of one member.
type Member struct {
	Liked    []Like   // oldest first; an item counts once
	Disliked []string // ids; while they are here nobody is offered these
}

// Like is an item that a member liked.
type Like struct {
	ID     string
	Weight float64 // 0–1, how strongly it was felt; 0 or anything else counts as 1
}

// Numbers of a member's score of an item j, where n is how many items they liked, each item i of them having the weight w(i):
//
//	s(j) = ln p(j) + n^−½ · Σ w(i) · lift(i,j) + 2 · n · (1 + (n/10)²) · Σ w(i) · B(i,j)
//
// Who liked little is best served by what is popular among those who liked the same, who liked much by the matrix B ([EASE]), which alone
// knows that two items say the same. A room's score is the mean of its members' scores, each less its mean and divided by its standard
// deviation, so that nobody speaks louder for having said more.
const (
	matrixGrowth = 2.0
	matrixSoon   = 10.0 // likes from which on the matrix soon speaks alone
)

// heard is a like of a member, known to the model.
type heard struct {
	at     int32
	weight float32
}

// voice is a member as the model hears them.
type voice struct {
	likes          []heard
	lifted, solved float32 // what a lift and a weight of the matrix count for; both for a like of weight 1
	spread         spread
}

// voices are those of the members who liked something that the model has.
func (m *Model) voices(members []Member) []voice {
	var all []voice
	for _, member := range members {
		var v voice
		seen := map[int32]bool{}
		for _, like := range member.Liked[max(0, len(member.Liked)-MaxLikes):] {
			at, ok := m.place[like.ID]
			if !ok || seen[at] {
				continue
			}
			seen[at] = true
			if like.Weight <= 0 || like.Weight > 1 || math.IsNaN(like.Weight) {
				like.Weight = 1
			}
			v.likes = append(v.likes, heard{at, float32(like.Weight)})
		}
		if n := float64(len(v.likes)); n > 0 {
			v.lifted, v.solved = float32(1/math.Sqrt(n)), float32(matrixGrowth*n*(1+n*n/(matrixSoon*matrixSoon)))
			all = append(all, v)
		}
	}
	if len(all) > MaxMembers {
		slices.SortStableFunc(all, func(a, b voice) int { return cmp.Compare(len(b.likes), len(a.likes)) })
		all = all[:MaxMembers]
	}
	return all
}

// score is a voice's score of every item, before it is made comparable with others'.
func (m *Model) score(v *voice, into []float32) {
	copy(into, m.prior)
	for _, like := range v.likes {
		by := like.weight * v.lifted
		for _, e := range m.lifts[like.at] {
			into[e.at] += by * e.weight
		}
		by = like.weight * v.solved
		if int(like.at) < m.head {
			add(into[:m.head], m.matrix[int(like.at)*m.head:][:m.head], by)
		}
		if m.near != nil {
			for _, e := range m.near[like.at] {
				into[e.at] += by * e.weight
			}
		}
	}
	v.spread = spreadOf(into)
}

// add adds by · row to s, which is as long.
func add(s, row []float32, by float32) {
	for len(row) >= 4 && len(s) >= 4 { // four at a time: a third of the time
		s[0] += by * row[0]
		s[1] += by * row[1]
		s[2] += by * row[2]
		s[3] += by * row[3]
		s, row = s[4:], row[4:]
	}
	for i := range row {
		s[i] += by * row[i]
	}
}

// group is the room's score of every item of the model; scratch is as long. Without voices it is how popular the items are.
func (m *Model) group(voices []voice, into, scratch []float32) {
	if len(voices) == 0 {
		for j, v := range m.prior {
			into[j] = (v - m.flat.mean) * m.flat.scale
		}
		return
	}
	clear(into)
	for i := range voices {
		v := &voices[i]
		m.score(v, scratch)
		by := v.spread.scale / float32(len(voices))
		off := v.spread.mean * by
		for j, s := range scratch {
			into[j] += s*by - off
		}
	}
}

// stranger is the room's score of an item that the model doesn't have.
func (m *Model) stranger(voices []voice) float64 {
	if len(voices) == 0 {
		return float64((m.least - m.flat.mean) * m.flat.scale)
	}
	score := 0.0
	for i := range voices {
		score += float64((m.least-voices[i].spread.mean)*voices[i].spread.scale) / float64(len(voices))
	}
	return score
}

// popular is how much of the room's score of an item comes from its being popular; j < 0 is one that the model doesn't have.
func (m *Model) popular(voices []voice, j int32) float64 {
	share := float64(m.least - m.flat.mean)
	if j >= 0 {
		share = float64(m.prior[j] - m.flat.mean)
	}
	if len(voices) == 0 {
		return share * float64(m.flat.scale)
	}
	scale := 0.0
	for i := range voices {
		scale += float64(voices[i].spread.scale) / float64(len(voices))
	}
	return share * scale
}

// because adds to shares how much of the room's score of j comes from each thing that was liked, by where it stands in liked: what is the
// same for all items left out.
func (m *Model) because(voices []voice, j int32, all []liked, shares []float64) {
	for i := range voices {
		v := &voices[i]
		by := float64(v.spread.scale) / float64(len(voices))
		for _, like := range v.likes {
			at, found := slices.BinarySearchFunc(all, m.ids[like.at], func(l liked, id string) int { return cmp.Compare(l.id, id) })
			if !found {
				continue
			}
			share := v.lifted * (weightAt(m.lifts[like.at], j) - m.even[like.at]) // of one the model doesn't have, j < 0, it says that
			if j >= 0 && int(like.at) < m.head && int(j) < m.head {
				share += v.solved * m.matrix[int(like.at)*m.head+int(j)]
			}
			if m.near != nil {
				share += v.solved * weightAt(m.near[like.at], j)
			}
			shares[at] += by * float64(like.weight*share)
		}
	}
}

// weightAt is what a list, which is in order, has for j.
func weightAt(list []entry, j int32) float32 {
	if at, found := slices.BinarySearchFunc(list, j, func(e entry, j int32) int { return cmp.Compare(e.at, j) }); found {
		return list[at].weight
	}
	return 0
}
