package recommendation

import (
	"maps"
	"slices"

	"kinoautomat/recommend"
)

// moody is the catalogue with the moods of its genres as if they were its films' own: what F would be where nobody wrote moods down.
func (c *cold) moody() *recommend.Catalogue {
	films := make([]*recommend.Item, len(c.set.Films))
	for i, film := range c.set.Films {
		felt := *film
		felt.Mood = recommend.MoodOf(film.Genres)
		films[i] = &felt
	}
	moody, err := recommend.New(films)
	if err != nil {
		return c.ours // as it worked before, it works
	}
	return moody.WithModel(c.ours.Model())
}

// feelingsOf are the shares of feelings of what was felt well.
func (c *cold) feelingsOf(stars map[int32]float64) map[string]float64 {
	shares, all := map[string]float64{}, 0.0
	for _, f := range slices.Sorted(maps.Keys(stars)) {
		for feeling, share := range recommend.MoodOf(c.set.Films[f].Genres) {
			shares[feeling] += stars[f] * share
			all += stars[f] * share
		}
	}
	for feeling := range shares {
		if all > 0 {
			shares[feeling] /= all
		}
	}
	return shares
}
