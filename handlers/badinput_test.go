package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

func TestBadRequestsGetAClearErrorAndChangeNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := v.Record("shop")
		api := "/api/users/me/installations/" + record
		v.PostJSON(api+"/imports", `{"repository_ids":[3000000001]}`).Status(http.StatusOK)
		before := v.Get(api + "/imports").Body
		const asJSON, asForm = "application/json", "application/x-www-form-urlencoded"
		huge := strings.Repeat("1,", 5<<20)

		for _, c := range []struct {
			method, path, kind, body string
			status                   int
			says                     string
		}{
			{"GET", "/api/users/me/installations/abc/imports", "", "", 404, "Installation not found"},
			{"GET", "/api/users/me/installations/99999999999999999999/imports", "", "", 404, "Installation not found"},
			{"GET", "/api/users/me/installations/-1/imports", "", "", 404, "Installation not found"},
			{"GET", "/api/users/me/installations/1.5", "", "", 404, "Installation not found"},
			{"GET", "/api/users/somebody/installations", "", "", 404, "User not found"},
			{"GET", "/api/nothing", "", "", 404, "Page not found"},
			{"GET", "/api", "", "", 404, "Page not found"},
			{"PUT", "/api/users/me/installations", "", "", 405, "Method not allowed"},
			{"DELETE", api + "/imports", "", "", 405, "Method not allowed"},
			{"POST", api + "/repositories", asJSON, "{}", 405, "Method not allowed"},
			{"GET", "/api/auth/check", "", "", 405, "Method not allowed"},
			{"GET", api + "/imports?per_page=0", "", "", 422, "per_page"},
			{"GET", api + "/imports?per_page=101", "", "", 422, "per_page"},
			{"GET", api + "/imports?page=x", "", "", 422, "page"},
			{"GET", api + "/imports?page=99999999999999999999", "", "", 422, "page"},
			{"GET", api + "/repositories?sort=stars", "", "", 422, "sort"},
			{"GET", api + "/repositories?imported=maybe", "", "", 422, "imported"},
			{"GET", api + "/repositories?visibility=secret", "", "", 422, "visibility"},
			{"GET", api + "/repositories?q=%00", "", "", 422, "q"},
			{"GET", api + "/repositories?q=%ff", "", "", 422, "q"},
			{"GET", api + "/repositories?language=" + strings.Repeat("x", 300), "", "", 422, "language"},
			{"POST", api + "/imports", asJSON, "", 400, "couldn't be read"},
			{"POST", api + "/imports", asJSON, "{", 400, "couldn't be read"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":[1]} trailing`, 400, "more than one"},
			{"POST", api + "/imports", asJSON, `[]`, 422, ""},
			{"POST", api + "/imports", asJSON, `{}`, 422, "repository_ids"},
			{"POST", api + "/imports", asJSON, `null`, 422, "repository_ids"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":[1],"filter":{}}`, 422, "not both"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":["1"]}`, 422, "repository_ids"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":[1.5]}`, 422, "repository_ids"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":[99999999999999999999]}`, 422, "repository_ids"},
			{"POST", api + "/imports", asJSON, `{"repositories":[1]}`, 422, "repositories"},
			{"POST", api + "/imports", asJSON, `{"filter":{"stars":1}}`, 422, "stars"},
			{"POST", api + "/imports", asJSON, `{"filter":{"imported":"maybe"}}`, 422, "imported"},
			{"POST", api + "/imports", asForm, "repository_ids=1", 415, "application/json"},
			{"POST", api + "/imports", "", "{}", 415, "application/json"},
			{"POST", api + "/imports", asJSON, `{"repository_ids":[` + huge + `1]}`, 413, "1 MB"},
			{"DELETE", api + "/imports/abc", "", "", 404, "Import not found"},
			{"DELETE", api + "/imports/999999", "", "", 404, "Import not found"},
		} {
			a := v.Do(c.method, c.path, c.kind, c.body, nil)
			name := c.method + " " + c.path[:min(len(c.path), 80)] + " " + c.body[:min(len(c.body), 40)]
			if a.StatusCode != c.status {
				t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.status, a.Body)
				continue
			}
			if message := a.Message(); !strings.Contains(message, c.says) {
				t.Errorf("%s: the message %q lacks %q", name, message, c.says)
			}
			if c.status == 405 && a.Header.Get("Allow") == "" {
				t.Errorf("%s: no Allow header", name)
			}
			if c.status == 422 && !strings.Contains(a.Body, `"errors":[{"field":`) {
				t.Errorf("%s names no field: %s", name, a.Body)
			}
		}

		page := "/installations/" + record
		for _, c := range []struct {
			method, path, kind, body string
			status                   int
		}{
			{"GET", "/installations/abc", "", "", 404},
			{"GET", "/installations/99999999999999999999", "", "", 404},
			{"GET", "/nothing", "", "", 404},
			{"PUT", "/installations", "", "", 405},
			{"GET", page + "?page=0", "", "", 422},
			{"GET", page + "?sort=stars", "", "", 422},
			{"GET", page + "?q=%ff", "", "", 422},
			{"GET", page + "?page=99", "", "", 200},
			{"GET", "/imports?page=99", "", "", 200},
			{"GET", "/installations?page=99", "", "", 200},
			{"POST", page + "/imports", asForm, "repository_ids=abc", 422},
			{"POST", page + "/imports", asForm, "all=true&imported=maybe", 422},
			{"POST", page + "/imports", asForm, "repository_ids=" + huge, 413},
			{"POST", page + "/imports", asForm, "%zz", 400},
			{"POST", page + "/imports", asForm, "", 303},
		} {
			a := v.Do(c.method, c.path, c.kind, c.body, nil)
			name := c.method + " " + c.path + " " + c.body[:min(len(c.body), 40)]
			if a.StatusCode != c.status {
				t.Errorf("%s: %d, want %d: %.300s", name, a.StatusCode, c.status, a.Body)
				continue
			}
			if c.status >= 400 && (a.Text("main h1") == "" || a.Page().Find("main a[href]").Length() == 0) {
				t.Errorf("%s: no heading, or no link to continue", name)
			}
			if strings.Contains(a.Body, "goroutine") || strings.Contains(a.Body, "SQLSTATE") || strings.Contains(a.Body, "sql: ") {
				t.Errorf("%s reveals the cause", name)
			}
		}
		if after := v.Get(api + "/imports").Body; after != before {
			t.Errorf("data changed: %s, before %s", after, before)
		}
	})
}

