package server

import (
	"time"

	"go.uber.org/zap"

	"kinoautomat/recommend"
)

// train makes a model of what people's ratings say, and puts it to use; until then lists are ranked without. It takes a core for up to two seconds.
func (s *Server) train() {
	if s.config.Catalogue == nil {
		return
	}
	began := time.Now()
	model := recommend.Training{Published: s.config.Catalogue.Published()}.Model()
	if model == nil {
		return
	}
	s.model.Store(model)
	s.log.Info("the sidebar has learned what people like", zap.Int("people", model.People()), zap.Duration("took", time.Since(began)))
}
