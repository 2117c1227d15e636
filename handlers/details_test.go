package handlers_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/sandbox"
)

// R7: what GitHub doesn't report is null in JSON and "not reported" on pages.
func TestR7WhatGitHubDoesNotReportIsNull(t *testing.T) {
	t.Parallel()
	world := handlerstest.Shop()
	s := handlerstest.OpenRunBy(t, world, dbtest.SQLite(t), "", []string{"anna"})
	s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		switch row {
		case sandbox.RowApp:
			delete(body, "installations_count")
			delete(body, "slug")
			body["owner"] = nil
		case sandbox.RowInstallation:
			body["repository_selection"] = nil
		}
		return body
	}})
	v := s.LogIn("anna")
	v.Record("shop")
	installation := v.Get("/api/users/me/installations").Status(http.StatusOK).List()[0]
	handlerstest.WantField(t, installation, "repository_selection", nil)
	var app map[string]any
	dbtest.Until(t, "the app is read", func() bool {
		a := v.Get("/api/app")
		if a.StatusCode != http.StatusOK {
			return false
		}
		app = a.Object()
		return true
	})
	for _, field := range []string{"installation_count", "slug", "owner_login", "owner_type"} {
		handlerstest.WantField(t, app, field, nil)
	}
	if text := v.Get("/app").Status(http.StatusOK).Text("main"); !strings.Contains(strings.ToLower(text), "not reported by github") {
		t.Errorf("the page shows %q", text)
	}
}

// R13: operators see what syncs skipped, and why.
func TestR13OperatorsSeeWhatSyncsSkipped(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, id int64, body map[string]any) any {
		if row == sandbox.RowRepository && id == 3000000002 {
			body["id"] = nil
		}
		return body
	}})
	v := s.LogIn("anna")
	record := v.Record("shop")
	v.Settle()
	if sync := v.Get("/api/users/me/installations/" + record + "/sync").Status(http.StatusOK).Object(); sync["skipped"] != 1.0 || !strings.Contains(sync["note"].(string), "1 without an id") {
		t.Errorf("the user gets %v", sync)
	}
	findings := v.Get("/api/app/findings").Status(http.StatusOK).Object()
	if findings["skipped"] != 1.0 || findings["sync_count"] != 1.0 || findings["reasons"].(map[string]any)["no_id"] != 1.0 {
		t.Errorf("operators get %v", findings)
	}
	if text := v.Get("/app").Status(http.StatusOK).Text("main"); !strings.Contains(text, "1 row was skipped: 1 without an id") {
		t.Errorf("the page shows %q", text)
	}
}

// R15: a used callback redirects to the home page while the user is signed in.
func TestR15AUsedCallbackRedirectsHome(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenOn(t, handlerstest.Shop(), dbtest.SQLite(t))
	v := s.LogIn("anna")
	for _, path := range []string{"/auth/github/callback?code=x&state=spent", "/auth/github/callback?error=access_denied&state=spent"} {
		if to := v.Get(path).Status(http.StatusSeeOther).Header.Get("Location"); to != "/" {
			t.Errorf("%s redirects to %s", path, to)
		}
		s.Visit().Get(path).Status(http.StatusBadRequest)
	}
}

// R15: a second server on the same host logs that they share cookies.
func TestR15TwoServersOnOneHostLogThatTheyShareCookies(t *testing.T) {
	t.Parallel()
	var logged lockedBuffer
	s := &handlerstest.Stage{T: t, World: handlerstest.Shop(), Clock: &handlerstest.Clock{}, Logs: &logged}
	s.Start(dbtest.SQLite(t), "")
	v := s.LogIn("anna")
	v.Get("/auth/github").Status(http.StatusSeeOther)
	if strings.Contains(logged.String(), "share cookies") {
		t.Error("its own session is treated as another server's")
	}
	stranger := s.Visit()
	stranger.Do(http.MethodGet, "/auth/github", "", "", http.Header{"Cookie": {"neptun-session=of-another-server"}}).Status(http.StatusSeeOther)
	stranger.Do(http.MethodGet, "/auth/github", "", "", http.Header{"Cookie": {"neptun-session=of-another-server"}}).Status(http.StatusSeeOther)
	if n := strings.Count(logged.String(), "share cookies"); n != 1 {
		t.Errorf("it is logged %d times", n)
	}
}