func TestPagesPastTheEndLinkBack(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	page := v.Get("/installations/" + v.Record("shop") + "?page=99&sort=-name").Status(http.StatusOK)
	if to, _ := page.Page().Find(`#results a`).Attr("href"); !strings.HasSuffix(to, "?sort=-name") {
		t.Errorf("the link back goes to %q", to)
	}
	if !strings.Contains(page.Text("#results"), "Page 99 doesn't exist") {
		t.Errorf("the page shows %q", page.Text("#results"))
	}
}

func TestWritesFromOtherSitesAreRefused(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	record := v.Record("shop")
	for _, path := range []string{"/logout", "/installations/" + record + "/imports", "/removals", "/installations/sync", "/api/users/me/installations/" + record + "/imports"} {
		for name, header := range map[string]http.Header{
			"cross-site":     {"Sec-Fetch-Site": {"cross-site"}},
			"same-site":      {"Sec-Fetch-Site": {"same-site"}},
			"another origin": {"Origin": {"https://evil.example"}},
		} {
			a := v.Do(http.MethodPost, path, "application/x-www-form-urlencoded", "repository_ids=3000000001", header)
			if a.StatusCode != http.StatusForbidden {
				t.Errorf("%s to %s: %d, want 403", name, path, a.StatusCode)
			}
		}
	}
	v.Get("/installations").Status(http.StatusOK) // still signed in
	if list := v.Get("/api/users/me/imports").List(); len(list) > 0 {
		t.Error("another site imported something")
	}
}

func TestFragmentsAreNotPages(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	page := "/installations/" + v.Record("shop")
	part := v.Fragment(page, "results").Status(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.Page().Find("#results").Length() != 1 {
		t.Errorf("the fragment is %.200s", part.Body)
	}
	if unknown := v.Fragment(page, "nothing").Status(http.StatusBadRequest); strings.Contains(unknown.Body, "<html") {
		t.Error("an unknown fragment gets a whole page")
	}
	// When htmx goes back in the history, it requests the whole page.
	whole := v.Do(http.MethodGet, page, "", "", http.Header{"Hx-History-Restore-Request": {"true"}, "Hx-Request-Type": {"full"}, "Accept": {"*/*"}}).Status(http.StatusOK)
	if !strings.Contains(whole.Body, "<html") {
		t.Error("going back gets a fragment")
	}
	// After the session ends, htmx goes to the sign-in page, which returns here.
	v.Post("/logout", nil)
	signedOut := v.Fragment(page+"?q=x", "results").Status(http.StatusUnauthorized)
	if to := signedOut.Header.Get("HX-Redirect"); !strings.HasPrefix(to, "/login?return_to=%2Finstallations%2F") {
		t.Errorf("HX-Redirect %q", to)
	}
	v.Fragment("/installations/abc", "results").Status(http.StatusUnauthorized)
}
