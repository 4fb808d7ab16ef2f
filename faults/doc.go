// Package faults breaks things on purpose and judges what came of it. [Check] reads the journals of rooms and what every viewer wrote down by
// itself, and names each promise that was broken; it is pure, and its own tests break every promise once.
//
// [Bench] starts real nodes on a real Redis, fills their rooms with viewers who vote, kills owners of rooms, and says how long it takes until others
// have them and what came of the ballots: `kinoautomat bench takeover`.
//
// TestFaults does more on the same stage: it kills, freezes, cuts off and restarts what there is, for some two minutes in `make test`, and in
// `make faults` as often as it takes to say how long each fault is felt. docs/operating.md has the figures.
package faults
