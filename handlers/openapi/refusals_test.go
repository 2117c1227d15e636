package openapi_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
	"neptun/sessions"
)

// pathOf returns the path of an operation with a user's parameters.
func (p pathParameters) pathOf(o openapi.Operation) string {
	return strings.NewReplacer("{user_id}", p.user, "{installation_id}", p.record, "{github_installation_id}", p.gitHubID,
		"{import_id}", "1", "{repository_id}", "3000000001", "{delivery_id}", "1", "{token_id}", "999", "{session_id}", "nobodys").Replace(o.Path)
}

// pathParameters is a user's path parameters.
type pathParameters struct{ user, record, gitHubID string }

// misuse is a kind of invalid request, and the status that every applicable operation must
// return.
type misuse struct {
	name     string
	possible func(openapi.Operation) bool
	send     func(openapi.Operation) handlerstest.Answer
	want     int
}

func hasBody(o openapi.Operation) bool  { return o.Body != nil }
func isClosed(o openapi.Operation) bool { return o.Right != openapi.Anyone }

func cookie(value string) http.Header { return http.Header{"Cookie": {"neptun-session=" + value}} }
func bearer(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }

// Sends every kind of invalid request to every described operation.
func TestEveryOperationRejectsInvalidRequestsAsDescribed(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"}, func(c *handlers.Config) {
		c.AllowAccessTokens, c.AllowAppTokens, c.AllowPersonalTokens = true, true, true
	})
	v, ended := s.LogIn("anna"), s.Visit()
	ended.LogIn("anna")
	endedSession := cookie(ended.Session())
	ended.Post("/logout", nil)
	reader, revoked := bearer(v.Token("reader")), bearer(v.Token("revoked"))
	for _, token := range v.Get("/api/users/me/tokens").List() {
		if token["name"] == "revoked" {
			v.Do(http.MethodDelete, "/api/users/me/tokens/"+strconv.Itoa(int(token["id"].(float64))), "", "", nil).Status(http.StatusNoContent)
		}
	}
	own := pathParameters{v.Me(), v.Record("shop"), v.GitHubID("shop")}
	other := pathParameters{"somebody", own.record, own.gitHubID}
	elsewhere := pathParameters{own.user, "999999", own.gitHubID}
	stranger := s.Visit()
	const asJSON = "application/json"
	send := func(who *handlerstest.Visitor, path pathParameters, kind, body string, header http.Header) func(openapi.Operation) handlerstest.Answer {
		return func(o openapi.Operation) handlerstest.Answer {
			return who.Do(o.Method, path.pathOf(o), kind, body, header)
		}
	}
	large := `{"a":"` + strings.Repeat("x", 2<<20) + `"}`

	reads := func(o openapi.Operation) bool { return o.Right == openapi.Read || o.Right == openapi.ReadAll }

	for _, m := range []misuse{
		{"by nobody", isClosed, send(stranger, own, asJSON, "{}", nil), 401},
		{"with a session that has ended", isClosed, send(stranger, own, asJSON, "{}", endedSession), 401},
		{"with a session that never was", isClosed, send(stranger, own, asJSON, "{}", bearer("nonsense")), 401},
		{"with a token that was revoked", isClosed, send(stranger, own, asJSON, "{}", revoked), 401},
		{
			"with a token that may only read", func(o openapi.Operation) bool { return isClosed(o) && !reads(o) },
			send(stranger, own, asJSON, "{}", reader), 403,
		},
		{"of somebody else", func(o openapi.Operation) bool { return o.Has("user_id") }, send(v, other, asJSON, "{}", nil), 404},
		{"of what isn't there", func(o openapi.Operation) bool { return o.Has("installation_id") }, send(v, elsewhere, asJSON, "{}", nil), 404},
		{"from another site's page", openapi.Operation.Writes, send(v, own, asJSON, "{}", http.Header{"Sec-Fetch-Site": {"cross-site"}}), 403},
		{"with too much", openapi.Operation.Writes, send(v, own, asJSON, large, nil), 413},
		{"with a form", hasBody, send(v, own, "application/x-www-form-urlencoded", "a=b", nil), 415},
		{"with a body of no type", hasBody, send(v, own, "", "{}", nil), 415},
		{"with no JSON", hasBody, send(v, own, asJSON, "{", nil), 400},
		{"with two values", hasBody, send(v, own, asJSON, "{} {}", nil), 400},
		{"with a list", hasBody, send(v, own, asJSON, "[]", nil), 422},
		{"with an unknown field", hasBody, send(v, own, asJSON, `{"nonsense":1}`, nil), 422},
		{"with nothing in it", func(o openapi.Operation) bool {
			return o.Body != nil && !o.Body.Optional && o.ID != openapi.CreateAppToken.ID // which narrows nothing then
		}, send(v, own, asJSON, `{}`, nil), 422},
		{"by PURGE", func(openapi.Operation) bool { return true }, func(o openapi.Operation) handlerstest.Answer {
			return v.Do("PURGE", own.pathOf(o), "", "", nil)
		}, 405},
	} {
		for _, o := range requests() {
			if !m.possible(o) {
				continue
			}
			a := m.send(o)
			if a.StatusCode != m.want {
				t.Errorf("%s %s: %d, want %d: %.200s", o.ID, m.name, a.StatusCode, m.want, a.Body)
			}
			if o.Method != http.MethodHead {
				a.Message()
			}
			if m.want == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
				t.Errorf("%s %s: no Allow", o.ID, m.name)
			}
		}
	}
	if done := s.Changes(); len(done) != 0 {
		t.Errorf("unexpected changes on GitHub: %v", done)
	}
}

