package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"kinoautomat/cluster"
	"kinoautomat/recommend"
	"kinoautomat/room"
	"kinoautomat/story"
	"kinoautomat/web"
)

// Config is what a node needs. Bus, Rooms, Shelf, Narrator and Log are required.
type Config struct {
	Bus       cluster.Bus
	Rooms     cluster.Rooms
	Shelf     *Shelf
	Narrator  room.Narrator
	Plan      room.Planner         // takes notes of what models told and invents the choices of bridges; nil = nobody does
	Expect    func(story.Outlook)  // hears what rooms may tell next; nil = nobody writes ahead
	Passes    func(string) bool    // the safety gate for what no model wrote; nil = everything passes
	Catalogue *recommend.Catalogue // nil = no sidebar
	Sums      cluster.Sums         // what rooms learn is added up in; nil = rooms teach nothing
	Metrics   *Metrics             // nil = a fresh one
	Log       *zap.Logger

	Keys           KeyKeeper // nil = nobody, and they end with the process
	AdminToken     string    // "" = made with the keys
	CreateToken    bool      // only the admin may create rooms
	PublicURL      string    // base of links; "" = from each request
	MaxPerAddress  int       // connections; loopback is exempt
	TrustedProxies []netip.Prefix
	Retention      time.Duration // rooms that were quiet for longer are deleted; 0 = 30 days
	Others         bool          // other nodes have the same Bus and Rooms
}

// Server is a node. Make one with New, then Run it once.
type Server struct {
	config  Config
	node    string // names this node on the bus
	keys    keys
	clock   *room.Clock // of all that viewers are told
	log     *zap.Logger
	metrics *Metrics
	limits  *limits
	hub     *hub
	edge    *edge
	owner   *owner
	listing *listing
	rank    func(room.Interest) room.Sidebar // nil = no sidebar

	learning *learning
	model    atomic.Pointer[recommend.Model] // what people like, as it was learned last; nil = nothing is known yet

	freshAdmin  bool
	connNumber  atomic.Uint64
	connections sync.WaitGroup // viewers' readers and goodbyes
	draining    atomic.Bool
	outage      outage

	ctx    context.Context // done when the node drains
	drain  context.CancelFunc
	alive  context.Context // done when everything has been said
	finish context.CancelFunc

	mu      sync.Mutex
	viewers map[*viewer]struct{} // guarded by mu
}

// New makes a node.
func New(config Config) (*Server, error) {
	k, fresh, err := loadKeys(config.Keys, config.AdminToken)
	if err != nil {
		return nil, err
	}
	if config.Metrics == nil {
		config.Metrics = NewMetrics()
	}
	if config.Retention == 0 {
		config.Retention = defaultRetention
	}
	s := &Server{
		config: config, node: uuid.NewString()[:8], keys: k, clock: room.NewClock(), freshAdmin: fresh, log: config.Log.Named("server"), metrics: config.Metrics,
		limits: newLimits(config.MaxPerAddress), viewers: map[*viewer]struct{}{},
	}
	s.alive, s.finish = context.WithCancel(context.Background())
	s.ctx, s.drain = context.WithCancel(s.alive)
	s.hub = newHub(s.alive, config.Bus, config.Rooms, &s.outage, s.log, s.metrics)
	s.edge = newEdge(s.node, config.Bus, s.log, s.metrics)
	s.edge.epochOf, s.hub.edge = s.hub.epochOf, s.edge
	s.rank, s.learning = s.sidebar(), s.learn()
	s.owner = &owner{
		node: s.node, bus: config.Bus, rooms: config.Rooms, stories: config.Shelf, narrator: config.Narrator, plan: config.Plan, expect: config.Expect, passes: config.Passes, recommend: s.rank, learn: s.learning.hear,
		clock: s.clock, outage: &s.outage, watched: func(roomID string) bool { return s.hub.seatCount(roomID) > 0 },
		log: s.log.Named("owner"), metrics: s.metrics, running: map[string]*tenancy{},
	}
	s.listing = &listing{node: s.node, bus: config.Bus, own: s.owner.summaries, log: s.log.Named("listing"), metrics: s.metrics, others: map[string]listed{}}
	s.owner.ctx, s.owner.stop = context.WithCancel(s.alive)
	s.hub.open, s.hub.others = s.owner.ensure, config.Others
	return s, nil
}

// FreshAdminToken is the admin's token when this start made it, to be shown once; else "".
func (s *Server) FreshAdminToken() string {
	if s.freshAdmin {
		return s.keys.Admin
	}
	return ""
}

