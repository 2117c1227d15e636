package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
	"neptun/sessions"
)

// caller is a kind of credential, and how it is sent.
type caller struct {
	name   string
	header http.Header
	// Either a token with a scope, or a session.
	token, scope string
	restricted   bool // to one installation
	operator     bool
	nobody       bool // no valid credential
	other        bool // not the user in the paths
}

// refusal is the status with which a route must reject a credential, regardless of what else the
// request contains; 0 if it accepts the credential.
func (a caller) refusal(route handlers.Route) int {
	api := strings.HasPrefix(route.Path, "/api/")
	isToken := a.token != ""
	within := strings.Contains(route.Path, ":installation_id")
	switch right := route.Right; {
	case right == openapi.Anyone:
		return 0
	case a.nobody, isToken && !api:
		return http.StatusUnauthorized
	case right == openapi.Operator && !a.operator, right == openapi.Session && isToken,
		right == openapi.Write && isToken && a.scope != "write",
		right == openapi.AccessTokens && isToken && a.scope != "access_tokens",
		slices.Contains([]openapi.Right{openapi.ReadAll, openapi.Write, openapi.AccessTokens}, right) && a.restricted && !within:
		return http.StatusForbidden
	case a.other && (strings.Contains(route.Path, ":user_id") || within):
		return http.StatusNotFound
	}
	return 0
}

