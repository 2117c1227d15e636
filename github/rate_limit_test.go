package github

import (
	"net/http"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

var sandboxNotModified = sandbox.Fault{Status: http.StatusNotModified}

func TestRateLimitRequestsAreNotCounted(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	first, err := s.github.AsUser(ada.ID).RateLimit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Limit != 5000 || first.Used+first.Remaining != first.Limit || first.Used == 0 || !first.ResetAt.After(s.clock.Now()) {
		t.Errorf("got %+v", first)
	}
	if again, err := s.github.AsUser(ada.ID).RateLimit(t.Context()); again != first || err != nil {
		t.Errorf("reading it changed it to %+v, %v", again, err)
	}
}

func TestAServerWithoutRateLimitsIsUnlimited(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	ada := s.signIn("ada")
	s.server.FailPath("/rate_limit", &sandbox.Fault{
		Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Rate limiting is not enabled."}`,
	})
	if got, err := s.github.AsUser(ada.ID).RateLimit(t.Context()); !got.Unlimited || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	s.server.FailPath("/rate_limit", sandbox.BadGateway(http.StatusNotFound))
	_, err := s.github.AsUser(ada.ID).RateLimit(t.Context())
	expectErr(t, err, ErrUnavailable)
}

func TestSyncCost(t *testing.T) {
	for repositories, want := range map[int64]int64{0: 1, 1: 2, 100: 2, 101: 3, 10_000: 101} {
		if got := SyncCost(repositories); got != want {
			t.Errorf("%d repositories cost %d, want %d", repositories, got, want)
		}
	}
}
