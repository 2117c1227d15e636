package dbtest

import (
	"context"
	"crypto/rand"
	"iter"
	"slices"
	"testing"
	"time"

	"neptun/db"
)

// PutRepositories stores repositories as if GitHub had listed them in a run, on as many
// pages as needed.
func PutRepositories(ctx context.Context, d *db.DB, target db.SyncTarget, run int64, list []db.ListedRepository) error {
	number := int64(0)
	for page := range slices.Chunk(list, 100) {
		number++
		summary := db.PageSummary{Number: number, Total: int64(len(list)), Items: int64(len(page))}
		if _, err := d.PutPages(ctx, target, db.Pass{Run: run}, []db.SyncPage{{PageSummary: summary, Repositories: page}}); err != nil {
			return err
		}
	}
	return nil
}

// ListAvailable lists the repositories that a user can import through an installation.
func ListAvailable(t testing.TB, d *db.DB, through db.InstallationRecord, filter db.Filter) (list []db.Available) {
	t.Helper()
	err := d.StreamAvailable(t.Context(), through.UserID, 0, through.ID, filter, db.SortName, db.Page{},
		func(_ db.InstallationRecord, _ int64, rows iter.Seq2[db.Available, error]) (err error) {
			list, err = gather(rows)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// ListImports lists a user's imports, and starts a session for it.
func ListImports(t testing.TB, d *db.DB, userID string) (list []db.Import) {
	t.Helper()
	key := rand.Text()
	if err := d.PutSession(t.Context(), key, userID, []byte("{}"), time.Now().AddDate(10, 0, 0)); err != nil {
		t.Fatal(err)
	}
	err := d.StreamAllImports(t.Context(), key, db.Filter{}, db.SortID, db.Page{},
		func(_ db.Versions, _ int64, rows iter.Seq2[db.Import, error]) (err error) {
			list, err = gather(rows)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func gather[T any](rows iter.Seq2[T, error]) (list []T, err error) {
	for item, err := range rows {
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}
