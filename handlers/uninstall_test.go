package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// imported imports everything on an account, and gives back the record and the
// ids of the imports.
func (v *visitor) imported(login string) (record string, imports string) {
	v.s.t.Helper()
	record = v.record(login)
	v.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
	return record, v.importsOf(record)
}

func (v *visitor) importsOf(record string) string {
	v.s.t.Helper()
	ids := ""
	for _, item := range v.get("/api/users/me/installations/" + record + "/imports").status(http.StatusOK).list() {
		ids += digits(item["id"]) + " "
	}
	return ids
}

func TestAnUninstallIsConfirmedByTheAccountsName(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := harbor()
		s := openOn(t, w, databaseURL)
		olga, mats := s.logIn("olga"), s.logIn("mats")
		record, _ := olga.imported("harbor")
		his, _ := mats.imported("harbor")
		api := "/api/users/me/installations/" + record
		for _, body := range []string{"", "{}", `{"account":"harbour"}`, `{"account":""}`} {
			refused := olga.send(http.MethodDelete, api, body).status(http.StatusUnprocessableEntity)
			if refused.message(); !strings.Contains(refused.body, `"field":"account"`) {
				t.Errorf("%q is answered %s", body, refused.body)
			}
		}
		page := olga.post("/installations/"+record+"/uninstalled", form("account", "pia")).status(http.StatusUnprocessableEntity)
		if page.page().Find(`main a[href="/installations/`+record+`/settings"]`).Length() == 0 {
			t.Error("the page doesn't lead back")
		}
		if len(s.changes()) != 0 {
			t.Fatalf("GitHub was asked for %v", s.changes())
		}

		olga.send(http.MethodDelete, api, `{"account":"Harbor"}`).status(http.StatusNoContent)
		for _, v := range []*visitor{olga, mats} {
			// GitHub shows it to nobody, so neither do the lists.
			if list := v.get("/api/users/me/installations").list(); len(list) != 0 {
				t.Errorf("the list is still %v", list)
			}
			if list := v.get("/api/users/me/imports").list(); len(list) != 0 {
				t.Errorf("the imports are still %v", list)
			}
			if said := v.get("/installations").status(http.StatusOK).text("#installations"); !strings.Contains(said, "Uninstalled") || !strings.Contains(said, "harbor") {
				t.Errorf("the page says %q", said)
			}
		}
		olga.get(api).status(http.StatusNotFound)
		left := mats.get("/installations/" + his).status(http.StatusOK)
		if said := left.text("main"); !strings.Contains(said, "1 import comes back") || strings.Contains(said, "crane") {
			t.Errorf("the page says %q", said)
		}
		if to := mats.fragment("/installations/"+his, "sync").header("HX-Redirect"); to != "/installations/"+his {
			t.Errorf("an open page is sent to %q", to)
		}
		olga.get("/installations/" + his).status(http.StatusNotFound)
	})
}

func TestP22WhatIsNoLongerInstalledIsForgotten(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s := openOn(t, w, databaseURL)
		mats, pia := s.logIn("mats"), s.logIn("pia")
		record, _ := mats.imported("harbor")
		w.Uninstall(installation) // on GitHub, which Neptun finds out
		mats.syncAll()
		s.gitHub.Fault(func(*http.Request) *sandbox.Fault { return &sandbox.Fault{Drop: true} }) // nobody needs GitHub for it

		api := "/api/users/me/installations/" + record
		mats.send(http.MethodDelete, api, "").status(http.StatusUnprocessableEntity)
		pia.send(http.MethodDelete, api, `{"account":"harbor"}`).status(http.StatusNotFound)
		pia.post("/installations/"+record+"/uninstalled", form("account", "harbor")).status(http.StatusNotFound)
		mats.post("/installations/"+record+"/uninstalled", form("account", "harbor")).status(http.StatusSeeOther)
		mats.get("/installations/" + record).status(http.StatusNotFound)
		if said := mats.get("/installations").text("#installations"); strings.Contains(said, "harbor") {
			t.Errorf("the page still says %q", said)
		}
		mats.send(http.MethodDelete, api, `{"account":"harbor"}`).status(http.StatusNotFound)

		s.gitHub.Fault(nil)
		w.Install("harbor", sandbox.SelectAll)
		mats.syncAll()
		if again := mats.record("harbor"); again == record || mats.importsOf(again) != "" {
			t.Errorf("the record %s came back as %s with %s", record, again, mats.importsOf(again))
		}
	})
}

