package recommend

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kinoautomat/story"
)

func likes(ids ...string) Member {
	var m Member
	for _, id := range ids {
		m.Liked = append(m.Liked, Like{ID: id})
	}
	return m
}

func idsOf(picks []Pick) []string {
	var ids []string
	for _, p := range picks {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestModel_LikesOfOthersLiftWhatGoesWithThem(t *testing.T) {
	for name, training := range map[string]Training{"live": {Live: crowd(200)}, "published": {Published: crowd(200)}, "both": {Published: crowd(50), Live: crowd(200)}} {
		c := catalogue(t).WithModel(training.Model())
		got := idsOf(c.Best(Query{Members: []Member{likes("nosferatu-1922")}, Seen: []string{"nosferatu-1922"}}, 2))
		if !slices.Contains(got, "white-zombie-1932") || !slices.Contains(got, "suspense-1913") {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (Training{}).Model() != nil || (Training{Live: &Counts{}}).Model() != nil {
		t.Error("a model of nobody")
	}
}

// What fewer than MinPeople of a node's own people did together is told to nobody.
func TestModel_FewPeoplesPairsAreUnused(t *testing.T) {
	for people, used := range map[int]bool{MinPeople - 1: false, MinPeople: true} {
		live := &Counts{}
		for range people {
			live.Learn(Basket{Liked: []string{"nosferatu-1922", "labourers-love-1922"}})
		}
		for range 100 {
			live.Learn(Basket{Liked: []string{"the-general-1926"}})
		}
		m := Training{Live: live}.Model()
		if got := len(m.lifts[m.place["nosferatu-1922"]]) > 0; got != used || len(m.near[m.place["nosferatu-1922"]]) > 0 != used {
			t.Errorf("%d people: used %v", people, got)
		}
	}
}

func TestRank_EveryMembersVoiceIsAsLoud(t *testing.T) {
	c := catalogue(t).WithModel(Training{Live: crowd(200)}.Model())
	voices := c.model.voices([]Member{likes("nosferatu-1922", "white-zombie-1932", "suspense-1913"), likes("the-general-1926"), likes(), likes("no-such-film")})
	if len(voices) != 2 {
		t.Fatalf("%d voices, want those of two who liked something", len(voices))
	}
	scores, scratch := make([]float32, len(c.model.ids)), make([]float32, len(c.model.ids))
	c.model.group(voices, scores, scratch)
	for i := range voices {
		alone := make([]float32, len(scores))
		c.model.group(voices[i:i+1], alone, scratch)
		var mean, square float64
		for _, v := range alone {
			mean += float64(v) / float64(len(alone))
			square += float64(v) * float64(v) / float64(len(alone))
		}
		if math.Abs(mean) > 1e-4 || math.Abs(square-1) > 1e-3 {
			t.Errorf("voice %d: mean %g, deviation %g", i, mean, math.Sqrt(square))
		}
	}
	var many []Member
	for range MaxMembers + 1 {
		many = append(many, likes("nosferatu-1922"))
	}
	if got := len(c.model.voices(many)); got != MaxMembers {
		t.Errorf("%d voices, want %d", got, MaxMembers)
	}
}

func TestRank_DislikesAreVetoes(t *testing.T) {
	c := catalogue(t)
	first := c.Rank(Query{}, listed)[0].ID
	got := idsOf(c.Rank(Query{Members: []Member{likes(), {Disliked: []string{first, "no-such-film"}}}}, 50))
	if slices.Contains(got, first) {
		t.Errorf("%s was picked for somebody who dislikes it", first)
	}
	if got := idsOf(c.Rank(Query{Seen: []string{first}}, 50)); slices.Contains(got, first) {
		t.Errorf("%s was picked after it was seen", first)
	}
}

func TestRank_TurnsGoRound(t *testing.T) {
	c := catalogue(t).WithModel(Training{Live: crowd(200)}.Model())
	q := Query{Members: []Member{likes("nosferatu-1922"), likes("the-general-1926")}, Seen: []string{"nosferatu-1922", "the-general-1926"}}
	for turn, want := range map[int]string{1: "white-zombie-1932", 2: "labourers-love-1922", 3: "white-zombie-1932"} {
		q.Turn = turn
		p := c.Rank(q, listed)
		if p[0].ID != want && !(want == "white-zombie-1932" && p[0].ID == "suspense-1913") || p[0].Reason.In("en") != "Because everybody gets a turn" {
			t.Errorf("turn %d: %s, %q", turn, p[0].ID, p[0].Reason.In("en"))
		}
		if ids := idsOf(p); len(ids) != listed || slices.Index(ids[1:], ids[0]) >= 0 {
			t.Errorf("turn %d: %v", turn, ids)
		}
	}
}

func TestRank_OnePickIsDrawnWithAChanceThatIsSo(t *testing.T) {
	c := catalogue(t)
	usual := c.Rank(Query{}, listed)
	drawn, chance := map[string]int{}, map[string]float64{}
	const draws = 4000
	for seed := range uint64(draws) {
		picks := c.Rank(Query{Explore: seed + 1}, listed)
		last := picks[listed-1]
		if !slices.Equal(idsOf(picks[:listed-1]), idsOf(usual[:listed-1])) || last.Chance >= 1 || last.Reason.In("en") != "Something different, to see if you like it" {
			t.Fatalf("seed %d: %v, last with the chance %g", seed, idsOf(picks), last.Chance)
		}
		drawn[last.ID]++
		chance[last.ID] = last.Chance
	}
	all := 0.0
	for id, n := range drawn {
		all += chance[id]
		if is := float64(n) / draws; math.Abs(is-chance[id]) > 0.02 {
			t.Errorf("%s: drawn %.3f of the times, said %.3f", id, is, chance[id])
		}
	}
	if math.Abs(all-1) > 1e-9 {
		t.Errorf("the chances add up to %g", all)
	}
	for _, p := range usual {
		if p.Chance != 1 {
			t.Errorf("%s has the chance %g", p.ID, p.Chance)
		}
	}
	if p := c.Rank(Query{Explore: 1}, exploreLeast-1); p[len(p)-1].Chance != 1 {
		t.Error("a short list has a pick to learn from")
	}
}

func TestRank_SharesAddUpToTheScore(t *testing.T) {
	base := catalogue(t)
	for name, c := range map[string]*Catalogue{"alone": base, "learned": base.WithModel(Training{Published: crowd(50), Live: crowd(200)}.Model())} {
		for _, q := range append(queries(t), Query{Members: []Member{likes("nosferatu-1922", "sintel-2010"), likes("nosferatu-1922", "wings-1927")}}) {
			var rest []float64 // what is nobody's: the same for all picks
			for _, p := range c.Rank(q, 12) {
				sum := 0.0
				for _, s := range p.Shares {
					sum += s.Value
				}
				rest = append(rest, p.Score-sum)
			}
			if slices.Max(rest)-slices.Min(rest) > 1e-4 {
				t.Errorf("%s: what is left of the scores of picks: %v", name, rest)
			}
		}
	}
}

func TestRank_ALearnedReasonTellsOfNobodyAlone(t *testing.T) {
	c := catalogue(t).WithModel(Training{Live: crowd(200)}.Model())
	for members, want := range map[int]string{1: "Because of what was marked here", 2: "Because 2 of you marked “Nosferatu”"} {
		q := Query{Seen: []string{"nosferatu-1922"}}
		for range members {
			q.Members = append(q.Members, likes("nosferatu-1922"))
		}
		var told []string
		for _, p := range c.Rank(q, 6) {
			told = append(told, p.Reason.In("en"))
			for _, s := range p.Shares {
				told = append(told, s.Reason.In("en"))
			}
		}
		if !slices.Contains(told, want) {
			t.Errorf("%d members: %q", members, told)
		}
		if members == 1 && strings.Contains(strings.Join(told, " "), "Nosferatu") {
			t.Errorf("one person's taste is told: %q", told)
		}
	}
}

// meaningful knows two texts.
type meaningful map[string][]float32

func (m meaningful) Vector(text string) []float32 {
	for part, v := range m {
		if strings.Contains(text, part) {
			return v
		}
	}
	return []float32{1, 0, 0}
}

func TestRank_MeaningsFindWhatWordsDont(t *testing.T) {
	c := catalogue(t)
	q := Query{Path: []story.Step{chosen("Here", "Qqq xyzzy.", "Qwertz")}}
	place := places(c, q)
	id := c.Rank(q, listed)[3].ID
	of := film(t, c, id)
	c = c.WithMeanings(meaningful{"Qwertz": {0, 1, 0}, "xyzzy": {0, 0, 1}, of.In("en").Title: {0, 1, 0}})
	got := c.Rank(q, listed)[0]
	if got.ID != id || got.Reason.In("en") != "Because the room chose “Qwertz”" {
		t.Errorf("first is %s (%s was on place %d), %q", got.ID, id, place[id], got.Reason.In("en"))
	}
}

func TestRemembered_AnswersAtOnceAndKnowsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, ill := 0, true
		r := NewRemembered(func(_ context.Context, texts []string) ([][]float32, error) {
			if calls++; ill {
				return nil, errors.New("ill")
			}
			vectors := make([][]float32, len(texts))
			for i := range vectors {
				vectors[i] = []float32{1}
			}
			return vectors, nil
		})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); r.Run(ctx) }()
		for range 2 { // asked for once
			if r.Vector("sea") != nil {
				t.Error("knew it at once")
			}
		}
		synctest.Wait()
		ill = false
		if r.Vector("sea") != nil || calls != 1 {
			t.Errorf("%d calls, one of them failed", calls)
		}
		for i := range maxAsked + 10 {
			r.Vector(fmt.Sprint("text ", i)) // a full queue makes nobody wait
		}
		time.Sleep(askedTooSoon)
		synctest.Wait()
		if r.Vector("sea") == nil {
			t.Errorf("not known after %d calls", calls)
		}
		stop()
		<-ended
	})
}
