package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"

	"github.com/labstack/echo/v4"
)

func parts(record, installation string) *strings.Replacer {
	return strings.NewReplacer(":user_id", "me", ":installation_id", record, ":github_installation_id", installation,
		":delivery_id", "1", ":format", "csv", ":import_id", "1", ":repository_id", "42", ":token_id", "999", ":session_id", "nobodys")
}

// isOperators reports whether a path is for operators only.
func isOperators(path string) bool {
	return path == "/app" || strings.HasPrefix(path, "/app/") || path == "/api/app" || strings.HasPrefix(path, "/api/app")
}

// isOpen reports whether a path needs no credential.
func isOpen(path string) bool {
	return slices.Contains([]string{"/", "/login", "/setup", "/setup/app", "/setup/callback", "/logout", "/healthz", "/readyz", "/favicon.ico", "/webhooks/github", "/docs", "/docs/:noun", "/docs/reader", "/api/openapi.json"}, path) ||
		strings.HasPrefix(path, "/auth/") || hasMoved(path)
}

// hasMoved reports whether a path is an old URL, which redirects everybody.
func hasMoved(path string) bool {
	return slices.Contains([]string{"/doctor", "/installations/arrival"}, path) || strings.HasPrefix(path, "/scripts") ||
		strings.HasPrefix(path, "/installations/") && (strings.HasSuffix(path, "/manage") || strings.Contains(path, "/automatic"))
}

// Calls every path as nobody, as another user, and as a user who is no operator.
func TestEveryPathIsPrivate(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	ines, omar := s.LogIn("ines"), s.LogIn("omar")
	alien := parts(omar.Record("office"), opal.GitHubID("office"))
	s.GitHub.ResetRequests()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		for _, path := range addresses(s, method, alien) {
			if isOpen(path) {
				continue
			}
			statusFor := func(v *handlerstest.Visitor) int {
				contentType, body := "", ""
				if method != http.MethodGet && method != http.MethodHead {
					contentType, body = "application/json", `{"account":"office"}`
					if !strings.HasPrefix(path, "/api/") {
						contentType, body = "application/x-www-form-urlencoded", "account=office"
					}
				}
				a := v.Do(method, path, contentType, body, nil)
				if strings.HasPrefix(path, "/api/") && a.StatusCode >= 400 && method != http.MethodHead {
					a.Message()
				}
				return a.StatusCode
			}
			if status := statusFor(s.Visit()); status != http.StatusUnauthorized {
				t.Errorf("%s %s without a credential: %d", method, path, status)
			}
			switch of := strings.Contains(path, "/installations/"+omar.Record("office")); {
			case isOperators(path):
				if status := statusFor(ines); status != http.StatusForbidden {
					t.Errorf("%s %s as a user who isn't an operator: %d", method, path, status)
				}
				if method == http.MethodGet && !strings.HasPrefix(path, "/api/") {
					if part := ines.Fragment(path, "main"); part.StatusCode != http.StatusForbidden || strings.Contains(part.Body, "<html") {
						t.Errorf("the fragment of %s: %d %.80s", path, part.StatusCode, part.Body)
					}
				}
			case of:
				// 403 if a setting turns it off for everybody.
				if status := statusFor(ines); status != http.StatusNotFound && (status != http.StatusForbidden || !switched(path)) {
					t.Errorf("%s %s of another user responds with %d", method, path, status)
				}
				if method == http.MethodGet && !strings.HasPrefix(path, "/api/") {
					ines.Fragment(path, "results").Status(http.StatusNotFound)
				}
			}
		}
	}
	if done := s.Changes(); len(done) != 0 {
		t.Errorf("unexpected changes on GitHub: %v", done)
	}
}

// noETag reports whether an operation of the API has no ETag: those that send requests to GitHub, and the
// sessions, whose last use changes with each request.
func noETag(path string) bool {
	name := path[strings.LastIndex(path, "/")+1:]
	return slices.Contains([]string{"doctor", "rate_limit", "authorization", "self-test", "hook", "deliveries", "reach", "installation", "sessions", "export"}, name) ||
		strings.HasPrefix(path, "/api/app/deliveries/")
}

