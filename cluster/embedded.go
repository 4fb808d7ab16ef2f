package cluster

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// schema: a row of appends is one Append of one room, its entries one per line. One row per append instead of one per entry is what lets a
// single write serve a whole batch of ballots.
const schema = `
CREATE TABLE IF NOT EXISTS rooms (
	id            TEXT PRIMARY KEY,
	epoch         INTEGER NOT NULL,
	n             INTEGER NOT NULL,
	written_at    INTEGER NOT NULL, -- Unix milliseconds
	checkpoint_n  INTEGER NOT NULL,
	checkpoint    BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS appends (
	room    TEXT NOT NULL,
	first_n INTEGER NOT NULL,
	last_n  INTEGER NOT NULL,
	body    BLOB NOT NULL,
	PRIMARY KEY (room, first_n)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS probe (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL -- Unix milliseconds
);
CREATE TABLE IF NOT EXISTS sums (
	name    TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	value   BLOB NOT NULL
);`

const (
	writesQueued = 256 // writes that may wait for the writer
	groupSize    = 128 // writes that share one commit at most
	pageSize     = 64  // appends read at a time
)

// Embedded keeps journals and sums in one SQLite file and carries the bus inside the process. Only one process may have a folder open.
type Embedded struct {
	*localBus
	leases *leases
	db     *sql.DB
	lock   *os.File

	writes chan write
	stop   chan struct{}
	writer sync.WaitGroup
}

// write is one change, made in a transaction that it may share with others.
type write struct {
	do   func(*sql.Tx) error
	done chan<- error
}

// journals is the file of a data folder that holds them.
func journals(dir string) string { return filepath.Join(dir, "rooms.db") }

// Holds says whether a folder is a data folder: whether it has journals.
func Holds(dir string) bool {
	_, err := os.Stat(journals(dir))
	return err == nil
}

// OpenEmbedded opens or makes the storage of a node in dir. Close it when all rooms are released.
func OpenEmbedded(dir string) (*Embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	guard, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	if err := lock(guard); err != nil {
		guard.Close()
		return nil, fmt.Errorf("data folder %s is %w (%w)", dir, ErrInUse, err)
	}
	// FULL makes every commit survive a power cut; WAL lets readers go on beside the one writer.
	options := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)"}, "_txlock": {"immediate"}}
	// In a URI these would end the path, or stand for something else.
	path := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(journals(dir))
	db, err := sql.Open("sqlite", "file:"+path+"?"+options.Encode())
	if err == nil {
		_, err = db.Exec(schema)
	}
	if err != nil {
		guard.Close()
		return nil, fmt.Errorf("open journals in %s: %w", dir, err)
	}
	e := &Embedded{localBus: newLocalBus(), leases: newLeases(), db: db, lock: guard, writes: make(chan write, writesQueued), stop: make(chan struct{})}
	e.writer.Go(e.write)
	return e, nil
}

// Close waits for the writes under way and closes the files. Nothing may be called afterwards.
func (e *Embedded) Close() error {
	close(e.stop)
	e.writer.Wait()
	return errors.Join(e.db.Close(), e.lock.Close())
}

// write is the one writer: it commits all writes that wait together (group commit), so that one flush to disk serves many rooms.
func (e *Embedded) write() {
	for {
		select {
		case <-e.stop:
			return
		case w := <-e.writes:
			e.group(w)
		}
	}
}

func (e *Embedded) group(first write) {
	group := []write{first}
gather:
	for len(group) < groupSize {
		select {
		case w := <-e.writes:
			group = append(group, w)
		default:
			break gather
		}
	}
	errs := make([]error, len(group))
	err := e.inTx(func(tx *sql.Tx) error {
		for i, w := range group {
			if errs[i] = w.do(tx); errs[i] != nil && !refusal(errs[i]) {
				return errs[i] // what it has changed must not be kept, so nothing of the group is
			}
		}
		return nil
	})
	for i, w := range group {
		w.done <- cmp.Or(errs[i], err)
	}
}

