package narrator

import (
	"context"
	"net"
)

// Trade gives a model what another has learnt of its first words.
func Trade(to, from *Model) { to.words = from.words }

// Line is the backends in the order in which a pool asks them for a room.
func Line(p *Pool, room string) (backends []string) {
	for _, m := range p.line(room).waiting {
		backends = append(backends, m.backend.String())
	}
	return backends
}

// Counted counts how often a dialer opens a connection.
func Counted(dial dialer, n *int) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		*n++
		return dial(ctx, network, address)
	}
}
