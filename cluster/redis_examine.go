package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Grade is how good a Finding is.
type Grade int

const (
	Good     Grade = iota
	Doubtful       // it works, and something can be lost or slow
	Bad            // nodes do not work with it
)

// Finding is something that an operator should know about storage, with what to do about it.
type Finding struct {
	Grade Grade
	Text  string
}

// Examine looks at what Redis is and at what it keeps. It only reads.
func (r *Redis) Examine(ctx context.Context) []Finding {
	var found []Finding
	add := func(grade Grade, format string, args ...any) {
		found = append(found, Finding{grade, fmt.Sprintf(format, args...)})
	}
	if err := r.examineServers(ctx, add); err != nil {
		add(Doubtful, "its settings cannot be read: %v; %s", err, RedisAdvice(err))
	}
	return found
}

// Rehearse finds out whether this user may do all that nodes do, and how quick it is, on a room of its own that it deletes again. It takes a
// few seconds at most.
func (r *Redis) Rehearse(ctx context.Context) Finding {
	took, err := r.rehearse(ctx)
	switch {
	case err != nil:
		return Finding{Bad, fmt.Sprintf("%v; %s", err, RedisAdvice(err))}
	case took > slowAppend:
		return Finding{Doubtful, fmt.Sprintf("this user may do all that nodes do, but half of the appends took more than %v, and every vote waits for one: put Redis nearer, or on a quicker disk", slowAppend)}
	}
	return Finding{Good, fmt.Sprintf("this user may do all that nodes do; half of the appends took less than %.1f ms", float64(took.Microseconds())/1000)}
}

const slowAppend = 20 * time.Millisecond

// examineServers reads the settings of the server, or of all primaries of a cluster.
func (r *Redis) examineServers(ctx context.Context, add func(Grade, string, ...any)) error {
	if r.cluster == nil {
		return r.examineServer(ctx, r.alone, "", add)
	}
	var mu sync.Mutex
	return r.cluster.ForEachMaster(ctx, func(ctx context.Context, client *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		return r.examineServer(ctx, client, client.Options().Addr+": ", add)
	})
}

func (r *Redis) examineServer(ctx context.Context, client *redis.Client, name string, add func(Grade, string, ...any)) error {
	var text strings.Builder
	for _, section := range []string{"server", "persistence", "memory", "replication", "cluster"} {
		part, err := client.Info(ctx, section).Result()
		if err != nil {
			return err
		}
		text.WriteString(part)
	}
	info := map[string]string{}
	for line := range strings.Lines(text.String()) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[key] = value
		}
	}
	major, _, _ := strings.Cut(info["redis_version"], ".")
	if n, err := strconv.Atoi(major); err != nil || n < 7 {
		add(Bad, "%sversion %s; nodes need 7 or newer", name, info["redis_version"])
	} else {
		add(Good, "%sversion %s", name, info["redis_version"])
	}
	if info["cluster_enabled"] == "1" && r.form != redisCluster {
		add(Bad, "%sit is part of a Redis Cluster; write redis+cluster:// in the address", name)
	}
	if info["role"] == "slave" {
		add(Bad, "%sit is a replica and takes no writes; name its primary, or the Sentinels with redis+sentinel://", name)
	}
	examinePersistence(ctx, client, info, name, add)
	examineMemory(info, name, add)
	return nil
}

func examinePersistence(ctx context.Context, client *redis.Client, info map[string]string, name string, add func(Grade, string, ...any)) {
	if info["aof_enabled"] != "1" {
		add(Doubtful, "%sappendonly is no: a restart of Redis loses every room since its last snapshot, or all of them; set appendonly yes", name)
		return
	}
	if info["aof_last_write_status"] != "ok" {
		add(Bad, "%sits last write to the append-only file failed; see whether its disk is full", name)
		return
	}
	config, err := client.ConfigGet(ctx, "appendfsync").Result()
	switch flush := config["appendfsync"]; {
	case err != nil:
		add(Good, "%sappendonly is yes; this user may not ask for appendfsync", name)
	case flush == "no":
		add(Doubtful, "%sappendfsync is no: a power cut loses what the system had not written, half a minute or more; set everysec or always", name)
	case flush == "everysec":
		add(Good, "%sappendonly is yes, appendfsync is everysec: a crash of Redis loses nothing, a power cut up to about a second", name)
	default:
		add(Good, "%sappendonly is yes, appendfsync is %s: what was acknowledged is on disk", name, flush)
	}
}

