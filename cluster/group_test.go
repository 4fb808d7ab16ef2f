package cluster

import (
	"database/sql"
	"errors"
	"testing"
)

// A write that failed half-way was once committed with the others of its group: the room's journal then held an entry that the room's row did
// not count, and nobody could write to that room again.
func TestEmbedded_FailedWriteLeavesNothing(t *testing.T) {
	e, err := OpenEmbedded(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Create(t.Context(), "r"); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no space left on device")
	half := make(chan error, 1)
	beside := make(chan error, 1)
	refused := make(chan error, 1)
	e.writes <- write{func(*sql.Tx) error { return ErrNoRoom }, refused}
	e.writes <- write{func(tx *sql.Tx) error {
		return errors.Join(insert(tx, "r", []Entry{{N: 1, Body: []byte("half")}}), broken)
	}, half}
	e.writes <- write{func(*sql.Tx) error { return nil }, beside}
	if err := <-half; !errors.Is(err, broken) {
		t.Errorf("the failed write was answered with %v", err)
	}
	if err := <-refused; !errors.Is(err, ErrNoRoom) {
		t.Errorf("the refused write was answered with %v", err)
	}
	<-beside // in the same group or the next one
	lease, record, err := e.Acquire(t.Context(), "r", "a")
	if err != nil || len(record.Tail) != 0 {
		t.Fatalf("%v, tail %v", err, record.Tail)
	}
	if err := e.Append(t.Context(), lease, []Entry{{N: 1, Body: []byte("whole")}}); err != nil {
		t.Error(err)
	}
}
