package main

import (
	"context"
	"io"

	"kinoautomat/bench/recommendation"
)

// benchRecommend judges the sidebar's ranking on a folder of ratings.
func benchRecommend(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	b, f := recommendation.Bench{}, newSettings("bench recommend")
	var only list
	f.StringVar(&b.Ratings, "ratings", "", "`folder` of ratings: of MovieLens, or as docs/catalogue.md describes")
	f.IntVar(&b.Seeds, "seeds", 5, "splits of the people and their ratings")
	f.IntVar(&b.Rooms, "rooms", 600, "rooms of each kind and split")
	f.IntVar(&b.People, "people", 10_000, "people at most; of larger sets the first are used")
	f.Var(&only, "only", "`part` to run: general, rooms, list or speed; repeatable (default: all)")
	err := readBench(f, args, stdout, func() error {
		b.Only = only
		return b.Check()
	})
	if err != nil {
		return err
	}
	report, err := b.Run(ctx, stderr)
	return printResult(stdout, report, err)
}
