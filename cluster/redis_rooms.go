package cluster

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

//go:embed lua/*.lua
var scripts embed.FS

var (
	createScript     = redis.NewScript(source("create"))
	acquireScript    = redis.NewScript(source("acquire"))
	appendSource     = source("append")
	appendScript     = redis.NewScript(appendSource)
	checkpointScript = redis.NewScript(source("checkpoint"))
	releaseScript    = redis.NewScript(source("release"))
	pruneScript      = redis.NewScript(source("prune"))
)

func source(name string) string {
	text, err := scripts.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// roomKeys are the keys of a room.
type roomKeys struct{ room, journal, checkpoint string }

// keysOf is false for an id that cannot be in braces: no room has it.
func (r *Redis) keysOf(room string) (roomKeys, bool) {
	key := r.key("{" + room + "}")
	return roomKeys{key, key + ":journal", key + ":checkpoint"}, room != "" && !strings.ContainsAny(room, "{}")
}

// outcome is what the words mean that scripts answer with.
func outcome(word string) error {
	switch word {
	case "ok":
		return nil
	case "exists":
		return ErrExists
	case "no room":
		return ErrNoRoom
	case "held":
		return ErrHeld
	case "lost":
		return ErrLost
	case "quicker":
		return errQuicker
	}
	return fmt.Errorf("Redis answers %.40q", word)
}

// ask runs a script that answers with a word.
func (r *Redis) ask(ctx context.Context, script *redis.Script, keys []string, args ...any) error {
	word, err := script.Run(ctx, r.db(), keys, args...).Text()
	if err != nil {
		return err
	}
	return outcome(word)
}

// lines are entries as a stream keeps them: the bodies of one append, one per line.
func lines(entries []Entry) []byte {
	var body bytes.Buffer
	for i, e := range entries {
		if i > 0 {
			body.WriteByte('\n')
		}
		body.Write(e.Body)
	}
	return body.Bytes()
}

// Create implements Rooms. It is not repeated: a second try would find the room of the first.
func (r *Redis) Create(ctx context.Context, room string, first ...Entry) error {
	keys, ok := r.keysOf(room)
	if !ok {
		return fmt.Errorf("no room can be called %.20q", room)
	}
	// Listed first: a room that is listed and not there is found out when rooms are pruned, one that is there and not listed would stay for ever.
	if err := r.db().ZAddNX(ctx, r.key("rooms"), redis.Z{Score: float64(time.Now().UnixMilli()), Member: room}).Err(); err != nil {
		return err
	}
	return r.ask(ctx, createScript, []string{keys.room, keys.journal}, len(first), lines(first))
}

// Acquire implements Rooms.
func (r *Redis) Acquire(ctx context.Context, room, node string) (lease Lease, record Record, err error) {
	keys, ok := r.keysOf(room)
	if !ok {
		return Lease{}, Record{}, ErrNoRoom
	}
	err = r.persist(ctx, func(ctx context.Context, _ int) error {
		reply, err := acquireScript.Run(ctx, r.db(), []string{keys.room, keys.checkpoint}, node, LeaseTTL.Milliseconds()).Result()
		if err != nil {
			return err
		}
		got, ok := reply.([]any)
		if !ok || len(got) != 3 {
			return outcome(fmt.Sprint(reply))
		}
		lease = Lease{Room: room, Node: node, Epoch: uint64(got[0].(int64))}
		record = Record{CheckpointN: uint64(got[1].(int64))}
		if state, ok := got[2].(string); ok {
			record.Checkpoint = []byte(state)
		}
		return nil
	})
	if err != nil {
		return Lease{}, Record{}, err
	}
	for entry, err := range r.entries(ctx, keys, record.CheckpointN) {
		if err != nil {
			return Lease{}, Record{}, errors.Join(err, r.Release(ctx, lease))
		}
		record.Tail = append(record.Tail, entry)
	}
	return lease, record, nil
}

// Append implements Rooms. Journal and publications are one step for Redis.
func (r *Redis) Append(ctx context.Context, lease Lease, entries []Entry, tell ...Publication) error {
	keys, ok := r.keysOf(lease.Room)
	if !ok {
		return ErrLost
	}
	first, last := uint64(0), uint64(0)
	if len(entries) > 0 {
		first, last = entries[0].N, entries[len(entries)-1].N
		r.list(lease.Room)
	}
	args := []any{lease.Node, lease.Epoch, LeaseTTL.Milliseconds(), first, last, lines(entries), r.verb("publish")}
	for _, p := range tell {
		args = append(args, r.key(p.Topic), p.Payload)
	}
	return r.persist(ctx, func(ctx context.Context, attempt int) error { return r.append(ctx, attempt, keys, args) })
}

// append queues the script, behind all that this node has published to the room's server and before all that it publishes later.
func (r *Redis) append(ctx context.Context, attempt int, keys roomKeys, args []any) error {
	s, err := r.shardOf(ctx, keys.room)
	if err != nil {
		return err
	}
	line := []any{"evalsha", appendScript.Hash(), 2, keys.room, keys.journal}
	if attempt > 0 { // a Redis that was started again has forgotten the script
		line = []any{"eval", appendSource, 2, keys.room, keys.journal}
	}
	command := redis.NewCmd(ctx, append(line, args...)...)
	if err := s.do(ctx, command); err != nil {
		return err
	}
	word, err := command.Text()
	if err != nil {
		return err
	}
	return outcome(word)
}

// list brings a room's place in the list of rooms up to date, now and then. It is only a list: Prune looks at the room itself.
func (r *Redis) list(room string) {
	now := time.Now()
	r.mu.Lock()
	due := now.Sub(r.listed[room]) >= redisListLag
	if due {
		r.listed[room] = now
	}
	r.mu.Unlock()
	if !due {
		return
	}
	s, err := r.shardOf(r.ctx, r.key("rooms"))
	if err == nil {
		err = s.post(redis.NewCmd(r.ctx, "zadd", r.key("rooms"), "gt", now.UnixMilli(), room), 0)
	}
	if err != nil {
		r.log.Warn("room not listed", zap.String("room", room), zap.Error(err))
	}
}

// Checkpoint implements Rooms.
func (r *Redis) Checkpoint(ctx context.Context, lease Lease, n uint64, state []byte) error {
	keys, ok := r.keysOf(lease.Room)
	if !ok {
		return ErrLost
	}
	return r.persist(ctx, func(ctx context.Context, _ int) error {
		return r.ask(ctx, checkpointScript, []string{keys.room, keys.checkpoint}, lease.Node, lease.Epoch, LeaseTTL.Milliseconds(), n, state)
	})
}

// Release implements Rooms.
func (r *Redis) Release(ctx context.Context, lease Lease) error {
	keys, ok := r.keysOf(lease.Room)
	if !ok {
		return nil
	}
	r.mu.Lock()
	delete(r.listed, lease.Room)
	r.mu.Unlock()
	return r.ask(ctx, releaseScript, []string{keys.room}, lease.Node, lease.Epoch)
}

// Read implements Rooms.
func (r *Redis) Read(ctx context.Context, room string, after uint64) iter.Seq2[Entry, error] {
	keys, ok := r.keysOf(room)
	return func(yield func(Entry, error) bool) {
		there := int64(0)
		err := r.persist(ctx, func(ctx context.Context, _ int) (err error) {
			if ok {
				there, err = r.db().Exists(ctx, keys.room).Result()
			}
			return err
		})
		if err == nil && there == 0 {
			err = ErrNoRoom
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		r.entries(ctx, keys, after)(yield)
	}
}

// entries are those of a journal after one, page by page. The id of an append is the number of its last entry, so that the first one that a
// page can begin with is found by it.
func (r *Redis) entries(ctx context.Context, keys roomKeys, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			var page []redis.XMessage
			err := r.persist(ctx, func(ctx context.Context, _ int) (err error) {
				page, err = r.db().XRangeN(ctx, keys.journal, strconv.FormatUint(after+1, 10), "+", pageSize).Result()
				return err
			})
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, kept := range page {
				found, err := unpack(kept)
				if err != nil {
					yield(Entry{}, err)
					return
				}
				for _, e := range found {
					if e.N > after && !yield(e, nil) {
						return
					}
				}
				after = found[len(found)-1].N
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// unpack reads the entries of one append.
func unpack(kept redis.XMessage) ([]Entry, error) {
	number, _, _ := strings.Cut(kept.ID, "-")
	last, err := strconv.ParseUint(number, 10, 64)
	body, ok := kept.Values["body"].(string)
	if err != nil || !ok {
		return nil, fmt.Errorf("entry %.40q of a journal is none of ours", kept.ID)
	}
	bodies := bytes.Split([]byte(body), []byte("\n"))
	entries := make([]Entry, len(bodies))
	for i, b := range bodies {
		entries[i] = Entry{N: last - uint64(len(bodies)-1-i), Body: b}
	}
	return entries, nil
}

// List implements Rooms. What was written in the last redisListLag may not show yet.
func (r *Redis) List(ctx context.Context, since time.Time) ([]string, error) {
	return r.db().ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: r.key("rooms"), ByScore: true, Rev: true, Start: "+inf", Stop: since.UnixMilli(),
	}).Result()
}

// Delete implements Rooms.
func (r *Redis) Delete(ctx context.Context, room string) error {
	keys, ok := r.keysOf(room)
	if !ok {
		return ErrNoRoom
	}
	gone, err := r.db().Unlink(ctx, keys.room, keys.journal, keys.checkpoint).Result()
	if err != nil {
		return err
	}
	if gone == 0 {
		return ErrNoRoom
	}
	return r.unlist(ctx, room)
}

func (r *Redis) unlist(ctx context.Context, room string) error {
	return r.db().ZRem(ctx, r.key("rooms"), room).Err()
}

// Probe implements Rooms.
func (r *Redis) Probe(ctx context.Context) error {
	return r.db().Set(ctx, r.key("probe"), time.Now().UnixMilli(), 0).Err()
}

// Prune implements Rooms.
func (r *Redis) Prune(ctx context.Context, before time.Time) (int, error) {
	rooms, err := r.db().ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: r.key("rooms"), ByScore: true, Start: "-inf", Stop: "(" + strconv.FormatInt(before.UnixMilli(), 10),
	}).Result()
	if err != nil {
		return 0, err
	}
	pruned := 0
	for _, room := range rooms {
		keys, _ := r.keysOf(room)
		answer, err := pruneScript.Run(ctx, r.db(), []string{keys.room, keys.journal, keys.checkpoint}, before.UnixMilli()).Text()
		if err == nil {
			switch answer {
			case "pruned":
				pruned++
				err = r.unlist(ctx, room)
			case "gone":
				err = r.unlist(ctx, room)
			default: // it is younger than the list says, or owned
			}
		}
		if err != nil {
			return pruned, err
		}
	}
	return pruned, nil
}
