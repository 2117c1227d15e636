package db_test

import (
	"errors"
	"testing"

	"neptun/db"
)

// O7: a suspension counts when the import is written, not when the page was read.
func TestO7AConcurrentSuspensionStopsAnImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		w.syncRepositories(through, repos(1, 3, acme)...)
		read := w.reload(through) // by a request that is under way
		facts := installed(read.GitHubID, acme)
		facts.SuspendedAt = w.clock.Now()
		ok(t, w.PutInstallation(ctx, facts))
		if _, _, err := w.ImportRepositories(ctx, read, []int64{1, 2}); !errors.Is(err, db.ErrSuspended) {
			t.Errorf("the import ends with %v", err)
		}
		if n := w.reload(through).ImportCount; n != 0 {
			t.Errorf("%d were imported", n)
		}
	})
}
