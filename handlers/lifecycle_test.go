package handlers_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// refusesAll checks that every action is refused to the visitor, in every format.
func refusesAll(t *testing.T, s *handlerstest.Stage, v *handlerstest.Visitor, record string) {
	t.Helper()
	api, page := "/api/users/me/installations/"+record, "/installations/"+record
	s.GitHub.ResetRequests()
	if m := v.Send(http.MethodPut, api+"/suspended", "").Status(http.StatusForbidden).Message(); !strings.Contains(m, "owner of harbor") {
		t.Errorf("the message is %q", m)
	}
	v.Send(http.MethodDelete, api, `{"account":"harbor"}`).Status(http.StatusForbidden).Message()
	for path, form := range map[string]string{"/suspended": "account=harbor", "/uninstalled": "account=harbor"} {
		if part := v.Press(page+path, form).Status(http.StatusForbidden); strings.Contains(part.Body, "<html") {
			t.Errorf("%s returns a page for a fragment request", path)
		}
		refused := v.Do(http.MethodPost, page+path, "application/x-www-form-urlencoded", form, nil).Status(http.StatusForbidden)
		if refused.Page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
			t.Errorf("%s has no link to GitHub", path)
		}
	}
	manage := v.Get(page + "/settings").Status(http.StatusOK)
	if manage.Page().Find(`#settings form:not([action$="/removal"])`).Length() != 0 || manage.Page().Find(`#settings a[href*="/settings/installations/"]`).Length() == 0 {
		t.Errorf("the page offers actions without permission: %s", manage.Text("#settings"))
	}
	if part := v.Fragment(page+"/settings", "settings").Status(http.StatusOK); strings.Count(part.Body, "<form") != strings.Count(part.Body, `/removal"`) {
		t.Error("the fragment offers actions without permission")
	}
	if done := s.Changes(); len(done) != 0 {
		t.Errorf("unexpected changes on GitHub: %v", done)
	}
}

func TestOnlyAdminsCanSuspendAndUninstall(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	mats := s.LogIn("mats")
	refusesAll(t, s, mats, mats.Record("harbor"))
	// A former admin who still sees the installation: the current role counts.
	otto := s.LogIn("otto")
	w.Accounts.AddMember("harbor", "otto", sandbox.RoleMember)
	refusesAll(t, s, otto, otto.Record("harbor"))
	w.Accounts.RemoveMember("harbor", "otto")
	refusesAll(t, s, otto, otto.Record("harbor"))
	// Another user's record isn't found.
	pia := s.LogIn("pia")
	pia.Send(http.MethodPut, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNotFound)
	pia.Send(http.MethodDelete, "/api/users/me/installations/"+mats.Record("harbor"), `{"account":"harbor"}`).Status(http.StatusNotFound)
	pia.Get("/installations/" + mats.Record("harbor") + "/settings").Status(http.StatusNotFound)
}

func TestASuspensionThroughNeptunIsShownAndUnsuspendedByItsAuthor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s := handlerstest.OpenOn(t, w, databaseURL)
		olga, otto, mats := s.LogIn("olga"), s.LogIn("otto"), s.LogIn("mats")
		record := olga.Record("harbor")
		before := mats.Get("/api/users/me/installations").Header.Get("ETag")

		manage := olga.Get("/installations/" + record + "/settings").Status(http.StatusOK)
		if text := manage.Text("#danger"); !strings.Contains(text, "can only be unsuspended here") || !strings.Contains(text, "repositories2") || !strings.Contains(text, "users3") {
			t.Errorf("the page shows the effects as %q", text)
		}
		olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusNoContent)
		list := mats.Get("/api/users/me/installations")
		if list.Header.Get("ETag") == before || list.List()[0]["suspended_at"] == nil {
			t.Error("another user doesn't see the suspension")
		}
		page := mats.Get("/installations/" + mats.Record("harbor")).Status(http.StatusOK)
		if text := page.Text("#suspended"); !strings.Contains(text, "through Neptun by olga") {
			t.Errorf("the page shows %q", text)
		}
		if want := fmt.Sprintf("PUT /app/installations/%d/suspended", installation); len(s.Changes()) != 1 || s.Changes()[0] != want {
			t.Errorf("changes on GitHub: %v, want %s once", s.Changes(), want)
		}

		for _, other := range []*handlerstest.Visitor{otto, mats} {
			m := other.Send(http.MethodDelete, "/api/users/me/installations/"+other.Record("harbor")+"/suspended", "").Status(http.StatusForbidden).Message()
			if !strings.Contains(m, "olga") {
				t.Errorf("another user gets %q", m)
			}
		}
		if olga.Get("/installations/"+record+"/settings").Page().Find(`form[action$="/unsuspended"]`).Length() != 1 {
			t.Error("the user who suspended isn't offered to unsuspend")
		}
		olga.Post("/installations/"+record+"/unsuspended", nil).Status(http.StatusSeeOther)
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at != nil {
			t.Errorf("it is still shown as suspended since %v", at)
		}
		notes := s.Actions()
		if len(notes) != 2 || notes[0].Action != "unsuspend installation" || notes[1].Login != "olga" || notes[1].Subject != "harbor" {
			t.Errorf("audit log: %+v", notes)
		}
	})
}

