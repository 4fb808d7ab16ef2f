package main

import (
	"context"
	"sync"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/recommend"
)

// meanings are what the sidebar knows of texts by an embedding model.
type meanings struct {
	*recommend.Remembered
	stop   context.CancelFunc
	asking sync.WaitGroup
}

// meanings starts to ask the model of --embeddings; nil where there is none.
func (s *serveSettings) meanings(ctx context.Context, log *zap.Logger) (*meanings, error) {
	backend, found, err := findEmbeddings(ctx, s.embeddings)
	if err != nil || !found {
		return nil, err
	}
	log.Info("embedding model", zap.Stringer("backend", backend))
	m := &meanings{Remembered: recommend.NewRemembered(narrator.NewEmbedder(backend, log).Vectors)}
	asking, stop := context.WithCancel(ctx)
	m.stop = stop
	m.asking.Go(func() { m.Run(asking) })
	return m, nil
}

// close waits for the call under way.
func (m *meanings) close() {
	if m != nil {
		m.stop()
		m.asking.Wait()
	}
}

// findEmbeddings reads --embeddings; auto takes a local model server that has a model for it.
func findEmbeddings(ctx context.Context, wanted list) (narrator.Backend, bool, error) {
	switch {
	case len(wanted) > 1:
		return narrator.Backend{}, false, usagef("--embeddings: name one backend: vectors of two models cannot be compared")
	case len(wanted) == 0 || wanted[0] == "auto":
		b, found := narrator.DetectEmbeddings(ctx)
		return b, found, nil
	case wanted[0] == "off":
		return narrator.Backend{}, false, nil
	}
	b, err := narrator.ParseBackend(wanted[0])
	if err != nil {
		return narrator.Backend{}, false, usagef("--embeddings: %w", err)
	}
	return b, true, nil
}
