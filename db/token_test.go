package db_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
)

func TestOneOfManyCallersRefreshesTheToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := &world{DB: newWorld(t, w.url).DB, t: t} // another instance
		p := w.login(1, "ada")
		version := got(w.GitHubToken(ctx, p.ID))(t).Version
		var winners atomic.Int32
		var wait sync.WaitGroup
		for i := range 20 {
			d := []*world{w, other}[i%2]
			wait.Go(func() {
				won, err := d.LeaseGitHubToken(ctx, p.ID, version, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if won {
					winners.Add(1)
				}
			})
		}
		wait.Wait()
		if n := winners.Load(); n != 1 {
			t.Fatalf("%d callers hold the lease", n)
		}

		expires := w.clock.Now().Add(8 * time.Hour)
		ok(t, w.RenewGitHubToken(ctx, p.ID, version, db.Token{Access: "a2", AccessExpiresAt: expires, Refresh: "r2", RefreshExpiresAt: expires.Add(day)}))
		token := got(other.GitHubToken(ctx, p.ID))(t)
		if token.Access != "a2" || token.Refresh != "r2" || !token.AccessExpiresAt.Equal(expires) || token.Version != version+1 {
			t.Errorf("after the renewal: %+v", token)
		}
		if got(w.LeaseGitHubToken(ctx, p.ID, version, time.Minute))(t) {
			t.Error("a replaced version can be leased")
		}
		if !got(w.LeaseGitHubToken(ctx, p.ID, version+1, time.Minute))(t) {
			t.Error("the renewal didn't end the lease")
		}
	})
}

func TestATokenLeaseEndsByTimeAndByRelease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		lease := func() bool { t.Helper(); return got(w.LeaseGitHubToken(ctx, p.ID, 1, time.Minute))(t) }
		if !lease() || lease() {
			t.Fatal("the first caller gets the lease, the second does not")
		}
		w.clock.Advance(time.Minute + time.Millisecond)
		if !lease() {
			t.Fatal("an expired lease is still valid")
		}
		ok(t, w.ReleaseGitHubToken(ctx, p.ID, 1))
		if !lease() {
			t.Error("a released lease is still valid")
		}
	})
}

func TestASignInDuringALeaseWins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		if !got(w.LeaseGitHubToken(ctx, p.ID, 1, time.Minute))(t) {
			t.Fatal("no lease")
		}
		w.login(1, "countess")
		ok(t, w.RenewGitHubToken(ctx, p.ID, 1, db.Token{Access: "late", Refresh: "late"}))
		ok(t, w.RefuseGitHubToken(ctx, p.ID, 1, ""))
		ok(t, w.ReleaseGitHubToken(ctx, p.ID, 1))
		token := got(w.GitHubToken(ctx, p.ID))(t)
		if token.Access != "access-countess" || token.Refused || token.Version != 2 {
			t.Errorf("the login's token became %+v", token)
		}
		if !got(w.LeaseGitHubToken(ctx, p.ID, 2, time.Minute))(t) {
			t.Error("the old lease holds the new token")
		}
	})
}

// A caller whose lease expired while GitHub was slow used the refresh token first, so that the next
// caller was rejected.
func TestARefreshOverridesARejection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		got(w.LeaseGitHubToken(ctx, p.ID, 1, time.Second))(t)
		w.clock.Advance(time.Minute)
		got(w.LeaseGitHubToken(ctx, p.ID, 1, time.Minute))(t)
		ok(t, w.RefuseGitHubToken(ctx, p.ID, 1, ""))
		ok(t, w.RenewGitHubToken(ctx, p.ID, 1, db.Token{Access: "good", Refresh: "good"}))
		if token := got(w.GitHubToken(ctx, p.ID))(t); token.Access != "good" || token.Refused {
			t.Errorf("the renewed token is %+v", token)
		}
	})
}
