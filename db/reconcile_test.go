package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/jobs"
)

var everyFour = db.Reconcile{Interval: 4 * time.Hour, Jitter: 15 * time.Minute, Shares: 120}

// claimAll claims and finishes all due jobs, and returns the subjects of the syncs.
func claimAll(t *testing.T, w *world) (subjects []string) {
	t.Helper()
	for {
		job, err := w.Jobs().Claim(t.Context(), everyKind, time.Minute)
		if errors.Is(err, jobs.ErrNone) {
			return subjects
		}
		ok(t, err)
		if job.Kind == "sync_installations" {
			subjects = append(subjects, job.Subject)
		}
		ok(t, w.Jobs().Finish(t.Context(), job))
	}
}

func TestAThousandDueUsersAreSpread(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		pool := w.raw()
		confirmed := w.clock.Now().Add(-5 * time.Hour).UnixMilli()
		tx := got(pool.BeginTx(t.Context(), nil))(t)
		for i := range 1000 {
			id := fmt.Sprintf("p%04d", i)
			_, err := tx.ExecContext(t.Context(), `INSERT INTO users (id, github_id, login, name, avatar_url, created_at, updated_at) VALUES ($1, $2, $1, '', '', 1, 1)`, id, i+1)
			ok(t, err)
			_, err = tx.ExecContext(t.Context(), `INSERT INTO github_tokens (user_id, access_token, access_expires_at, refresh_token, refresh_expires_at, confirmed_at) VALUES ($1, '', 0, '', 0, $2)`, id, confirmed)
			ok(t, err)
			_, err = tx.ExecContext(t.Context(), `INSERT INTO sessions (token_hash, user_id, data, created_at, expires_at) VALUES ($1, $1, '', $2, $3)`, id, confirmed, confirmed+int64(day/time.Millisecond))
			ok(t, err)
		}
		ok(t, tx.Commit())

		seen := map[string]bool{}
		for range 120 {
			next := got(w.QueueReconcile(t.Context(), everyFour))(t)
			subjects := claimAll(t, w)
			if len(subjects) > 9 {
				t.Fatalf("%d users start at once", len(subjects))
			}
			for _, subject := range subjects {
				if seen[subject] {
					t.Fatalf("%s is synced twice", subject)
				}
				seen[subject] = true
			}
			if len(seen) < 1000 && next.After(w.clock.Now()) {
				t.Fatalf("after %d the next run is at %v", len(seen), next)
			}
			w.clock.Advance(30 * time.Second)
		}
		if len(seen) != 1000 {
			t.Errorf("%d of 1000 were synced within the hour", len(seen))
		}
		// Their next due times are spread.
		at := column(t, pool, "SELECT DISTINCT reconcile_at FROM github_tokens")
		if len(at) < 900 {
			t.Errorf("all are due again at %d times", len(at))
		}
	})
}

func TestUsersAreReconciledWhenDue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if next := got(w.QueueReconcile(ctx, everyFour))(t); !next.IsZero() {
			t.Errorf("without users, the next one is due at %v", next)
		}
		lapsed, refused, ada := w.login(1, "lapsed"), w.login(2, "refused"), w.login(3, "ada")
		w.clock.Advance(8 * day)
		for githubID, login := range map[int64]string{2: "refused", 3: "ada"} {
			w.login(githubID, login)
		}
		ok(t, w.RefuseGitHubToken(ctx, refused.ID, got(w.GitHubToken(ctx, refused.ID))(t).Version, ""))
		_ = lapsed
		w.session(ada)
		claimAll(t, w)
		w.syncInstallations(ada, installed(700, acme))
		claimAll(t, w)

		turn := func() []string {
			got(w.QueueReconcile(ctx, everyFour))(t)
			return claimAll(t, w)
		}
		if subjects := turn(); len(subjects) != 0 {
			t.Errorf("just synced, and synced again: %q", subjects)
		}
		next := got(w.QueueReconcile(ctx, everyFour))(t)
		if in := next.Sub(w.clock.Now()); in < 3*time.Hour+45*time.Minute || in > 4*time.Hour+15*time.Minute {
			t.Errorf("the next turn is in %v", in)
		}
		w.clock.Advance(3*time.Hour + 44*time.Minute)
		if subjects := turn(); len(subjects) != 0 {
			t.Errorf("too early: %q", subjects)
		}
		w.clock.Advance(31 * time.Minute)
		if subjects := turn(); len(subjects) != 1 || subjects[0] != ada.ID {
			t.Errorf("due are %q, want %s", subjects, ada.ID)
		}
		if subjects := turn(); len(subjects) != 0 {
			t.Errorf("again: %q", subjects)
		}
		// It joins a sync that is under way.
		w.clock.Advance(4*time.Hour + 15*time.Minute)
		ok(t, w.QueueSync(ctx, db.SyncInstallations{UserID: ada.ID}))
		if subjects := turn(); len(subjects) != 1 {
			t.Errorf("joined, the queue has %q", subjects)
		}
	})
}

func TestASignInDoesNotRepeatARecentSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		syncs := func(when string, want int) {
			t.Helper()
			if n := len(claimAll(t, w)); n != want {
				t.Errorf("%s: %d syncs, want %d", when, n, want)
			}
		}
		syncs("at the first login", 1)
		w.syncInstallations(ada, installed(700, acme))
		claimAll(t, w)
		w.clock.Advance(9 * time.Minute)
		w.login(1, "ada")
		syncs("nine minutes after a sync", 0)
		w.clock.Advance(time.Minute)
		w.login(1, "ada")
		syncs("ten minutes after", 1)

		w.syncInstallations(ada, installed(700, acme))
		claimAll(t, w)
		ok(t, w.RefuseGitHubToken(ctx, ada.ID, got(w.GitHubToken(ctx, ada.ID))(t).Version, ""))
		w.login(1, "ada")
		syncs("with a token that had been refused", 1)

		w.syncInstallations(ada, installed(700, acme))
		claimAll(t, w)
		target := got(w.SyncTarget(ctx, w.record(ada, acme).ID))(t)
		ok(t, w.FailSync(ctx, got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t), "GitHub doesn't answer."))
		w.login(1, "ada")
		syncs("after one that failed", 1)

		w.syncInstallations(ada, installed(700, acme))
		claimAll(t, w)
		ok(t, w.EndAuthorization(ctx, ada.ID))
		w.login(1, "ada")
		syncs("after everything was let go", 1)
	})
}
