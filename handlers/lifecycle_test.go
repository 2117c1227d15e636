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

// Send sends JSON, if any, by any method.

// refusesAll has the visitor try everything, in every form.
func refusesAll(t *testing.T, s *handlerstest.Stage, v *handlerstest.Visitor, record string) {
	t.Helper()
	api, page := "/api/users/me/installations/"+record, "/installations/"+record
	s.GitHub.ResetRequests()
	if m := v.Send(http.MethodPut, api+"/suspended", "").Status(http.StatusForbidden).Message(); !strings.Contains(m, "owner of harbor") {
		t.Errorf("they are told %q", m)
	}
	v.Send(http.MethodDelete, api, `{"account":"harbor"}`).Status(http.StatusForbidden).Message()
	for path, form := range map[string]string{"/suspended": "account=harbor", "/uninstalled": "account=harbor"} {
		if part := v.Press(page+path, form).Status(http.StatusForbidden); strings.Contains(part.Body, "<html") {
			t.Errorf("%s answers a fragment with a page", path)
		}
		refused := v.Do(http.MethodPost, page+path, "application/x-www-form-urlencoded", form, nil).Status(http.StatusForbidden)
		if refused.Page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
			t.Errorf("%s doesn't lead to GitHub's page", path)
		}
	}
	manage := v.Get(page + "/settings").Status(http.StatusOK)
	if manage.Page().Find(`#settings form:not([action$="/removal"])`).Length() != 0 || manage.Page().Find(`#settings a[href*="/settings/installations/"]`).Length() == 0 {
		t.Errorf("the page offers what they may not: %s", manage.Text("#settings"))
	}
	if part := v.Fragment(page+"/settings", "settings").Status(http.StatusOK); strings.Count(part.Body, "<form") != strings.Count(part.Body, `/removal"`) {
		t.Error("the fragment offers what they may not")
	}
	if done := s.Changes(); len(done) != 0 {
		t.Errorf("GitHub was asked for %v", done)
	}
}

func TestWhoIsNoAdminCanNeitherSuspendNorUninstall(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	mats := s.LogIn("mats")
	refusesAll(t, s, mats, mats.Record("harbor"))
	// Yesterday's admin is asked about today, and sees the installation still.
	otto := s.LogIn("otto")
	w.AddMember("harbor", "otto", sandbox.RoleMember)
	refusesAll(t, s, otto, otto.Record("harbor"))
	w.RemoveMember("harbor", "otto")
	refusesAll(t, s, otto, otto.Record("harbor"))
	// What is another person's is not there at all.
	pia := s.LogIn("pia")
	pia.Send(http.MethodPut, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNotFound)
	pia.Send(http.MethodDelete, "/api/users/me/installations/"+mats.Record("harbor"), `{"account":"harbor"}`).Status(http.StatusNotFound)
	pia.Get("/installations/" + mats.Record("harbor") + "/settings").Status(http.StatusNotFound)
}

func TestASuspensionMadeHereIsShownToAllAndLiftedByWhoMadeIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		w, installation := handlerstest.Harbor()
		s := handlerstest.OpenOn(t, w, databaseURL)
		olga, otto, mats := s.LogIn("olga"), s.LogIn("otto"), s.LogIn("mats")
		record := olga.Record("harbor")
		before := mats.Get("/api/users/me/installations").Header.Get("ETag")

		manage := olga.Get("/installations/" + record + "/settings").Status(http.StatusOK)
		if said := manage.Text("#danger"); !strings.Contains(said, "can only be unsuspended here") || !strings.Contains(said, "repositories2") || !strings.Contains(said, "users3") {
			t.Errorf("what it will take away is told as %q", said)
		}
		olga.Send(http.MethodPut, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusNoContent)
		list := mats.Get("/api/users/me/installations")
		if list.Header.Get("ETag") == before || list.List()[0]["suspended_at"] == nil {
			t.Error("who didn't do it is shown the installation as it was")
		}
		page := mats.Get("/installations/" + mats.Record("harbor")).Status(http.StatusOK)
		if said := page.Text("#suspended"); !strings.Contains(said, "through Neptun by olga") {
			t.Errorf("the page says %q", said)
		}
		if want := fmt.Sprintf("PUT /app/installations/%d/suspended", installation); len(s.Changes()) != 1 || s.Changes()[0] != want {
			t.Errorf("GitHub was asked for %v, expected %s once", s.Changes(), want)
		}

		for _, other := range []*handlerstest.Visitor{otto, mats} {
			m := other.Send(http.MethodDelete, "/api/users/me/installations/"+other.Record("harbor")+"/suspended", "").Status(http.StatusForbidden).Message()
			if !strings.Contains(m, "olga") {
				t.Errorf("somebody else is told %q", m)
			}
		}
		if olga.Get("/installations/"+record+"/settings").Page().Find(`form[action$="/unsuspended"]`).Length() != 1 {
			t.Error("who suspended isn't offered to lift it")
		}
		olga.Post("/installations/"+record+"/unsuspended", nil).Status(http.StatusSeeOther)
		if at := mats.Get("/api/users/me/installations").List()[0]["suspended_at"]; at != nil {
			t.Errorf("it is still shown as suspended since %v", at)
		}
		notes := s.Actions()
		if len(notes) != 2 || notes[0].Action != "unsuspend installation" || notes[1].Login != "olga" || notes[1].Subject != "harbor" {
			t.Errorf("the audit says %+v", notes)
		}
	})
}

