package github

import (
	"context"
	"sync"
)

// Parallel is how many pages are asked for at once in one person's name, over
// all their syncs. GitHub asks for no more concurrency than one needs
// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
const Parallel = 8

// lanes lets so many requests of each person go at once on this instance.
type lanes struct {
	mu     sync.Mutex
	people map[string]*lane
}

type lane struct {
	slots chan struct{}
	users int // those that hold or await a slot
}

// Slot waits until another request may go out in the user's name on this
// instance; release has to follow it, once or more often.
func (g *GitHub) Slot(ctx context.Context, userID string) (release func(), err error) {
	return g.lanes.enter(ctx, userID)
}

// enter waits until a request of the person may go; leave has to follow it, once
// or more often.
func (l *lanes) enter(ctx context.Context, userID string) (leave func(), err error) {
	own := l.join(userID)
	select {
	case own.slots <- struct{}{}:
		return sync.OnceFunc(func() { <-own.slots; l.part(userID, own) }), nil
	case <-ctx.Done():
		l.part(userID, own)
		return nil, ctx.Err()
	}
}

func (l *lanes) join(userID string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.people[userID]
	if own == nil {
		if l.people == nil {
			l.people = map[string]*lane{}
		}
		own = &lane{slots: make(chan struct{}, Parallel)}
		l.people[userID] = own
	}
	own.users++
	return own
}

func (l *lanes) part(userID string, own *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(l.people, userID)
	}
}
