package cluster

import (
	"bytes"
	"context"
	"errors"
)

// MaxSum is how long a value of Sums may be, in bytes.
const MaxSum = 32 << 20

// ErrTooLong is that a value is longer than MaxSum.
var ErrTooLong = errors.New("more is added up than can be kept")

// errQuicker is that somebody else has replaced a value since it was read.
var errQuicker = errors.New("another node was quicker")

// Sums keeps values that belong to no room and that nodes add to, each under a name of a–z. All methods are safe for concurrent use; when one
// returns without an error, what it did is durable.
type Sums interface {
	// Sum is the value of a name; nil where nothing was added yet.
	Sum(ctx context.Context, name string) ([]byte, error)
	// Add replaces a value by what add makes of it. Where somebody else does so at the same time, add is called again, with what they made:
	// nothing is lost. It may be called with a value that it has made itself, when storage has taken that and the answer was lost, so whoever
	// must not add twice has to see in the value what was added. An error of add is returned and nothing changes; ErrTooLong.
	Add(ctx context.Context, name string, add func(sum []byte) ([]byte, error)) error
}

// sums are what a backend of Sums can do. Versions of a value grow; 0 is that of none.
type sums interface {
	readSum(ctx context.Context, name string) (value []byte, version uint64, err error)
	replaceSum(ctx context.Context, name string, value []byte, version uint64) error // errQuicker where the version is another
}

// addTo adds until nobody else was quicker. Somebody always gets through, so among n that add at once each is done after n rounds at most.
func addTo(ctx context.Context, s sums, name string, add func([]byte) ([]byte, error)) error {
	for {
		value, version, err := s.readSum(ctx, name)
		if err != nil {
			return err
		}
		if value, err = add(value); err != nil {
			return err
		}
		if len(value) > MaxSum {
			return ErrTooLong
		}
		if err := s.replaceSum(ctx, name, value, version); !errors.Is(err, errQuicker) {
			return err
		}
	}
}

// memorySum is a value of Memory.
type memorySum struct {
	value   []byte
	version uint64
}

func (m *Memory) Sum(ctx context.Context, name string) ([]byte, error) {
	value, _, err := m.readSum(ctx, name)
	return value, err
}

func (m *Memory) Add(ctx context.Context, name string, add func([]byte) ([]byte, error)) error {
	return addTo(ctx, m, name, add)
}

func (m *Memory) readSum(_ context.Context, name string) ([]byte, uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.sums[name].value), m.sums[name].version, nil
}

func (m *Memory) replaceSum(_ context.Context, name string, value []byte, version uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sums[name].version != version {
		return errQuicker
	}
	m.sums[name] = memorySum{bytes.Clone(value), version + 1}
	return nil
}
