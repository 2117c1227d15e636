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

// isOperators tells which paths are for operators alone.
func isOperators(path string) bool {
	return path == "/app" || strings.HasPrefix(path, "/app/") || path == "/api/app" || strings.HasPrefix(path, "/api/app")
}

// isOpen tells which paths ask for nobody's credential.
func isOpen(path string) bool {
	return slices.Contains([]string{"/", "/login", "/setup", "/setup/app", "/setup/callback", "/logout", "/healthz", "/readyz", "/favicon.ico", "/webhooks/github", "/docs", "/docs/:noun", "/docs/reader", "/api/openapi.json"}, path) ||
		strings.HasPrefix(path, "/auth/") || hasMoved(path)
}

// hasMoved tells a former address, which redirects whoever asks.
func hasMoved(path string) bool {
	return slices.Contains([]string{"/doctor", "/installations/arrival"}, path) || strings.HasPrefix(path, "/scripts") ||
		strings.HasPrefix(path, "/installations/") && (strings.HasSuffix(path, "/manage") || strings.Contains(path, "/automatic"))
}

// Every address there is, asked for by nobody, by somebody whose it isn't and by
// somebody who is no operator.
func TestEveryAddressIsSomebodysOwn(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	ines, omar := s.LogIn("ines"), s.LogIn("omar")
	alien := parts(omar.Record("office"), opal.GitHubID("office"))
	s.GitHub.ResetRequests()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		for _, path := range addresses(s, method, alien) {
			if isOpen(path) {
				continue
			}
			ask := func(v *handlerstest.Visitor) int {
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
			if status := ask(s.Visit()); status != http.StatusUnauthorized {
				t.Errorf("%s %s answers nobody with %d", method, path, status)
			}
			switch of := strings.Contains(path, "/installations/"+omar.Record("office")); {
			case isOperators(path):
				if status := ask(ines); status != http.StatusForbidden {
					t.Errorf("%s %s answers somebody who is no operator with %d", method, path, status)
				}
				if method == http.MethodGet && !strings.HasPrefix(path, "/api/") {
					if part := ines.Fragment(path, "main"); part.StatusCode != http.StatusForbidden || strings.Contains(part.Body, "<html") {
						t.Errorf("the fragment of %s: %d %.80s", path, part.StatusCode, part.Body)
					}
				}
			case of:
				// 403 where a switch keeps it from everybody.
				if status := ask(ines); status != http.StatusNotFound && (status != http.StatusForbidden || !switched(path)) {
					t.Errorf("%s %s, which is another's, answers %d", method, path, status)
				}
				if method == http.MethodGet && !strings.HasPrefix(path, "/api/") {
					ines.Fragment(path, "results").Status(http.StatusNotFound)
				}
			}
		}
	}
	if done := s.Changes(); len(done) != 0 {
		t.Errorf("GitHub was asked for %v", done)
	}
}

// unkept tells what of the API has no ETag: what GitHub is asked for, and the
// sessions, whose last use each question changes.
func unkept(path string) bool {
	name := path[strings.LastIndex(path, "/")+1:]
	return slices.Contains([]string{"doctor", "rate_limit", "authorization", "self-test", "hook", "deliveries", "reach", "installation", "sessions", "export"}, name) ||
		strings.HasPrefix(path, "/api/app/deliveries/")
}

// switched tells what is off unless a setting allows it.
func switched(path string) bool {
	return strings.HasSuffix(path, "/access_tokens") || strings.Contains(path, "/repositories/")
}

// Every address that can be read answers HEAD as it does GET, says how long its
// answer may be kept, and refuses what it doesn't take in its own words.
func TestEveryAddressKeepsTheRulesOfHTTP(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.AddMember("office", "opal", "member")
	s.World.SetPermission(43, "opal", "pull")
	opal.SyncAll()
	own := parts(opal.Record("office"), opal.GitHubID("office"))
	heads := addresses(s, http.MethodHead, own)
	for _, path := range addresses(s, http.MethodGet, own) {
		if !slices.Contains(heads, path) {
			t.Errorf("%s takes no HEAD", path)
			continue
		}
		if path == "/auth/github" || path == "/auth/github/install" || path == "/favicon.ico" {
			continue // sends people away, with a state that is new each time
		}
		get, head := opal.Get(path), opal.Do(http.MethodHead, path, "", "", nil)
		if get.StatusCode != head.StatusCode || head.Body != "" {
			t.Errorf("%s answers GET with %d, and HEAD with %d and %q", path, get.StatusCode, head.StatusCode, head.Body)
		}
		if get.StatusCode >= 500 {
			t.Errorf("%s answers %d: %.200s", path, get.StatusCode, get.Body)
		}
		keep := get.Header.Get("Cache-Control")
		switch stored := get.Header.Get("ETag") != ""; {
		case path == "/api/openapi.json", path == "/docs":
			if keep != "public, no-cache" {
				t.Errorf("%s: Cache-Control %q", path, keep)
			}
		case stored && keep != "private, no-cache", !stored && keep != "no-store" && get.StatusCode < 300 && path != "/healthz" && path != "/readyz":
			t.Errorf("%s may be kept: Cache-Control %q, ETag %q", path, keep, get.Header.Get("ETag"))
		}
		if strings.HasPrefix(path, "/api/") && get.StatusCode == http.StatusOK && (get.Header.Get("ETag") == "") != unkept(path) {
			t.Errorf("%s: ETag %q; what is stored has one, what GitHub is asked for has none", path, get.Header.Get("ETag"))
		}
		if !strings.HasPrefix(path, "/api/") && !isOpen(path) && get.StatusCode == http.StatusOK {
			if part := opal.Fragment(path, "nothing"); part.StatusCode != http.StatusBadRequest || strings.Contains(part.Body, "<html") {
				t.Errorf("%s answers %d to whoever asks for a part that it hasn't: %.80s", path, part.StatusCode, part.Body)
			}
		}
		if s.HasSecret(get.Body) || s.HasSecret(fmt.Sprint(get.Header)) {
			t.Errorf("%s tells a secret", path)
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

// addresses are the paths of all routes that answer one method, with every part
// filled in by what the record of a person, or another one, is.
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
