package server

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of REST, for each address but loopback.
const (
	roomsPerMinute = 20
	maxBody        = 64 << 10 // bytes of a request's body
)

// limits bounds what one address may have open. A cinema sits behind one address, so the bound is wide; loopback has none.
type limits struct {
	perAddress int

	mu       sync.Mutex
	open     map[netip.Addr]int           // guarded by mu
	creators map[netip.Addr]*rate.Limiter // guarded by mu
	cleanAt  time.Time                    // guarded by mu
}

func newLimits(perAddress int) *limits {
	return &limits{perAddress: perAddress, open: map[netip.Addr]int{}, creators: map[netip.Addr]*rate.Limiter{}}
}

// household is what counts as one address: of IPv6 the network of 64 bits, since everybody has as many addresses in theirs as they like.
func household(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return addr
	}
	network, err := addr.WithZone("").Prefix(64)
	if err != nil {
		return addr
	}
	return network.Addr()
}

// enter counts a connection; release must be called when it ends.
func (l *limits) enter(addr netip.Addr) (release func(), ok bool) {
	if addr.IsLoopback() || !addr.IsValid() {
		return func() {}, true
	}
	addr = household(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[addr] >= l.perAddress {
		return nil, false
	}
	l.open[addr]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[addr]--; l.open[addr] == 0 {
			delete(l.open, addr)
		}
	}, true
}

// mayCreate says whether an address may make another room now.
func (l *limits) mayCreate(addr netip.Addr, now time.Time) bool {
	if addr.IsLoopback() || !addr.IsValid() {
		return true
	}
	addr = household(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.After(l.cleanAt) { // a limiter that was quiet for so long is full again
		clear(l.creators)
		l.cleanAt = now.Add(10 * time.Minute)
	}
	if l.creators[addr] == nil {
		l.creators[addr] = rate.NewLimiter(rate.Every(time.Minute/roomsPerMinute), roomsPerMinute)
	}
	return l.creators[addr].AllowN(now, 1)
}

// clientAddress is the address of whoever sent a request. A proxy's word is taken only from the networks of --trusted-proxies.
func (s *Server) clientAddress(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	addr = addr.Unmap()
	if !s.trusted(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- { // from the nearest hop to the first that no proxy of ours wrote
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return addr
		}
		if addr = hop.Unmap(); !s.trusted(addr) {
			return addr
		}
	}
	return addr
}

func (s *Server) trusted(addr netip.Addr) bool {
	for _, network := range s.config.TrustedProxies {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// originOf is an address as browsers name it in Origin: without path and slash.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

// sameOrigin says whether a WebSocket may be opened by this page: browsers name the page's origin, scripts none.
func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return false
	}
	if strings.EqualFold(from.Host, s.host(r)) {
		return true
	}
	return s.config.PublicURL != "" && strings.EqualFold(origin, originOf(s.config.PublicURL))
}

// host is the host that the page was asked for; a trusted proxy may have been asked for another than we were.
func (s *Server) host(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" && s.fromProxy(r) {
		return forwarded
	}
	return r.Host
}

func (s *Server) fromProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.trusted(peer.Addr().Unmap())
}

// https says whether the browser came by https.
func (s *Server) https(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(s.config.PublicURL, "https://") || s.fromProxy(r) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// base is the address that links are made of.
func (s *Server) base(r *http.Request) string {
	if s.config.PublicURL != "" {
		return strings.TrimSuffix(s.config.PublicURL, "/")
	}
	scheme := "http"
	if s.https(r) {
		scheme = "https"
	}
	return scheme + "://" + s.host(r)
}

// entropy is what a show's randomness starts from.
func entropy() []byte {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	return fresh
}
