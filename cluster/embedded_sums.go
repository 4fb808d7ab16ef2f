package cluster

import (
	"context"
	"database/sql"
	"errors"
)

func (e *Embedded) Sum(ctx context.Context, name string) ([]byte, error) {
	value, _, err := e.readSum(ctx, name)
	return value, err
}

// Add implements Sums. What it adds it works out beside the writer, which has rooms to serve.
func (e *Embedded) Add(ctx context.Context, name string, add func([]byte) ([]byte, error)) error {
	return addTo(ctx, e, name, add)
}

func (e *Embedded) readSum(ctx context.Context, name string) (value []byte, version uint64, err error) {
	err = e.db.QueryRowContext(ctx, `SELECT value, version FROM sums WHERE name = ?`, name).Scan(&value, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, nil
	}
	return value, version, err
}

func (e *Embedded) replaceSum(ctx context.Context, name string, value []byte, version uint64) error {
	return e.change(ctx, func(tx *sql.Tx) error {
		done, err := tx.Exec(`INSERT INTO sums VALUES (?1, 1, ?2) ON CONFLICT (name) DO NOTHING`, name, value)
		if version > 0 {
			done, err = tx.Exec(`UPDATE sums SET value = ?2, version = version + 1 WHERE name = ?1 AND version = ?3`, name, value, version)
		}
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errQuicker)
		}
		return nil
	})
}
