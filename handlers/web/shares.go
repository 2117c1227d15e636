package web

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/semaphore"
)

// Lane is a kind of work that each user has a share of.
type Lane int

// The lanes.
const (
	LaneRead     Lane = iota // reads stored data
	LaneWrite                // changes stored data
	LaneGitHub               // waits for GitHub
	LaneLongList             // holds a database connection while a list is read
	lanes
)

// maxWaiting limits a user's requests that wait for a slot.
const maxWaiting = 64

// ShareOptions are how much of each lane one user may have in flight, over all sessions and
// tokens. Zero means the default.
type ShareOptions struct {
	Reads, Writes, GitHub, LongLists int64
	// Wait is how long a request waits for a slot.
	Wait time.Duration
}

// Shares limit what one user has in flight, so that no user's work decides how long others
// wait. Requests over the limit wait in order, for a limited time.
type Shares struct {
	size [lanes]int64
	wait time.Duration

	mu    sync.Mutex
	users map[shareKey]*share
}

type shareKey struct {
	user string
	lane Lane
}

// share is a user's share of a lane, while it is in use.
type share struct {
	slots *semaphore.Weighted
	using int64 // requests in flight and waiting
}

// NewShares creates Shares.
func NewShares(options ShareOptions) *Shares {
	s := &Shares{wait: options.Wait, users: map[shareKey]*share{}}
	if s.wait == 0 {
		s.wait = 10 * time.Second
	}
	// A user who keeps all processors busy slows others down by a factor of two at most.
	s.size = [lanes]int64{int64(max(2, runtime.GOMAXPROCS(0))), 1, 8, 1}
	for lane, size := range []int64{options.Reads, options.Writes, options.GitHub, options.LongLists} {
		if size > 0 {
			s.size[lane] = size
		}
	}
	return s
}

var errShare = &Error{
	Status: http.StatusTooManyRequests, RetryAfter: 5 * time.Second,
	Message: "You have many requests in progress. Wait for some of them to finish",
}

// enter takes a slot of a user's share; leave frees it. waiting is called before a wait.
// Where it is nil, nothing waits.
func (s *Shares) enter(ctx context.Context, key shareKey, waiting func()) (leave func(), err error) {
	s.mu.Lock()
	mine := s.users[key]
	if mine == nil {
		mine = &share{slots: semaphore.NewWeighted(s.size[key.lane])}
		s.users[key] = mine
	}
	if mine.using >= s.size[key.lane]+maxWaiting {
		s.mu.Unlock()
		return nil, errShare
	}
	mine.using++
	s.mu.Unlock()

	if !s.acquire(ctx, mine.slots, waiting) {
		s.leave(key, mine)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errShare
	}
	return func() {
		mine.slots.Release(1)
		s.leave(key, mine)
	}, nil
}

func (s *Shares) acquire(ctx context.Context, slots *semaphore.Weighted, waiting func()) bool {
	if slots.TryAcquire(1) {
		return true
	}
	if waiting == nil {
		return false
	}
	waiting()
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	return slots.Acquire(ctx, 1) == nil
}

func (s *Shares) leave(key shareKey, mine *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine.using--; mine.using == 0 {
		delete(s.users, key)
	}
}

// shareKeyOfContext is the context key of a request's slot.
const shareKeyOfContext = "share"

// slot is a part of a user's share that a request holds, or held.
type slot struct {
	shareKey
	leave func() // nil once it is free
}

// Enter takes a slot of a user's share for a request, which holds one at a time.
// Call LeaveShare at the end of the request. A request that reads
// a long list keeps the slot that it has.
func (s *Shares) Enter(c echo.Context, user string, lane Lane) error {
	if held, _ := c.Get(shareKeyOfContext).(*slot); held != nil && held.leave != nil && held.lane == LaneLongList {
		return nil
	}
	// A request that waits for its own user's requests doesn't hold up other users.
	return s.take(c, shareKey{user, lane}, func() { Unbound(c) })
}

// Switch moves a request that holds a slot, or held one, to another lane.
func (s *Shares) Switch(c echo.Context, lane Lane) error {
	held, _ := c.Get(shareKeyOfContext).(*slot)
	if held == nil {
		return nil
	}
	return s.take(c, shareKey{held.user, lane}, func() { Unbound(c) })
}

// SwitchNow is Switch without a wait: it reports whether there is a slot.
func (s *Shares) SwitchNow(c echo.Context, lane Lane) bool {
	held, _ := c.Get(shareKeyOfContext).(*slot)
	return held == nil || s.take(c, shareKey{held.user, lane}, nil) == nil
}

func (s *Shares) take(c echo.Context, key shareKey, waiting func()) error {
	LeaveShare(c)
	leave, err := s.enter(c.Request().Context(), key, waiting)
	if err != nil {
		return err
	}
	c.Set(shareKeyOfContext, &slot{key, leave})
	return nil
}

// LeaveShare frees the slot of a request, if it holds one.
func LeaveShare(c echo.Context) {
	if held, _ := c.Get(shareKeyOfContext).(*slot); held != nil && held.leave != nil {
		held.leave()
		held.leave = nil
	}
}