func TestAnExAdminCannotLiftWhatTheySuspended(t *testing.T) {
	w, _ := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	otto := s.LogIn("otto")
	path := "/api/users/me/installations/" + otto.Record("harbor") + "/suspended"
	otto.Send(http.MethodPut, path, "").Status(http.StatusNoContent)
	w.RemoveMember("harbor", "otto")
	otto.Send(http.MethodDelete, path, "").Status(http.StatusForbidden)
	if done := s.Changes(); len(done) != 1 {
		t.Errorf("GitHub was asked for %v", done)
	}
}

func TestTheAccountsOwnUserAndOperatorsManageWithoutAMembership(t *testing.T) {
	w, _ := handlerstest.Harbor()
	w.SetAppOwner("mats")
	s := handlerstest.Open(t, w)
	pia, mats := s.LogIn("pia"), s.LogIn("mats")
	pia.Send(http.MethodPut, "/api/users/me/installations/"+pia.Record("pia")+"/suspended", "").Status(http.StatusNoContent)
	pia.Send(http.MethodDelete, "/api/users/me/installations/"+pia.Record("pia")+"/suspended", "").Status(http.StatusNoContent)
	mats.Send(http.MethodPut, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNoContent)
	mats.Send(http.MethodDelete, "/api/users/me/installations/"+mats.Record("harbor")+"/suspended", "").Status(http.StatusNoContent)
}

func TestASuspensionMadeOnGitHubIsLiftedThere(t *testing.T) {
	w, installation := handlerstest.Harbor()
	s := handlerstest.Open(t, w)
	olga := s.LogIn("olga")
	w.Suspend(installation, "otto")
	olga.SyncAll()
	record := olga.Record("harbor")
	m := olga.Send(http.MethodDelete, "/api/users/me/installations/"+record+"/suspended", "").Status(http.StatusConflict).Message()
	if !strings.Contains(m, "on GitHub") {
		t.Errorf("one is told %q", m)
	}
	page := olga.Post("/installations/"+record+"/unsuspended", nil).Status(http.StatusConflict)
	if page.Page().Find(`main a[href*="/settings/installations/"]`).Length() == 0 {
		t.Error("the page doesn't lead to GitHub")
	}
	manage := olga.Get("/installations/" + record + "/settings").Status(http.StatusOK)
	if manage.Page().Find(`form[action$="/unsuspended"]`).Length() != 0 || manage.Page().Find(`form[action="/installations/sync"]`).Length() == 0 {
		t.Errorf("the page says %q", manage.Text("#settings"))
	}
	if len(s.Changes()) != 0 {
		t.Errorf("GitHub was asked for %v", s.Changes())
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
				t.Error("the page offers no way on")
			}
			if c.status != http.StatusNotImplemented { // for an uninstall, that is what was asked for
				olga.Send(http.MethodDelete, "/api/users/me/installations/"+record, `{"account":"harbor"}`).Status(c.status).Message()
			}
			olga.Settle()
			if item := olga.Get("/api/users/me/installations/" + record).Status(http.StatusOK).Object(); item["suspended_at"] != nil {
				t.Errorf("it is shown as suspended: %v", item)
			}
			notes := s.Actions()
			if len(notes) != 0 {
				t.Errorf("the audit tells what didn't happen: %+v", notes)
			}
		})
	}
}

func TestAMembershipThatGitHubDoesNotTellIsNone(t *testing.T) {
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
			// The login has gone to another organization.
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
		t.Errorf("GitHub was asked for %v", s.Changes())
	}
}
