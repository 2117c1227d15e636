package db_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// An idle session ends on all paths at once, and using it keeps it alive.
func TestS10AnIdleSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, record := w.member(1, "ada", acme, repos(1, 2, acme)...)
		d := got(db.Open(ctx, w.url, db.Options{
			Keyring: dbtest.Keyring(t), AccessMaxAge: 1000 * day, SessionIdle: 14 * day, Now: w.clock.Now,
		}))(t)
		t.Cleanup(func() { ok(t, d.Close()) })
		hash := w.session(ada)
		live := func(want bool) {
			t.Helper()
			credential, credentialErr := d.FindCredential(ctx, hash)
			_, list := d.InstallationsVersions(ctx, hash)
			_, imports := d.ImportsVersions(ctx, hash, record.ID)
			for name, err := range map[string]error{"FindCredential": credentialErr, "InstallationsVersions": list, "ImportsVersions": imports} {
				if want != (err == nil) || (!want && !errors.Is(err, db.ErrNotFound)) {
					t.Errorf("%s: %v, want live %v", name, err, want)
				}
			}
			if want && !credential.SignedInAt.Equal(time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)) {
				t.Errorf("signed in at %v", credential.SignedInAt)
			}
			if got(d.ListActiveSessions(ctx, []string{hash}))(t)[hash] != want || (len(got(d.ListSessions(ctx, ada.ID))(t)) == 1) != want {
				t.Errorf("the session is listed otherwise than live %v", want)
			}
		}
		w.clock.Advance(13 * day)
		live(true)
		ok(t, d.RecordUse(ctx, hash, db.Client{}))
		w.clock.Advance(14*day - time.Second)
		live(true)
		w.clock.Advance(2 * time.Second)
		live(false)
	})
}

func TestS10TheOldestOfTooManySessionsIsRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		until := w.clock.Now().Add(day)
		ok(t, w.PutSession(ctx, "bobs", bob.ID, []byte("x"), until))
		for i := range db.MaxSessions + 2 {
			w.clock.Advance(time.Second)
			ok(t, w.PutSession(ctx, fmt.Sprintf("%016d", i), ada.ID, []byte("x"), until))
		}
		list := got(w.ListSessions(ctx, ada.ID))(t)
		if len(list) != db.MaxSessions {
			t.Errorf("%d sessions are live", len(list))
		}
		noSession(t, w, fmt.Sprintf("%016d", 0))
		noSession(t, w, fmt.Sprintf("%016d", 1))
		got(w.FindCredential(ctx, fmt.Sprintf("%016d", 2)))(t)
		got(w.FindCredential(ctx, "bobs"))(t)
	})
}
