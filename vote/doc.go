// Package vote runs one poll: ballots come in, a winner and the arithmetic behind it come out.
//
// Start with [New] and [Poll.Cast]; read [Poll.Counts] while it is open; then [Poll.Close], whose [Result] tells in [Result.Words]
// how it was decided. [Rules] are declared before and never change while a poll runs. A [Calibration] tells over many polls how well chances
// that were given to choices fitted what the voters wanted.
//
// Nothing here knows the time, keeps a journal, or asks who somebody is: the caller opens and closes the poll, checks that a viewer
// may vote, and names each viewer by an identity that is the same at every door. A [Poll] is for one goroutine at a time.
package vote
