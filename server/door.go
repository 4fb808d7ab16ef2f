package server

import (
	"errors"
	"net"
	"syscall"

	"go.uber.org/zap"
)

// door is a listener that says why nobody comes in any more: net/http tries again, and its log is not ours.
type door struct {
	net.Listener
	log  *zap.Logger
	full bool // the last Accept found no file left; owned by the one who accepts
}

func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	full := errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
	if full && !d.full {
		d.log.Error("no file is left for another connection: raise the limit of open files (ulimit -n, LimitNOFILE)", zap.Error(err))
	}
	d.full = full
	return conn, err
}
