// Package cluster is what nodes share: a [Bus] that carries commands to a room's owner and events back, and [Rooms], which says who
// the owner is and keeps the journals; and [Sums], values that belong to no room and that all nodes add to.
//
// [OpenEmbedded] is for one machine: a bus inside the process and journals in a folder, durable across kill -9 and power cuts.
// [NewMemory] keeps nothing on disk and is for tests; several nodes of one test can share it. Every backend passes the conformance
// suite in clustertest.
//
// The package knows nothing of rooms but their ids: what is kept and carried is bytes.
package cluster
