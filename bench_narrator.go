package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"kinoautomat/bench/narration"
)

// benchNarrator measures on a fake backend, or looks at the real ones that --llm names.
func benchNarrator(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	b, c, f := narration.Bench{}, narration.Checkup{}, newSettings("bench narrator")
	var llm list
	f.Var(&llm, "llm", "model `backend` to check, as serve takes it; repeatable (default: none, figures come from a fake backend inside the process)")
	f.IntVar(&c.Streams, "streams", 8, "calls of a backend of --llm at once")
	f.IntVar(&b.Polls, "polls", 200, "polls on the fake backend")
	f.DurationVar(&b.Voting, "voting", 20*time.Second, "`time` that a poll on the fake backend lasts")
	f.IntVar(&b.Rooms, "rooms", 200, "rooms that the fake backend tells to at once")
	err := readBench(f, args, stdout, func() error {
		if err := b.Check(); err != nil {
			return err
		}
		return c.Check()
	})
	if err != nil {
		return err
	}
	if len(llm) == 0 {
		report, err := b.Run(ctx, stderr)
		return printResult(stdout, report, err)
	}
	if c.Backends, err = findBackends(ctx, llm); err != nil {
		return err
	}
	if len(c.Backends) == 0 {
		return fmt.Errorf("--llm %s: there is no backend to check", llm.String())
	}
	report, err := c.Run(ctx, stderr)
	return printResult(stdout, report, err)
}
