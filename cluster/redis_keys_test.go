//go:build unix

package cluster_test

import (
	"strings"
	"testing"

	"kinoautomat/cluster/redistest"
)

// Keys are counted on all servers of a cluster, and a user without the right to that is told so.
func TestRedis_Keys(t *testing.T) {
	t.Parallel()
	one, two := redistest.StartCluster(t)
	r := openRedis(t, "redis+cluster://"+one.Addr())
	before, err := r.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two.Do("SET", "{a}", "v") // a is in a slot of two, b in one of one
	one.Do("SET", "{b}", "v")
	if n, err := r.Keys(t.Context()); err != nil || n != before+2 {
		t.Errorf("%d keys, %v; want %d", n, err, before+2)
	}
	alone := redistest.Start(t)
	alone.Do(rule(t, "kino", "s3cret")...)
	if n, err := openRedis(t, "redis://kinoautomat:s3cret@"+alone.Addr()).Keys(t.Context()); err == nil || !strings.Contains(err.Error(), "dbsize") {
		t.Errorf("without the right: %d, %v", n, err)
	}
}