func TestP22P23InstallAgainContinuesTheRecord(t *testing.T) {
	w, installation := harbor()
	s := open(t, w)
	olga := s.logIn("olga")
	record, imports := olga.imported("harbor")
	olga.post("/installations/"+record+"/uninstalled", form("account", "harbor")).status(http.StatusSeeOther)
	left := olga.get("/installations/" + record).status(http.StatusOK)
	if left.page().Find(`main a[href="/auth/github/install"]`).Length() == 0 {
		t.Error("the page doesn't lead to install it again")
	}
	again := w.Install("harbor", sandbox.SelectAll)
	if again == installation {
		t.Fatal("GitHub gave the same id")
	}
	olga.syncAll()
	if got := olga.record("harbor"); got != record || olga.importsOf(got) != imports {
		t.Errorf("the record %s with %s came back as %s with %s", record, imports, got, olga.importsOf(got))
	}
	if said := olga.get("/installations").text("#installations"); strings.Contains(said, "Uninstalled") {
		t.Errorf("the page says %q", said)
	}
}

// Who lost an installation before it was uninstalled hears nothing of the latter.
func TestWhatWasLostIsNotToldAsUninstalled(t *testing.T) {
	w, installation := harbor()
	s := open(t, w)
	mats := s.logIn("mats")
	record, _ := mats.imported("harbor")
	w.RemoveMember("harbor", "mats")
	mats.syncAll()
	for range 2 {
		mats.get("/installations/" + record).status(http.StatusNotFound)
		mats.send(http.MethodDelete, "/api/users/me/installations/"+record, `{"account":"harbor"}`).status(http.StatusNotFound)
		if said := mats.get("/installations").text("#installations"); strings.Contains(said, "harbor") {
			t.Errorf("the page says %q", said)
		}
		w.RemoveMember("harbor", "otto") // somebody else finds it gone
		olga := s.logIn("olga")
		if installation != 0 {
			w.Uninstall(installation)
			installation = 0
		}
		olga.syncAll()
		mats.syncAll()
	}
}

func TestP24OneSuspendedInstallationLeavesTheOthersAlone(t *testing.T) {
	w, installation := harbor()
	w.AddRepository("olga", sandbox.Repository{Name: "rope"})
	w.Install("olga", sandbox.SelectAll)
	s := open(t, w)
	olga := s.logIn("olga")
	w.Suspend(installation, "otto")
	w.AddRepository("olga", sandbox.Repository{Name: "anchor"})
	for range 2 {
		olga.syncAll()
	}
	if n := len(olga.get("/api/users/me/installations/" + olga.record("olga") + "/repositories").list()); n != 2 {
		t.Errorf("%d repositories are listed", n)
	}
	page := olga.get("/installations/" + olga.record("harbor")).status(http.StatusOK)
	if said := page.text("#suspended"); !strings.Contains(said, "by otto") || page.page().Find(`#suspended form[action="/installations/sync"]`).Length() == 0 {
		t.Errorf("the page says %q", said)
	}
}

func TestP25WhatAnAccountHasYetToAcceptIsShown(t *testing.T) {
	w, installation := harbor()
	w.SetAppOwner("olga")
	w.SetAppPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	s := open(t, w)
	olga, mats := s.logIn("olga"), s.logIn("mats")
	path := "/installations/" + olga.record("harbor")
	page := olga.get(path).status(http.StatusOK)
	if said := page.text("#drift"); !strings.Contains(said, "contents: write requested") {
		t.Fatalf("the page says %q", said)
	}
	if page.page().Find(`#drift a[href*="/settings/apps/neptun-sandbox/permissions"]`).Length() == 0 || page.page().Find(`#drift a[href*="/organizations/harbor/settings/installations/"]`).Length() == 0 {
		t.Error("an operator lacks one of both links")
	}
	theirs := mats.get("/installations/" + mats.record("harbor")).page()
	if theirs.Find(`#drift a[href*="/settings/apps/"]`).Length() != 0 || theirs.Find(`#drift a[href*="/settings/installations/"]`).Length() == 0 {
		t.Error("a member is shown the wrong links")
	}
	if said := olga.get("/installations").text("#installations"); !strings.Contains(said, "Permissions to review") {
		t.Errorf("the list says %q", said)
	}
	w.AcceptPermissions(installation)
	olga.syncAll()
	if said := olga.get(path).text("#drift"); said != "" {
		t.Errorf("after it was accepted, the page says %q", said)
	}
}
