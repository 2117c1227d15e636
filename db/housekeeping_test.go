package db_test

import (
	"fmt"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// most is how many rows tables may have after the year of TestO9RecordsOfAYearAreBounded, if they
// exceed those of the user and the account: the days for which they are kept, half as many as rows,
// times the rows per day.
var most = map[string]int{
	"deliveries": 16, "repositories": 2 + 8, "changes": 5 * 4, "sync_runs": 2 * 16, "history": 3 * 46, "history_repositories": 3 * 46, "sessions": 11,
	"actions": 3 * 46, "action_imports": 2 * 2, "audit": 2 * 51, "api_tokens": 17, "api_token_networks": 17,
	"bulk_actions": 4, "setup_codes": 21,
}

// O9: records have a stated retention: after a year no table has more of them than after the longest
// of those times.
func TestO9RecordsOfAYearAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme)
		count := func(table string) (n int) {
			t.Helper()
			ok(t, w.raw().QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n))
			return n
		}
		audited := got(db.Open(ctx, w.url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: 7 * day, AuditRetention: 100 * day, Now: w.clock.Now}))(t)
		defer audited.Close()
		for today := range 365 / 2 {
			w.clock.Advance(2 * day)
			id, tomorrow := fmt.Sprint("day-", today), w.clock.Now().Add(day)
			ok(t, w.AddDelivery(ctx, db.Delivery{GUID: id, Event: "repository", Action: "edited", Subject: "repository/1"}))
			ok(t, w.FinishDelivery(ctx, id, db.DeliveryApplied))
			ok(t, w.RecordRepositoryChange(ctx, 1))
			passing := int64(1000 + today) // deleted on GitHub the next day
			w.syncRepositories(through, append(repos(1, 1, acme), repos(passing, 1, acme)...)...)
			ok(t, w.PutSession(ctx, id, through.UserID, []byte("{}"), w.clock.Now().Add(20*day)))
			w.syncRepositories(through, repos(1, 1+today%2, acme)...) // one comes and goes: history
			w.importRepositories(through, 1)
			changed(w.RemoveImports(ctx, p.ID, through.ID, []int64{1}))(t)
			got(w.CreateBulkAction(ctx, p.ID, through.ID, db.ActionImport, []int64{1}))(t)
			got(w.CreateAPIToken(ctx, db.NewAPIToken{UserID: p.ID, Hash: id, Request: id, Name: id, Scope: db.ScopeRead, ExpiresAt: tomorrow}))(t)
			ok(t, w.RecordUse(ctx, db.APITokenKey(id), db.Client{IP: "192.0.2.1", Network: "192.0.2.1/32"}))
			ok(t, w.StoreAccessToken(ctx, through, "user", id, tomorrow))
			ok(t, w.AddSetupCode(ctx, id))
			ok(t, w.AddSetupState(ctx, id, id))
			ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: p.GitHubID, Login: p.Login, Action: "sign in"}))
			drain(t, w)
			ok(t, audited.CleanUp(ctx))
		}
		for _, table := range got(w.Tables(ctx))(t) {
			n := count(table)
			if limit := max(most[table], 2); n > limit {
				t.Errorf("%s has %d rows, want at most %d", table, n, limit)
			}
		}
	})
}

// O9: a repository is deleted once no user sees, imported or excluded it.
func TestO9RepositoriesInUseStay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, through := w.member(1, "ada", acme, repos(1, 4, acme)...)
		w.member(2, "bob", acme, repos(4, 1, acme)...)
		w.importRepositories(through, 1, 2)
		changed(w.RemoveImports(ctx, ada.ID, through.ID, []int64{2}))(t)
		w.syncRepositories(through)
		stored := func() string {
			t.Helper()
			ok(t, w.CleanUp(ctx))
			return fmt.Sprint(column(t, w.raw(), `SELECT id FROM repositories ORDER BY id`))
		}
		if got := stored(); got != "[1 2 4]" {
			t.Errorf("after the user lost access to all: %s, want the imported one, the excluded one, and bob's", got)
		}
		w.clock.Advance(181 * day)
		if got := stored(); got != "[2 4]" {
			t.Errorf("once the hidden import is gone: %s", got)
		}
	})
}
