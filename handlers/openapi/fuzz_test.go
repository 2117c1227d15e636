package openapi_test

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
)

// Fuzz tests of every part of a request. Seeds run with the tests; `task fuzz:short` searches for
// more, and `task fuzz` longer.

// fuzzed is a Neptun for fuzz tests.
type fuzzed struct {
	*handlerstest.Stage
	own     pathParameters
	session string
}

const fuzzSecret = "what the fuzzed webhooks are signed with"

func openFuzzed(f *testing.F) fuzzed {
	f.Helper()
	s := &handlerstest.Stage{T: f, World: handlerstest.Shop(), Clock: &handlerstest.Clock{}, Operators: []string{"anna"}, Secrets: []string{fuzzSecret}, Logs: io.Discard}
	s.Configure = append(s.Configure, func(c *handlers.Config) {
		c.AllowAccessTokens, c.AllowAppTokens, c.AllowPersonalTokens = true, true, true
	})
	s.Start(dbtest.SQLite(f), "")
	v := s.LogIn("anna")
	return fuzzed{s, pathParameters{v.Me(), v.Record("shop"), v.GitHubID("shop")}, v.Session()}
}

// send sends a request without an HTTP client, which would reject some, and fails the test unless
// the response matches its description.
func (z fuzzed) send(t *testing.T, method, address, body string, header http.Header) {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Skip("clients can't send this")
	}
	for name, values := range header {
		if slices.ContainsFunc(values, func(value string) bool { return strings.ContainsFunc(value, isControl) }) {
			delete(header, name) // nor this
		}
	}
	request := httptest.NewRequest(method, "/", strings.NewReader(body))
	request.URL, request.RequestURI, request.Header = target, address, header
	if header.Get("Authorization") == "" {
		request.AddCookie(&http.Cookie{Name: "neptun-session", Value: z.session})
	}
	recorder := httptest.NewRecorder()
	(*z.Front.Load()).ServeHTTP(recorder, request)
	switch answer := recorder.Result(); {
	case answer.StatusCode == http.StatusInternalServerError:
		t.Errorf("%s %q answered %d: %s", method, address, answer.StatusCode, recorder.Body)
	case strings.HasPrefix(target.Path, "/api/"):
		if difference := handlerstest.DescriptionError(method, target.EscapedPath(), answer.StatusCode, answer.Header, recorder.Body.Bytes()); difference != "" {
			t.Errorf("%s %q answered %d: %s\n%.300s", method, address, answer.StatusCode, difference, recorder.Body)
		}
	case answer.StatusCode >= http.StatusBadRequest:
		if !strings.HasPrefix(recorder.Body.String(), `{"statusCode":`) {
			t.Errorf("%s %q answered %d: %.300s", method, address, answer.StatusCode, recorder.Body)
		}
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// pick returns one of several operations.
func pick(from []openapi.Operation, at uint8) openapi.Operation { return from[int(at)%len(from)] }

// reads returns the operations that change nothing.
func reads() []openapi.Operation {
	return slices.DeleteFunc(requests(), func(o openapi.Operation) bool { return o.Method != http.MethodGet })
}

// seed adds each value with some of the operations, so that all are covered and fuzzing starts
// soon.
func seed(of []openapi.Operation, values []string, add func(at uint8, value string)) {
	for i := range of {
		for j, value := range values {
			if (i+j)%5 == 0 {
				add(uint8(i), value)
			}
		}
	}
}

func FuzzQuery(f *testing.F) {
	z, of := openFuzzed(f), reads()
	seed(of, []string{
		"", "per_page=1&page=2", "per_page=101", "page=-1", "q=till&imported=false&sort=-size_kb", "q=%25_%5C", "topic=cash&language=Go&fork=true",
		"repository=shop%2Ftill", "repository=git@github.com:shop/till.git", "org=shop", "user=%00", "cursor=v1_1", "q=%ff", "a=1;b=2", "%", "sort=id&sort=-id",
	}, func(at uint8, query string) { f.Add(at, query) })
	f.Fuzz(func(t *testing.T, at uint8, query string) {
		z.send(t, http.MethodGet, z.own.pathOf(pick(of, at))+"?"+query, "", http.Header{})
	})
}

func FuzzPath(f *testing.F) {
	z := openFuzzed(f)
	// Revoking an authorization only needs the user's id.
	of := slices.DeleteFunc(handlers.Operations(), func(o openapi.Operation) bool { return o.Writes() && !o.Has("installation_id") })
	values := []string{"", "1", "-1", "0", "me", "..", "a/b", "%", "9223372036854775808", "\x00", "ä", strings.Repeat("9", 400)}
	seed(of, values, func(at uint8, value string) { f.Add(at, "me", value) })
	seed(of[:5], values, func(at uint8, value string) { f.Add(at, value, value) })
	f.Fuzz(func(t *testing.T, at uint8, user, other string) {
		o := pick(of, at)
		if o.Writes() && (other == z.own.record || user == z.own.user) {
			return // it would end the credential of the other requests
		}
		other = url.PathEscape(other)
		address := strings.NewReplacer("{user_id}", url.PathEscape(user), "{installation_id}", other, "{github_installation_id}", other,
			"{import_id}", other, "{repository_id}", other, "{delivery_id}", other, "{token_id}", other, "{session_id}", other, "{format}", other).Replace(o.Path)
		z.send(t, o.Method, address, "", http.Header{})
	})
}

func FuzzBody(f *testing.F) {
	z := openFuzzed(f)
	of := slices.DeleteFunc(handlers.Operations(), func(o openapi.Operation) bool { return o.Body == nil })
	for at, o := range of {
		f.Add(uint8(at), "application/json", o.Body.Example)
	}
	seed(of, []string{
		"", "{", "null", "[]", `"a"`, "1e999", `{"repository_ids":[1,1.5,"1",null]}`, `{"filter":{"q":"\ud800","imported":true,"archived":"maybe"}}`,
		`{"url":"http://[::1","secret":"","content_type":"xml","insecure_ssl":1}`, `{"kind":"user","repositories":["a/b"],"permissions":{"":"read"}}`,
		`{"account":null}`, `{"token":"\u0000"}`, `{"a":1}{"b":2}`, strings.Repeat("[", 10_000), "\xff\xfe",
	}, func(at uint8, body string) { f.Add(at, "application/json", body) })
	seed(of, []string{"", "text/plain", "application/json; charset=utf-16", "application/json;", "multipart/form-data", "a/b/c", "application/x-www-form-urlencoded"},
		func(at uint8, kind string) { f.Add(at, kind, "{}") })
	f.Fuzz(func(t *testing.T, at uint8, kind, body string) {
		o := pick(of, at)
		if o.ID == "uninstall" && strings.Contains(strings.ToLower(body), "shop") {
			t.Skip("this would end the credential of the other requests")
		}
		z.send(t, o.Method, z.own.pathOf(o), body, http.Header{"Content-Type": {kind}})
	})
}

func FuzzHeader(f *testing.F) {
	z, of := openFuzzed(f), reads()
	for _, value := range []string{
		"", "*", `"abc", W/"def"`, `"`, "gzip;q=0, identity", "gzip;q=", "text/csv, */*;q=0.1", "application/x-ndjson", "Bearer", "Bearer  a b", "bearer \xff",
		"Basic YTpi", "neptun-session", "neptun-session=; neptun-session=x", "a=b;;=", strings.Repeat("a,", 4000), "🪐",
	} {
		f.Add(uint8(0), value, value, value, "", value)
		f.Add(uint8(5), value, value, value, value, value)
	}
	f.Fuzz(func(t *testing.T, at uint8, ifNoneMatch, accept, acceptEncoding, authorization, cookie string) {
		header := http.Header{"If-None-Match": {ifNoneMatch}, "Accept": {accept}, "Accept-Encoding": {acceptEncoding}, "Cookie": {cookie}}
		if authorization != "" {
			header.Set("Authorization", authorization)
		}
		z.send(t, http.MethodGet, z.own.pathOf(pick(of, at)), "", header)
	})
}

func FuzzWebhook(f *testing.F) {
	z := openFuzzed(f)
	for _, event := range []string{"ping", "installation", "installation_repositories", "repository", "member", "nonsense", "", "\xff"} {
		for _, body := range []string{"{}", "", "[]", `{"action":"deleted","installation":{"id":-1}}`, `{"action":1,"repository":null}`, "payload=%7B%7D", "payload=%", `{"action":"created","installation":{"id":"x"}}`} {
			f.Add(event, "0b989ba4-242f-11e5-81e1-c7b6966d2516", "application/json", "", body)
			f.Add(event, event, "application/x-www-form-urlencoded", "", body)
		}
	}
	f.Add("ping", "1", "application/json", "sha256=zz", "{}")
	f.Fuzz(func(t *testing.T, event, guid, kind, signature, body string) {
		if signature == "" {
			mac := hmac.New(sha256.New, []byte(fuzzSecret))
			mac.Write([]byte(body))
			signature = "sha256=" + hex.EncodeToString(mac.Sum(nil))
		}
		header := http.Header{"Content-Type": {cmp.Or(kind, "application/json")}}
		header.Set("X-GitHub-Event", event)
		header.Set("X-GitHub-Delivery", guid)
		header.Set("X-Hub-Signature-256", signature)
		z.send(t, http.MethodPost, "/webhooks/github", body, header)
	})
}
