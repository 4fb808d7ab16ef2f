package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// Redis is a [Bus], [Rooms] and [Sums] on Redis 7 or newer, which nodes share: on one server, on a primary that Sentinels watch, or on Redis Cluster.
//
// Each room's keys have its id in braces, and with it one place in a cluster:
//
//	kino:{room}              hash: n (last entry), at (last write, ms), node and until (the lease, ms), epoch, checkpoint (its n)
//	kino:{room}:journal      stream: one entry per append, whose id is the n of its last line
//	kino:{room}:checkpoint   the state
//	kino:rooms               sorted set: rooms by last write, up to redisListLag late
//	kino:kept:NAME           what Keep keeps
//	kino:sum:NAME            hash: value and version of a sum
//	kino:probe               what Probe writes
//
// All that changes a room is a script, so that it happens whole or not at all, under the lease, and by the clock of Redis: no node's clock
// decides anything.
//
// A write under a lease that gets no answer is repeated for up to redisPatience, so that a restart of Redis or a new primary costs a pause
// and no room. Repeating is safe: an append that is there already, by the same owner and with the same bytes, counts as done.
type Redis struct {
	redisAddress
	alone   *redis.Client        // nil with a cluster
	cluster *redis.ClusterClient // nil without one
	log     *zap.Logger

	ctx  context.Context // done when the bus closes
	stop context.CancelFunc
	wait sync.WaitGroup

	mu     sync.Mutex // guards what follows and what others say
	shards map[*redis.Client]*shard
	listed map[string]time.Time // when a room's place in kino:rooms was last brought up to date
}

const (
	redisPatience = 4 * time.Second       // shorter than a viewer waits for an answer
	redisPause    = 50 * time.Millisecond // between two tries
	redisListLag  = 10 * time.Second
)

// quiet: go-redis writes to standard error what its calls return as well.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func init() { redis.SetLogger(quiet{}) }

// OpenRedis connects a node to Redis; see CheckRedis for the forms of an address. It fails when Redis does not answer. Close it when all rooms
// are released.
func OpenRedis(ctx context.Context, address string, log *zap.Logger) (*Redis, error) {
	a, err := parseRedis(address)
	if err != nil {
		return nil, fmt.Errorf("address of Redis %w", err)
	}
	r := &Redis{redisAddress: a, log: log.Named("redis"), shards: map[*redis.Client]*shard{}, listed: map[string]time.Time{}}
	switch a.form {
	case redisAlone:
		r.alone = redis.NewClient(a.options.Simple())
	case redisSentinel:
		r.alone = redis.NewFailoverClient(a.options.Failover())
	case redisCluster:
		r.cluster = redis.NewClusterClient(a.options.Cluster())
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	if err := r.Probe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach Redis at %s: %w", r.Place(), err), r.Close())
	}
	return r, nil
}

// Place is where Redis is, without what is secret of its address.
func (r *Redis) Place() string {
	place := strings.Join(r.options.Addrs, ",")
	switch {
	case r.form == redisSentinel:
		place += "/" + r.options.MasterName
	case r.options.DB != 0:
		place += fmt.Sprint("/", r.options.DB)
	}
	return place
}

// Close ends the subscriptions and the connections. Nothing may be called afterwards.
func (r *Redis) Close() error {
	r.stop()
	r.wait.Wait()
	return r.db().Close()
}

// db is for commands of which no order is asked.
func (r *Redis) db() redis.UniversalClient {
	if r.cluster != nil {
		return r.cluster
	}
	return r.alone
}

func (r *Redis) key(name string) string { return r.prefix + ":" + name }

// persist tries something that may be repeated until it is done, refused or too late.
func (r *Redis) persist(ctx context.Context, try func(ctx context.Context, attempt int) error) error {
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	var last error
	for attempt := 0; ; attempt++ {
		err := try(ctx, attempt)
		if err == nil || refusal(err) {
			return err
		}
		if last != nil && ctx.Err() != nil {
			return last // that the time is over says less than why it was not enough
		}
		last = err
		if attempt == 0 && redis.HasErrorPrefix(err, "NOSCRIPT") {
			continue
		}
		r.relearn()
		select {
		case <-ctx.Done():
			return err
		case <-r.ctx.Done():
			return err
		case <-time.After(redisPause):
		}
	}
}

// relearn asks a cluster anew which server has what.
func (r *Redis) relearn() {
	if r.cluster != nil {
		r.cluster.ReloadState(r.ctx)
	}
}

// Keys is how many keys Redis has, of all prefixes in the database, and of all primaries of a cluster. It needs the right to DBSIZE, which nodes do
// without.
func (r *Redis) Keys(ctx context.Context) (int64, error) {
	n, err := r.db().DBSize(ctx).Result()
	if err != nil {
		return 0, fmt.Errorf("count the keys of Redis: %w", err)
	}
	return n, nil
}

// Keep keeps a value under a name unless something is kept there already, and returns what is kept: all nodes that ask get the same.
func (r *Redis) Keep(ctx context.Context, name string, value []byte) (kept []byte, err error) {
	err = r.persist(ctx, func(ctx context.Context, _ int) error {
		if err := r.db().SetNX(ctx, r.key("kept:"+name), value, 0).Err(); err != nil {
			return err
		}
		kept, err = r.db().Get(ctx, r.key("kept:"+name)).Bytes()
		return err
	})
	return kept, err
}
