package narration

import (
	"context"
	"sync"
	"time"
)

// together runs functions side by side and ends all of them when one fails.
type together struct {
	ctx   context.Context
	fail  context.CancelCauseFunc
	calls sync.WaitGroup
}

func newTogether(ctx context.Context) *together {
	t := &together{}
	t.ctx, t.fail = context.WithCancelCause(ctx)
	return t
}

func (t *together) do(f func(ctx context.Context) error) {
	t.calls.Go(func() {
		if err := f(t.ctx); err != nil {
			t.fail(err)
		}
	})
}

// wait waits for all and returns the first error, or why the context ended before them.
func (t *together) wait() error {
	t.calls.Wait()
	err := context.Cause(t.ctx)
	t.fail(nil)
	return err
}

// wait lets a time pass, unless the context ends before.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
