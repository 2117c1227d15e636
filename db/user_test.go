package db_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/jobs"
)

func TestUsersAreIdentifiedByGitHubID(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.login(1, "ada")
		w.clock.Advance(time.Minute)
		same := w.login(1, "ada")
		if same != first {
			t.Errorf("a login with nothing new changed the user: %+v, was %+v", same, first)
		}
		renamed := w.login(1, "countess")
		if renamed.ID != first.ID || renamed.Login != "countess" || !renamed.UpdatedAt.Equal(w.clock.Now()) || !renamed.CreatedAt.Equal(first.CreatedAt) {
			t.Errorf("after a rename: %+v", renamed)
		}
		// The login became free and belongs to another account now.
		if other := w.login(2, "ada"); other.ID == first.ID {
			t.Error("two GitHub ids are one user")
		}
	})
}

// What GitHub confirmed too long ago is not shown again after a sign-in, only after the sync that
// follows it.
func TestOldConfirmationHidesEverything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 5, acme)...)
		imported := w.importRepositories(through, 2, 4)
		hash := w.session(p)

		w.clock.Advance(6 * day)
		w.login(1, "ada")
		if now := w.reload(through); now.RepositoryCount != 5 || now.ImportCount != 2 {
			t.Errorf("a login hid what was confirmed recently: %+v", now)
		}
		// The login isn't GitHub's word about access: the time runs on.
		w.clock.Advance(2 * day)
		if c := got(w.FindCredential(ctx, hash))(t); c.Confirmed {
			t.Error("access confirmed eight days ago counts as confirmed")
		}

		w.login(1, "ada")
		if c := got(w.FindCredential(ctx, hash))(t); !c.Confirmed {
			t.Error("after a login nothing is shown")
		}
		if _, err := w.GetInstallation(ctx, p.ID, through.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an old record is shown before the sync: %v", err)
		}
		if list := got(w.ListImports(ctx, p.ID, db.Filter{}, db.SortID, db.Page{}))(t); len(list) > 0 {
			t.Errorf("old imports are shown before the sync: %v", list)
		}

		w.syncInstallations(p, installed(700, acme))
		back := w.record(p, acme)
		if back.ID != through.ID || back.RepositoryCount != 0 || back.ImportCount != 0 {
			t.Errorf("before its sync the record is %+v", back)
		}
		back = w.syncRepositories(back, repos(1, 5, acme)...)
		if ids := w.importRepositories(back, 2, 4); fmt.Sprint(ids) != fmt.Sprint(imported) || back.ImportCount != 2 {
			t.Errorf("imports returned as %v (%d), want %v", ids, back.ImportCount, imported)
		}
	})
}

func TestConfirmationEndsWithRejectionAndAge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, _ := w.member(1, "ada", acme)
		hash := w.session(p)
		confirmed := func() [3]bool {
			return [3]bool{
				got(w.FindCredential(ctx, hash))(t).Confirmed,
				got(w.InstallationsVersions(ctx, hash))(t).Confirmed,
				got(w.ImportsVersions(ctx, hash, 0))(t).Confirmed,
			}
		}
		yes, no := [3]bool{true, true, true}, [3]bool{}

		w.clock.Advance(168*time.Hour - time.Millisecond)
		if c := confirmed(); c != yes {
			t.Errorf("just before the maximum age: %v", c)
		}
		w.clock.Advance(time.Millisecond)
		if c := confirmed(); c != no {
			t.Errorf("at the maximum age: %v", c)
		}
		w.syncInstallations(p)
		if c := confirmed(); c != yes {
			t.Errorf("after a whole listing: %v", c)
		}
		ok(t, w.RefuseGitHubToken(ctx, p.ID, got(w.GitHubToken(ctx, p.ID))(t).Version, ""))
		if c := confirmed(); c != no {
			t.Errorf("after GitHub refused the token: %v", c)
		}
		if !got(w.GitHubToken(ctx, p.ID))(t).Refused {
			t.Error("the token isn't marked as refused")
		}
		w.syncInstallations(p)
		if c := confirmed(); c != no {
			t.Errorf("a listing that ends after its token was refused: %v", c)
		}
		w.login(1, "ada")
		if c := confirmed(); c != yes {
			t.Errorf("after a new login: %v", c)
		}
	})
}

func TestASignInQueuesOneSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.login(1, "ada")
		w.login(1, "ada")
		if s := got(w.GetSync(t.Context(), db.SyncInstallations{UserID: p.ID}))(t); s.State != db.SyncQueued || !s.Active() {
			t.Errorf("after a login the sync is %+v", s)
		}
		job := got(w.Jobs().Claim(t.Context(), everyKind, time.Minute))(t)
		if job.Kind != "sync_installations" || job.Subject != p.ID {
			t.Errorf("the job is %+v", job)
		}
		if _, err := w.Jobs().Claim(t.Context(), everyKind, time.Minute); !errors.Is(err, jobs.ErrNone) {
			t.Errorf("two logins queued two jobs: %v", err)
		}
	})
}

func TestTokensAreStoredSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		for _, stored := range column(t, w.raw(), `SELECT CAST(access_token AS TEXT) || CAST(refresh_token AS TEXT) FROM github_tokens`) {
			for _, secret := range []string{"access-", "refresh-"} {
				if strings.Contains(stored, secret) || strings.Contains(stored, fmt.Sprintf("%x", secret)) {
					t.Errorf("%q is stored unencrypted", secret)
				}
			}
		}
		token := got(w.GitHubToken(ctx, ada.ID))(t)
		if token.Access != "access-ada" || token.Refresh != "refresh-ada" || token.Refused {
			t.Errorf("the token reads %+v", token)
		}
		// A row copied to another user can't be opened.
		_, err := w.raw().ExecContext(ctx, `UPDATE github_tokens SET access_token = (SELECT access_token FROM github_tokens WHERE user_id = $1) WHERE user_id = $2`, ada.ID, bob.ID)
		ok(t, err)
		if token, err := w.GitHubToken(ctx, bob.ID); err == nil {
			t.Errorf("a token sealed for ada opens for bob: %+v", token)
		}
		if _, err := w.GitHubToken(ctx, "nobody"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the token of an unknown user: %v", err)
		}
	})
}
