package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
)

func requestOf(ctx context.Context, t *testing.T) echo.Context {
	t.Helper()
	return echo.New().NewContext(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), httptest.NewRecorder())
}

// using is how many requests of a user have a slot or wait for one.
func (s *Shares) using(user string, lane Lane) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine := s.users[shareKey{user, lane}]; mine != nil {
		return mine.using
	}
	return 0
}

func TestS3RequestsBeyondAShareWaitAndOthersDoNot(t *testing.T) {
	shares := NewShares(ShareOptions{Reads: 2, Wait: time.Minute})
	enter := func(user string, lane Lane) echo.Context {
		t.Helper()
		c := requestOf(t.Context(), t)
		if err := shares.Enter(c, user, lane); err != nil {
			t.Fatal(err)
		}
		return c
	}
	first := enter("ada", LaneRead)
	enter("ada", LaneRead)
	entered := make(chan error, 1)
	third := requestOf(t.Context(), t)
	go func() { entered <- shares.Enter(third, "ada", LaneRead) }()
	for shares.using("ada", LaneRead) != 3 {
		time.Sleep(time.Millisecond)
	}
	bob := enter("bob", LaneRead) // without a wait
	enter("ada", LaneWrite)
	select {
	case err := <-entered:
		t.Fatalf("a third request got one of two slots: %v", err)
	default:
	}
	LeaveShare(first)
	LeaveShare(first) // a second call has no effect
	if err := <-entered; err != nil {
		t.Fatal(err)
	}
	// A client that disconnects stops waiting.
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := shares.Enter(requestOf(gone, t), "ada", LaneRead); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that disconnected gets %v", err)
	}
	LeaveShare(bob)
	if _, remembered := shares.users[shareKey{"bob", LaneRead}]; remembered {
		t.Error("a user with nothing in flight is remembered")
	}
}

func TestS3ARequestOverTheShareIsRejectedAfterAWhile(t *testing.T) {
	shares := NewShares(ShareOptions{Reads: 1, Wait: time.Millisecond})
	one := requestOf(t.Context(), t)
	if err := shares.Enter(one, "ada", LaneRead); err != nil {
		t.Fatal(err)
	}
	var refused *Error
	if err := shares.Enter(requestOf(t.Context(), t), "ada", LaneRead); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests || refused.RetryAfter == 0 {
		t.Errorf("one more: %v", err)
	}
	if err := shares.Switch(one, LaneLongList); err != nil {
		t.Fatal(err)
	}
	if err := shares.Enter(requestOf(t.Context(), t), "ada", LaneRead); err != nil {
		t.Errorf("a long list holds the share of short ones: %v", err)
	}
	if err := shares.Enter(requestOf(t.Context(), t), "ada", LaneLongList); !errors.Is(err, errShare) {
		t.Errorf("a second long list: %v", err)
	}
}
