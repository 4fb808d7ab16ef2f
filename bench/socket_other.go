//go:build !unix

package bench

import (
	"errors"
	"net"
)

// receive hands what arrives on a connection to take until take or the connection ends it.
func receive(conn net.Conn, take func([]byte) error) error {
	buf := make([]byte, 4<<10)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if err := take(buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

var errNoRaw = errors.New("--floor needs a Unix system")

func descriptor(net.Conn) (int, error) { return 0, errNoRaw }

func writeRaw(int, []byte) (int, error) { return 0, errNoRaw }

// allowOpenFiles: there is no such limit here.
func allowOpenFiles(need uint64) uint64 { return need }
