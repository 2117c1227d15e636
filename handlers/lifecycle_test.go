package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// harbor is an organization with two owners and a member who sees one of its
// repositories, and a person of her own. The second owner is in nothing else.
func harbor() (w *sandbox.World, installation int64) {
	w = sandbox.NewWorld()
	for _, login := range []string{"olga", "otto", "mats", "pia"} {
		w.AddUser(sandbox.User{Login: login})
	}
	w.AddOrganization(sandbox.Organization{Login: "harbor"})
	w.AddMember("harbor", "olga", sandbox.RoleAdmin)
	w.AddMember("harbor", "otto", sandbox.RoleAdmin)
	w.AddMember("harbor", "mats", sandbox.RoleMember)
	crane := w.AddRepository("harbor", sandbox.Repository{Name: "crane", Private: true})
	w.AddRepository("harbor", sandbox.Repository{Name: "quay", Private: true})
	w.SetPermission(crane.ID, "mats", sandbox.Push)
	w.AddRepository("pia", sandbox.Repository{Name: "dinghy"})
	w.Install("pia", sandbox.SelectAll)
	return w, w.Install("harbor", sandbox.SelectAll)
}

func (v *visitor) send(method, path, body string) answer {
	v.s.t.Helper()
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	return v.do(method, path, contentType, body, nil)
}

// press is a form sent by htmx.
func (v *visitor) press(path, body string) answer {
	v.s.t.Helper()
	return v.do(http.MethodPost, path, "application/x-www-form-urlencoded", body, http.Header{
		"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"section#settings"},
	})
}

// changes are the requests by which the App changed something on GitHub.
func (s *stage) changes() (list []string) {
	for _, request := range s.gitHub.Requests() {
		_, path, ofApp := strings.Cut(request.Path, "/app/")
		if request.Method != http.MethodGet && ofApp {
			list = append(list, request.Method+" /app/"+path)
		}
	}
	return list
}

// syncAll has everything of the visitor read anew.
func (v *visitor) syncAll() {
	v.s.t.Helper()
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()
}

// refusesAll has the visitor try everything, in every form.
func refusesAll(t *testing.T, s *stage, v *visitor, record string) {
	t.Helper()
	api, page := "/api/users/me/installations/"+record, "/installations/"+record
	s.gitHub.ResetRequests()
	if m := v.send(http.MethodPut, api+"/suspended", "").status(http.StatusForbidden).message(); !strings.Contains(m, "owner of harbor") {
		t.Errorf("they are told %q", m)
	}
	v.send(http.MethodDelete, api, `{"account":"harbor"}`).status(http.StatusForbidden).message()
	for path, form := range map[string]string{"/suspended": "account=harbor", "/uninstalled": "account=harbor"} {
		if part := v.press(page+path, form).status(http.StatusForbidden); strings.Contains(part.body, "<html") {
			t.Errorf("%s answers a fragment with a page", path)
		}
		refused := v.do(http.MethodPost, page+path, "application/x-www-form-urlencoded", form, nil).status(http.StatusForbidden)
		if refused.page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
			t.Errorf("%s doesn't lead to GitHub's page", path)
		}
	}
	manage := v.get(page + "/settings").status(http.StatusOK)
	if manage.page().Find(`#settings form:not([action$="/removal"])`).Length() != 0 || manage.page().Find(`#settings a[href*="/settings/installations/"]`).Length() == 0 {
		t.Errorf("the page offers what they may not: %s", manage.text("#settings"))
	}
	if part := v.fragment(page+"/settings", "settings").status(http.StatusOK); strings.Count(part.body, "<form") != strings.Count(part.body, `/removal"`) {
		t.Error("the fragment offers what they may not")
	}
	if done := s.changes(); len(done) != 0 {
		t.Errorf("GitHub was asked for %v", done)
	}
}

func TestWhoIsNoAdminCanNeitherSuspendNorUninstall(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	mats := s.logIn("mats")
	refusesAll(t, s, mats, mats.record("harbor"))
	// Yesterday's admin is asked about today, and sees the installation still.
	otto := s.logIn("otto")
	w.AddMember("harbor", "otto", sandbox.RoleMember)
	refusesAll(t, s, otto, otto.record("harbor"))
	w.RemoveMember("harbor", "otto")
	refusesAll(t, s, otto, otto.record("harbor"))
	// What is another person's is not there at all.
	pia := s.logIn("pia")
	pia.send(http.MethodPut, "/api/users/me/installations/"+mats.record("harbor")+"/suspended", "").status(http.StatusNotFound)
	pia.send(http.MethodDelete, "/api/users/me/installations/"+mats.record("harbor"), `{"account":"harbor"}`).status(http.StatusNotFound)
	pia.get("/installations/" + mats.record("harbor") + "/settings").status(http.StatusNotFound)
}

