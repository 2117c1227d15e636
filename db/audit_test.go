package db_test

import (
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestS8EqualEntriesWithinAnHourAreGrouped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		entry := db.AuditEntry{Action: "reject webhook signature", IP: "192.0.2.1", RequestID: "first", Grouped: true}
		ok(t, w.AddAudit(ctx, entry))
		entry.RequestID, entry.Count = "last", 4
		w.clock.Advance(time.Minute)
		ok(t, w.AddAudit(ctx, entry))
		for _, other := range []db.AuditEntry{
			{Action: entry.Action, IP: "192.0.2.2"},
			{Action: entry.Action, IP: entry.IP, GitHubID: 1, Login: "ada"},
			{Action: entry.Action, IP: entry.IP, Via: db.ViaSession},
			{Action: "suspend installation"},
			{Action: "suspend installation"},
			{Action: "sign in", IP: entry.IP},
		} {
			ok(t, w.AddAudit(ctx, other))
		}
		if single := got(w.ListAudit(ctx, db.AuditFilter{Action: "suspend installation"}, 10))(t); len(single) != 2 {
			t.Errorf("what isn't grouped is %+v", single)
		}
		w.clock.Advance(time.Hour)
		ok(t, w.AddAudit(ctx, entry))
		list := got(w.ListAudit(ctx, db.AuditFilter{IP: entry.IP, Action: entry.Action}, 10))(t)
		if len(list) != 4 {
			t.Fatalf("listed %+v", list)
		}
		first := list[3]
		if first.Count != 5 || first.RequestID != "last" || first.LastAt.Sub(first.At) != time.Minute || list[0].Count != 4 {
			t.Errorf("the group is %+v, the next hour's %+v", first, list[0])
		}
	})
}

func TestS8TheAuditLogIsFilteredAndPagedByCursor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		begin := w.clock.Now()
		for i := range 10 {
			ok(t, w.AddAudit(ctx, db.AuditEntry{
				GitHubID: int64(i % 2), Login: []string{"Ada", "bob"}[i%2], Action: []string{"sign in", "sign out"}[i/5],
				Subject: fmt.Sprint(i), IP: fmt.Sprintf("192.0.2.%d", i%3), RequestID: fmt.Sprint("r", i),
			}))
			w.clock.Advance(time.Minute)
		}
		for name, c := range map[string]struct {
			filter db.AuditFilter
			want   string
		}{
			"all":     {db.AuditFilter{}, "9876543210"},
			"login":   {db.AuditFilter{Login: "ADA"}, "86420"},
			"action":  {db.AuditFilter{Action: "sign out"}, "98765"},
			"address": {db.AuditFilter{IP: "192.0.2.0"}, "9630"},
			"request": {db.AuditFilter{RequestID: "r4"}, "4"},
			"time":    {db.AuditFilter{Since: begin.Add(2 * time.Minute), Until: begin.Add(5 * time.Minute)}, "432"},
		} {
			text := ""
			for _, entry := range got(w.ListAudit(ctx, c.filter, 100))(t) {
				text += entry.Subject
			}
			if text != c.want {
				t.Errorf("by %s: %s, want %s", name, text, c.want)
			}
		}
		text, after := "", int64(0)
		for {
			page := got(w.ExportAudit(ctx, db.AuditFilter{After: after}, 4))(t)
			if len(page) == 0 {
				break
			}
			for _, entry := range page {
				text, after = text+entry.Subject, entry.ID
			}
		}
		if text != "0123456789" {
			t.Errorf("read on: %s", text)
		}
		own := ""
		for _, entry := range got(w.ListAuditOfUser(ctx, 1, 0, 100))(t) {
			own += entry.Subject
		}
		if own != "97531" {
			t.Errorf("one user's: %s", own)
		}
	})
}

func TestS8OldAuditEntriesAreDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		d := got(db.Open(ctx, w.url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: day, AuditRetention: 30 * day, Now: w.clock.Now}))(t)
		t.Cleanup(func() { ok(t, d.Close()) })
		ok(t, d.AddAudit(ctx, db.AuditEntry{Action: "old"}))
		w.clock.Advance(30*day + time.Second)
		ok(t, d.AddAudit(ctx, db.AuditEntry{Action: "new"}))
		ok(t, w.CleanUp(ctx)) // which keeps it for ever
		ok(t, d.CleanUp(ctx))
		if list := got(d.ListAudit(ctx, db.AuditFilter{}, 10))(t); len(list) != 1 || list[0].Action != "new" {
			t.Errorf("kept %+v", list)
		}
	})
}

// The first use of an API token from each network goes into the audit log, and no
// number of networks floods it.
func TestS8TokenUseFromANewNetworkIsAudited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		id := got(w.CreateAPIToken(ctx, db.NewAPIToken{
			UserID: ada.ID, Hash: "h", Request: "1", Name: "ci", Scope: db.ScopeRead, ExpiresAt: w.clock.Now().Add(day),
		}))(t)
		use := func(ip, network string) {
			t.Helper()
			ok(t, w.RecordUse(ctx, db.APITokenKey("h"), db.Client{IP: ip, Network: network, RequestID: "r-" + ip}))
		}
		use("192.0.2.1", "192.0.2.1/32")
		use("192.0.2.2", "192.0.2.2/32") // within the minute
		w.clock.Advance(time.Hour)
		use("192.0.2.1", "192.0.2.1/32")
		list := got(w.ListAudit(ctx, db.AuditFilter{}, 10))(t)
		if len(list) != 2 || list[0].Action != db.AuditUseAPIToken || list[0].IP != "192.0.2.2" || list[0].Login != "ada" ||
			list[0].Via != db.ViaToken(id) || list[0].RequestID != "r-192.0.2.2" {
			t.Errorf("noted %+v", list)
		}
		for i := range 150 {
			use(fmt.Sprintf("198.51.100.%d", i), fmt.Sprintf("198.51.100.%d/32", i))
		}
		if list := got(w.ListAudit(ctx, db.AuditFilter{}, 1000))(t); len(list) != 100 {
			t.Errorf("%d entries", len(list))
		}
	})
}

func TestS8CreatedTokensAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for i, action := range []string{db.AuditCreateAPIToken, db.AuditRotateAPIToken, db.AuditCreateAccessToken, db.AuditCreateAppToken, "revoke API token"} {
			ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: 1, Action: action, Subject: fmt.Sprint(i)}))
		}
		ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: 1, Action: db.AuditCreateAccessToken, Subject: "2"}))
		ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: 2, Action: db.AuditCreateAPIToken}))
		if n := got(w.CountCreatedTokens(ctx, 1, w.clock.Now().Add(-time.Hour)))(t); n != 5 {
			t.Errorf("counted %d", n)
		}
		w.clock.Advance(time.Hour)
		if n := got(w.CountCreatedTokens(ctx, 1, w.clock.Now().Add(-time.Hour)))(t); n != 0 {
			t.Errorf("counted %d an hour later", n)
		}
	})
}
