package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestHistoryListsWhatWebhooksAndSyncsChanged(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s, _ := handlerstest.Listening(t, w, databaseURL)
		crane := s.RepositoryNamed("harbor", "crane")
		mats := s.LogIn("mats")
		page := "/installations/" + mats.Record("harbor") + "/history"
		api := "/api/users/me" + page
		w.Repositories.Rename(crane.ID, "davit")
		s.Applied()
		entries := mats.Get(api).Status(http.StatusOK).List()
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
		shown := mats.Get(page).Status(http.StatusOK)
		if text := shown.Text("#history li"); !strings.Contains(text, "davit renamed (was crane)") {
			t.Errorf("the page shows %q", text)
		}

		one := mats.Get(api + "?per_page=1").Status(http.StatusOK)
		if len(one.List()) != 1 || !strings.Contains(one.Header.Get("Link"), `before=`) {
			t.Errorf("a page of one: %s, Link %q", one.Body, one.Header.Get("Link"))
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(one.Header.Get("Link"), "<"), ">")
		if second := mats.Get(mats.Path(next)).Status(http.StatusOK).List(); len(second) != 1 || second[0]["id"] == newest["id"] {
			t.Errorf("the next page: %v", second)
		}
		mats.Get(api + "?before=x").Status(http.StatusUnprocessableEntity)
		if end := mats.Get(page + "?before=1").Status(http.StatusOK); !strings.Contains(end.Text("#history"), "No older changes") {
			t.Errorf("after the last page: %q", end.Text("#history"))
		}
		mats.Get("/installations/999/history").Status(http.StatusNotFound)

		// mats lost access: the entry is there, without the name.
		w.Repositories.SetPermission(crane.ID, "mats", sandbox.None)
		s.Applied()
		mats.SoonSees("harbor")
		removed := mats.Get(page)
		if text := removed.Text("#history"); strings.Contains(text, "davit") || strings.Contains(text, "crane") {
			t.Errorf("the name is in %q, although mats lost access", text)
		}
	})
}

// A token that is restricted to the former owner isn't shown what happened to a repository
// that the user sees at its new owner.
func TestARestrictedTokensHistoryHasNoNamesOfOthers(t *testing.T) {
	t.Parallel()
	w := handlerstest.TwoOrganizations()
	s, _ := handlerstest.Listening(t, w, dbtest.SQLite(t))
	mira := s.LogIn("mira")
	quay := mira.Record("quay")
	_, token := mira.NewToken(`{"name":"quay only","installation_ids":[` + quay + `]}`)
	path := "/api/users/me/installations/" + quay + "/history"
	w.Repositories.Rename(100, "pearl")
	s.Applied()
	w.Repositories.Transfer(100, "vault")
	w.Repositories.SetPermission(100, "mira", sandbox.Push)
	s.Applied()
	s.Soon(func() bool { return strings.Contains(mira.Get(path).Body, "vault/pearl") },
		func() string { return "mira is told " + mira.Get(path).Body })
	if got := s.Bearer(token).Get(path).Status(http.StatusOK); len(got.List()) == 0 || strings.Contains(got.Body, "vault") || strings.Contains(got.Body, "pearl") {
		t.Errorf("the token gets %s", got.Body)
	}
}
