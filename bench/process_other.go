//go:build !linux

package bench

import "errors"

func readProcess(int) (usage, error) {
	return usage{}, errors.New("CPU time and memory of a process are read from /proc, which only Linux has")
}

func loadAverage() float64 { return 0 }
