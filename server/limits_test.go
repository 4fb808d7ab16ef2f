package server

import (
	"net/netip"
	"testing"
	"time"
)

// Whoever has a network of IPv6 addresses is still one.
func TestLimits_Households(t *testing.T) {
	l := newLimits(2)
	enter := func(addr string) bool {
		_, ok := l.enter(netip.MustParseAddr(addr))
		return ok
	}
	for _, c := range []struct {
		addr string
		ok   bool
	}{
		{"2001:db8:1:1::1", true}, {"2001:db8:1:1:ffff::2", true}, {"2001:db8:1:1::3", false}, {"2001:db8:1:2::1", true},
		{"192.0.2.1", true}, {"192.0.2.1", true}, {"192.0.2.1", false}, {"192.0.2.2", true},
		{"::1", true}, {"::1", true}, {"::1", true},
	} {
		if enter(c.addr) != c.ok {
			t.Errorf("%s: another connection: %v; want %v", c.addr, !c.ok, c.ok)
		}
	}
	now := time.Now()
	for i := range roomsPerMinute + 1 {
		addr := netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)})
		if ok := l.mayCreate(addr, now); ok != (i < roomsPerMinute) {
			t.Errorf("room %d of one network: %v", i+1, ok)
		}
	}
}