func TestASuspensionMadeHereIsShownToAllAndLiftedByWhoMadeIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := harbor()
		s := openOn(t, w, databaseURL)
		olga, otto, mats := s.logIn("olga"), s.logIn("otto"), s.logIn("mats")
		record := olga.record("harbor")
		before := mats.get("/api/users/me/installations").header("ETag")

		manage := olga.get("/installations/" + record + "/settings").status(http.StatusOK)
		if said := manage.text("#danger"); !strings.Contains(said, "can only be unsuspended here") || !strings.Contains(said, "repositories2") || !strings.Contains(said, "users3") {
			t.Errorf("what it will take away is told as %q", said)
		}
		olga.send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").status(http.StatusNoContent)
		list := mats.get("/api/users/me/installations")
		if list.header("ETag") == before || list.list()[0]["suspended_at"] == nil {
			t.Error("who didn't do it is shown the installation as it was")
		}
		page := mats.get("/installations/" + mats.record("harbor")).status(http.StatusOK)
		if said := page.text("#suspended"); !strings.Contains(said, "through Neptun by olga") {
			t.Errorf("the page says %q", said)
		}
		if want := fmt.Sprintf("PUT /app/installations/%d/suspended", installation); len(s.changes()) != 1 || s.changes()[0] != want {
			t.Errorf("GitHub was asked for %v, expected %s once", s.changes(), want)
		}

		for _, other := range []*visitor{otto, mats} {
			m := other.send(http.MethodDelete, "/api/users/me/installations/"+other.record("harbor")+"/suspended", "").status(http.StatusForbidden).message()
			if !strings.Contains(m, "olga") {
				t.Errorf("somebody else is told %q", m)
			}
		}
		if olga.get("/installations/"+record+"/settings").page().Find(`form[action$="/unsuspended"]`).Length() != 1 {
			t.Error("who suspended isn't offered to lift it")
		}
		olga.post("/installations/"+record+"/unsuspended", nil).status(http.StatusSeeOther)
		if at := mats.get("/api/users/me/installations").list()[0]["suspended_at"]; at != nil {
			t.Errorf("it is still shown as suspended since %v", at)
		}
		notes := s.actions()
		if len(notes) != 2 || notes[0].Action != "unsuspend installation" || notes[1].Login != "olga" || notes[1].Subject != "harbor" {
			t.Errorf("the audit says %+v", notes)
		}
	})
}

func TestAnExAdminCannotLiftWhatTheySuspended(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	otto := s.logIn("otto")
	path := "/api/users/me/installations/" + otto.record("harbor") + "/suspended"
	otto.send(http.MethodPut, path, "").status(http.StatusNoContent)
	w.RemoveMember("harbor", "otto")
	otto.send(http.MethodDelete, path, "").status(http.StatusForbidden)
	if done := s.changes(); len(done) != 1 {
		t.Errorf("GitHub was asked for %v", done)
	}
}

func TestTheAccountsOwnUserAndOperatorsManageWithoutAMembership(t *testing.T) {
	w, _ := harbor()
	w.SetAppOwner("mats")
	s := open(t, w)
	pia, mats := s.logIn("pia"), s.logIn("mats")
	pia.send(http.MethodPut, "/api/users/me/installations/"+pia.record("pia")+"/suspended", "").status(http.StatusNoContent)
	pia.send(http.MethodDelete, "/api/users/me/installations/"+pia.record("pia")+"/suspended", "").status(http.StatusNoContent)
	mats.send(http.MethodPut, "/api/users/me/installations/"+mats.record("harbor")+"/suspended", "").status(http.StatusNoContent)
	mats.send(http.MethodDelete, "/api/users/me/installations/"+mats.record("harbor")+"/suspended", "").status(http.StatusNoContent)
}

