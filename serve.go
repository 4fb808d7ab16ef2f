package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/mdp/qrterminal/v3"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"kinoautomat/cluster"
	"kinoautomat/recommend"
	"kinoautomat/room"
	"kinoautomat/server"
	"kinoautomat/stories"
)

// serveSettings are the flags of serve.
type serveSettings struct {
	addr, data, redis, stories, publicURL, catalogue, adminToken, create, log, logFormat, demo string
	llm, embeddings, trustedProxies                                                            list
	guard, gateWords                                                                           string
	maxPerAddress                                                                              int
	retention                                                                                  time.Duration
	proxies                                                                                    []netip.Prefix
}

func readServeSettings(args []string, stdout io.Writer) (*serveSettings, error) {
	s, f := &serveSettings{}, newSettings("serve")
	f.StringVar(&s.addr, "addr", ":8080", "listen `address`; :0 picks a free port")
	f.StringVar(&s.data, "data", "./data", "`folder` of journals and keys; not used with --redis")
	address := f.secret("redis", "`URL` of the Redis that this node shares with others: redis://[USER:PASSWORD@]HOST:PORT[/DATABASE], rediss:// for TLS; redis+sentinel://HOST,HOST/PRIMARY and redis+cluster://HOST,HOST; see docs/operating.md")
	f.StringVar(&s.stories, "stories", "", "`folder` of stories, reread when it changes (default: the shipped ones)")
	f.StringVar(&s.publicURL, "public-url", "", "base `URL` of the links that are handed out (default: from the request)")
	f.Var(&s.llm, "llm", "model `backend`: off, auto, openai+http://host:8000/v1?model=NAME or ollama+http://host:11434?model=NAME; &slots=8 limits the calls at once, &ctx=8192 is the context in tokens; repeatable (default auto)")
	f.Var(&s.embeddings, "embeddings", "`backend` of a model that makes vectors of texts, for the sidebar, in the form of --llm; off = words are compared only (default auto: a local one with embed in its name)")
	f.StringVar(&s.guard, "guard", "", "`backend` of a guard model that judges what models tell, e.g. Qwen3Guard-Gen or Llama Guard (default: word lists only)")
	f.StringVar(&s.gateWords, "gate-words", "", "`file` of words that change the lists of the safety gate; see docs/narrator.md")
	f.StringVar(&s.catalogue, "catalogue", "", "JSON `file` of films that the sidebar may pick (default: the shipped one)")
	token := f.secret("admin-token", "admin's `token` (default: made at the first start and printed once)")
	f.StringVar(&s.create, "create", "anyone", "`who` may create rooms: anyone, token")
	f.IntVar(&s.maxPerAddress, "max-per-address", 300, "connections per address; loopback is exempt")
	f.Var(&s.trustedProxies, "trusted-proxies", "`networks` whose X-Forwarded-For is believed, e.g. 10.0.0.0/8")
	f.DurationVar(&s.retention, "retention", 30*24*time.Hour, "rooms that were quiet for so long are deleted")
	f.StringVar(&s.log, "log", "info", "least `level` that is logged: debug, info, warn, error")
	f.StringVar(&s.logFormat, "log-format", "console", "console or json")
	f.StringVar(&s.demo, "demo", "", "create a room for this `story` at the start and print its links; first = the first story in the language of LANG")
	if err := f.read(args, stdout); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, usagef("serve: %q is not a flag", f.Arg(0))
	}
	s.adminToken, s.redis = *token, *address
	return s, s.check()
}

