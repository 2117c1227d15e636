package db_test

import (
	"errors"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// bound opens a world's database again, for a GitHub and an App.
func bound(w *world, githubURL, clientID string) (*world, error) {
	d, err := db.Open(w.t.Context(), w.url, db.Options{
		Keyring: dbtest.Keyring(w.t), AccessMaxAge: 7 * day, Now: w.clock.Now,
		GitHubURL: githubURL, ClientID: clientID,
	})
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { _ = d.Close() })
	return &world{DB: d, t: w.t, url: w.url, clock: w.clock}, nil
}

func TestDatabaseBelongsToOneGitHub(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got(bound(w, "https://github.com", "app-1"))(t)
		got(bound(w, "https://github.com", "app-1"))(t)
		_, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.importRepositories(through, 1)

		_, err := bound(w, "https://github.example", "app-2")
		var other *db.OtherGitHubError
		if !errors.As(err, &other) || other.Stored != "https://github.com" || other.Error() == "" {
			t.Fatalf("opened for another GitHub: %v", err)
		}
		got(bound(w, "", ""))(t)
		if after := w.reload(through); after.RepositoryCount != 3 || after.ImportCount != 1 {
			t.Errorf("%d repositories and %d imports are left", after.RepositoryCount, after.ImportCount)
		}
	})
}

func TestAnotherAppStartsFromSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		got(bound(w, "https://github.com", "app-1"))(t)
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.importRepositories(through, 1, 3)
		hash := w.session(p)

		ok(t, w.ChangeApp(ctx, "https://github.com", "app-2"))
		if _, err := w.FindCredential(ctx, hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a session of a deleted App: %v", err)
		}
		if _, err := w.GitHubToken(ctx, p.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a token of a deleted App: %v", err)
		}
		if _, err := w.GetInstallation(ctx, p.ID, through.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a record of the former App is shown: %v", err)
		}
		if rows := column(t, w.raw(), `SELECT repository_id FROM access`); len(rows) > 0 {
			t.Errorf("access through the replaced App is kept: %v", rows)
		}

		p = w.login(1, "ada")
		w.syncInstallations(p, installed(999, acme))
		after := w.syncRepositories(w.record(p, acme), repos(1, 3, acme)...)
		if after.ID != through.ID || after.GitHubID != 999 {
			t.Errorf("record %d of installation %d, want record %d continued", after.ID, after.GitHubID, through.ID)
		}
		if ids := w.importRepositories(after, 1, 3); ids[0] != imported[0] || ids[1] != imported[1] {
			t.Errorf("imports came back as %v, want %v", ids, imported)
		}
	})
}
