package cluster

import (
	"context"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"
)

var replaceScript = redis.NewScript(source("replace"))

func (r *Redis) sumKey(name string) string { return r.key("sum:" + name) }

func (r *Redis) Sum(ctx context.Context, name string) ([]byte, error) {
	value, _, err := r.readSum(ctx, name)
	return value, err
}

func (r *Redis) Add(ctx context.Context, name string, add func([]byte) ([]byte, error)) error {
	return addTo(ctx, r, name, add)
}

func (r *Redis) readSum(ctx context.Context, name string) (value []byte, version uint64, err error) {
	err = r.persist(ctx, func(ctx context.Context, _ int) error {
		got, err := r.db().HMGet(ctx, r.sumKey(name), "value", "version").Result()
		if err != nil || got[1] == nil {
			value, version = nil, 0
			return err
		}
		text, _ := got[0].(string)
		if version, err = strconv.ParseUint(fmt.Sprint(got[1]), 10, 64); err != nil {
			return fmt.Errorf("the version of %s is none of ours: %w", r.sumKey(name), err)
		}
		value = []byte(text)
		return nil
	})
	return value, version, err
}

func (r *Redis) replaceSum(ctx context.Context, name string, value []byte, version uint64) error {
	return r.persist(ctx, func(ctx context.Context, _ int) error {
		return r.ask(ctx, replaceScript, []string{r.sumKey(name)}, version, value)
	})
}