func (s *serveSettings) check() error {
	if _, port, err := net.SplitHostPort(s.addr); err != nil {
		return usagef("--addr: %q is no address such as :8080 or 127.0.0.1:8080", s.addr)
	} else if _, err := net.LookupPort("tcp", port); err != nil {
		return usagef("--addr: %q is no port", port)
	}
	if s.create != "anyone" && s.create != "token" {
		return usagef("--create: %q is neither anyone nor token", s.create)
	}
	if s.redis != "" {
		if err := cluster.CheckRedis(s.redis); err != nil {
			return usagef("--redis: the address %w", err)
		}
	}
	if s.logFormat != "console" && s.logFormat != "json" {
		return usagef("--log-format: %q is neither console nor json", s.logFormat)
	}
	if _, err := zapcore.ParseLevel(s.log); err != nil {
		return usagef("--log: %q is none of debug, info, warn, error", s.log)
	}
	if s.maxPerAddress < 1 {
		return usagef("--max-per-address: must be at least 1")
	}
	if s.retention < time.Hour {
		return usagef("--retention: must be at least 1h")
	}
	if u, err := url.Parse(s.publicURL); s.publicURL != "" &&
		(err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		return usagef("--public-url: %q is no http:// or https:// address such as https://kino.example", s.publicURL)
	}
	for _, text := range s.trustedProxies {
		network, err := netip.ParsePrefix(text)
		if addr, alone := netip.ParseAddr(text); err != nil && alone == nil {
			network, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return usagef("--trusted-proxies: %q is no network such as 10.0.0.0/8", text)
		}
		s.proxies = append(s.proxies, network)
	}
	return nil
}

func (s *serveSettings) logger(w io.Writer) *zap.Logger {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	encoder := zapcore.NewJSONEncoder(config)
	if s.logFormat == "console" {
		config.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(config)
	}
	level, _ := zapcore.ParseLevel(s.log) // checked
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level))
}

// garbage is how much a node lets lie, in percent of the memory that it uses: half of Go's default. Viewers are memory that stays, so it costs a
// quarter less for each of them; telling them something makes next to no garbage, so there is little to collect. GOGC overrules it.
const garbage = 50

// serve runs a node until ctx is done.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	s, err := readServeSettings(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	log := s.logger(stderr)
	config, closeStorage, err := s.assemble(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStorage()) }()
	node, err := server.New(config)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ended := make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- node.Run(running, listener) }()
	if err := s.greet(ctx, node, listener.Addr(), stdout); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// assemble opens what a node needs.
func (s *serveSettings) assemble(ctx context.Context, log *zap.Logger) (server.Config, func() error, error) {
	var folder fs.FS = stories.FS
	if s.stories != "" {
		root, err := os.OpenRoot(s.stories)
		if err != nil {
			return server.Config{}, nil, usagef("--stories: %w", err)
		}
		folder = root.FS()
	}
	catalogue, err := readCatalogue(s.catalogue)
	if err != nil {
		return server.Config{}, nil, err
	}
	metrics := server.NewMetrics()
	teller, err := s.teller(ctx, log, metrics)
	if err != nil {
		return server.Config{}, nil, err
	}
	meant, err := s.meanings(ctx, log)
	if err != nil {
		teller.close()
		return server.Config{}, nil, err
	}
	if meant != nil {
		catalogue = catalogue.WithMeanings(meant)
	}
	storage, keys, err := s.storage(ctx, log)
	if err != nil {
		meant.close()
		teller.close()
		return server.Config{}, nil, err
	}
	config := server.Config{
		Bus: storage, Rooms: storage, Keys: keys, Shelf: server.NewShelf(folder, log), Narrator: teller, Plan: teller.ladder.Plan, Expect: teller.Expect, Passes: teller.ladder.Passes, Catalogue: catalogue, Sums: storage,
		Metrics: metrics, Log: log, AdminToken: s.adminToken, CreateToken: s.create == "token", PublicURL: s.publicURL,
		MaxPerAddress: s.maxPerAddress, TrustedProxies: s.proxies, Retention: s.retention, Others: s.redis != "",
	}
	return config, func() error {
		meant.close()
		teller.close()
		return storage.Close()
	}, nil
}

// storage is what a node keeps its rooms in.
type storage interface {
	cluster.Bus
	cluster.Rooms
	cluster.Sums
	Close() error
}