// refusal says that a write was refused before it changed anything, so that the others of its group may be kept.
func refusal(err error) bool {
	return errors.Is(err, ErrExists) || errors.Is(err, ErrNoRoom) || errors.Is(err, ErrHeld) || errors.Is(err, ErrLost) || errors.Is(err, errQuicker)
}

func (e *Embedded) inTx(do func(*sql.Tx) error) error {
	tx, err := e.db.Begin()
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// change hands a write to the writer and waits until it is on disk. do must refuse before it changes anything: it is not rolled back alone.
func (e *Embedded) change(ctx context.Context, do func(*sql.Tx) error) error {
	done := make(chan error, 1)
	select {
	case e.writes <- write{do, done}:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.stop:
		return ErrLost
	}
	select {
	case err := <-done:
		return err
	case <-e.stop:
		return ErrLost
	}
}

func insert(tx *sql.Tx, room string, entries []Entry) error {
	var body bytes.Buffer
	for _, entry := range entries {
		body.Write(entry.Body)
		body.WriteByte('\n')
	}
	_, err := tx.Exec(`INSERT INTO appends (room, first_n, last_n, body) VALUES (?, ?, ?, ?)`,
		room, entries[0].N, entries[len(entries)-1].N, body.Bytes())
	return err
}

func (e *Embedded) Create(ctx context.Context, room string, first ...Entry) error {
	return e.change(ctx, func(tx *sql.Tx) error {
		made, err := tx.Exec(`INSERT INTO rooms VALUES (?, 0, ?, ?, 0, NULL) ON CONFLICT DO NOTHING`, room, len(first), time.Now().UnixMilli())
		if err != nil {
			return err
		}
		if n, err := made.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrExists)
		}
		if len(first) == 0 {
			return nil
		}
		return insert(tx, room, first)
	})
}

func (e *Embedded) Acquire(ctx context.Context, room, node string) (Lease, Record, error) {
	var lease Lease
	var record Record
	err := e.change(ctx, func(tx *sql.Tx) error {
		var epoch, n uint64
		row := tx.QueryRow(`SELECT epoch, n, checkpoint_n, checkpoint FROM rooms WHERE id = ?`, room)
		if err := row.Scan(&epoch, &n, &record.CheckpointN, &record.Checkpoint); errors.Is(err, sql.ErrNoRows) {
			return ErrNoRoom
		} else if err != nil {
			return err
		}
		var err error
		if lease, err = e.leases.acquire(room, node, epoch, n); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE rooms SET epoch = ? WHERE id = ?`, lease.Epoch, room)
		return err
	})
	if err != nil {
		return Lease{}, Record{}, err
	}
	for entry, err := range e.Read(ctx, room, record.CheckpointN) {
		if err != nil {
			return Lease{}, Record{}, errors.Join(err, e.Release(ctx, lease))
		}
		record.Tail = append(record.Tail, entry)
	}
	return lease, record, nil
}

func (e *Embedded) Append(ctx context.Context, lease Lease, entries []Entry, tell ...Publication) error {
	err := e.keep(ctx, lease, entries)
	if err == nil {
		e.tell(tell)
	}
	return err
}

func (e *Embedded) keep(ctx context.Context, lease Lease, entries []Entry) error {
	if len(entries) == 0 {
		return e.leases.use(lease, 0, 0)
	}
	return e.change(ctx, func(tx *sql.Tx) error {
		if err := e.leases.use(lease, entries[0].N, len(entries)); err != nil {
			return err
		}
		if err := insert(tx, lease.Room, entries); err != nil {
			e.leases.release(lease) // what is on disk and what the lease counts have parted
			return err
		}
		_, err := tx.Exec(`UPDATE rooms SET n = ?, written_at = ? WHERE id = ?`, entries[len(entries)-1].N, time.Now().UnixMilli(), lease.Room)
		return err
	})
}

func (e *Embedded) Checkpoint(ctx context.Context, lease Lease, n uint64, state []byte) error {
	return e.change(ctx, func(tx *sql.Tx) error {
		if err := e.leases.use(lease, 0, 0); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE rooms SET checkpoint_n = ?, checkpoint = ? WHERE id = ?`, n, state, lease.Room)
		return err
	})
}

