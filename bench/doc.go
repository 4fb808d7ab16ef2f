// Package bench measures a node from outside, over real sockets: how much a delivery costs and how long it takes (Fanout), how fast
// ballots are taken and whether any is lost or counted twice (Vote), and whether a node grows (Soak). It talks to the one address that it is given, or to a node that it
// starts itself, and to nothing else.
//
// Its viewers are hand-made: a handshake, masked frames out, a frame reader that looks only at the head of a frame. So the load costs
// less than what it measures. Times are those of one machine's clock; load and node must share it.
package bench
