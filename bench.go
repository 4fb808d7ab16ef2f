package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"go.uber.org/zap"

	"kinoautomat/bench"
	"kinoautomat/cluster"
)

const benchUsage = `usage: kinoautomat bench BENCHMARK [flags]

fanout, vote and soak start a node of their own on loopback, or drive the one at --url, from outside over real sockets. The result is one JSON object on
standard output; progress goes to standard error. docs/benchmarks.md says what the figures mean.

  fanout     viewers in one room hear lines of chat: cost and latency of deliveries, memory of a viewer
  vote       viewers vote in one poll: latency of acknowledgements, and whether every ballot counts once
  soak       shows run in several rooms for a long time, viewers vote, come and go: whether memory, goroutines, open files or keys of
             Redis grow
  takeover   nodes of its own on one Redis, whose owners of rooms are killed in mid-poll: time until viewers elsewhere go on, and whether
             every ballot counts once
  narrator   writing ahead on a fake model backend: silence before a scene, what it costs, many rooms at once; with --llm, whether a
             real backend is fit for shows
  recommend  the sidebar's ranking on ratings of real people: accuracy, rooms, diversity, reasons, speed

kinoautomat bench BENCHMARK --help lists a benchmark's flags with their defaults.
`

// runBench runs one benchmark.
func runBench(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	benchmarks := map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"fanout": benchFanout, "vote": benchVote, "soak": benchSoak, "takeover": benchTakeover, "narrator": benchNarrator, "recommend": benchRecommend,
		"floor": benchFloor, // started by fanout --floor
	}
	if len(args) == 0 {
		fmt.Fprint(stdout, benchUsage)
		return usagef("name a benchmark")
	}
	switch args[0] {
	case "help", "--help", "-help", "-h":
		fmt.Fprint(stdout, benchUsage)
		return nil
	}
	run, known := benchmarks[args[0]]
	if !known {
		return usagef("there is no benchmark %q; kinoautomat bench --help lists them", args[0])
	}
	err := run(ctx, args[1:], stdout, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil && ctx.Err() != nil: // a Ctrl-C ends the node too, and then anything may fail
		return errors.New("interrupted before the benchmark had a result")
	}
	return err
}

// targetSettings are the flags that say which node is measured.
func targetSettings(f *settings) (read func() (bench.Target, error)) {
	url := f.String("url", "", "`URL` of a running node, http://HOST:PORT, or of several that share rooms, by commas (default: start one, and stop it afterwards)")
	token := f.secret("admin-token", "admin's `token`, where the node of --url wants it to make a room")
	pid := f.Int("pid", 0, "`process` of the first node of --url, to read its CPU time and memory")
	story := f.String("story", "", "`story` of the room (default: the node's first)")
	return func() (bench.Target, error) {
		program, err := os.Executable()
		return bench.Target{URL: *url, AdminToken: *token, PID: *pid, Story: *story, Program: []string{program}}, err
	}
}

// readBench reads a benchmark's flags and has them checked.
func readBench(f *settings, args []string, stdout io.Writer, check func() error) error {
	if err := f.read(args, stdout); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return usagef("%s: %q is not a flag", f.Name(), f.Arg(0))
	}
	if err := check(); err != nil {
		return usagef("%s: %w", f.Name(), err)
	}
	return nil
}

func benchFanout(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	b, f := bench.Fanout{}, newSettings("bench fanout")
	f.IntVar(&b.Viewers, "viewers", 1000, "viewers in the room")
	f.Float64Var(&b.Rate, "rate", 10, "lines of chat per second")
	f.IntVar(&b.Bytes, "bytes", 250, "size of one event, about; what it really was is in the result")
	f.Float64Var(&b.Seconds, "seconds", 10, "how long lines are said")
	f.BoolVar(&b.Floor, "floor", false, "compare with a plain loop that writes the same bytes to as many sockets")
	target := targetSettings(f)
	err = readBench(f, args, stdout, func() error {
		if b.Target, err = target(); err != nil {
			return err
		}
		return b.Check()
	})
	if err != nil {
		return err
	}
	report, err := b.Run(ctx, stderr)
	return printResult(stdout, report, err)
}

func benchVote(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	b, f := bench.Vote{}, newSettings("bench vote")
	f.IntVar(&b.Viewers, "viewers", 1000, "viewers who vote")
	f.DurationVar(&b.Within, "within", 10*time.Second, "`time` over which the ballots are spread")
	f.Float64Var(&b.Changes, "changes", 0.2, "`share` of the viewers who change their ballot afterwards, at the same pace")
	target := targetSettings(f)
	err = readBench(f, args, stdout, func() error {
		if b.Target, err = target(); err != nil {
			return err
		}
		return b.Check()
	})
	if err != nil {
		return err
	}
	report, err := b.Run(ctx, stderr)
	return printResult(stdout, report, err)
}

func benchSoak(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	b, f := bench.Soak{}, newSettings("bench soak")
	f.IntVar(&b.Viewers, "viewers", 2000, "viewers in all rooms together")
	f.IntVar(&b.Rooms, "rooms", 20, "rooms")
	f.DurationVar(&b.For, "for", 30*time.Minute, "`time` of the soak; its first third is the warm-up")
	f.Float64Var(&b.Churn, "churn", 0.1, "`share` of the viewers who are replaced per minute")
	redis := redisSetting(f, "of the Redis of the node at --url, or for the node that is started, whose keys have the prefix kino-bench there unless it names another: whether there are ever more keys is watched too")
	target := targetSettings(f)
	var address string
	err = readBench(f, args, stdout, func() error {
		if b.Target, err = target(); err != nil {
			return err
		}
		if address, err = redis(b.URL == ""); err != nil {
			return err
		}
		return b.Check()
	})
	if err != nil {
		return err
	}
	if address != "" {
		shared, err := cluster.OpenRedis(ctx, address, zap.NewNop())
		if err != nil {
			return fmt.Errorf("%w; %s", err, cluster.RedisAdvice(err))
		}
		defer shared.Close()
		b.Redis, b.Keys = address, shared.Keys
	}
	report, err := b.Run(ctx, stderr)
	return printResult(stdout, report, err)
}

func benchFloor(ctx context.Context, args []string, stdout, _ io.Writer) error {
	b, f := bench.Floor{}, newSettings("bench floor")
	f.IntVar(&b.Viewers, "viewers", 1000, "connections to wait for")
	f.Float64Var(&b.Rate, "rate", 10, "frames per second to each")
	f.IntVar(&b.Bytes, "bytes", 250, "size of a frame without its head")
	f.Float64Var(&b.Seconds, "seconds", 10, "how long frames are written")
	if err := readBench(f, args, stdout, func() error { return b.Check() }); err != nil {
		return err
	}
	return b.Run(ctx, os.Stdin, stdout)
}

// printResult prints what there is, also when it comes with a reason to fail.
func printResult[R any](stdout io.Writer, report *R, failed error) error {
	if report == nil {
		return failed
	}
	out := json.NewEncoder(stdout)
	out.SetIndent("", "  ")
	return errors.Join(failed, out.Encode(report))
}