// R19: small fixes.
func TestR19Details(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	record := v.Record("shop")

	for n, want := range map[int]string{1: "1 repository was changed since, and stays as it is.", 2: "2 repositories were changed since, and stay as they are."} {
		if notices := present.UndoNotices(changedSince(n)); len(notices) != 1 || notices[0].Text != want {
			t.Errorf("%d: %v", n, notices)
		}
	}
	for _, p := range openapi.ListRepositories.Parameters {
		if p.Name == "q" && !strings.Contains(p.Description, "topics") {
			t.Errorf("q is described as %q", p.Description)
		}
	}
	rules := "/api/users/me/installations/" + record + "/automatic_import"
	if a := v.Send(http.MethodPut, rules, `{"mode":"rules","rules":[]}`).Status(http.StatusUnprocessableEntity); !strings.Contains(a.Message(), "at least one rule with at least one condition") {
		t.Errorf("empty rules get %s", a.Body)
	}
	for path, want := range map[string]string{
		"/installations/" + record + "?per_page=x&page=x": "Page must be a whole number",
		"/imports?repository_id=x":                        "Repository id must be an id",
	} {
		text := v.Get(path).Status(http.StatusUnprocessableEntity).Text("main")
		if !strings.Contains(text, want) || strings.Contains(text, "repository_id") {
			t.Errorf("%s shows %q", path, text)
		}
	}
	wrong := v.Post("/installations/"+record+"/auto-import", url.Values{"mode": {"rules"}, "rule0_visibility": {"secret"}, "visibility-0": {"secret"}, "rules[0].visibility": {"secret"}})
	if text := wrong.Text("main"); strings.Contains(text, "rules[") {
		t.Errorf("the page shows %q", text)
	}
	v.Get("/installations/" + record + "/history?sort=").Status(http.StatusOK)

	// An outage of GitHub is a result of the access check.
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault { return &sandbox.Fault{Status: http.StatusBadGateway} })
	if text := v.Get("/access?repository=shop/till").Status(http.StatusOK).Text("main"); text == "" {
		t.Error("the page is empty")
	}
	if check := v.Get("/api/users/me/doctor?repository=shop/till").Status(http.StatusOK).Object(); check["verdict"] != "unavailable" {
		t.Errorf("the check returns %v", check)
	}
	s.GitHub.Fault(nil)

	// An empty body of unannounced length counts as no body.
	token := v.PostJSON("/api/users/me/tokens", `{"name":"ci","expires_in_days":30,"scope":"read"}`).Status(http.StatusCreated).Object()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/users/me/tokens/"+handlerstest.Digits(token["id"])+"/rotation", io.NopCloser(bytes.NewReader(nil)))
	handlerstest.Must(t, err)
	request.ContentLength = -1
	request.Header.Set("Authorization", "Bearer "+v.Session())
	response, err := http.DefaultClient.Do(request)
	handlerstest.Must(t, err)
	handlerstest.Must(t, response.Body.Close())
	if response.StatusCode != http.StatusCreated {
		t.Errorf("an empty chunked body gets %d", response.StatusCode)
	}
	plain := http.Header{"Accept-Encoding": {"identity"}}
	if length := v.Do(http.MethodGet, "/api/openapi.json", "", "", plain).Status(http.StatusOK).ContentLength; length <= 0 {
		t.Errorf("the description's length is %d", length)
	}
}

func changedSince(n int) []db.UndoResult {
	results := make([]db.UndoResult, n)
	for i := range results {
		results[i] = db.UndoResult{RepositoryID: int64(i + 1), Status: db.UndoChangedSince}
	}
	return results
}

// lockedBuffer is a buffer that several goroutines can write to.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
