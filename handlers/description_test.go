package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
	"neptun/sandbox/sandboxtest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// shape returns a path without the names of its parameters.
func shape(path string) string { return handlerstest.InBraces.ReplaceAllString(path, "{}") }

func TestTheDescriptionIsValid(t *testing.T) {
	document, err := openapi.Describe("http://neptun.example/", handlers.Operations())
	handlerstest.Must(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(document)
	handlerstest.Must(t, err)
	handlerstest.Must(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
	if !doc.IsOpenAPI31OrLater() || doc.Servers[0].URL != "http://neptun.example" {
		t.Errorf("OpenAPI %s at %s", doc.OpenAPI, doc.Servers[0].URL)
	}
	names := map[string]bool{}
	for _, o := range handlers.Operations() {
		if names[o.ID] || o.Summary == "" || o.Description == "" {
			t.Errorf("%s %s: the name %q is a duplicate, or it has no description", o.Method, o.Path, o.ID)
		}
		names[o.ID] = true
		for _, p := range o.AllParameters() {
			if p.Schema.Type == "" || p.Description == "" || p.Schema.Example == "" {
				t.Errorf("%s: %s is not described, or has no example", o.ID, p.Name)
			}
		}
	}
	for name, schema := range openapi.Schemas() {
		example, err := schema.ExampleJSON()
		handlerstest.Must(t, err)
		var value any
		handlerstest.Must(t, json.Unmarshal([]byte(example), &value))
		if err := handlerstest.Described().Components.Schemas[name].Value.VisitJSON(value); err != nil {
			t.Errorf("the example of %s: %v\n%s", name, err, example)
		}
	}
}

func TestEveryRouteIsDescribedAndNothingElse(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.EmptyWorld())
	registered := map[string]bool{}
	for _, route := range (*s.Front.Load()).(*handlers.Server).Routes() {
		if strings.HasPrefix(route.Path, "/api/") && route.Method != echo.RouteNotFound && route.Method != http.MethodOptions {
			registered[route.Method+" "+shape(route.Path)] = true
		}
	}
	got := map[string]bool{}
	for _, o := range handlers.Operations() {
		got[o.Method+" "+shape(o.Path)] = true
		if o.Method == http.MethodGet {
			got[http.MethodHead+" "+shape(o.Path)] = true
		}
	}
	for route := range registered {
		if !got[route] {
			t.Errorf("%s isn't described", route)
		}
	}
	for route := range got {
		if !registered[route] {
			t.Errorf("%s is described, but doesn't exist", route)
		}
	}
}

func TestTheDescriptionIsPublic(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.EmptyWorld())
	first := s.Visit().Get("/api/openapi.json").Status(http.StatusOK)
	var doc struct {
		OpenAPI string
		Servers []struct{ URL string }
	}
	first.Into(&doc)
	if doc.OpenAPI != "3.1.0" || doc.Servers[0].URL != s.URL {
		t.Errorf("%+v", doc)
	}
	again := s.Visit().Do(http.MethodGet, "/api/openapi.json", "", "", http.Header{"If-None-Match": {first.Header.Get("ETag")}})
	again.Status(http.StatusNotModified)
	if plain := s.Visit().Do(http.MethodGet, "/api/openapi.json", "", "", http.Header{"Accept-Encoding": {"identity"}}); plain.Header.Get("ETag") == first.Header.Get("ETag") || plain.Body != first.Body {
		t.Error("the plain and the compressed document have the same ETag, or differ in content")
	}
}

// The check itself must be able to fail.
func TestResponsesThatAreNotDescribedAreFound(t *testing.T) {
	header := http.Header{"Content-Type": {"application/json"}}
	const path = "/api/users/me/installations/1/sync"
	const sync = `{"state":"idle","started_at":null,"finished_at":null,"pages_done":0,"pages_total":0,"repositories_seen":0,"retry_at":null,"message":null,"skipped":0,"note":null}`
	for body, right := range map[string]bool{
		sync: true,
		strings.Replace(sync, `"idle"`, `"tired"`, 1):                          false,
		strings.Replace(sync, `"pages_done":0`, `"pages_done":"0"`, 1):         false,
		strings.Replace(sync, `"started_at":null`, `"started_at":"today"`, 1):  false,
		strings.Replace(sync, `"message":null`, `"message":null,"more":1`, 1):  false,
		strings.Replace(sync, `,"message":null`, ``, 1):                        false,
		strings.Replace(sync, `"pages_total":0`, `"pages_total":null`, 1):      false,
		`{"statusCode":404,"statusMessage":"Not Found","data":{"message":""}}`: false,
		`[]`: false,
		``:   false,
	} {
		if difference := handlerstest.DescriptionError(http.MethodGet, path, http.StatusOK, header, []byte(body)); (difference == "") != right {
			t.Errorf("%s: %q", body, difference)
		}
	}
	if handlerstest.DescriptionError(http.MethodGet, path, http.StatusTeapot, header, []byte(`{}`)) == "" {
		t.Error("an undescribed status is accepted")
	}
	if handlerstest.DescriptionError(http.MethodGet, "/api/nothing", http.StatusOK, header, []byte(`{}`)) == "" {
		t.Error("an undescribed operation is accepted")
	}
	start := time.Now()
	for range 100 {
		handlerstest.DescriptionError(http.MethodGet, path, http.StatusOK, header, []byte(sync))
	}
	t.Log("one check takes ", time.Since(start)/100)
}
