package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/narrator"
	"kinoautomat/server"
	"kinoautomat/stories"
	"kinoautomat/story"
)

// checkup prints what it finds, and remembers whether something must be mended.
type checkup struct {
	out  io.Writer
	sick bool
}

func (c *checkup) ok(what, detail string) { fmt.Fprintf(c.out, "ok    %-10s %s\n", what, detail) }

func (c *checkup) warn(what, detail string) { fmt.Fprintf(c.out, "warn  %-10s %s\n", what, detail) }

func (c *checkup) fail(what, detail string) {
	c.sick = true
	fmt.Fprintf(c.out, "FAIL  %-10s %s\n", what, detail)
}

// doctor takes the flags of serve and says what a node started with them would use.
func doctor(ctx context.Context, args []string, stdout, _ io.Writer) error {
	s, err := readServeSettings(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	c := &checkup{out: stdout}
	c.address(s)
	c.files()
	if s.redis != "" {
		c.redis(ctx, s.redis)
	} else {
		c.storage(s)
	}
	c.stories(s)
	if _, err := readCatalogue(s.catalogue); err != nil {
		c.fail("catalogue", err.Error())
	} else {
		c.ok("catalogue", "can be read")
	}
	if err := c.backends(ctx, s); err != nil {
		return err
	}
	if err := c.meanings(ctx, s); err != nil {
		return err
	}
	c.gate(ctx, s)
	if c.sick {
		return errors.New("something must be mended before this node can serve")
	}
	return nil
}

func (c *checkup) address(s *serveSettings) {
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		c.fail("address", fmt.Sprintf("%s cannot be listened on: %v; choose another with --addr", s.addr, err))
		return
	}
	listener.Close()
	c.ok("address", s.addr+" is free")
}

// Each viewer is an open file, and the rest of a node needs less than filesBeside.
const (
	filesBeside = 100
	filesWanted = 4096
)

func (c *checkup) files() {
	n := openFiles()
	switch {
	case n == 0: // not known here
	case n < filesWanted:
		c.warn("files", fmt.Sprintf("%d may be open, so there is room for %d viewers; raise the limit (ulimit -n, LimitNOFILE)", n, max(n, filesBeside)-filesBeside))
	default:
		c.ok("files", fmt.Sprintf("%d may be open", n))
	}
}

func (c *checkup) storage(s *serveSettings) {
	if err := server.CheckKeys(s.data); err != nil {
		c.fail("keys", err.Error())
	}
	rooms, err := tryStorage(s.data)
	switch {
	case errors.Is(err, cluster.ErrInUse):
		c.fail("storage", err.Error()+"; stop the other node, or choose another folder with --data")
	case err != nil:
		c.fail("storage", err.Error()+"; see that the disk has room and that you may write to it, or choose another folder with --data. "+
			"A damaged rooms.db can only be replaced by a copy, or moved away with its rooms")
	default:
		c.ok("storage", fmt.Sprintf("%s can be written and holds %d rooms", s.data, rooms))
	}
}

// redis says what the Redis is worth that a node would share.
func (c *checkup) redis(ctx context.Context, address string) {
	shared, err := cluster.OpenRedis(ctx, address, zap.NewNop())
	if err != nil {
		c.fail("redis", fmt.Sprintf("%v; %s", err, cluster.RedisAdvice(err)))
		return
	}
	defer shared.Close()
	c.ok("redis", shared.Place()+" answers")
	for _, found := range append(shared.Examine(ctx), shared.Rehearse(ctx)) {
		switch found.Grade {
		case cluster.Good:
			c.ok("", found.Text)
		case cluster.Doubtful:
			c.warn("", found.Text)
		case cluster.Bad:
			c.fail("", found.Text)
		}
	}
	if rooms, err := shared.List(ctx, time.UnixMilli(0)); err == nil {
		c.ok("", fmt.Sprintf("holds %d rooms", len(rooms)))
	}
}

// tryStorage reads a data folder, writes to it, and counts its rooms.
func tryStorage(dir string) (rooms int, err error) {
	storage, err := cluster.OpenEmbedded(dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, storage.Close()) }()
	found, err := storage.List(context.Background(), time.UnixMilli(0))
	if err != nil {
		return 0, fmt.Errorf("read journals in %s: %w", dir, err)
	}
	if err := storage.Probe(context.Background()); err != nil {
		return 0, fmt.Errorf("write journals in %s: %w", dir, err)
	}
	return len(found), nil
}

func (c *checkup) stories(s *serveSettings) {
	var folder fs.FS = stories.FS
	if s.stories != "" {
		folder = os.DirFS(s.stories)
	}
	library, report := story.Open(folder)
	if err := report.Err(); err != nil {
		c.fail("stories", fmt.Sprintf("%v; kinoautomat import names every problem", err))
		return
	}
	if len(library.Editions()) == 0 {
		c.fail("stories", "there is none; put Twee files into the folder of --stories")
		return
	}
	c.ok("stories", fmt.Sprintf("%d can be shown", len(library.Editions())))
}

func (c *checkup) backends(ctx context.Context, s *serveSettings) error {
	backends, err := findBackends(ctx, s.llm)
	if err != nil {
		return err
	}
	if len(backends) == 0 {
		c.warn("narrator", "no model backend: cues are told from reserve passages and authored text; see --llm")
	}
	for _, b := range backends {
		model, err := narrator.NewModel(b, narrator.Options{}, zap.NewNop())
		if err != nil {
			c.fail("narrator", err.Error())
			continue
		}
		c.ok("narrator", b.String())
		ill := false
		for _, found := range model.Examine(ctx) {
			if found.Good {
				c.ok("", found.Text)
			} else {
				c.warn("", found.Text)
				ill = true
			}
		}
		if ill {
			c.warn("", "where it fails, shows go on with the other backends and with the author's words")
		}
	}
	return nil
}

// meanings says what the embedding model is worth to the sidebar.
func (c *checkup) meanings(ctx context.Context, s *serveSettings) error {
	backend, found, err := findEmbeddings(ctx, s.embeddings)
	if err != nil {
		return err
	}
	if !found {
		c.ok("embeddings", "none: the sidebar compares words, not meanings; see --embeddings")
		return nil
	}
	c.ok("embeddings", backend.String())
	for _, found := range narrator.NewEmbedder(backend, zap.NewNop()).Examine(ctx) {
		if found.Good {
			c.ok("", found.Text)
		} else {
			c.warn("", found.Text)
		}
	}
	return nil
}
