package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"

	"go.uber.org/zap"

	"kinoautomat/narrator"
	"kinoautomat/narrator/gate"
	"kinoautomat/narrator/plan"
	"kinoautomat/server"
)

// teller is a node's narrator: models behind a gate, with the author's words as the last rungs, written ahead while people vote.
type teller struct {
	*narrator.Ahead
	ladder *narrator.Ladder
	stop   context.CancelFunc
	checks sync.WaitGroup // of the models' health
}

func (s *serveSettings) teller(ctx context.Context, log *zap.Logger, metrics *server.Metrics) (*teller, error) {
	backends, err := findBackends(ctx, s.llm)
	if err != nil {
		return nil, err
	}
	options := narrator.Options{OnOutcome: func(o narrator.Outcome) { metrics.Narrated(o.Backend, o.Why, o.FirstWord, o.Rate) }}
	models, err := openModels(backends, options, log)
	if err != nil {
		return nil, usagef("--llm: %w", err)
	}
	lists, err := readGateWords(s.gateWords)
	if err != nil {
		return nil, usagef("--gate-words: %w", err)
	}
	ladder := narrator.NewLadder(log, models...)
	pools := []*narrator.Pool{ladder.Pool()}
	judge := gate.Options{OnVerdict: func(v gate.Verdict) { metrics.Judged(cmp.Or(string(v.Layer), "passed")) }}
	if s.guard != "" {
		pool, err := openGuard(s.guard, options, log)
		if err != nil {
			return nil, usagef("--guard: %w", err)
		}
		pools, judge.Guard = append(pools, pool), narrator.NewGuard(pool)
	}
	ladder.SetGate(lists, judge)
	t := &teller{ladder: ladder, Ahead: narrator.NewAhead(ladder, plan.DefaultBudget(), ladder.Pool().Spare, ladder.Warm)}
	metrics.Watch(func() []server.Backend { return health(pools) })
	checking, stop := context.WithCancel(ctx)
	t.stop = stop
	for _, pool := range pools {
		t.checks.Go(func() { pool.Run(checking) })
	}
	return t, nil
}

// close waits for everything that was started. No room may be telling any more.
func (t *teller) close() {
	t.Ahead.Close()
	t.stop()
	t.checks.Wait()
}

// health is what the models are like now, for whoever watches the node. A model may be in several pools.
func health(pools []*narrator.Pool) []server.Backend {
	known := map[string]server.Backend{}
	for _, pool := range pools {
		for _, m := range pool.Models() {
			s := m.Status()
			b := known[s.Backend]
			known[s.Backend] = server.Backend{Name: s.Backend, Up: s.Ill == "" && s.Breaker != "open", Busy: b.Busy + s.Busy, Slots: b.Slots + s.Slots}
		}
	}
	return slices.Collect(maps.Values(known))
}

func openModels(backends []narrator.Backend, options narrator.Options, log *zap.Logger) ([]*narrator.Model, error) {
	var models []*narrator.Model
	for _, b := range backends {
		model, err := narrator.NewModel(b, options, log)
		if err != nil {
			return nil, err
		}
		log.Info("model backend", zap.Stringer("backend", b))
		models = append(models, model)
	}
	return models, nil
}

func openGuard(setting string, options narrator.Options, log *zap.Logger) (*narrator.Pool, error) {
	backend, err := narrator.ParseBackend(setting)
	if err != nil {
		return nil, err
	}
	models, err := openModels([]narrator.Backend{backend}, options, log)
	if err != nil {
		return nil, err
	}
	return narrator.NewPool(models...), nil
}

// readGateWords are the gate's own lists with the changes of a file, if there is one.
func readGateWords(path string) (gate.Lists, error) {
	if path == "" {
		return gate.BuiltIn(), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return gate.Lists{}, err
	}
	defer file.Close()
	lists, err := gate.BuiltIn().Extend(file)
	if err != nil {
		return gate.Lists{}, fmt.Errorf("%s: %w", path, err)
	}
	return lists, nil
}

// findBackends reads --llm; auto takes a local model server if one answers.
func findBackends(ctx context.Context, wanted list) ([]narrator.Backend, error) {
	if len(wanted) == 0 {
		wanted = list{"auto"}
	}
	var backends []narrator.Backend
	for _, text := range wanted {
		switch text {
		case "off":
		case "auto":
			if b, ok := narrator.Detect(ctx); ok {
				backends = append(backends, b)
			}
		default:
			b, err := narrator.ParseBackend(text)
			if err != nil {
				return nil, usagef("--llm: %w", err)
			}
			backends = append(backends, b)
		}
	}
	return backends, nil
}