func examineMemory(info map[string]string, name string, add func(Grade, string, ...any)) {
	limit, _ := strconv.ParseInt(info["maxmemory"], 10, 64)
	used, _ := strconv.ParseInt(info["used_memory"], 10, 64)
	switch policy := info["maxmemory_policy"]; {
	case policy != "noeviction":
		add(Bad, "%smaxmemory-policy is %s: when memory is short Redis throws rooms away; set noeviction", name, policy)
	case limit == 0:
		add(Good, "%s%d MB of memory used, without a limit; rooms are kept for --retention", name, used>>20)
	case used > limit/10*9:
		add(Doubtful, "%s%d of %d MB of memory used; when it is full nothing can be kept: give it more, or shorten --retention", name, used>>20, limit>>20)
	default:
		add(Good, "%s%d of %d MB of memory used", name, used>>20, limit>>20)
	}
}

// rehearse does once all that nodes do, and returns the median time of an append.
func (r *Redis) rehearse(ctx context.Context) (time.Duration, error) {
	room := "doctor-" + uuid.NewString()
	topic := "room/{" + room + "}/events"
	came := make(chan struct{}, 4)
	cancel, err := r.Subscribe(ctx, topic, func([]byte) {
		select {
		case came <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return 0, err
	}
	defer cancel()
	if err := r.Create(ctx, room); err != nil {
		return 0, fmt.Errorf("create a room: %w", err)
	}
	lease, _, err := r.Acquire(ctx, room, "doctor")
	if err != nil {
		return 0, errors.Join(fmt.Errorf("take a room: %w", err), r.Delete(ctx, room))
	}
	took, err := r.rehearseAppends(ctx, lease, topic, came)
	err = errors.Join(err, r.Checkpoint(ctx, lease, 1, []byte("{}")))
	for _, readErr := range r.Read(ctx, room, 0) {
		err = errors.Join(err, readErr)
	}
	_, listErr := r.List(ctx, time.Now())
	_, keepErr := r.Keep(ctx, "doctor", []byte("0"))
	return took, errors.Join(err, listErr, keepErr, r.Release(ctx, lease), r.Delete(ctx, room))
}

// rehearseAppends returns the median time of an append, and sees to it that what they tell is heard.
func (r *Redis) rehearseAppends(ctx context.Context, lease Lease, topic string, came <-chan struct{}) (time.Duration, error) {
	var times []time.Duration
	for n := uint64(1); n <= 20; n++ {
		start := time.Now()
		if err := r.Append(ctx, lease, []Entry{{N: n, Body: []byte("{}")}}, Publication{Topic: topic, Payload: []byte("{}")}); err != nil {
			return 0, fmt.Errorf("append: %w", err)
		}
		times = append(times, time.Since(start))
	}
	select {
	case <-came:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(2 * redisAnswerTime):
		return 0, errors.New("what is published does not come back")
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

// RedisAdvice says what an operator can do about an error of Redis.
func RedisAdvice(err error) string {
	text := err.Error()
	for _, known := range []struct{ part, advice string }{
		{"WRONGPASS", "put the right user and password into the address"},
		{"NOAUTH", "put user and password into the address"},
		{"NOPERM", "give the user the rights that docs/operating.md lists"},
		{"No permissions", "give the user the rights that docs/operating.md lists"},
		{"refused", "see that Redis runs there and listens on that address"},
		{"no such host", "see that the host's name is right"},
		{"certificate", "name the authority that signed the server's certificate with ?ca=FILE, and the host that stands in it"},
		{"first record does not look like a TLS handshake", "the server speaks no TLS; write redis instead of rediss"},
		{"READONLY", "that is a replica; name its primary, or the Sentinels with redis+sentinel://"},
		{"MOVED", "that is part of a Redis Cluster; write redis+cluster://"},
		{"CROSSSLOT", "that is part of a Redis Cluster; write redis+cluster://"},
		{"CLUSTERDOWN", "the cluster has servers missing; see CLUSTER INFO"},
		{"cluster support disabled", "that is one server and no cluster; write redis://"},
		{"sentinel", "see that Sentinels answer there and watch a primary of that name"},
		{"OOM", "its memory is full; give it more, or shorten --retention"},
		{"MISCONF", "it cannot write to its disk; see whether that is full"},
		{"NOREPLICAS", "too few of its replicas follow; see min-replicas-to-write"},
		{"LOADING", "it is still reading its files; wait"},
		{"unknown command", "nodes need Redis 7 or newer"},
		{"timeout", "see that nothing between here and Redis drops connections, and that TLS is asked for where it is spoken and only there"},
		{"deadline", "see that nothing between here and Redis drops connections, and that TLS is asked for where it is spoken and only there"},
	} {
		if strings.Contains(text, known.part) {
			return known.advice
		}
	}
	return "see the log of Redis"
}
