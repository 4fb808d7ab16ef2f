package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"kinoautomat/cluster"
	"kinoautomat/narrator/gate"
	"kinoautomat/room"
)

// export writes journals as JSON lines. The node must be stopped; a running one gives a room's journal at /api/v1/rooms/{room}/journal.
func export(ctx context.Context, args []string, stdout, _ io.Writer) (err error) {
	f := newSettings("export")
	data := f.String("data", "./data", "`folder` of journals")
	words := f.Bool("words", false, "print the word lists of the safety gate instead, as --gate-words of serve reads them")
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
	if !cluster.Holds(*data) { // opening would make them
		return usagef("export: there are no journals in %s; name the node's data folder with --data", *data)
	}
	storage, err := cluster.OpenEmbedded(*data)
	if errors.Is(err, cluster.ErrInUse) {
		return fmt.Errorf("%w; stop it, or read a room's journal from it: GET /api/v1/rooms/ROOM/journal", err)
	}
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