// Handler is every route of a node.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))

	mux.HandleFunc("GET /api/v1/stories", s.getStories)
	mux.HandleFunc("GET /api/v1/rooms", s.getRooms)
	mux.HandleFunc("POST /api/v1/rooms", s.postRoom)
	mux.HandleFunc("GET /api/v1/rooms/{room}", s.getRoom)
	mux.HandleFunc("DELETE /api/v1/rooms/{room}", s.deleteRoom)
	mux.HandleFunc("GET /api/v1/rooms/{room}/journal", s.getJournal)
	mux.HandleFunc("GET /api/v1/rooms/{room}/report", s.getReport)
	mux.HandleFunc("GET /api/v1/rooms/{room}/ws", s.serveWebSocket)
	mux.HandleFunc("GET /api/v1/rooms/{room}/me", s.getKept)
	mux.HandleFunc("DELETE /api/v1/rooms/{room}/me", s.deleteKept)
	mux.HandleFunc("GET /api/v1/rooms/{room}/me/picks", s.getOwnPicks)
	mux.HandleFunc("DELETE /api/v1/me", s.forget)
	mux.HandleFunc("GET /api/v1/asyncapi.yaml", s.getDocument)
	mux.HandleFunc("GET /api/v1/openapi.yaml", s.getDocument)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		problem(w, http.StatusNotFound, "not_found", "Not Found", "There is no such call; see /api/v1/openapi.yaml.")
	})

	mux.Handle("GET /{$}", s.page("home"))
	mux.Handle("GET /r/{room}", s.page("room"))
	mux.Handle("GET /host/{room}", s.page("host"))
	mux.Handle("GET /screen/{room}", s.page("screen"))
	mux.Handle("GET /overlay/{room}", s.page("overlay"))
	mux.Handle("/", web.Handler())

	crossOrigin := http.NewCrossOriginProtection()
	if s.config.PublicURL != "" {
		if err := crossOrigin.AddTrustedOrigin(originOf(s.config.PublicURL)); err != nil {
			s.log.Warn("public URL is not an origin", zap.Error(err))
		}
	}
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem(w, http.StatusForbidden, room.CodeForbidden, "Cross-origin request", "This call may only come from the node's own pages.")
	}))
	return secure(crossOrigin.Handler(http.MaxBytesHandler(mux, maxBody)))
}

// Time that one request may take. WebSockets have times of their own.
const (
	headerTime  = 10 * time.Second
	requestTime = 60 * time.Second
	idleTime    = 2 * time.Minute
	handTime    = time.Second     // for rooms to be handed over, before viewers are told to go
	drainTime   = 8 * time.Second // for goodbyes; whoever stops us kills us after 10 s, as containers do
)

// Run serves until ctx is done, then drains: rooms are handed over, viewers are told to come back, and everything that was started has
// ended when Run returns.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	defer s.finish()
	var background sync.WaitGroup
	background.Go(func() { s.hub.run(s.alive) })
	background.Go(func() { s.edge.run(s.alive) })
	background.Go(func() { s.housekeeping(s.ctx) })
	background.Go(func() { s.config.Shelf.Watch(s.ctx) })
	background.Go(func() { s.listing.run(s.ctx) })
	background.Go(func() { s.owner.resume(s.ctx) })
	background.Go(func() { s.learning.run(s.alive) }) // until the rooms have said their last
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: idleTime,
		MaxHeaderBytes: 16 << 10, ErrorLog: zap.NewStdLog(s.log.WithOptions(zap.IncreaseLevel(zap.ErrorLevel))),
	}
	failed := make(chan error, 1)
	background.Go(func() { failed <- web.Serve(&door{Listener: listener, log: s.log}) })

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("serve: %w", err)
	}
	s.log.Info("draining")
	s.draining.Store(true)
	handed := make(chan struct{})
	background.Go(func() { s.owner.drain(); close(handed) })
	select { // rooms first: whoever has viewers in them elsewhere takes them over at once
	case <-handed:
	case <-time.After(handTime):
	}
	s.sayGoodbye()
	goodbye, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	defer context.AfterFunc(goodbye, s.hangUp)()
	if err := web.Shutdown(goodbye); err != nil {
		s.log.Warn("requests cut off", zap.Error(errors.Join(err, web.Close())))
	}
	s.drain()
	s.connections.Wait()
	<-handed
	s.finish()
	background.Wait()
	return err
}

// enroll keeps track of a connection, so that draining reaches it.
func (s *Server) enroll(v *viewer) {
	s.mu.Lock()
	s.viewers[v] = struct{}{}
	s.mu.Unlock()
	if s.draining.Load() {
		v.cut(closeDraining, "draining")
	}
}

func (s *Server) expel(v *viewer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.viewers, v)
}

func (s *Server) sayGoodbye() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.viewers {
		v.cut(closeDraining, "draining")
	}
}

// hangUp ends the connections of those who do not take their goodbye.
func (s *Server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.viewers {
		v.Close()
	}
}

const (
	defaultRetention = 30 * 24 * time.Hour
	pruneEvery       = time.Hour
	probeEvery       = 2 * time.Second
)

// housekeeping deletes what is too old and notices when storage is gone.
func (s *Server) housekeeping(ctx context.Context) {
	probe, prune := time.NewTicker(probeEvery), time.NewTicker(pruneEvery)
	defer probe.Stop()
	defer prune.Stop()
	s.prune(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-probe.C:
			s.probe(ctx)
		case <-prune.C:
			s.prune(ctx)
		}
	}
}

// probe finds out whether storage is there: whether it can be read, and, once it has refused a write, whether it takes one again.
func (s *Server) probe(ctx context.Context) {
	_, err := s.config.Rooms.List(ctx, time.Now().Add(time.Hour))
	if err == nil && s.outage.isCutOff() {
		err = s.config.Rooms.Probe(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	changed := s.outage.probed(err)
	s.metrics.cutOff.Set(0)
	if err != nil {
		s.metrics.cutOff.Set(1)
	}
	switch {
	case changed && err != nil:
		s.log.Error("storage does not answer", zap.Error(err))
	case changed:
		s.log.Info("storage answers again")
	}
}

func (s *Server) prune(ctx context.Context) {
	pruned, err := s.config.Rooms.Prune(ctx, time.Now().Add(-s.config.Retention))
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.Warn("old rooms not deleted", zap.Error(err))
	case pruned > 0:
		s.log.Info("old rooms deleted", zap.Int("rooms", pruned))
	}
}
