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
	c.storage(s)
	c.stories(s)
	if _, err := readCatalogue(s.catalogue); err != nil {
		c.fail("catalogue", err.Error())
	} else {
		c.ok("catalogue", "can be read")
	}
	if err := c.backends(ctx, s); err != nil {
		return err
	}
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

func (c *checkup) storage(s *serveSettings) {
	storage, err := cluster.OpenEmbedded(s.data)
	if err != nil {
		c.fail("storage", err.Error()+"; stop the other node, or choose another folder with --data")
		return
	}
	defer storage.Close()
	rooms, err := storage.List(context.Background(), time.UnixMilli(0))
	if err != nil {
		c.fail("storage", err.Error())
		return
	}
	c.ok("storage", fmt.Sprintf("%s can be written and holds %d rooms", s.data, len(rooms)))
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
		start, first := time.Now(), time.Duration(0)
		told, err := model.Tell(ctx, story.Cue{Language: "en", Direction: "Say in one sentence that the show can begin.", MaxChars: 200},
			func(string) error {
				if first == 0 {
					first = time.Since(start)
				}
				return nil
			})
		if err != nil {
			c.warn("narrator", fmt.Sprintf("%s does not answer as it should: %v; shows go on with reserve passages", b, err))
			continue
		}
		c.ok("narrator", fmt.Sprintf("%s told (%s); first sentence after %d ms", b, told.Why, first.Milliseconds()))
	}
	return nil
}
