package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestUninstallingRequiresTheAccountsName(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, _ := handlerstest.Harbor()
		s := handlerstest.OpenOn(t, w, databaseURL)
		olga, mats := s.LogIn("olga"), s.LogIn("mats")
		record, _ := olga.Imported("harbor")
		matsImport, _ := mats.Imported("harbor")
		api := "/api/users/me/installations/" + record
		for _, body := range []string{"", "{}", `{"account":"harbour"}`, `{"account":""}`} {
			refused := olga.Send(http.MethodDelete, api, body).Status(http.StatusUnprocessableEntity)
			if refused.Message(); !strings.Contains(refused.Body, `"field":"account"`) {
				t.Errorf("%q gets %s", body, refused.Body)
			}
		}
		page := olga.Post("/installations/"+record+"/uninstalled", handlerstest.Form("account", "pia")).Status(http.StatusUnprocessableEntity)
		if page.Page().Find(`main a[href="/installations/`+record+`/settings"]`).Length() == 0 {
			t.Error("the page has no link back")
		}
		if len(s.Changes()) != 0 {
			t.Fatalf("unexpected changes on GitHub: %v", s.Changes())
		}

		olga.Send(http.MethodDelete, api, `{"account":"Harbor"}`).Status(http.StatusNoContent)
		for _, v := range []*handlerstest.Visitor{olga, mats} {
			// GitHub no longer shows it, and neither do the lists.
			if list := v.Get("/api/users/me/installations").List(); len(list) != 0 {
				t.Errorf("the list is still %v", list)
			}
			if list := v.Get("/api/users/me/imports").List(); len(list) != 0 {
				t.Errorf("the imports are still %v", list)
			}
			if text := v.Get("/installations").Status(http.StatusOK).Text("#installations"); !strings.Contains(text, "Uninstalled") || !strings.Contains(text, "harbor") {
				t.Errorf("the page shows %q", text)
			}
		}
		olga.Get(api).Status(http.StatusNotFound)
		left := mats.Get("/installations/" + matsImport).Status(http.StatusOK)
		if text := left.Text("main"); !strings.Contains(text, "1 import comes back") || strings.Contains(text, "crane") {
			t.Errorf("the page shows %q", text)
		}
		if to := mats.Fragment("/installations/"+matsImport, "sync").Header.Get("HX-Redirect"); to != "/installations/"+matsImport {
			t.Errorf("an open page is redirected to %q", to)
		}
		olga.Get("/installations/" + matsImport).Status(http.StatusNotFound)
	})
}

func TestP22RecordsOfUninstalledInstallationsCanBeDeleted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s := handlerstest.OpenOn(t, w, databaseURL)
		mats, pia := s.LogIn("mats"), s.LogIn("pia")
		record, _ := mats.Imported("harbor")
		w.Installations.Uninstall(installation) // on GitHub
		mats.SyncAll()
		s.GitHub.Fault(func(*http.Request) *sandbox.Fault { return &sandbox.Fault{Drop: true} }) // deleting it doesn't need GitHub

		api := "/api/users/me/installations/" + record
		mats.Send(http.MethodDelete, api, "").Status(http.StatusUnprocessableEntity)
		pia.Send(http.MethodDelete, api, `{"account":"harbor"}`).Status(http.StatusNotFound)
		pia.Post("/installations/"+record+"/uninstalled", handlerstest.Form("account", "harbor")).Status(http.StatusNotFound)
		mats.Post("/installations/"+record+"/uninstalled", handlerstest.Form("account", "harbor")).Status(http.StatusSeeOther)
		mats.Get("/installations/" + record).Status(http.StatusNotFound)
		if text := mats.Get("/installations").Text("#installations"); strings.Contains(text, "harbor") {
			t.Errorf("the page still shows %q", text)
		}
		mats.Send(http.MethodDelete, api, `{"account":"harbor"}`).Status(http.StatusNotFound)

		s.GitHub.Fault(nil)
		w.Installations.Install("harbor", sandbox.SelectAll)
		mats.SyncAll()
		if again := mats.Record("harbor"); again == record || mats.ImportsOf(again) != "" {
			t.Errorf("the record %s was restored as %s with %s", record, again, mats.ImportsOf(again))
		}
	})
}

