//go:build unix

package cluster_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"kinoautomat/cluster"
	"kinoautomat/cluster/redistest"
)

const ballot = `{"n":%d,"at":1795544293846,"type":"ballot.cast","hidden":{"poll":"c0e10d8c-d99b-5e41-a6f9-a6f047dcd6c7","viewer":"e6b3d0a4-1f0c-5b54-9d7e-1df0f9a5b3c2","choices":["a"]}}`

// Rooms append ballots at once, each append with some entries and what it tells. What they take of Redis's memory is measured too.
func BenchmarkRedis_Append(b *testing.B) {
	for _, sync := range []string{"everysec", "always"} {
		for _, rooms := range []int{1, 50} {
			for _, size := range []int{1, 100} {
				b.Run(fmt.Sprintf("appendfsync=%s/rooms=%d/entries=%d", sync, rooms, size), func(b *testing.B) {
					server := redistest.Start(b, "--appendfsync", sync)
					benchmarkAppend(b, server, rooms, size)
				})
			}
		}
	}
}

func benchmarkAppend(b *testing.B, server *redistest.Server, rooms, size int) {
	r := openRedis(b, server.URL())
	leases := make([]cluster.Lease, rooms)
	for i := range leases {
		id := fmt.Sprint("room", i)
		if err := r.Create(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		lease, _, err := r.Acquire(b.Context(), id, "a")
		if err != nil {
			b.Fatal(err)
		}
		leases[i] = lease
	}
	each := b.N/rooms + 1
	var wait sync.WaitGroup
	b.ResetTimer()
	for _, lease := range leases {
		wait.Go(func() {
			tell := cluster.Publication{Topic: "room/{" + lease.Room + "}/events", Payload: make([]byte, 300)}
			for n := range each {
				batch := make([]cluster.Entry, size)
				for i := range batch {
					at := uint64(n*size + i + 1)
					batch[i] = cluster.Entry{N: at, Body: fmt.Appendf(nil, ballot, at)}
				}
				if err := r.Append(b.Context(), lease, batch, tell); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64(each*rooms)/b.Elapsed().Seconds(), "appends/s")
	b.ReportMetric(float64(each*rooms*size)/b.Elapsed().Seconds(), "entries/s")
	bytes, err := strconv.Atoi(server.Do("MEMORY", "USAGE", "kino:{room0}:journal", "SAMPLES", "0"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(bytes)/float64(each*size), "B/entry")
}

// One node publishes, another hears.
func BenchmarkRedis_Publish(b *testing.B) {
	server := redistest.Start(b)
	near, far := openRedis(b, server.URL()), openRedis(b, server.URL())
	came := make(chan struct{}, 1024)
	cancel, err := far.Subscribe(b.Context(), "t", func(p []byte) {
		if p != nil {
			came <- struct{}{}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	defer cancel()
	payload := make([]byte, 300)
	for b.Loop() {
		if err := near.Publish(b.Context(), "t", payload); err != nil {
			b.Fatal(err)
		}
		<-came
	}
}
