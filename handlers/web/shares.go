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
	LaneLongList             // holds a database connection while a list is read; requests don't wait in it
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

	if !s.acquire(ctx, key.lane, mine.slots, waiting) {
		s.leave(key, mine)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errShare
	}
	return sync.OnceFunc(func() {
		mine.slots.Release(1)
		s.leave(key, mine)
	}), nil
}

func (s *Shares) acquire(ctx context.Context, lane Lane, slots *semaphore.Weighted, waiting func()) bool {
	if slots.TryAcquire(1) {
		return true
	}
	if lane == LaneLongList {
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

// The context keys of a request's slot.
const (
	shareContextKey = "share"
	ownerContextKey = "share-owner"
)

// Enter takes a slot of a user's share for a request. A request holds one slot at a time. Call
// LeaveShare at the end of the request.
func (s *Shares) Enter(c echo.Context, user string, lane Lane) error {
	LeaveShare(c)
	// A request that waits for its own user's requests doesn't hold up other users.
	leave, err := s.enter(c.Request().Context(), shareKey{user, lane}, func() { Unbound(c) })
	if err != nil {
		return err
	}
	c.Set(shareContextKey, leave)
	c.Set(ownerContextKey, user)
	return nil
}

// Switch moves a request that holds a slot to another lane.
func (s *Shares) Switch(c echo.Context, lane Lane) error {
	user, _ := c.Get(ownerContextKey).(string)
	if user == "" {
		return nil
	}
	return s.Enter(c, user, lane)
}

// LeaveShare frees the slot of a request, if it holds one.
func LeaveShare(c echo.Context) {
	if leave, _ := c.Get(shareContextKey).(func()); leave != nil {
		leave()
	}
}
