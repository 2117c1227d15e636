package db_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestMigratingTwiceChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.login(1, "ada")
		again := newWorld(t, w.url)
		if same := again.login(1, "ada"); same.ID != p.ID {
			t.Errorf("the second Open sees %s, want %s", same.ID, p.ID)
		}
		ok(t, again.Ready(t.Context()))
	})
}

func TestInstancesThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.EmptyPostgres(t)
	var wait sync.WaitGroup
	errs := make([]error, 6)
	start := make(chan struct{})
	for i := range errs {
		wait.Go(func() {
			<-start
			d, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: time.Hour})
			if errs[i] = err; err == nil {
				errs[i] = d.Close()
			}
		})
	}
	close(start)
	wait.Wait()
	ok(t, errors.Join(errs...))
}

func TestAURLOfNeitherEngineIsRejected(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "neptun.db", "sqlite:", "sqlite:neptun.db?mode=ro"} {
		var wrong db.URLError
		if _, err := db.Open(t.Context(), url, db.Options{}); !errors.As(err, &wrong) {
			t.Errorf("Open(%q) = %v, want a URLError", url, err)
		}
	}
	_, err := db.Open(t.Context(), "postgres://neptun:hunter2@[broken/", db.Options{})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Open with a broken address = %v, want an error without the password", err)
	}
}

// TestForeignKeysAreIndexed reads the catalogue: a deletion or a transfer must
// not read a whole table, nor a list by its owner.
func TestForeignKeysAreIndexed(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		w := newWorld(t, dbtest.Postgres(t))
		bare := column(t, w.raw(), `
			SELECT c.conrelid::regclass || ' ' || c.conname
			FROM pg_constraint AS c
			WHERE c.contype = 'f'
			  AND NOT EXISTS (
			      SELECT 1 FROM pg_index AS i
			      WHERE i.indrelid = c.conrelid AND i.indpred IS NULL
			        AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
			  )`)
		if len(bare) > 0 {
			t.Errorf("foreign keys without an index: %v", bare)
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		w := newWorld(t, dbtest.SQLite(t))
		keys := column(t, w.raw(), `
			SELECT m.name || '.' || f."from"
			FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f
			WHERE m.type = 'table' AND f.seq = 0`)
		leading := column(t, w.raw(), `
			SELECT m.name || '.' || c.name
			FROM sqlite_master AS m, pragma_index_list(m.name) AS i, pragma_index_info(i.name) AS c
			WHERE m.type = 'table' AND i.partial = 0 AND c.seqno = 0`)
		if len(keys) < 10 {
			t.Errorf("%d foreign keys found", len(keys))
		}
		for _, key := range keys {
			if !slices.Contains(leading, key) {
				t.Errorf("foreign key %s has no index", key)
			}
		}
	})
}

func TestKeysAreNeverReused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		first := w.importRepositories(through, 1)[0]
		ok(t, w.RemoveImport(t.Context(), through, first))
		w.clock.Advance(25 * time.Hour) // until then, importing it again restores the id
		ok(t, w.CleanUp(t.Context()))
		if second := w.importRepositories(through, 1)[0]; second <= first {
			t.Errorf("the import after removing %d has id %d", first, second)
		}
	})
}
