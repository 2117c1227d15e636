package db_test

import (
	"errors"
	"testing"
	"time"

	"neptun/db"
)

func TestSessionLivesUntilItExpires(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		ok(t, w.PutSession(ctx, "h", p.ID, []byte{0, 255, '{'}, w.clock.Now().Add(time.Hour)))
		if c := got(w.FindCredential(ctx, "h"))(t); c.User != p || !c.Confirmed || string(c.Session) != "\x00\xff{" {
			t.Errorf("the credential reads %+v", c)
		}
		w.clock.Advance(time.Hour - time.Millisecond)
		got(w.FindCredential(ctx, "h"))(t)
		w.clock.Advance(time.Millisecond)
		noSession(t, w, "h")
		ok(t, w.CleanUp(ctx))
		if rows := column(t, w.raw(), `SELECT token_hash FROM sessions`); len(rows) > 0 {
			t.Errorf("expired sessions are kept: %v", rows)
		}
	})
}

func TestRevokedSessionStaysRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		hash := w.session(p)
		ok(t, w.RevokeSession(ctx, hash))
		noSession(t, w, hash)
		// A request that was in flight writes what it has.
		w.session(p)
		noSession(t, w, hash)
		ok(t, w.CleanUp(ctx))
		w.session(p)
		noSession(t, w, hash)
		if rows := column(t, w.raw(), `SELECT length(data) FROM sessions`); len(rows) != 1 || rows[0] != "0" {
			t.Errorf("a revoked session holds data: %v", rows)
		}
	})
}

func TestASessionPassesToAnotherUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		until := w.clock.Now().Add(time.Hour)
		ok(t, w.PutSession(ctx, "h", ada.ID, []byte("1"), until))
		ok(t, w.PutSession(ctx, "h", bob.ID, []byte("2"), until))
		if c := got(w.FindCredential(ctx, "h"))(t); c.User != bob {
			t.Errorf("the session is %s's", c.User.Login)
		}
	})
}

// noSession checks that no look-up knows the session.
func noSession(t *testing.T, w *world, hash string) {
	t.Helper()
	ctx := t.Context()
	_, credential := w.FindCredential(ctx, hash)
	_, installations := w.InstallationsVersions(ctx, hash)
	_, imports := w.ImportsVersions(ctx, hash, 1)
	_, _, listed := w.InstallationsSnapshot(ctx, hash, db.Page{})
	_, _, _, listedImports := w.ImportsSnapshot(ctx, hash, 1, db.Page{})
	for name, err := range map[string]error{
		"FindCredential":        credential,
		"InstallationsVersions": installations, "ImportsVersions": imports,
		"InstallationsSnapshot": listed, "ImportsSnapshot": listedImports,
	} {
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s of a dead session = %v, want ErrNotFound", name, err)
		}
	}
}