// storage opens the data folder, or Redis, with the keys that belong to it.
func (s *serveSettings) storage(ctx context.Context, log *zap.Logger) (storage, server.KeyKeeper, error) {
	if s.redis == "" {
		embedded, err := cluster.OpenEmbedded(s.data)
		return embedded, server.KeyFile(s.data), err
	}
	shared, err := cluster.OpenRedis(ctx, s.redis, log)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; %s", err, cluster.RedisAdvice(err))
	}
	log.Info("rooms are shared through Redis", zap.String("at", shared.Place()))
	for _, found := range shared.Examine(ctx) {
		switch found.Grade {
		case cluster.Doubtful:
			log.Warn("Redis: " + found.Text)
		case cluster.Bad:
			log.Error("Redis: " + found.Text)
		}
	}
	return shared, func(fresh []byte) ([]byte, error) { return shared.Keep(ctx, "keys", fresh) }, nil
}

func readCatalogue(path string) (*recommend.Catalogue, error) {
	if path == "" {
		return recommend.Shipped()
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usagef("--catalogue: %w", err)
	}
	defer file.Close()
	catalogue, err := recommend.Load(file)
	if err != nil {
		return nil, usagef("--catalogue: %w", err)
	}
	return catalogue, nil
}

// greet prints where the node is, and for a demo what to open.
func (s *serveSettings) greet(ctx context.Context, node *server.Server, addr net.Addr, stdout io.Writer) error {
	here := netip.MustParseAddrPort(addr.String())
	host := here.Addr()
	if host.IsUnspecified() {
		host = netip.MustParseAddr("127.0.0.1")
	}
	local := "http://" + netip.AddrPortFrom(host, here.Port()).String()
	if token := node.FreshAdminToken(); token != "" {
		fmt.Fprintln(stdout, "admin token (shown once, kept with the rooms):", token)
	}
	if s.demo != "" {
		base := s.publicURL
		if base == "" {
			base = local
			if lan := lanAddress(); lan.IsValid() && here.Addr().IsUnspecified() {
				base = "http://" + netip.AddrPortFrom(lan, here.Port()).String()
			}
		}
		if err := printDemo(ctx, node, s.demo, base, local, stdout); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout, "listening on", local)
	return nil
}

// demoRoom is always the same, so that links and QR codes live through restarts.
const demoRoom = "demo"

// printDemo makes the demo room and shows its links; the audience's also as a QR code, so that a phone joins by camera. The big screen shows
// that code too, so it is opened by the same address.
func printDemo(ctx context.Context, node *server.Server, storyID, base, local string, stdout io.Writer) error {
	language, named := environmentLanguage(), storyID != "first"
	if !named {
		storyID = node.FirstStory(language)
	}
	id, public := demoRoom, true
	kept, err := node.KeepRoom(ctx, id, server.NewRoom{Story: storyID, Language: language, Settings: room.Settings{Public: &public}})
	if err != nil {
		return fmt.Errorf("create demo room: %w", err)
	}
	if kept != "" && kept != storyID && named {
		fmt.Fprintf(stdout, "the demo room that is kept goes on with %q; for another story, name another folder with --data\n", kept)
	}
	far, near := node.Links(base, id), node.Links(local, id)
	var qr strings.Builder
	qrterminal.GenerateWithConfig(far.JoinURL, qrterminal.Config{
		Level: qrterminal.M, Writer: &qr, HalfBlocks: true, QuietZone: 2,
		BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE, BlackWhiteChar: qrterminal.BLACK_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK,
	})
	fmt.Fprintf(stdout, "\n%s\n", qr.String())
	fmt.Fprintf(stdout, "  audience    %s\n  host        %s\n  big screen  %s\n  overlay     %s\n\n", far.JoinURL, near.HostURL, far.ScreenURL, near.OverlayURL)
	return nil
}

// environmentLanguage is the language of whoever starts the node, as a BCP 47 tag: zh_CN.UTF-8 is zh-CN. Where the environment names none, it
// is English.
func environmentLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale, _, _ := strings.Cut(os.Getenv(name), ".")
		if locale != "" && locale != "C" && locale != "POSIX" {
			return strings.ReplaceAll(locale, "_", "-")
		}
	}
	return "en"
}

// lanAddress is this machine's address on its network. No packet is sent: connecting a UDP socket only picks the route.
func lanAddress() netip.Addr {
	conn, err := net.Dial("udp", "192.0.2.1:9")
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil || local.Addr().IsLoopback() {
		return netip.Addr{}
	}
	return local.Addr()
}