// switched reports whether a path is turned off by default.
func switched(path string) bool {
	return strings.HasSuffix(path, "/access_tokens") || strings.Contains(path, "/repositories/")
}

// Every readable path answers HEAD like GET, says how long it may be cached, and responds to
// other methods in its own format.
func TestEveryPathFollowsHTTP(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Accounts.AddMember("office", "opal", "member")
	s.World.Repositories.SetPermission(43, "opal", "pull")
	opal.SyncAll()
	own := parts(opal.Record("office"), opal.GitHubID("office"))
	heads := addresses(s, http.MethodHead, own)
	for _, path := range addresses(s, http.MethodGet, own) {
		if !slices.Contains(heads, path) {
			t.Errorf("%s doesn't support HEAD", path)
			continue
		}
		if path == "/auth/github" || path == "/auth/github/install" || path == "/favicon.ico" {
			continue // redirects with a new state each time
		}
		get, head := opal.Get(path), opal.Do(http.MethodHead, path, "", "", nil)
		if get.StatusCode != head.StatusCode || head.Body != "" {
			t.Errorf("%s: GET %d, HEAD %d with body %q", path, get.StatusCode, head.StatusCode, head.Body)
		}
		if get.StatusCode >= 500 {
			t.Errorf("%s responds with %d: %.200s", path, get.StatusCode, get.Body)
		}
		keep := get.Header.Get("Cache-Control")
		switch stored := get.Header.Get("ETag") != ""; {
		case path == "/api/openapi.json", path == "/docs":
			if keep != "public, no-cache" {
				t.Errorf("%s: Cache-Control %q", path, keep)
			}
		case stored && keep != "private, no-cache", !stored && keep != "no-store" && get.StatusCode < 300 && path != "/healthz" && path != "/readyz":
			t.Errorf("%s may be cached: Cache-Control %q, ETag %q", path, keep, get.Header.Get("ETag"))
		}
		if strings.HasPrefix(path, "/api/") && get.StatusCode == http.StatusOK && (get.Header.Get("ETag") == "") != noETag(path) {
			t.Errorf("%s: ETag %q; stored data has one, GitHub's responses have none", path, get.Header.Get("ETag"))
		}
		if !strings.HasPrefix(path, "/api/") && !isOpen(path) && get.StatusCode == http.StatusOK {
			if part := opal.Fragment(path, "nothing"); part.StatusCode != http.StatusBadRequest || strings.Contains(part.Body, "<html") {
				t.Errorf("%s responds to an unknown fragment with %d: %.80s", path, part.StatusCode, part.Body)
			}
		}
		if s.HasSecret(get.Body) || s.HasSecret(fmt.Sprint(get.Header)) {
			t.Errorf("%s contains a secret", path)
		}
	}
	for _, route := range (*s.Front.Load()).(*handlers.Server).Routes() {
		if route.Path == "/static/*" || route.Method == echo.RouteNotFound {
			continue
		}
		refused := opal.Do("PURGE", own.Replace(route.Path), "", "", nil)
		if refused.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(refused.Header.Get("Allow"), route.Method) {
			t.Errorf("PURGE %s: %d, Allow %q", route.Path, refused.StatusCode, refused.Header.Get("Allow"))
		}
	}
}

// addresses returns the paths of all routes for a method, with the parameters of a user or
// another one filled in.
func addresses(s *handlerstest.Stage, method string, parts *strings.Replacer) (paths []string) {
	s.T.Helper()
	for _, route := range (*s.Front.Load()).(*handlers.Server).Routes() {
		if route.Method == method && route.Path != "/static/*" {
			paths = append(paths, parts.Replace(route.Path))
		}
	}
	slices.Sort(paths)
	return paths
}
