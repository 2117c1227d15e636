package db_test

import (
	"slices"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// O8: in a Turkish database, where the lower case of I is ı, names, logins and licenses are found
// as in others.
func TestO8LookUpsDoNotDependOnTheCollation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.PostgresIn(t, "tr-TR"))
	if lower := column(t, w.raw(), `SELECT LOWER('API-CI')`); !slices.Equal(lower, []string{"apı-cı"}) {
		t.Fatalf("the database isn't Turkish: %q", lower)
	}
	initech := db.Account{Kind: db.KindOrganization, GitHubID: 9, Login: "INITECH", HTMLURL: "https://github.com/INITECH"}
	p, through := w.member(1, "IDA", initech, repo(1, "API-CI", initech), repo(2, "other", initech))
	for name, filter := range map[string]db.Filter{
		"its name": {Repository: "initech/api-ci"}, "its name as written": {Repository: "INITECH/API-CI"},
		"a search": {Query: "api-ci"}, "a search as written": {Query: "API-CI"},
	} {
		list := got(w.ListAvailable(t.Context(), through, filter, db.SortName, db.Page{}))(t)
		if len(list) != 1 || list[0].Name != "API-CI" {
			t.Errorf("by %s: %d repositories", name, len(list))
		}
	}
	if list := got(w.ListAvailable(t.Context(), through, db.Filter{License: "mit"}, db.SortName, db.Page{}))(t); len(list) != 2 {
		t.Errorf("by license: %d repositories", len(list))
	}
	for _, filter := range []db.Filter{{Account: "initech"}, {Account: "INITECH"}} {
		if list := got(w.ListAllAvailable(t.Context(), p.ID, filter, db.SortName, db.Page{}))(t); len(list) != 2 {
			t.Errorf("of account %s: %d repositories", filter.Account, len(list))
		}
	}
	for _, filter := range []db.InstallationFilter{{Account: "initech"}, {Query: "init"}} {
		if list := got(w.ListInstallations(t.Context(), p.ID, filter, db.OrderByLogin, db.Page{}))(t); len(list) != 1 {
			t.Errorf("%+v: %d installations", filter, len(list))
		}
	}
	ok(t, w.AddAudit(t.Context(), db.AuditEntry{GitHubID: p.GitHubID, Login: p.Login, Action: "sign in"}))
	entries := got(w.ListAudit(t.Context(), db.AuditFilter{Login: "ida"}, 10))(t)
	if len(entries) != 1 {
		t.Errorf("by login: %d entries of the audit log", len(entries))
	}
}
