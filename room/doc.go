// Package room is one room: viewers who watch one show together.
//
// Start with [State]: it is pure. Commands and the time go in, events come out, and a journal of those events rebuilds the same
// State ([State.Fold]). [Room] is the loop around it: one goroutine, one timer, append to the journal first and only then emit.
// protocol.go and answers.go are the wire.
//
// The package does no I/O of its own: the journal, the narrator, the sidebar and the way to the viewers are handed in.
package room
