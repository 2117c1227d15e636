package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
)

// rights are what each route of the API requires of an API token: r for read, w for write, a
// for access_tokens, n for "not restricted", and s for a session, which excludes tokens.
// Operators' routes are all s.
var rights = map[string]string{
	"HEAD /api/auth/check":    "r",
	"GET /api/users/:user_id": "r", "GET /api/users/:user_id/installations": "r", "GET /api/users/:user_id/imports": "r",
	"GET /api/users/:user_id/doctor": "rn", "GET /api/users/:user_id/rate_limit": "rn",
	"GET …": "r", "GET …/imports": "r", "GET …/repositories": "r", "GET /api/users/:user_id/repositories": "r", "GET …/sync": "r", "GET …/rate_limit": "r",
	"POST …/imports": "w", "DELETE …/imports/:import_id": "w", "POST …/sync": "w", "POST …/content_attachments": "w",
	"GET …/history": "r", "GET …/automatic_import": "r", "PUT …/automatic_import": "w", "POST …/automatic_import/preview": "r",
	"GET …/automatic_import/exclusions": "r", "DELETE …/automatic_import/exclusions/:repository_id": "w",
	"POST …/access_tokens": "a", "DELETE …/access_tokens": "a",
	"POST …/removal": "s", "GET /api/users/:user_id/removed-installations": "rn", "DELETE /api/users/:user_id/removed-installations/:github_installation_id": "s",
	"DELETE …": "s", "PUT …/suspended": "s", "DELETE …/suspended": "s",
	"PUT …/repositories/:repository_id": "s", "DELETE …/repositories/:repository_id": "s",
	"GET /api/users/:user_id/authorization": "s", "POST /api/users/:user_id/authorization": "s", "DELETE /api/users/:user_id/authorization": "s",
	"GET /api/users/:user_id/tokens": "s", "POST /api/users/:user_id/tokens": "s", "DELETE /api/users/:user_id/tokens/:token_id": "s",
	"POST /api/users/:user_id/tokens/:token_id/rotation": "s",
	"GET /api/users/:user_id/export":                     "s", "DELETE /api/users/:user_id": "s",
	"GET /api/users/:user_id/views": "rn", "POST /api/users/:user_id/views": "w", "DELETE /api/users/:user_id/views/:view_id": "w",
	"GET /api/users/:user_id/actions": "rn", "POST /api/users/:user_id/actions/:action_id/undo": "w",
	"GET /api/users/:user_id/security_log": "s",
	"GET /api/users/:user_id/sessions":     "s", "DELETE /api/users/:user_id/sessions": "s", "DELETE /api/users/:user_id/sessions/:session_id": "s",
}

// refusals are the messages about a missing right.
var refusals = []string{
	"This requires a browser session", "This requires a token with write permission", "This requires a token with permission to create access tokens",
	"This requires a token with access to all installations",
}

// Calls every route with each kind of token.
func TestEveryRouteTakesOnlyTokensWithItsRight(t *testing.T) {
	s, mira, quay, vault := handlerstest.OpenTwoOrganizations(t, dbtest.SQLite(t))
	_, read := mira.NewToken(`{"name":"r","scope":"read"}`)
	_, write := mira.NewToken(`{"name":"w","scope":"write"}`)
	_, mint := mira.NewToken(`{"name":"a","scope":"access_tokens"}`)
	_, restricted := mira.NewToken(`{"name":"n","scope":"read","installation_ids":[` + quay + `]}`)
	s.GitHub.ResetRequests()
	own := parts(quay, "1")
	for _, route := range (*s.Front.Load()).(*handlers.Server).Routes() {
		path := own.Replace(route.Path)
		if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, route.Method) || route.Path == "/static/*" || isOpen(path) {
			continue
		}
		if session := mira.Session(); route.Method == http.MethodGet && strings.HasPrefix(path, "/api/") {
			if a := s.Bearer(session).Get(path); a.StatusCode == http.StatusUnauthorized {
				t.Errorf("GET %s accepts no session as a bearer token", route.Path)
			}
		}
		for of, token := range map[string]string{"r": read, "w": write, "a": mint, "n": restricted} {
			send := func(v *handlerstest.Visitor) handlerstest.Answer {
				contentType, body := "", ""
				if route.Method != http.MethodGet && route.Method != http.MethodHead {
					contentType, body = "application/json", `{}`
				}
				return v.Do(route.Method, path, contentType, body, nil)
			}
			cookie, bearer := send(s.Cookie(token)), send(s.Bearer(token))
			what := route.Method + " " + route.Path + " with the token " + of
			if !strings.HasPrefix(path, "/api/") {
				if cookie.StatusCode != http.StatusUnauthorized || bearer.StatusCode != http.StatusUnauthorized || strings.Contains(cookie.Body, "mira") {
					t.Errorf("%s: a page responds with %d and %d", what, cookie.StatusCode, bearer.StatusCode)
				}
				continue
			}
			want := right(route.Method, route.Path)
			if want == "" {
				t.Errorf("%s %s: add the right of this route above", route.Method, route.Path)
				break
			}
			for _, a := range []handlerstest.Answer{cookie, bearer} {
				if a.StatusCode == http.StatusUnauthorized {
					t.Errorf("%s: 401", what)
				}
				refused := a.StatusCode == http.StatusForbidden
				if route.Method != http.MethodHead && refused {
					refused = slices.Contains(refusals, a.Message())
				}
				if may := allows(want, of); may == refused {
					t.Errorf("%s: %d %s", what, a.StatusCode, a.Body)
				}
			}
		}
	}
	// Another installation isn't found by any request.
	if a := s.Bearer(restricted).Get("/api/users/me/installations/" + vault); a.StatusCode != http.StatusNotFound {
		t.Errorf("another installation responds with %d", a.StatusCode)
	}
	mira.Get("/api/users/me").Status(http.StatusOK)
	for _, change := range s.Changes() {
		t.Errorf("unexpected changes on GitHub: %v", change)
	}
}

