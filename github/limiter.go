package github

import (
	"context"
	"sync"
)

// Parallel is how many pages are requested at once for one user, across all their
// syncs. GitHub asks for no more concurrency than needed
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
const Parallel = 8

// limiter limits each user's concurrent requests on this instance. The zero value is
// ready to use.
type limiter struct {
	mu    sync.Mutex
	users map[string]*userLimit
}

type userLimit struct {
	slots chan struct{}
	refs  int // callers that hold or wait for a slot
}

// AcquireSlot waits until another request may be sent for the user on this instance.
// release may be called more than once.
func (g *GitHub) AcquireSlot(ctx context.Context, userID string) (release func(), err error) {
	return g.limiter.acquire(ctx, userID)
}

func (l *limiter) acquire(ctx context.Context, userID string) (release func(), err error) {
	limit := l.ref(userID)
	select {
	case limit.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-limit.slots; l.unref(userID, limit) }), nil
	case <-ctx.Done():
		l.unref(userID, limit)
		return nil, ctx.Err()
	}
}

func (l *limiter) ref(userID string) *userLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	limit := l.users[userID]
	if limit == nil {
		if l.users == nil {
			l.users = map[string]*userLimit{}
		}
		limit = &userLimit{slots: make(chan struct{}, Parallel)}
		l.users[userID] = limit
	}
	limit.refs++
	return limit
}

func (l *limiter) unref(userID string, limit *userLimit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit.refs--; limit.refs == 0 {
		delete(l.users, userID)
	}
}
