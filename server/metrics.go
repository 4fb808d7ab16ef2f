package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are what an operator watches. None has a label that people could fill.
type Metrics struct {
	registry   *prometheus.Registry
	viewers    prometheus.Gauge
	rooms      prometheus.Gauge
	deliveries prometheus.Counter
	commands   *prometheus.CounterVec
	drops      *prometheus.CounterVec
	acks       prometheus.Histogram
	appends    prometheus.Histogram
	narrations *prometheus.CounterVec
	firstWord  prometheus.Histogram
}

func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		viewers:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "kino_viewers", Help: "WebSocket connections in rooms on this node."}),
		rooms:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "kino_rooms_owned", Help: "Rooms that this node owns."}),
		deliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kino_deliveries_total", Help: "Frames written to viewers.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kino_commands_total", Help: "Commands by type and by the code of their refusal (ok = done).",
		}, []string{"type", "code"}),
		drops: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kino_drops_total", Help: "Connections cut and payloads dropped, by reason.",
		}, []string{"reason"}),
		acks: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kino_command_seconds", Help: "From a command's arrival to its answer.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kino_append_seconds", Help: "Until an append to a journal is durable.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		narrations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kino_narrations_total", Help: "Calls of model backends by outcome.",
		}, []string{"backend", "outcome"}),
		firstWord: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kino_narration_first_word_seconds", Help: "Until a model's first word.", Buckets: prometheus.ExponentialBuckets(0.02, 2, 10),
		}),
	}
	m.registry.MustRegister(m.viewers, m.rooms, m.deliveries, m.commands, m.drops, m.acks, m.appends, m.narrations, m.firstWord,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Narrated counts a call of a model backend; firstWord is 0 where none came. It fits narrator.Options.OnOutcome.
func (m *Metrics) Narrated(backend, outcome string, _, firstWord time.Duration) {
	m.narrations.WithLabelValues(backend, outcome).Inc()
	if firstWord > 0 {
		m.firstWord.Observe(firstWord.Seconds())
	}
}
