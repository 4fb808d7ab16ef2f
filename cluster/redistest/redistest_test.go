//go:build unix

package redistest_test

import (
	"strings"
	"testing"

	"kinoautomat/cluster/redistest"
)

// What a server was told survives its crash, and a frozen one goes on where it was.
func TestServer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	s.Do("SET", "k", "v")
	s.Kill()
	s.Restart()
	if got := s.Do("GET", "k"); got != "v" {
		t.Errorf("after a crash: %q", got)
	}
	s.Freeze()
	s.Thaw()
	if got := s.Do("GET", "k"); got != "v" {
		t.Errorf("after the frost: %q", got)
	}
	if got := s.Do("GET"); !strings.HasPrefix(got, "ERR wrong number of arguments") {
		t.Errorf("a wrong command: %q", got)
	}
	s.Stop()
	s.Restart()
}

func TestServer_Cluster(t *testing.T) {
	t.Parallel()
	one, two := redistest.StartCluster(t)
	for _, s := range []*redistest.Server{one, two} {
		if got := s.Do("SET", "{b}", "v") + s.Do("SET", "{a}", "v"); strings.Count(got, "OK") != 1 || strings.Count(got, "MOVED") != 1 {
			t.Errorf("got %q; a is in the slot 15495, b in 3300", got)
		}
	}
	one.Move("{f}", two)
	if got := two.Do("SET", "{f}", "v"); got != "OK" {
		t.Errorf("a moved slot: %q", got)
	}
}
