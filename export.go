package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator/gate"
	"kinoautomat/room"
)

// export writes journals as JSON lines. A node that keeps them in a folder must be stopped; a running one gives a room's journal at
// /api/v1/rooms/{room}/journal. Journals in Redis can be read at any time.
func export(ctx context.Context, args []string, stdout, _ io.Writer) (err error) {
	f := newSettings("export")
	data := f.String("data", "./data", "`folder` of journals")
	words := f.Bool("words", false, "print the word lists of the safety gate instead, as --gate-words of serve reads them")
	address := f.secret("redis", "`URL` of the Redis that has them, as for serve")
	if err := f.read(args, stdout); errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stdout, "\nThen name the rooms; without a name, all of them.")
		return nil
	} else if err != nil {
		return err
	}
	if *words {
		_, err := gate.BuiltIn().WriteTo(stdout)
		return err
	}
	storage, err := openJournals(ctx, *data, *address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, storage.Close()) }()
	rooms := f.Args()
	if len(rooms) == 0 {
		if rooms, err = storage.List(ctx, time.UnixMilli(0)); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(stdout)
	for _, id := range rooms {
		if err := exportRoom(ctx, storage, id, out); err != nil {
			return errors.Join(fmt.Errorf("export room %s: %w", id, err), out.Flush())
		}
	}
	return out.Flush()
}

// openJournals opens what a node keeps its rooms in; it makes nothing.
func openJournals(ctx context.Context, dir, address string) (storage, error) {
	if address != "" {
		if err := cluster.CheckRedis(address); err != nil {
			return nil, usagef("--redis: the address %w", err)
		}
		return cluster.OpenRedis(ctx, address, zap.NewNop())
	}
	if !cluster.Holds(dir) { // opening would make them
		return nil, usagef("export: there are no journals in %s; name the node's data folder with --data", dir)
	}
	embedded, err := cluster.OpenEmbedded(dir)
	if errors.Is(err, cluster.ErrInUse) {
		return nil, fmt.Errorf("%w; stop it, or read a room's journal from it: GET /api/v1/rooms/ROOM/journal", err)
	}
	return embedded, err
}

func exportRoom(ctx context.Context, rooms cluster.Rooms, id string, out io.Writer) error {
	for entry, err := range rooms.Read(ctx, id, 0) {
		if err != nil {
			return err
		}
		line, err := room.WithoutSecrets(entry.Body)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, `{"room":%q,"event":%s}`+"\n", id, line); err != nil {
			return err
		}
	}
	return nil
}
