package github

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// P36: tokens are minted once for all callers, not for each call.
func TestP36ThirtyCallersMintOneToken(t *testing.T) {
	world, ids := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	s.spoil("/access_tokens", &sandbox.Fault{Delay: 50 * time.Millisecond})
	count := func(id int64) {
		if n, err := s.CountReached(soon(t), id); err != nil || n != 1 {
			t.Errorf("%d repositories, %v", n, err)
		}
	}
	var callers sync.WaitGroup
	for range 30 {
		callers.Go(func() { count(ids[0]) })
	}
	callers.Wait()
	mints := func() int { return s.asked("/access_tokens") }
	if mints() != 1 {
		t.Fatalf("30 callers at once minted %d tokens", mints())
	}
	s.later(55*time.Minute - time.Second)
	count(ids[0])
	if mints() != 1 {
		t.Error("a token was minted although one was good for more than five minutes")
	}
	s.later(time.Second)
	count(ids[0])
	if mints() != 2 {
		t.Errorf("five minutes before the end there were %d mints, want 2", mints())
	}
	count(ids[2])
	if mints() != 3 {
		t.Error("two installations share a token")
	}
}

func TestTheFirstOfManyCallersMayGoAway(t *testing.T) {
	world, ids := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	s.spoil("/access_tokens", &sandbox.Fault{Delay: 200 * time.Millisecond})
	first, leave := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	callers.Go(func() {
		if _, err := s.CountReached(first, ids[0]); !errors.Is(err, context.Canceled) {
			t.Errorf("who went away got %v", err)
		}
	})
	for s.asked("/access_tokens") == 0 {
		time.Sleep(time.Millisecond)
	}
	callers.Go(func() {
		if _, err := s.CountReached(soon(t), ids[0]); err != nil {
			t.Errorf("who stayed got %v", err)
		}
	})
	leave()
	callers.Wait()
	if n := s.asked("/access_tokens"); n != 1 {
		t.Errorf("%d mints", n)
	}
}

func TestARefusedInstallationTokenIsReplacedOnce(t *testing.T) {
	world, ids := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	refuse := &sandbox.Fault{Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Bad credentials"}`}
	var once sync.Once
	s.server.Fault(func(r *http.Request) (fault *sandbox.Fault) {
		if r.URL.Path == "/api/v3/installation/repositories" {
			once.Do(func() { fault = refuse })
		}
		return fault
	})
	if n, err := s.CountReached(t.Context(), ids[0]); err != nil || n != 1 || s.asked("/access_tokens") != 2 {
		t.Errorf("refused once: %d, %v, %d mints", n, err, s.asked("/access_tokens"))
	}
	s.server.ForgetRequests()
	s.spoil("/installation/repositories", refuse)
	_, err := s.CountReached(t.Context(), ids[0])
	expectErr(t, err, ErrUnavailable)
	if n := s.asked("/installation/repositories"); n != 2 {
		t.Errorf("asked %d times in vain", n)
	}
	s.server.Fault(nil)
	world.Uninstall(ids[2])
	_, err = s.CountReached(t.Context(), ids[2])
	expectErr(t, err, ErrNotFound)
}