func TestASuspensionMadeOnGitHubIsLiftedThere(t *testing.T) {
	w, installation := harbor()
	s := open(t, w)
	olga := s.logIn("olga")
	w.Suspend(installation, "otto")
	olga.syncAll()
	record := olga.record("harbor")
	m := olga.send(http.MethodDelete, "/api/users/me/installations/"+record+"/suspended", "").status(http.StatusConflict).message()
	if !strings.Contains(m, "on GitHub") {
		t.Errorf("one is told %q", m)
	}
	page := olga.post("/installations/"+record+"/unsuspended", nil).status(http.StatusConflict)
	if page.page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
		t.Error("the page doesn't lead to GitHub")
	}
	manage := olga.get("/installations/" + record + "/settings").status(http.StatusOK)
	if manage.page().Find(`form[action$="/unsuspended"]`).Length() != 0 || manage.page().Find(`form[action="/installations/sync"]`).Length() == 0 {
		t.Errorf("the page says %q", manage.text("#settings"))
	}
	if len(s.changes()) != 0 {
		t.Errorf("GitHub was asked for %v", s.changes())
	}
}

// GitHub away, refusing or without the installation in the middle of an action.
func TestAnActionThatGitHubDoesNotConfirmShowsNothingHalfDone(t *testing.T) {
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
	}{
		"away":           {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout},
		"a gateway":      {sandbox.BadGateway(http.StatusBadGateway), http.StatusGatewayTimeout},
		"forbidden":      {&sandbox.Fault{Status: 403, Body: `{"message":"Resource not accessible by integration"}`}, http.StatusBadGateway},
		"not there":      {&sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`}, http.StatusNotImplemented}, // the installation is there, so the server lacks the operation
		"at its limit":   {sandbox.SecondaryLimit(http.StatusForbidden, 60e9), http.StatusServiceUnavailable},
		"the App is off": {&sandbox.Fault{Status: 401, Body: `{"message":"A JSON web token could not be decoded"}`}, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := harbor()
			s := open(t, w)
			olga := s.logIn("olga")
			record := olga.record("harbor")
			s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
				if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/app/installations/") {
					return c.fault
				}
				return nil
			})
			olga.send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").status(c.status).message()
			page := olga.post("/installations/"+record+"/suspended", form("account", "harbor")).status(c.status)
			if page.page().Find("main a").Length() == 0 {
				t.Error("the page offers no way on")
			}
			if c.status != http.StatusNotImplemented { // for an uninstall, that is what was asked for
				olga.send(http.MethodDelete, "/api/users/me/installations/"+record, `{"account":"harbor"}`).status(c.status).message()
			}
			olga.settle()
			if item := olga.get("/api/users/me/installations/" + record).status(http.StatusOK).object(); item["suspended_at"] != nil {
				t.Errorf("it is shown as suspended: %v", item)
			}
			notes := s.actions()
			if len(notes) != 0 {
				t.Errorf("the audit tells what didn't happen: %+v", notes)
			}
		})
	}
}

func TestAMembershipThatGitHubDoesNotTellIsNone(t *testing.T) {
	w, _ := harbor()
	s := open(t, w)
	olga := s.logIn("olga")
	record := olga.record("harbor")
	s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.Contains(r.URL.Path, "/user/memberships/") {
			return &sandbox.Fault{Drop: true}
		}
		return nil
	})
	olga.send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").status(http.StatusGatewayTimeout)
	olga.get("/installations/" + record + "/settings").status(http.StatusGatewayTimeout)
	s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.Contains(r.URL.Path, "/user/memberships/") {
			// The login has gone to another organization.
			return &sandbox.Fault{Status: 200, Body: `{"state":"active","role":"admin","organization":{"id":1,"login":"harbor"}}`}
		}
		return nil
	})
	olga.send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").status(http.StatusForbidden)
	for _, pending := range []string{`{"state":"pending","role":"admin"`, `{"state":"active","role":"billing_manager"`} {
		s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/user/memberships/") {
				in, err := s.db.ListAllInstallations(t.Context(), olga.me(), db.OrderByID, db.Page{})
				must(t, err)
				return &sandbox.Fault{Status: 200, Body: pending + `,"organization":{"id":` + strconv.FormatInt(in[0].Account.GitHubID, 10) + `}}`}
			}
			return nil
		})
		olga.send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").status(http.StatusForbidden)
	}
	if len(s.changes()) != 0 {
		t.Errorf("GitHub was asked for %v", s.changes())
	}
}
