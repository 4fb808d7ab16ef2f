package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"kinoautomat/cluster"
	"kinoautomat/faults"
)

// benchTakeover kills nodes of its own under viewers who vote.
func benchTakeover(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	b, f := faults.Bench{}, newSettings("bench takeover")
	f.IntVar(&b.Nodes, "nodes", 3, "nodes to start")
	f.IntVar(&b.Rooms, "rooms", 6, "rooms, each with a show that goes round and round")
	f.IntVar(&b.Viewers, "viewers", 200, "viewers in all rooms together, spread over the nodes")
	f.IntVar(&b.Kills, "kills", 10, "times that the owner of a room is killed in mid-poll")
	redis := redisSetting(f, "of a Redis for the nodes, whose keys have the prefix kino-bench there unless it names another (default: a redis-server from PATH is started, and stopped afterwards)")
	err := readBench(f, args, stdout, func() (err error) {
		if b.Redis, err = redis(true); err != nil {
			return err
		}
		program, err := os.Executable()
		if err != nil {
			return err
		}
		b.Program = []string{program}
		return b.Check()
	})
	if err != nil {
		return err
	}
	report, err := b.Run(ctx, stderr)
	return printResult(stdout, report, err)
}

// redisSetting is the flag that names a Redis. own: for nodes that the benchmark starts. What they keep there has a prefix of its own, unless the
// address has one: they shall neither find the rooms of others nor take them over.
func redisSetting(f *settings, usage string) (read func(own bool) (string, error)) {
	address := f.secret("redis", "`URL` "+usage)
	return func(own bool) (string, error) {
		if *address == "" {
			return "", nil
		}
		if err := cluster.CheckRedis(*address); err != nil {
			return "", fmt.Errorf("--redis: the address %w", err)
		}
		before, query, asked := strings.Cut(*address, "?")
		switch {
		case !own:
			return *address, nil
		case !asked:
			return before + "?prefix=kino-bench", nil
		case !strings.HasPrefix(query, "prefix=") && !strings.Contains(query, "&prefix="):
			return before + "?prefix=kino-bench&" + query, nil
		}
		return *address, nil
	}
}