func (e *Embedded) Release(_ context.Context, lease Lease) error {
	e.leases.release(lease)
	return nil
}

func (e *Embedded) Read(ctx context.Context, room string, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var found int
		if err := e.db.QueryRowContext(ctx, `SELECT count(*) FROM rooms WHERE id = ?`, room).Scan(&found); err != nil || found == 0 {
			if err == nil {
				err = ErrNoRoom
			}
			yield(Entry{}, err)
			return
		}
		for {
			page, err := e.page(ctx, room, after)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if len(page) == 0 {
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
			after = page[len(page)-1].N
		}
	}
}

// page reads some of the entries after one, beginning with the append that may hold the first of them: only first_n is indexed, and a search
// for last_n would read a long journal from its beginning for every page.
func (e *Embedded) page(ctx context.Context, room string, after uint64) ([]Entry, error) {
	rows, err := e.db.QueryContext(ctx, `SELECT first_n, body FROM appends WHERE room = ?1 AND last_n > ?2
		AND first_n >= coalesce((SELECT max(first_n) FROM appends WHERE room = ?1 AND first_n <= ?2 + 1), 0) ORDER BY first_n LIMIT ?3`, room, after, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []Entry
	for rows.Next() {
		var n uint64
		var body []byte
		if err := rows.Scan(&n, &body); err != nil {
			return nil, err
		}
		for line := range bytes.Lines(body) {
			if n > after {
				page = append(page, Entry{N: n, Body: bytes.TrimSuffix(line, []byte("\n"))})
			}
			n++
		}
	}
	return page, rows.Err()
}

// Probe implements Rooms.
func (e *Embedded) Probe(ctx context.Context) error {
	return e.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO probe VALUES (1, ?)`, time.Now().UnixMilli())
		return err
	})
}

func (e *Embedded) List(ctx context.Context, since time.Time) ([]string, error) {
	return e.ids(ctx, `SELECT id FROM rooms WHERE written_at >= ? ORDER BY written_at DESC, id`, since)
}

// ids are the rooms that a query finds.
func (e *Embedded) ids(ctx context.Context, query string, at time.Time) ([]string, error) {
	rows, err := e.db.QueryContext(ctx, query, at.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var rooms []string
	for rows.Next() {
		var room string
		if err := rows.Scan(&room); err != nil {
			return nil, err
		}
		rooms = append(rooms, room)
	}
	return rooms, rows.Err()
}

func remove(tx *sql.Tx, room string) error {
	if _, err := tx.Exec(`DELETE FROM appends WHERE room = ?`, room); err != nil {
		return err
	}
	gone, err := tx.Exec(`DELETE FROM rooms WHERE id = ?`, room)
	if err != nil {
		return err
	}
	if n, err := gone.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNoRoom)
	}
	return nil
}

func (e *Embedded) Delete(ctx context.Context, room string) error {
	return e.change(ctx, func(tx *sql.Tx) error {
		e.leases.drop(room)
		return remove(tx, room)
	})
}

func (e *Embedded) Prune(ctx context.Context, before time.Time) (int, error) {
	rooms, err := e.ids(ctx, `SELECT id FROM rooms WHERE written_at < ?`, before)
	if err != nil {
		return 0, err
	}
	pruned := 0
	for _, room := range rooms {
		err := e.change(ctx, func(tx *sql.Tx) error {
			var old int // it may have been written to since it was listed
			row := tx.QueryRow(`SELECT count(*) FROM rooms WHERE id = ? AND written_at < ?`, room, before.UnixMilli())
			if err := row.Scan(&old); err != nil || old == 0 || e.leases.owned(room) {
				return err
			}
			pruned++
			return remove(tx, room)
		})
		if err != nil {
			return pruned, err
		}
	}
	return pruned, nil
}