func right(method, path string) string {
	path = strings.Replace(path, "/api/users/:user_id/installations/:installation_id", "…", 1)
	path = strings.TrimSuffix(path, ".:format") // the same right as the list
	if strings.HasPrefix(path, "/api/app") {
		return "s"
	}
	if found, ok := rights[method+" "+path]; ok || method != http.MethodHead {
		return found
	}
	return rights["GET "+path]
}

// allows reports whether a token has the right of a route. The token n reads one installation.
func allows(right, token string) bool {
	switch {
	case right == "r":
		return true
	case right == "rn":
		return token != "n"
	}
	return right == token
}

// Sends a restricted token to every GET of the API, for its own installation and for another
// one, after a session has filled every cache.
func TestARestrictedTokenNeverGetsOtherData(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, mira, quay, vault := handlerstest.OpenTwoOrganizations(t, databaseURL)
		_, token := mira.NewToken(`{"name":"quay only","scope":"write","installation_ids":[` + quay + `]}`)
		_, whole := mira.NewToken(`{"name":"all"}`)
		script, other := s.Bearer(token), s.Cookie(whole)
		for _, record := range []string{quay, vault} {
			own := parts(record, "1")
			for _, route := range (*s.Front.Load()).(*handlers.Server).Routes() {
				if route.Method != http.MethodGet || !strings.Contains(right(route.Method, route.Path), "r") {
					continue
				}
				for _, query := range []string{"", "?per_page=1", "?q=vault"} {
					path := own.Replace(route.Path) + query
					tag := ""
					for _, warm := range []*handlerstest.Visitor{mira, other, mira, other} {
						if a := warm.Get(path); a.StatusCode < 300 {
							tag = a.Header.Get("ETag")
						}
					}
					header := http.Header{}
					if tag != "" {
						header.Set("If-None-Match", tag)
					}
					for _, a := range []handlerstest.Answer{script.Do(http.MethodGet, path, "", "", header), script.Get(path)} {
						body := strings.ReplaceAll(a.Body, "q=vault", "")
						if strings.Contains(body, "vault") || strings.Contains(a.Header.Get("Link"), "page=6") {
							t.Errorf("%s contains the other installation: %s", path, a.Body)
						}
						if strings.Contains(path, "/installations/"+vault) && a.StatusCode != http.StatusNotFound && (query == "" || a.StatusCode != http.StatusUnprocessableEntity) {
							t.Errorf("%s responds with %d", path, a.StatusCode)
						}
						if tag != "" && a.StatusCode == http.StatusNotModified && !strings.Contains(path, "/installations/"+quay) && route.Path != "/api/users/:user_id" {
							t.Errorf("%s: the ETag of the whole list matches", path)
						}
					}
				}
			}
		}
		if list := script.Get("/api/users/me/installations").List(); len(list) != 1 || list[0]["github_account_login"] != "quay" {
			t.Errorf("its installations: %v", list)
		}
		if a := script.Get("/api/users/me/installations?per_page=1"); a.Header.Get("X-Total-Count") != "1" {
			t.Errorf("%s installations are counted", a.Header.Get("X-Total-Count"))
		}
		if list := script.Get("/api/users/me/imports").List(); len(list) != 3 {
			t.Errorf("its imports: %v", list)
		}
		if list := other.Get("/api/users/me/installations").List(); len(list) != 2 {
			t.Errorf("the others' installations: %v", list)
		}
		for _, path := range []string{"/imports", "/sync", "/content_attachments"} {
			script.PostJSON("/api/users/me/installations/"+vault+path, `{"repository_ids":[200]}`).Status(http.StatusNotFound)
		}
		script.PostJSON("/api/users/me/installations/"+quay+"/sync", ``).Status(http.StatusAccepted)
	})
}
