//go:build unix

package cluster_test

import (
	"testing"

	"github.com/google/uuid"
	"go.uber.org/zap/zaptest"

	"kinoautomat/cluster"
	"kinoautomat/cluster/clustertest"
	"kinoautomat/cluster/redistest"
)

func openRedis(t testing.TB, address string) *cluster.Redis {
	t.Helper()
	r, err := cluster.OpenRedis(t.Context(), address, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return r
}

// The suite runs as the user whose rights are documented, so that they are known to be enough.

func TestRedis(t *testing.T) {
	t.Parallel()
	runSuite(t, "redis://"+user(t, redistest.Start(t)))
}

func TestRedis_Cluster(t *testing.T) {
	t.Parallel()
	one, two := redistest.StartCluster(t)
	user(t, two)
	runSuite(t, "redis+cluster://"+user(t, one))
}

// runSuite gives each case a prefix of its own, so that none prunes the rooms of another.
func runSuite(t *testing.T, address string) {
	clustertest.Run(t, inRealTime, func(t testing.TB) func() clustertest.Backend {
		own := address + "?prefix=kino-" + uuid.NewString()
		return func() clustertest.Backend { return openRedis(t, own) }
	})
}
