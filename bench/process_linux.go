package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// clockTick is the unit of times in /proc: 10 ms on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// readProcess reads what a process has used, from /proc/PID/stat (proc_pid_stat(5)): CPU time as user plus system, and resident memory
// in bytes.
func readProcess(pid int) (usage, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return usage{}, fmt.Errorf("read usage of process %d: %w", pid, err)
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the name before it may hold anything
	const utime, stime, rss = 14 - 3, 15 - 3, 24 - 3                // numbered from 1 in the manual, and here from the third on
	var numbers [3]int64
	for i, at := range []int{utime, stime, rss} {
		if at >= len(fields) {
			return usage{}, fmt.Errorf("read usage of process %d: /proc/%d/stat is short", pid, pid)
		}
		if numbers[i], err = strconv.ParseInt(string(fields[at]), 10, 64); err != nil {
			return usage{}, fmt.Errorf("read usage of process %d: %w", pid, err)
		}
	}
	return usage{cpu: time.Duration(numbers[0]+numbers[1]) * clockTick, memory: numbers[2] * int64(os.Getpagesize())}, nil
}

// loadAverage is the first number of /proc/loadavg.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(text, []byte(" "))
	load, err := strconv.ParseFloat(string(first), 64)
	if err != nil {
		return 0
	}
	return load
}
