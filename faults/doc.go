// Package faults breaks things on purpose and judges what came of it. [Check] reads the journals of rooms and what every viewer wrote down by
// itself, and names each promise that was broken; it is pure, and its own tests break every promise once.
//
// The tests of this package start real nodes on a real Redis, fill their rooms with viewers who vote, and kill, freeze, cut off and restart
// what there is. `go test ./faults` does that for two minutes; `make faults` for as long as it takes to repeat each fault often, and prints
// what it found as JSON.
package faults
