package db_test

import (
	"fmt"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// operatedBy opens a world's database again under another configuration.
func operatedBy(w *world, names ...string) *world {
	w.t.Helper()
	d := got(db.Open(w.t.Context(), w.url, db.Options{
		Keyring: dbtest.Keyring(w.t), AccessMaxAge: 7 * day, Now: w.clock.Now, Operators: db.ParseOperators(names),
	}))(w.t)
	w.t.Cleanup(func() { _ = d.Close() })
	return &world{DB: d, t: w.t, url: w.url, clock: w.clock}
}

func TestOperatorsFromTheConfiguration(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		operator := func(w *world, p db.User) bool {
			t.Helper()
			return got(w.FindCredential(ctx, w.session(p)))(t).Operator
		}
		named := operatedBy(w, "1", " Ada ", "")
		byID, byLogin, nobody := named.login(1, "octocat"), named.login(2, "ADA"), named.login(3, "bob")
		if !operator(named, byID) || !operator(named, byLogin) || operator(named, nobody) {
			t.Errorf("operators are %+v", got(named.ListOperators(ctx))(t))
		}
		// The login became free and was registered by another account.
		named.login(2, "countess")
		stranger := named.login(4, "ada")
		if operator(named, stranger) || !operator(named, byLogin) {
			t.Errorf("after the login changed hands: %+v", got(named.ListOperators(ctx))(t))
		}

		ok(t, named.SetOwner(ctx, 3))
		ok(t, named.SetOwner(ctx, 3))
		if !operator(named, nobody) {
			t.Error("the App's owner isn't an operator")
		}
		changed := operatedBy(w, "4")
		if operator(changed, byID) || operator(changed, byLogin) || !operator(changed, stranger) || !operator(changed, nobody) {
			t.Errorf("after the configuration changed: %+v", got(changed.ListOperators(ctx))(t))
		}
		ok(t, changed.SetOwner(ctx, 0))
		if operator(changed, nobody) {
			t.Error("a former owner is an operator")
		}
	})
}

func TestAuditIsListedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		for i := range 5 {
			w.clock.Advance(time.Second)
			ok(t, w.AddAudit(ctx, db.AuditEntry{GitHubID: p.GitHubID, Login: p.Login, Action: "suspend installation", Subject: fmt.Sprint("acme-", i)}))
		}
		first := got(w.ListAudit(ctx, db.AuditFilter{}, 3))(t)
		if len(first) != 3 || first[0].Subject != "acme-4" || first[0].GitHubID != 1 || first[0].Login != "ada" ||
			first[0].Action != "suspend installation" || !first[0].At.Equal(w.clock.Now()) {
			t.Errorf("the latest are %+v", first)
		}
		if rest := got(w.ListAudit(ctx, db.AuditFilter{Before: first[2].ID}, 3))(t); len(rest) != 2 || rest[1].Subject != "acme-0" {
			t.Errorf("before the imports: %+v", rest)
		}
	})
}
