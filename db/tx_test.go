package db_test

import (
	"database/sql"
	"errors"
	"sync"
	"testing"

	"neptun/db/dbtest"
)

var errUndo = errors.New("undo")

func TestTransactionsRollBackOnErrorAndPanic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.login(1, "ada")
		rename := func(tx *sql.Tx) { got(tx.ExecContext(t.Context(), `UPDATE users SET login = 'x'`))(t) }
		if err := w.Tx(t.Context(), func(tx *sql.Tx) error { rename(tx); return errUndo }); !errors.Is(err, errUndo) {
			t.Errorf("Tx = %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = w.Tx(t.Context(), func(tx *sql.Tx) error { rename(tx); panic("undo") })
		}()
		if logins := column(t, w.raw(), `SELECT login FROM users`); logins[0] != "ada" {
			t.Errorf("the login is %v", logins)
		}
	})
}

// TestDeadlocksAreRetried: two transactions lock the same two rows crosswise;
// PostgreSQL ends one of them, and both succeed.
func TestDeadlocksAreRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.Postgres(t))
	ada, bob := w.login(1, "ada"), w.login(2, "bob")
	var met, wait sync.WaitGroup
	met.Add(2)
	tries := 0
	var mu sync.Mutex
	for _, ids := range [][2]string{{ada.ID, bob.ID}, {bob.ID, ada.ID}} {
		first := sync.OnceFunc(func() { met.Done(); met.Wait() })
		wait.Go(func() {
			if err := w.Tx(t.Context(), func(tx *sql.Tx) error {
				mu.Lock()
				tries++
				mu.Unlock()
				for _, id := range ids {
					if _, err := tx.ExecContext(t.Context(), `UPDATE users SET version = version + 1 WHERE id = $1`, id); err != nil {
						return err
					}
					first()
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if tries < 3 {
		t.Errorf("%d tries: there was no deadlock", tries)
	}
}
