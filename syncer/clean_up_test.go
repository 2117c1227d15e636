package syncer

import (
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/db/seal"
	"neptun/jobs"
	"neptun/sandbox"
)

func TestS9CleaningUpResealsValuesOfAnOldSecret(t *testing.T) {
	databaseURL := dbtest.SQLite(t)
	former, next := strings.Repeat("the former secret ", 3), strings.Repeat("the next secret ", 3)
	with := func(secrets ...string) *db.DB {
		keyring, err := seal.New(secrets...)
		if err != nil {
			t.Fatal(err)
		}
		d, err := db.Open(t.Context(), databaseURL, db.Options{Keyring: keyring, AccessMaxAge: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		return d
	}
	s := newStage(t, dbtest.SQLite(t), sandbox.NewWorld())
	if _, err := with(former).SignIn(t.Context(), db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a", Refresh: "b"}); err != nil {
		t.Fatal(err)
	}
	both := with(next, former)
	if err := (cleanUpWorker{s.instance(both).syncer}).Work(t.Context(), jobs.Job[db.CleanUpDatabase]{}); err != nil {
		t.Fatal(err)
	}
	if old, err := both.CountOldSeals(t.Context()); err != nil || old != 0 {
		t.Errorf("%d values still need the old secret, %v", old, err)
	}
}
