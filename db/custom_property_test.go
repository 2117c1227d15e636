package db_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"testing"
	"time"

	"neptun/db"
)

// By name, by value, and by one of several values, of any type.
func TestR8ListsAreFilteredByCustomPropertiesOfAnyType(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		list := repos(1, 9, acme)
		for i, properties := range []string{
			`{"team":"core","tier":"gold"}`, `{"team":["core","edge"]}`, `{"team":null}`, `{"audited":true}`, `{"audited":"true"}`,
			`{"level":5}`, `{"te\"am":"c%re_"}`, `{"nested":{"team":"core"}}`, ``,
		} {
			if properties != "" {
				list[i].CustomProperties = json.RawMessage(properties)
			}
		}
		ada, in := w.member(1, "ada", acme, list...)
		changed(w.ImportMatching(ctx, in, db.Filter{}))(t)
		in = w.reload(in)
		for _, c := range []struct{ name, value, want string }{
			{"team", "", "[1 2]"},
			{"team", "core", "[1 2]"},
			{"team", "edge", "[2]"},
			{"team", "cor", "[]"},
			{"team", "null", "[]"},
			{"tier", "gold", "[1]"},
			{"Tier", "gold", "[]"},
			{"audited", "true", "[4 5]"},
			{"level", "5", "[6]"},
			{`te"am`, "c%re_", "[7]"},
			{"nested", "", "[8]"},
			{"nested", "core", "[]"},
			{"", "", "[1 2 3 4 5 6 7 8 9]"},
			{"none", "", "[]"},
		} {
			f := db.Filter{PropertyName: c.name, PropertyValue: c.value}
			var available, imported []int64
			for _, r := range got(w.ListAvailable(ctx, in, f, db.SortName, db.Page{}))(t) {
				available = append(available, r.ID)
			}
			for _, r := range got(w.ListImports(ctx, ada.ID, f, db.SortID, db.Page{}))(t) {
				imported = append(imported, r.Repository.ID)
			}
			if fmt.Sprint(available) != c.want || fmt.Sprint(imported) != c.want {
				t.Errorf("%s:%s leads to %v, and to the imports %v, want %s", c.name, c.value, available, imported, c.want)
			}
			if n := got(w.CountAvailable(ctx, in, f))(t); n != int64(len(available)) {
				t.Errorf("%s:%s counts %d", c.name, c.value, n)
			}
		}
	})
}

// TestR8AnInstallationStoresGitHubsFields: also in the list that scripts read.
func TestR8AnInstallationStoresGitHubsFields(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		facts := installed(700, acme)
		facts.InstalledAt, facts.UpdatedAt = w.clock.Now().Add(-2*day), w.clock.Now().Add(-day)
		facts.AppSlug, facts.SingleFileName, facts.SingleFilePaths = "neptun", "config.yml", []string{"config.yml", ".github/x.yml"}
		w.syncInstallations(ada, facts)
		ok(t, w.SetInstalledBy(ctx, 700, "bo"))
		key := w.session(ada)
		var streamed []db.InstallationRecord
		ok(t, w.StreamInstallations(ctx, key, db.InstallationFilter{}, db.OrderByID, db.Page{}, func(_ db.Versions, _ int64, rows iter.Seq2[db.InstallationRecord, error]) error {
			for row, err := range rows {
				ok(t, err)
				streamed = append(streamed, row)
			}
			return nil
		}))
		if len(streamed) != 1 {
			t.Fatalf("streamed are %v", streamed)
		}
		for name, i := range map[string]db.InstallationRecord{"list": streamed[0], "record": w.record(ada, acme)} {
			if !i.InstalledAt.Equal(facts.InstalledAt) || i.InstalledBy != "bo" || i.AppSlug != "neptun" || i.SingleFileName != "config.yml" || fmt.Sprint(i.SingleFilePaths) != "[config.yml .github/x.yml]" {
				t.Errorf("the %s has %+v", name, i)
			}
		}
		app := got(w.FindAppInstallation(ctx, 700))(t)
		if !app.InstalledAt.Equal(facts.InstalledAt) || !app.UpdatedAt.Equal(facts.UpdatedAt) || app.InstalledBy != "bo" || app.SingleFileName != "config.yml" || len(app.SingleFilePaths) != 2 {
			t.Errorf("operators see %+v", app)
		}
	})
}

// TestR10InstallationsUpdatedSince: what GitHub reports no time for is not known to be
// older.
func TestR10InstallationsUpdatedSince(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		older, newer, unknown := installed(1, acme), installed(2, beta), installed(3, db.Account{Kind: db.KindUser, GitHubID: 9, Login: "ada"})
		older.UpdatedAt, newer.UpdatedAt = w.clock.Now().Add(-2*day), w.clock.Now()
		w.syncInstallations(ada, older, newer, unknown)
		for since, want := range map[time.Duration]string{0: "[2 3]", time.Millisecond: "[3]", -2 * day: "[1 2 3]", -2*day + time.Millisecond: "[2 3]"} {
			f := db.InstallationFilter{Since: w.clock.Now().Add(since)}
			var ids []int64
			for _, i := range got(w.ListAppInstallations(ctx, f, db.OrderByID, db.Page{}))(t) {
				ids = append(ids, i.GitHubID)
			}
			if fmt.Sprint(ids) != want {
				t.Errorf("since %v: %v, want %s", since, ids, want)
			}
			if n := got(w.CountAppInstallations(ctx, f))(t); n != int64(len(ids)) {
				t.Errorf("since %v: %d are counted", since, n)
			}
		}
	})
}

// In each order, even if rows are added between the pages.
func TestR18InstallationsArePagedByCursor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada := w.login(1, "ada")
		var facts []db.Installation
		for i, login := range []string{"Zeta", "alpha", "Midway", "beta", "Beta"} {
			facts = append(facts, installed(int64(i+1), db.Account{Kind: db.KindOrganization, GitHubID: int64(100 - i), Login: login}))
		}
		w.syncInstallations(ada, facts...)
		for order, want := range map[db.InstallationOrder]string{
			db.OrderByID: "[Zeta alpha Midway beta Beta]", db.OrderByIDDesc: "[Beta beta Midway alpha Zeta]",
			db.OrderByLogin: "[alpha beta Beta Midway Zeta]", db.OrderByLoginDesc: "[Zeta Midway Beta beta alpha]",
		} {
			var own, app []string
			for page := (db.Page{Limit: 2}); ; {
				list := got(w.ListAllInstallations(ctx, ada.ID, order, page))(t)
				for _, i := range list {
					own, page.After = append(own, i.Account.Login), i.Cursor(order)
				}
				if len(list) < 2 {
					break
				}
			}
			for page := (db.Page{Limit: 2}); ; {
				list := got(w.ListAppInstallations(ctx, db.InstallationFilter{}, order, page))(t)
				for _, i := range list {
					app, page.After = append(app, i.Account.Login), i.Cursor(order)
				}
				if len(list) < 2 {
					break
				}
			}
			if fmt.Sprint(own) != want || fmt.Sprint(app) != want {
				t.Errorf("by %s: %v and %v, want %s", order, own, app, want)
			}
		}
		for _, after := range []string{"x", "e30", w.record(ada, facts[0].Account).Cursor(db.OrderByLogin)} {
			if _, err := w.ListAllInstallations(ctx, ada.ID, db.OrderByID, db.Page{Limit: 2, After: after}); err == nil {
				t.Errorf("the cursor %s is accepted", after)
			}
		}
	})
}