// Sends every kind of credential to every route, in every format, and checks the status. The
// routes are the server's own, so new ones are included.
func TestS12EveryRouteForEveryCredential(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Workshop(), dbtest.SQLite(t), "", []string{"boss"}, func(c *handlers.Config) {
		c.AllowAccessTokens, c.AllowAppTokens, c.AllowPersonalTokens = true, true, true
	})
	t.Cleanup(s.GitHub.Close)
	anna, bert, boss := s.LogIn("anna"), s.LogIn("bert"), s.LogIn("boss")
	record, user := anna.Record("workshop"), anna.Me()
	key := func(scope, more string) string {
		_, secret := anna.NewToken(`{"name":"` + scope + strconv.Itoa(len(more)) + `","expires_in_days":30,"scope":"` + scope + `"` + more + `}`)
		return secret
	}
	cookie := func(value string) http.Header { return http.Header{"Cookie": {sessions.CookieName + "=" + value}} }
	bearer := func(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }
	basic := func(value string) http.Header {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetBasicAuth("anna", value)
		return http.Header{"Authorization": r.Header["Authorization"]}
	}
	write, restricted := key("write", ""), key("read", `,"installation_ids":[`+record+`]`)
	concurrentUsers := []caller{
		{name: "no credential", nobody: true},
		{name: "an invented cookie", nobody: true, header: cookie("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")},
		{name: "an invented token", nobody: true, header: bearer("neptun_0123456789abcdefghijklmnopqrstuvwxyz")},
		{name: "the user's session", header: cookie(anna.Session())},
		{name: "another user's session", header: cookie(bert.Session()), other: true},
		{name: "an operator's session", header: cookie(boss.Session()), operator: true, other: true},
		{name: "a read token", token: "read", scope: "read", header: bearer(key("read", ""))},
		{name: "a write token", token: "write", scope: "write", header: bearer(write)},
		{name: "a write token in the cookie", token: "write", scope: "write", header: cookie(write)},
		{name: "a write token by basic authentication", token: "write", scope: "write", header: basic(write)},
		{name: "a token for GitHub tokens", token: "mint", scope: "access_tokens", header: bearer(key("access_tokens", ""))},
		{name: "a restricted token", token: "restricted", scope: "read", restricted: true, header: bearer(restricted)},
	}
	operations := map[string]openapi.Operation{}
	for _, o := range handlers.Operations() {
		operations[o.Method+" "+o.Route()] = o
	}
	server, sent := *s.Front.Load(), 0
	send := func(method, path, contentType, body string, header ...http.Header) *httptest.ResponseRecorder {
		request := httptest.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		for _, h := range header {
			for name, values := range h {
				request.Header[name] = values
			}
		}
		if contentType != "" {
			request.Header.Set("Content-Type", contentType)
		}
		sent++
		recorder := httptest.NewRecorder()
		server.ServeHTTP(recorder, request)
		return recorder
	}
	ids := []string{":installation_id", record, ":user_id", user, ":format", "csv"}
	unknown := func(path string) string { // ids that don't exist
		path = strings.NewReplacer(ids...).Replace(path)
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if strings.HasPrefix(part, ":") {
				parts[i] = "987654321"
			}
		}
		return strings.Join(parts, "/")
	}

	routes := handlers.Routes()
	if len(routes) < 150 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, route := range routes {
		if route.Path == "/static/*" {
			continue
		}
		path := unknown(route.Path)
		api, writes := strings.HasPrefix(path, "/api/"), route.Method != http.MethodGet && route.Method != http.MethodHead
		declared := operations[route.Method+" "+route.Path]
		contentType, body := "", ""
		switch {
		case writes && !api:
			contentType, body = "application/x-www-form-urlencoded", "a=b"
		case writes && declared.Body != nil:
			contentType, body = "application/json", "{}"
		}
		// Requests that change something without an id in the path are only tried from another origin.
		harmless := !writes || strings.Count(route.Path, ":")-strings.Count(route.Path, ":user_id")-strings.Count(route.Path, ":installation_id") > 0
		for _, a := range concurrentUsers {
			is := func(form string, got *httptest.ResponseRecorder, want ...int) {
				t.Helper()
				if !slices.Contains(want, got.Code) {
					t.Errorf("%s %s by %s, %s: %d, want %d: %.150s", route.Method, route.Path, a.name, form, got.Code, want, got.Body)
				}
			}
			refused := a.refusal(route)
			if writes && path != "/webhooks/github" {
				is("from another site", send(route.Method, path, contentType, body, a.header, http.Header{"Sec-Fetch-Site": {"cross-site"}}), http.StatusForbidden)
				is("from another origin", send(route.Method, path, contentType, body, a.header, http.Header{"Origin": {"https://elsewhere.example"}}), http.StatusForbidden)
			}
			if refused != 0 {
				is("as it should be", send(route.Method, path, contentType, body, a.header), refused)
				is("as a form", send(route.Method, path, "application/x-www-form-urlencoded", "a=b", a.header), refused)
				is("as JSON", send(route.Method, path, "application/json", `{"a":1}`, a.header), refused)
				is("as text", send(route.Method, path, "text/plain", "a", a.header), refused)
				continue
			}
			if writes && api && declared.Body != nil && !declared.Body.Optional {
				is("as a form", send(route.Method, path, "application/x-www-form-urlencoded", "a=b", a.header), http.StatusUnsupportedMediaType, http.StatusNotFound)
				is("as text", send(route.Method, path, "text/plain", "{}", a.header), http.StatusUnsupportedMediaType, http.StatusNotFound)
			}
			if route.Right == openapi.Anyone || path == "/events" || !harmless || declared.AsksGitHub {
				continue
			}
			got := send(route.Method, path, contentType, body, a.header)
			if got.Code == http.StatusUnauthorized || got.Code == http.StatusForbidden || got.Code == http.StatusMethodNotAllowed || got.Code >= 500 {
				t.Errorf("%s %s by %s, which is valid: %d: %.150s", route.Method, route.Path, a.name, got.Code, got.Body)
			}
			if route.Method == http.MethodGet && api {
				is("by HEAD", send(http.MethodHead, path, "", "", a.header), got.Code)
			}
		}
		if route.Method == http.MethodGet && api && !strings.HasSuffix(route.Path, ".:format") && route.Right != openapi.Anyone {
			for _, suffix := range []string{".xml", ".html", "/", ".csv/"} {
				for _, a := range concurrentUsers[:5] {
					if got := send(http.MethodGet, path+suffix, "", "", a.header).Code; got != http.StatusNotFound && got != http.StatusUnauthorized && got != http.StatusForbidden {
						t.Errorf("%s%s by %s: %d", route.Path, suffix, a.name, got)
					}
				}
			}
		}
	}
	if sent < 5000 {
		t.Errorf("only %d requests", sent)
	}
	t.Logf("%d requests to %d routes", sent, len(routes))
}