func TestAFormerAdminCannotUnsuspend(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	otto := s.LogIn("otto")
	path := "/api/users/me/installations/" + otto.Record("harbor") + "/suspended"
	otto.Send(http.MethodPut, path, "").Status(http.StatusNoContent)
	w.Accounts.RemoveMember("harbor", "otto")
	otto.Send(http.MethodDelete, path, "").Status(http.StatusForbidden)
	if done := s.Changes(); len(done) != 1 {
		t.Errorf("unexpected changes on GitHub: %v", done)
	}
}

func TestTheAccountsUserAndOperatorsManageWithoutAMembership(t *testing.T) {
	w, _ := handlerstest.Harbor()
	w.Apps.SetOwner("mats")
	s := handlerstest.Open(t, w)
	pia, mats := s.LogIn("pia"), s.LogIn("mats")
	pia.Send(http.MethodPut, "/api/users/me/installations/"+pia.Record("pia")+"/suspended", "").Status(http.StatusNoContent)
	pia.Send(http.MethodDelete, "/api/users/me/installations/"+pia.Record("pia")+"/suspended", "").Status(http.StatusNoContent)
	mats.Send(http.MethodPut, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNoContent)
	mats.Send(http.MethodDelete, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNoContent)
}

func TestASuspensionFromGitHubIsUnsuspendedThere(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	w.Installations.Suspend(installation, "otto")
	olga.SyncAll()
	record := olga.Record("harbor")
	m := olga.Send(http.MethodDelete, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusConflict).Message()
	if !strings.Contains(m, "on GitHub") {
		t.Errorf("the message is %q", m)
	}
	page := olga.Post("/installations/"+record+"/unsuspended", nil).Status(http.StatusConflict)
	if page.Page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
		t.Error("the page has no link to GitHub")
	}
	manage := olga.Get("/installations/" + record + "/settings").Status(http.StatusOK)
	if manage.Page().Find(`form[action$="/unsuspended"]`).Length() != 0 || manage.Page().Find(`form[action="/installations/sync"]`).Length() == 0 {
		t.Errorf("the page shows %q", manage.Text("#settings"))
	}
	if len(s.Changes()) != 0 {
		t.Errorf("unexpected changes on GitHub: %v", s.Changes())
	}
}

// GitHub is unavailable, refuses, or no longer has the installation in the middle of an action.
func TestAnActionThatGitHubDoesNotConfirmChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault  *sandbox.Fault
		status int
	}{
		"away":           {&sandbox.Fault{Drop: true}, http.StatusGatewayTimeout},
		"a gateway":      {sandbox.BadGateway(http.StatusBadGateway), http.StatusGatewayTimeout},
		"forbidden":      {&sandbox.Fault{Status: 403, Body: `{"message":"Resource not accessible by integration"}`}, http.StatusBadGateway},
		"not there":      {&sandbox.Fault{Status: 404, Body: `{"message":"Not Found"}`}, http.StatusNotImplemented}, // the installation exists, so the server lacks the operation
		"at its limit":   {sandbox.SecondaryLimit(http.StatusForbidden, 60e9), http.StatusServiceUnavailable},
		"the App is off": {&sandbox.Fault{Status: 401, Body: `{"message":"A JSON web token could not be decoded"}`}, http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := handlerstest.Harbor()
			s := handlerstest.Open(t, w)
			olga := s.LogIn("olga")
			record := olga.Record("harbor")
			s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
				if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/app/installations/") {
					return c.fault
				}
				return nil
			})
			olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(c.status).Message()
			page := olga.Post("/installations/"+record+"/suspended", handlerstest.Form("account", "harbor")).Status(c.status)
			if page.Page().Find("main a").Length() == 0 {
				t.Error("the page has no link to continue")
			}
			if c.status != http.StatusNotImplemented { // an uninstall is complete then
				olga.Send(http.MethodDelete, "/api/users/me/installations/"+record, `{"account":"harbor"}`).Status(c.status).Message()
			}
			olga.Settle()
			if item := olga.Get("/api/users/me/installations/" + record).Status(http.StatusOK).Object(); item["suspended_at"] != nil {
				t.Errorf("it is shown as suspended: %v", item)
			}
			notes := s.Actions()
			if len(notes) != 0 {
				t.Errorf("the audit log has an action that failed: %+v", notes)
			}
		})
	}
}

func TestAMembershipThatGitHubDoesNotReportIsNone(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	record := olga.Record("harbor")
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.Contains(r.URL.Path, "/user/memberships/") {
			return &sandbox.Fault{Drop: true}
		}
		return nil
	})
	olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusGatewayTimeout)
	olga.Get("/installations/" + record + "/settings").Status(http.StatusGatewayTimeout)
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.Contains(r.URL.Path, "/user/memberships/") {
			// The login now belongs to another organization.
			return &sandbox.Fault{Status: 200, Body: `{"state":"active","role":"admin","organization":{"id":1,"login":"harbor"}}`}
		}
		return nil
	})
	olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusForbidden)
	for _, pending := range []string{`{"state":"pending","role":"admin"`, `{"state":"active","role":"billing_manager"`} {
		s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
			if strings.Contains(r.URL.Path, "/user/memberships/") {
				in, err := s.DB.ListAllInstallations(t.Context(), olga.Me(), db.OrderByID, db.Page{})
				handlerstest.Must(t, err)
				return &sandbox.Fault{Status: 200, Body: pending + `,"organization":{"id":` + strconv.FormatInt(in[0].Account.GitHubID, 10) + `}}`}
			}
			return nil
		})
		olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusForbidden)
	}
	if len(s.Changes()) != 0 {
		t.Errorf("unexpected changes on GitHub: %v", s.Changes())
	}
}
