package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

func TestHistoryTellsWhatWebhooksAndSyncsChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s, _ := listening(t, w, databaseURL)
		crane := s.repositoryNamed("harbor", "crane")
		mats := s.logIn("mats")
		page := "/installations/" + mats.record("harbor") + "/history"
		api := "/api/users/me" + page
		w.RenameRepository(crane.ID, "davit")
		s.applied()
		entries := mats.get(api).status(http.StatusOK).list()
		newest := entries[0]
		if newest["change"] != "renamed" || newest["cause"] != "webhook" || newest["event"] != "repository.renamed" || newest["count"] != 1. {
			t.Errorf("the newest entry is %v", newest)
		}
		if named := newest["repositories"].([]any)[0].(map[string]any); named["full_name"] != "harbor/davit" || named["formerly"] != "crane" {
			t.Errorf("it names %v", named)
		}
		if first := entries[len(entries)-1]; first["change"] != "appeared" || first["cause"] != "sync" || first["event"] != nil {
			t.Errorf("the first entry is %v", first)
		}
		shown := mats.get(page).status(http.StatusOK)
		if text := shown.text("#history li"); !strings.Contains(text, "davit renamed (was crane)") {
			t.Errorf("the page shows %q", text)
		}

		one := mats.get(api + "?per_page=1").status(http.StatusOK)
		if len(one.list()) != 1 || !strings.Contains(one.header("Link"), `before=`) {
			t.Errorf("a page of one: %s, Link %q", one.body, one.header("Link"))
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(one.header("Link"), "<"), ">")
		if second := mats.get(mats.path(next)).status(http.StatusOK).list(); len(second) != 1 || second[0]["id"] == newest["id"] {
			t.Errorf("the page after it: %v", second)
		}
		mats.get(api + "?before=x").status(http.StatusUnprocessableEntity)
		if end := mats.get(page + "?before=1").status(http.StatusOK); !strings.Contains(end.text("#history"), "No older changes") {
			t.Errorf("behind the end is %q", end.text("#history"))
		}
		mats.get("/installations/999/history").status(http.StatusNotFound)

		// Lost to mats: that it went is told, its name is not.
		w.SetPermission(crane.ID, "mats", sandbox.None)
		s.applied()
		mats.soonSees("harbor")
		gone := mats.get(page)
		if text := gone.text("#history"); strings.Contains(text, "davit") || strings.Contains(text, "crane") {
			t.Errorf("what mats lost is named in %q", text)
		}
	})
}

// A token for the former owner alone isn't told what became of a repository
// that the person sees at its new owner.
func TestARestrictedTokensHistoryNamesNothingElsewhere(t *testing.T) {
	t.Parallel()
	w := harbour()
	s, _ := listening(t, w, dbtest.SQLite(t))
	mira := s.logIn("mira")
	quay := mira.record("quay")
	_, token := mira.newToken(`{"name":"quay only","installation_ids":[` + quay + `]}`)
	path := "/api/users/me/installations/" + quay + "/history"
	w.RenameRepository(100, "pearl")
	s.applied()
	w.TransferRepository(100, "vault")
	w.SetPermission(100, "mira", sandbox.Push)
	s.applied()
	s.soon(func() bool { return strings.Contains(mira.get(path).body, "vault/pearl") },
		func() string { return "mira is told " + mira.get(path).body })
	if told := s.bearer(token).get(path).status(http.StatusOK); len(told.list()) == 0 || strings.Contains(told.body, "vault") || strings.Contains(told.body, "pearl") {
		t.Errorf("the token is told %s", told.body)
	}
}
