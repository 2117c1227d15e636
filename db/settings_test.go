package db_test

import (
	"errors"
	"testing"

	"neptun/db"
)

func TestDatabaseBelongsToOneGitHub(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ok(t, w.Bind(ctx, "https://github.com", "app-1"))
		ok(t, w.Bind(ctx, "https://github.com", "app-1"))
		_, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.imports(through, 1)

		err := w.Bind(ctx, "https://github.example", "app-2")
		var other *db.OtherGitHubError
		if !errors.As(err, &other) || other.Stored != "https://github.com" || other.Error() == "" {
			t.Fatalf("Bind to another GitHub = %v", err)
		}
		ok(t, w.Bind(ctx, "https://github.com", "")) // started without an App: nothing is lost
		if after := w.again(through); after.RepositoryCount != 3 || after.ImportCount != 1 {
			t.Errorf("a refused Bind left %d repositories and %d imports", after.RepositoryCount, after.ImportCount)
		}
	})
}

func TestAnotherAppStartsFromLogin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ok(t, w.Bind(ctx, "https://github.com", "app-1"))
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.imports(through, 1, 3)
		hash := w.session(p)

		ok(t, w.Bind(ctx, "https://github.com", "app-2"))
		if _, err := w.FindCredential(ctx, hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a session outlived its App: %v", err)
		}
		if _, err := w.GitHubToken(ctx, p.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a token outlived its App: %v", err)
		}
		if _, err := w.Installation(ctx, p.ID, through.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a record of the former App is shown: %v", err)
		}
		if rows := column(t, w.raw(), `SELECT repository_id FROM access`); len(rows) > 0 {
			t.Errorf("access through the former App is kept: %v", rows)
		}

		p = w.login(1, "ada")
		w.shows(p, installed(999, acme))
		after := w.reaches(w.record(p, acme), repos(1, 3, acme)...)
		if after.ID != through.ID || after.GitHubID != 999 {
			t.Errorf("record %d of installation %d, want record %d continued", after.ID, after.GitHubID, through.ID)
		}
		if ids := w.imports(after, 1, 3); ids[0] != imported[0] || ids[1] != imported[1] {
			t.Errorf("imports came back as %v, want %v", ids, imported)
		}
	})
}
