package db_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/db/seal"
)

// dump is everything in a database that a refused start could have changed.
func dump(t *testing.T, w *world) string {
	t.Helper()
	var all []string
	for _, query := range []string{
		`SELECT github_url || client_id || app_client_id FROM settings`,
		`SELECT token_hash FROM sessions WHERE revoked_at = 0`,
		`SELECT id FROM script_tokens`,
		`SELECT user_id FROM github_tokens`,
		`SELECT user_id || repository_id FROM access`,
		`SELECT id || ':' || hidden_at FROM imports`,
		`SELECT id || ':' || deleted_at FROM installations`,
		`SELECT MAX(version_id) FROM goose_db_version`,
	} {
		all = append(all, fmt.Sprint(column(t, w.raw(), query)))
	}
	return strings.Join(all, "\n")
}

func TestO4AnotherAppIsRefusedAndNothingTouched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got(bound(w, "https://github.com", "app-1"))(t)
		u, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.imports(through, 1)
		w.session(u)
		before := dump(t, w)
		for _, configured := range []string{"app-2", "app-1 ", "APP-1", ""} {
			_, err := bound(w, "https://github.com", configured)
			var other *db.OtherAppError
			if !errors.As(err, &other) || other.Stored != "app-1" || other.Configured != configured {
				t.Errorf("opened for the App %q: %v", configured, err)
			}
		}
		if after := dump(t, w); after != before {
			t.Errorf("a refused start changed the database from\n%s\nto\n%s", before, after)
		}
		data := got(w.AppData(t.Context()))(t)
		if data != (db.AppData{ClientID: "app-1", Users: 1, Sessions: 1, Imports: 1}) {
			t.Errorf("what belongs to the App: %+v", data)
		}
		got(bound(w, "https://github.com", "app-1"))(t)
	})
}

// opens opens a world's database for its App with these secrets.
func opens(w *world, secrets ...string) error {
	ring, err := seal.New(secrets...)
	if err != nil {
		return err
	}
	d, err := db.Open(w.t.Context(), w.url, db.Options{Keyring: ring, AccessMaxAge: day, GitHubURL: "https://github.com", ClientID: "app-1"})
	if err != nil {
		return err
	}
	return d.Close()
}

func TestO5AnotherKeyIsRefused(t *testing.T) {
	first, second := strings.Repeat("first ", 8), strings.Repeat("second ", 8)
	each(t, func(t *testing.T, w *world) {
		ok(t, opens(w, first))
		if err := opens(w, second); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("with another key: %v", err)
		}
		ok(t, opens(w, second, first)) // rotates: from now on the second seals
		if err := opens(w, first); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("an instance with the former key alone: %v", err)
		}
		ok(t, opens(w, second))
	})
}

// TestO5KeyOfTheLastRelease is about databases without a key check value.
func TestO5KeyOfTheLastRelease(t *testing.T) {
	another := strings.Repeat("another ", 8)
	each(t, func(t *testing.T, w *world) {
		got(bound(w, "https://github.com", "app-1"))(t)
		w.login(1, "ada")
		exec(t, w, `UPDATE settings SET key_check = ''`)
		if err := opens(w, another); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("a key that opens no token: %v", err)
		}
		got(bound(w, "https://github.com", "app-1"))(t)
		if err := opens(w, another); !errors.Is(err, db.ErrOtherKey) {
			t.Errorf("once the key is known: %v", err)
		}
	})
}

func TestO5ATokenThatCannotBeOpenedIsNoToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		u := w.login(1, "ada")
		exec(t, w, `UPDATE github_tokens SET access_token = refresh_token`)
		if _, err := w.GitHubToken(t.Context(), u.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a token that can't be opened: %v", err)
		}
	})
}

func TestO8ANewerSchemaIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		exec(t, w, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
		_, err := db.Open(t.Context(), w.url, db.Options{Keyring: dbtest.Keyring(t)})
		var newer *db.NewerSchemaError
		if !errors.As(err, &newer) || newer.Stored != 99999 || newer.Known < 17 {
			t.Errorf("opened a newer database: %v", err)
		}
	})
}

func exec(t *testing.T, w *world, statement string) {
	t.Helper()
	if _, err := w.raw().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