// An expired session and an expired API token.
func TestEveryOperationRejectsExpiredCredentials(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v, stranger := s.LogIn("anna"), s.Visit()
	own := pathParameters{v.Me(), v.Record("shop"), v.GitHubID("shop")}
	session, token := cookie(v.Session()), bearer(v.Token("for a day"))
	statusOf := func(o openapi.Operation, header http.Header) int {
		return stranger.Do(o.Method, own.pathOf(o), "application/json", "{}", header).StatusCode
	}
	pathParameters := handlers.Operations()[slices.IndexFunc(handlers.Operations(), func(o openapi.Operation) bool { return o.ID == "getUser" })]
	if before := []int{statusOf(pathParameters, session), statusOf(pathParameters, token)}; !slices.Equal(before, []int{200, 200}) {
		t.Fatalf("before they expire: %v", before)
	}
	s.Clock.Advance(sessions.Lifetime + time.Minute)
	for _, o := range requests() {
		if after := []int{statusOf(o, session), statusOf(o, token)}; isClosed(o) && !slices.Equal(after, []int{401, 401}) {
			t.Errorf("%s with a session and a token that have expired: %v", o.ID, after)
		}
	}
}

// Every query parameter enforces its limits.
func TestEveryParameterIsCheckedAsDescribed(t *testing.T) {
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	own := pathParameters{"me", v.Record("shop"), v.GitHubID("shop")}
	for _, o := range requests() {
		for _, p := range o.Parameters {
			if p.In != "query" {
				continue
			}
			var wrong []string
			switch {
			case p.Schema.Type == "integer":
				wrong = []string{"-1", "x", "1.5", "99999999999999999999"}
				if p.Schema.Min > 0 || p.Schema.Max == 0 {
					wrong = append(wrong, "0")
				}
			case p.Schema.Enum != nil:
				wrong = []string{"nonsense"}
			case p.Schema.Max > 0:
				wrong = []string{strings.Repeat("x", p.Schema.Max+1), "%ff", "%00"}
			case p.Required:
				wrong = []string{"", "nonsense"}
			}
			for _, value := range wrong {
				a := v.Get(own.pathOf(o) + "?" + p.Name + "=" + value)
				if a.StatusCode != 422 || !strings.Contains(a.Body, `"field":"`+p.Name+`"`) {
					t.Errorf("%s with %s=%.20s: %d %.200s", o.ID, p.Name, value, a.StatusCode, a.Body)
				}
			}
			for _, word := range p.Schema.Enum {
				v.Get(own.pathOf(o) + "?" + p.Name + "=" + word).Status(200)
			}
		}
	}
}

// An operation has an ETag exactly if its description has one.
func TestStoredResponsesHaveAnETag(t *testing.T) {
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	own := pathParameters{"me", v.Record("shop"), v.GitHubID("shop")}
	dbtest.Until(t, "the App was read", func() bool { return v.Get("/api/app").StatusCode == 200 })
	for _, o := range requests() {
		if o.Method != http.MethodGet {
			continue
		}
		a := v.Get(own.pathOf(o))
		tag := a.Header.Get("ETag")
		if (tag != "") != (o.Caching != openapi.NoStore) || a.StatusCode >= 500 {
			t.Errorf("%s: %d with the ETag %q", o.ID, a.StatusCode, tag)
		}
		if tag == "" {
			continue
		}
		again := v.Do(http.MethodGet, own.pathOf(o), "", "", http.Header{"If-None-Match": {tag}})
		if again.StatusCode != 304 || again.Body != "" || again.Header.Get("ETag") != tag {
			t.Errorf("%s, repeated: %d, ETag %q", o.ID, again.StatusCode, again.Header.Get("ETag"))
		}
		for _, name := range o.Responses[0].Headers {
			if o.Caching != openapi.NoStore && name == "X-Total-Count" && v.Get(own.pathOf(o)+"?per_page=1").Header.Get(name) == "" {
				t.Errorf("%s: no %s", o.ID, name)
			}
		}
	}
}

// requests returns all operations, and a list's file once for each format.
func requests() (all []openapi.Operation) {
	for _, o := range handlers.Operations() {
		if !o.Has("format") {
			all = append(all, o)
			continue
		}
		for _, format := range []string{"csv", "ndjson", "json"} {
			file := o
			file.ID, file.Path = o.ID+" "+format, strings.ReplaceAll(o.Path, "{format}", format)
			all = append(all, file)
		}
	}
	return all
}
