package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"kinoautomat/room"
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
	takeovers  *prometheus.CounterVec
	repairs    prometheus.Counter
	stalled    prometheus.Gauge
	cutOff     prometheus.Gauge
	narrations *prometheus.CounterVec
	firstWord  prometheus.Histogram
	rate       prometheus.Histogram
	verdicts   *prometheus.CounterVec
	picks      *prometheus.CounterVec
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
		takeovers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kino_takeovers_total", Help: "Rooms that this node took over: silent = the owner was not heard any more, handed_over = it let go.",
		}, []string{"why"}),
		repairs: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "kino_repairs_total", Help: "Times that this node read a journal because the bus had lost something.",
		}),
		stalled: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kino_rooms_stalled", Help: "Rooms with viewers on this node that hear nothing of their owner.",
		}),
		cutOff: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "kino_cut_off", Help: "1 while this node cannot read or write journals, else 0; looked at every two seconds.",
		}),
		narrations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kino_narrations_total", Help: "Calls of model backends by outcome.",
		}, []string{"backend", "outcome"}),
		firstWord: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "kino_narration_first_word_seconds", Help: "Until a model's first word.", Buckets: prometheus.ExponentialBuckets(0.02, 2, 10),
		}),
	}
	m.rate = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "kino_narration_tokens_per_second", Help: "How fast models write, from the first word to the last.", Buckets: prometheus.ExponentialBuckets(5, 2, 8),
	})
	m.verdicts = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kino_gate_verdicts_total", Help: "Verdicts of the safety gate: passed, or the layer that blocked.",
	}, []string{"verdict"})
	m.picks = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "kino_picks_total", Help: "What became of picks of the sidebar: shown (once for each viewer), opened, liked, dismissed, wanted, started; by what gave them.",
	}, []string{"what", "source"})
	m.registry.MustRegister(m.viewers, m.rooms, m.deliveries, m.commands, m.drops, m.acks, m.appends, m.takeovers, m.repairs, m.stalled, m.cutOff, m.narrations, m.firstWord,
		m.rate, m.verdicts, m.picks,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, why := range []string{forSilence, forHandover} {
		m.takeovers.WithLabelValues(why) // so that the first one is an increase
	}
	return m
}

// happened counts what events of a journal say of picks. What is taken back stays counted.
func (m *Metrics) happened(events []room.Event) {
	for _, e := range events {
		for _, c := range room.PickCounts(e) {
			if c.N > 0 {
				m.picks.WithLabelValues(c.What, string(c.Source)).Add(float64(c.N))
			}
		}
	}
}

// Narrated counts a call of a model backend. firstWord is 0 where none came, and so is rate, in tokens per second, where it is not known.
func (m *Metrics) Narrated(backend, outcome string, firstWord time.Duration, rate float64) {
	m.narrations.WithLabelValues(backend, outcome).Inc()
	if firstWord > 0 {
		m.firstWord.Observe(firstWord.Seconds())
	}
	if rate > 0 {
		m.rate.Observe(rate)
	}
}

// Judged counts a verdict of the safety gate: "passed", or the layer that blocked.
func (m *Metrics) Judged(verdict string) { m.verdicts.WithLabelValues(verdict).Inc() }

// Backend is what a node knows of one of its model backends. Name is as the operator set it, without its key.
type Backend struct {
	Name        string
	Up          bool // it is asked, as far as is known
	Busy, Slots int  // calls under way, and calls that it takes at once
}

// Watch has backends told of at /metrics. now is called for every scrape, from any goroutine. Call it once; no two may have the same name.
func (m *Metrics) Watch(now func() []Backend) { m.registry.MustRegister(watched(now)) }

// watched are backends as a collector. It describes nothing beforehand: which there are is only known when it is asked.
type watched func() []Backend

var (
	backendUp    = prometheus.NewDesc("kino_backend_up", "Whether a model backend is asked (1) or left alone (0).", []string{"backend"}, nil)
	backendBusy  = prometheus.NewDesc("kino_backend_busy", "Calls of a model backend under way.", []string{"backend"}, nil)
	backendSlots = prometheus.NewDesc("kino_backend_slots", "Calls that a model backend takes at once.", []string{"backend"}, nil)
)

func (watched) Describe(chan<- *prometheus.Desc) {}

func (w watched) Collect(out chan<- prometheus.Metric) {
	for _, b := range w() {
		up := 0.0
		if b.Up {
			up = 1
		}
		for _, v := range []struct {
			desc  *prometheus.Desc
			value float64
		}{{backendUp, up}, {backendBusy, float64(b.Busy)}, {backendSlots, float64(b.Slots)}} {
			out <- prometheus.MustNewConstMetric(v.desc, prometheus.GaugeValue, v.value, b.Name)
		}
	}
}
