package recommendation

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"kinoautomat/recommend"
)

// General is a method's accuracy for people of whom most ratings are known.
type General struct {
	Method string `json:"method"`
	NDCG   spread `json:"ndcg_10"`
	Recall spread `json:"recall_10"`
}

const (
	ofProduction = "Kinoautomat"
	ofOnline     = "Kinoautomat, counts only"
	ofStrict     = "Kinoautomat, counts only, pairs of 20 people on"
	ofEASE       = "EASE, lambda 250"
	ofHead       = "EASE, lambda 250, the 2,000 most popular films"
	ofNearest    = "co-occurrence, 50 nearest"
	ofPopularity = "popularity"
)

// parts splits n ratings of a person at random into 8 : 1 : 1, by the rounding rule of RecBole: what is left over goes to the first part,
// and a part that would get less than one rating gets one.
func parts(n int, random *rand.Rand) (train, valid, test []int) {
	order := random.Perm(n)
	tenth := n / 10
	first := n - 2*tenth
	counts := [2]int{tenth, tenth}
	for i := 1; i >= 0 && first > 1; i-- {
		if n < 10 {
			counts[i]++
			first--
		}
	}
	return order[:first], order[first : first+counts[0]], order[first+counts[0]:]
}

// general is the protocol of RecBole: all ratings count as likes, a tenth of each person's is to be found among all films.
func (b Bench) general(ctx context.Context, w *world, r *Report, progress io.Writer) error {
	names := []string{ofProduction, ofOnline, ofStrict, ofEASE, ofHead, ofNearest, ofPopularity}
	ndcg, recall := map[string][]float64{}, map[string][]float64{}
	for seed := range b.Seeds {
		random := randomness(seed, 1)
		train, known, wanted := make([][]int32, len(w.set.People)), make([][]int32, len(w.set.People)), make([]map[int32]bool, len(w.set.People))
		for p, rated := range w.set.People {
			a, v, t := parts(len(rated), random)
			for _, i := range a {
				train[p] = append(train[p], rated[i].Film)
			}
			known[p] = append(known[p], train[p]...)
			for _, i := range v {
				known[p] = append(known[p], rated[i].Film)
			}
			wanted[p] = map[int32]bool{}
			for _, i := range t {
				wanted[p][rated[i].Film] = true
			}
		}
		methods, err := w.generalMethods(train, known)
		if err != nil {
			return err
		}
		for _, name := range names {
			var sumN, sumR, n float64
			for p := range train {
				if len(wanted[p]) == 0 {
					continue
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				a, c := gain(methods[name](p), wanted[p])
				sumN, sumR, n = sumN+a, sumR+c, n+1
			}
			ndcg[name], recall[name] = append(ndcg[name], sumN/n), append(recall[name], sumR/n)
		}
		fmt.Fprintf(progress, "general, seed %d: %s %.4f, EASE %.4f\n", seed, ofProduction, ndcg[ofProduction][seed], ndcg[ofEASE][seed])
	}
	fmt.Fprintf(progress, "\n%-50s %8s %8s %10s\n", "general, 8:1:1, full ranking", "NDCG@10", "± sd", "Recall@10")
	for _, name := range names {
		row := General{name, over(ndcg[name]), over(recall[name])}
		r.General = append(r.General, row)
		fmt.Fprintf(progress, "%-50s %8.4f %8.4f %10.4f\n", name, row.NDCG.Mean, row.NDCG.Deviation, row.Recall.Mean)
	}
	fmt.Fprintln(progress)
	of := func(name string) float64 { return over(ndcg[name]).Mean }
	r.bar("general: NDCG@10 against EASE", of(ofProduction), of(ofEASE), false)
	r.bar("general: NDCG@10 against EASE of the same films", of(ofProduction), of(ofHead), false)
	r.bar("general: NDCG@10 of counts only against co-occurrence", of(ofOnline), of(ofNearest), false)
	return nil
}

// generalMethods list ten films for a person.
func (w *world) generalMethods(train, known [][]int32) (map[string]func(person int) []int32, error) {
	counts := recommend.CountRatings(w.ids, train)
	ours := func(t recommend.Training) func(int) []int32 {
		c := w.taught(t)
		return func(p int) []int32 {
			return w.filmsOf(c.Best(recommend.Query{Members: []recommend.Member{w.member(train[p])}, Seen: w.idsOf(known[p])}, long))
		}
	}
	scores := make([]float32, len(w.ids))
	theirs := func(s scorer) func(int) []int32 {
		return func(p int) []int32 {
			clear(scores)
			s(train[p], scores)
			return top(scores, long, setOf(known[p]))
		}
	}
	ref := newReference(len(w.ids), train)
	ease, err := ref.ease(250, referenceHead)
	if err != nil {
		return nil, err
	}
	head, err := ref.ease(250, recommend.MaxHead)
	if err != nil {
		return nil, err
	}
	return map[string]func(int) []int32{
		ofHead:       theirs(head),
		ofProduction: ours(recommend.Training{Published: counts}), ofOnline: ours(recommend.Training{Published: counts, Online: true}),
		ofStrict: ours(recommend.Training{Live: counts}), ofEASE: theirs(ease), ofNearest: theirs(ref.nearest50()), ofPopularity: theirs(ref.popularity),
	}, nil
}

func setOf(films []int32) map[int32]bool {
	set := make(map[int32]bool, len(films))
	for _, f := range films {
		set[f] = true
	}
	return set
}
