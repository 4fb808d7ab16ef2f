// Package server is a node: HTTP, the viewers of this node and their WebSockets, and the rooms that this node owns.
//
// Start with [New] in server.go, which shows every route. A vote arrives in viewer.go, crosses the bus to its room in owner.go, and what
// the room tells comes back through hub.go to every viewer.
package server