func TestP22P23InstallingAgainContinuesTheRecord(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	record, imports := olga.Imported("harbor")
	olga.Post("/installations/"+record+"/uninstalled", handlerstest.Form("account", "harbor")).Status(http.StatusSeeOther)
	left := olga.Get("/installations/" + record).Status(http.StatusOK)
	if left.Page().Find(`main a[href="/auth/github/install"]`).Length() == 0 {
		t.Error("the page has no link to install it again")
	}
	again := w.Installations.Install("harbor", sandbox.SelectAll)
	if again == installation {
		t.Fatal("GitHub assigned the same id")
	}
	olga.SyncAll()
	if got := olga.Record("harbor"); got != record || olga.ImportsOf(got) != imports {
		t.Errorf("the record %s with %s was restored as %s with %s", record, imports, got, olga.ImportsOf(got))
	}
	if text := olga.Get("/installations").Text("#installations"); strings.Contains(text, "Uninstalled") {
		t.Errorf("the page shows %q", text)
	}
}

// A user who lost access to an installation isn't notified of its uninstallation later.
func TestUninstallingIsNotShownToUsersWithoutAccess(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	mats := s.LogIn("mats")
	record, _ := mats.Imported("harbor")
	w.Accounts.RemoveMember("harbor", "mats")
	mats.SyncAll()
	for range 2 {
		mats.Get("/installations/" + record).Status(http.StatusNotFound)
		mats.Send(http.MethodDelete, "/api/users/me/installations/"+record, `{"account":"harbor"}`).Status(http.StatusNotFound)
		if text := mats.Get("/installations").Text("#installations"); strings.Contains(text, "harbor") {
			t.Errorf("the page shows %q", text)
		}
		w.Accounts.RemoveMember("harbor", "otto") // another user's sync finds it deleted
		olga := s.LogIn("olga")
		if installation != 0 {
			w.Installations.Uninstall(installation)
			installation = 0
		}
		olga.SyncAll()
		mats.SyncAll()
	}
}

func TestP24ASuspendedInstallationDoesNotAffectOthers(t *testing.T) {
	w, installation := handlerstest.Harbor()
	w.Repositories.Add("olga", sandbox.Repository{Name: "rope"})
	w.Installations.Install("olga", sandbox.SelectAll)
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	w.Installations.Suspend(installation, "otto")
	w.Repositories.Add("olga", sandbox.Repository{Name: "anchor"})
	for range 2 {
		olga.SyncAll()
	}
	if n := len(olga.Get("/api/users/me/installations/" + olga.Record("olga") + "/repositories").List()); n != 2 {
		t.Errorf("%d repositories are listed", n)
	}
	page := olga.Get("/installations/" + olga.Record("harbor")).Status(http.StatusOK)
	if text := page.Text("#suspended"); !strings.Contains(text, "by otto") || page.Page().Find(`#suspended form[action="/installations/sync"]`).Length() == 0 {
		t.Errorf("the page shows %q", text)
	}
}

func TestP25PermissionsToAcceptAreShown(t *testing.T) {
	w, installation := handlerstest.Harbor()
	w.Apps.SetOwner("olga")
	w.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	s := handlerstest.Open(t, w)
	olga, mats := s.LogIn("olga"), s.LogIn("mats")
	path := "/installations/" + olga.Record("harbor")
	page := olga.Get(path).Status(http.StatusOK)
	if text := page.Text("#drift"); !strings.Contains(text, "contents: write requested") {
		t.Fatalf("the page shows %q", text)
	}
	if page.Page().Find(`#drift a[href*="/settings/apps/neptun-sandbox/permissions"]`).Length() == 0 || page.Page().Find(`#drift a[href*="/organizations/harbor/settings/installations/"]`).Length() == 0 {
		t.Error("an operator doesn't get both links")
	}
	theirs := mats.Get("/installations/" + mats.Record("harbor")).Page()
	if theirs.Find(`#drift a[href*="/settings/apps/"]`).Length() != 0 || theirs.Find(`#drift a[href*="/settings/installations/"]`).Length() == 0 {
		t.Error("a member is shown the wrong links")
	}
	if text := olga.Get("/installations").Text("#installations"); !strings.Contains(text, "Permissions to review") {
		t.Errorf("the list shows %q", text)
	}
	w.Installations.AcceptPermissions(installation)
	olga.SyncAll()
	if text := olga.Get(path).Text("#drift"); text != "" {
		t.Errorf("after it was accepted, the page shows %q", text)
	}
}
