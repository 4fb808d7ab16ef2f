package server

import (
	"context"
	"io/fs"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"kinoautomat/story"
)

// Shelf holds the stories of a node and rereads them when their folder changes. A story with errors leaves the others alone.
type Shelf struct {
	folder  fs.FS
	log     *zap.Logger
	library atomic.Pointer[story.Library]
	state   string // names, sizes and times of the folder's files; owned by Watch after NewShelf
}

// rereadEvery is how often a folder is looked at.
const rereadEvery = 2 * time.Second

// NewShelf reads the stories of a folder. Problems are logged, by file, line and passage.
func NewShelf(folder fs.FS, log *zap.Logger) *Shelf {
	s := &Shelf{folder: folder, log: log.Named("shelf")}
	s.reread()
	return s
}

// Story finds an edition; see story.Library.
func (s *Shelf) Story(id, language string) (*story.Story, bool) {
	return s.Library().Story(id, language)
}

// Library is the stories of now.
func (s *Shelf) Library() *story.Library { return s.library.Load() }

func (s *Shelf) reread() {
	s.state = s.look()
	library, report := story.Open(s.folder)
	for _, p := range report.Problems {
		if p.Severity == story.SeverityNote {
			continue
		}
		s.log.Warn("story problem", zap.String("file", p.File), zap.Int("line", p.Line), zap.String("passage", p.Passage),
			zap.String("severity", string(p.Severity)), zap.String("problem", p.Text))
	}
	s.library.Store(library)
}

// look is a folder in one string that changes when a file does.
func (s *Shelf) look() string {
	var all strings.Builder
	// What cannot be read now changes the string again when it can.
	_ = fs.WalkDir(s.folder, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && !d.IsDir() {
			all.WriteString(path + " " + strconv.FormatInt(info.Size(), 10) + " " + info.ModTime().String() + "\n")
		}
		return nil
	})
	return all.String()
}

// Watch rereads the folder when it changes, until ctx is done.
func (s *Shelf) Watch(ctx context.Context) {
	tick := time.NewTicker(rereadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := s.look(); now != s.state {
			s.reread()
			s.log.Info("stories reread")
		}
	}
}
