package bench

import (
	"math"
	"os"
	"runtime"
	"time"
)

// Deliveries are events on their way to viewers.
type Deliveries struct {
	Count     uint64  `json:"count"` // events heard, all viewers and speakers together
	PerSecond float64 `json:"per_s"`
	Lost      uint64  `json:"lost"`              // numbered events that somebody did not hear
	Repeated  uint64  `json:"repeated"`          // that somebody heard twice
	Cut       uint64  `json:"cut"`               // connections that the node ended
	CutWhy    string  `json:"cut_why,omitempty"` // the first of them
	Latency   Latency `json:"latency_ms"`        // from the sending of the line to the reading of the event
}

// Join is how the viewers came in.
type Join struct {
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_s"`
	Latency   Latency `json:"latency_ms"` // from dialling to the welcome
}

// Machine is what figures depend on most.
type Machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"` // shared by node and load
	Go   string `json:"go"`
	// Load is how many processes wanted a CPU during the last minute before the start, on average; 0 where that is not known. Much above
	// 0 means that others were busy, and that latencies are theirs as well.
	Load float64 `json:"load_average"`
}

// ThisMachine is the one that this process runs on.
func ThisMachine() Machine {
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0), Go: runtime.Version(), Load: loadAverage()}
}

// Server is what the node's process used. It is left out of a report where that is not known.
type Server struct {
	CPUSeconds float64 `json:"cpu_s"`              // while the load ran
	IdleKiB    int64   `json:"rss_idle_kib"`       // after all had joined, before the load
	ViewerKiB  float64 `json:"rss_kib_per_viewer"` // of that, what came with the viewers, divided by them
	Parts      *Parts  `json:"parts_kib_per_viewer,omitempty"`
	AfterKiB   int64   `json:"rss_after_kib"` // after the load
}

// Parts are what a viewer's resident memory is made of. The kernel's part, sockets and their buffers, is not resident memory of the process,
// and not in here.
type Parts struct {
	Heap   float64 `json:"heap"`   // in use, garbage included
	Stacks float64 `json:"stacks"` // of goroutines
	Other  float64 `json:"other"`  // what the runtime keeps beside: free heap that it has not given back yet, its own books. Below 0 where it gave some back
}

// measured is what stood in /proc at four moments.
type measured struct{ empty, idle, before, after usage }

// report sums up; nil where the node's process is not known.
func (n *node) report(m measured, viewers int) *Server {
	if n.pid == 0 {
		return nil
	}
	each := func(idle, empty int64) float64 { return round(float64(idle-empty)/1024/float64(viewers), 2) }
	s := &Server{
		CPUSeconds: round((m.after.cpu - m.before.cpu).Seconds(), 2), IdleKiB: m.idle.memory >> 10, AfterKiB: m.after.memory >> 10,
		ViewerKiB: each(m.idle.memory, m.empty.memory),
	}
	if m.idle.heap > 0 {
		s.Parts = &Parts{Heap: each(m.idle.heap, m.empty.heap), Stacks: each(m.idle.stacks, m.empty.stacks)}
		s.Parts.Other = round(s.ViewerKiB-s.Parts.Heap-s.Parts.Stacks, 2)
	}
	return s
}

func deliveries(latency *Histogram, c *counts, behind uint64, seconds float64) Deliveries {
	n := latency.Count()
	return Deliveries{
		Count: n, PerSecond: round(float64(n)/seconds, 1), Lost: c.missing.Load() + behind, Repeated: c.repeated.Load(),
		Cut: c.cut.Load(), CutWhy: c.why(), Latency: latency.Latency(),
	}
}

func perMillion(seconds float64, deliveries uint64) float64 {
	if deliveries == 0 {
		return 0
	}
	return round(seconds*1e6/float64(deliveries), 2)
}

func mean(sum, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return round(float64(sum)/float64(n), 1)
}

// round keeps some digits after the point: more would pretend.
func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

// ownCPU is this process's CPU time; 0 where it is not known.
func ownCPU() time.Duration {
	u, err := readProcess(os.Getpid())
	if err != nil {
		return 0
	}
	return u.cpu
}
