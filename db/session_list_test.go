package db_test

import (
	"errors"
	"testing"

	"neptun/db"
)

func TestSessionsAreListedAndRevokedByTheirUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		until := w.clock.Now().Add(day)
		hashes := []string{"aaaaaaaaaaaaaaaa-the-rest", "bbbbbbbbbbbbbbbb-the-rest", "cccccccccccccccc-the-rest"}
		for _, hash := range hashes {
			ok(t, w.PutSession(ctx, hash, ada.ID, []byte("x"), until))
		}
		ok(t, w.PutSession(ctx, "dddddddddddddddd-the-rest", bob.ID, []byte("x"), until))
		ok(t, w.RecordUse(ctx, hashes[1], db.Client{IP: "192.0.2.1", UserAgent: "curl/8"}))
		list := got(w.ListSessions(ctx, ada.ID))(t)
		if len(list) != 3 || list[0].ID != "bbbbbbbbbbbbbbbb" || list[0].Seen.IP != "192.0.2.1" || !list[1].SeenAt.IsZero() {
			t.Errorf("listed: %+v", list)
		}
		for _, id := range []string{"dddddddddddddddd", "", "bbbbbbbb", hashes[0]} {
			if err := w.EndSession(ctx, ada.ID, id); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("ending %q: %v", id, err)
			}
		}
		ok(t, w.EndSession(ctx, ada.ID, "bbbbbbbbbbbbbbbb"))
		noSession(t, w, hashes[1])
		// A request in flight brings nothing back, and notes nothing.
		ok(t, w.PutSession(ctx, hashes[1], ada.ID, []byte("late"), until))
		noSession(t, w, hashes[1])
		if err := w.EndSession(ctx, ada.ID, "bbbbbbbbbbbbbbbb"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("ending it again: %v", err)
		}
		if n := got(w.EndOtherSessions(ctx, ada.ID, hashes[0]))(t); n != 1 {
			t.Errorf("%d others were ended", n)
		}
		if list := got(w.ListSessions(ctx, ada.ID))(t); len(list) != 1 || list[0].ID != db.SessionID(hashes[0]) {
			t.Errorf("left: %+v", list)
		}
		if list := got(w.ListSessions(ctx, bob.ID))(t); len(list) != 1 {
			t.Errorf("another user's: %+v", list)
		}
		w.clock.Advance(day)
		if list := got(w.ListSessions(ctx, ada.ID))(t); len(list) != 0 {
			t.Errorf("expired ones are listed: %+v", list)
		}
	})
}
