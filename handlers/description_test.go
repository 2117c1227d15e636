package handlers_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/handlers"
	"neptun/handlers/openapi"
	"neptun/sandbox/sandboxtest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// described is our description of the API as another reader understands it,
// with every object closed: tests want to see no field that isn't described.
var described = sync.OnceValue(func() *openapi3.T {
	document, err := openapi.Describe("http://neptun.example", handlers.Operations())
	if err != nil {
		panic(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(closed(document))
	if err != nil {
		panic(err)
	}
	return doc
})

// closed forbids in each object of a document what is not named there.
func closed(document []byte) []byte {
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		panic(err)
	}
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case []any:
			for _, item := range node {
				walk(item)
			}
		case map[string]any:
			for _, item := range node {
				walk(item)
			}
			if _, fields := node["properties"].(map[string]any); fields && node["type"] == "object" {
				node["additionalProperties"] = false
			}
		}
	}
	walk(root)
	written, err := json.Marshal(root)
	if err != nil {
		panic(err)
	}
	return written
}

var inBraces = regexp.MustCompile(`\{[^}]*\}|:[a-z_]+`)

// shape is a path with its parameters left open.
func shape(path string) string { return inBraces.ReplaceAllString(path, "{}") }

// templates are the described paths as patterns, the most literal first.
var templates = sync.OnceValue(func() (list []template) {
	for path, item := range described().Paths.Map() {
		var pattern strings.Builder
		for i, literal := range inBraces.Split(path, -1) {
			if i > 0 {
				pattern.WriteString("[^/]*")
			}
			pattern.WriteString(regexp.QuoteMeta(literal))
		}
		list = append(list, template{regexp.MustCompile("^" + pattern.String() + "$"), len(inBraces.ReplaceAllString(path, "")), item})
	}
	slices.SortFunc(list, func(a, b template) int { return b.literal - a.literal })
	return list
})

type template struct {
	pattern *regexp.Regexp
	literal int // how many of its characters stand fast
	item    *openapi3.PathItem
}

// operationAt is what is described of a method at a path that was asked for; nil
// for nothing. HEAD is what GET is.
func operationAt(method, path string) *openapi3.Operation {
	for _, t := range templates() {
		if !t.pattern.MatchString(path) {
			continue
		}
		if method == http.MethodHead && t.item.Head == nil {
			return t.item.Get
		}
		return t.item.GetOperation(method)
	}
	return nil
}

// holdAgainstDescription fails a test to which the API answered something that
// isn't described.
func holdAgainstDescription(t testing.TB, answer *http.Response, body []byte) {
	t.Helper()
	path := answer.Request.URL.EscapedPath()
	if path != "/api" && !strings.HasPrefix(path, "/api/") {
		return
	}
	if complaint := complaintOf(answer.Request.Method, path, answer.StatusCode, answer.Header, body); complaint != "" {
		t.Errorf("%s %s answered %d: %s\n%.600s", answer.Request.Method, path, answer.StatusCode, complaint, body)
	}
}

// complaintOf says what an answer has that isn't described; empty for nothing.
func complaintOf(method, path string, status int, header http.Header, body []byte) string {
	if method == http.MethodOptions && status == http.StatusNoContent && len(body) == 0 {
		return "" // Allow says which methods are described
	}
	schema := described().Components.Schemas["Failure"].Value
	mediaType := echo.MIMEApplicationJSON
	if operation := operationAt(method, path); operation != nil {
		response := operation.Responses.Value(strconv.Itoa(status))
		if response == nil {
			return "this status is not described"
		}
		if len(response.Value.Content) == 0 || method == http.MethodHead {
			if len(body) > 0 {
				return "a body, where none is described"
			}
			return ""
		}
		var err error
		if mediaType, _, err = mime.ParseMediaType(header.Get("Content-Type")); err != nil {
			return err.Error()
		}
		if response.Value.Content.Get(mediaType) == nil {
			return "the type " + mediaType + " is not described"
		}
		schema = response.Value.Content.Get(echo.MIMEApplicationJSON).Schema.Value
	} else if !slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusForbidden}, status) {
		return "no such operation is described"
	}
	if method == http.MethodHead || method == http.MethodOptions {
		return ""
	}
	if header.Get("Content-Encoding") == "gzip" {
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return err.Error()
		}
		if body, err = io.ReadAll(reader); err != nil {
			return err.Error()
		}
	}
	var value any
	if mediaType != echo.MIMEApplicationJSON {
		return complaintOfTable(mediaType, schema, body)
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return "no JSON: " + err.Error()
	}
	if err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
		return err.Error()
	}
	return ""
}

// complaintOfTable holds a list that isn't written as an array against what the
// array is described as.
func complaintOfTable(mediaType string, list *openapi3.Schema, body []byte) string {
	row := list.Items.Value
	if mediaType == "text/csv" {
		first, _, _ := strings.Cut(string(body), "\r\n")
		if got, want := slices.Sorted(strings.SplitSeq(first, ",")), slices.Sorted(maps.Keys(row.Properties)); !slices.Equal(got, want) {
			return fmt.Sprintf("columns %v, described are %v", got, want)
		}
		return ""
	}
	for line := range bytes.Lines(body) {
		var value any
		if err := json.Unmarshal(line, &value); err != nil {
			return "no line of JSON: " + err.Error()
		}
		if err := row.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
			return err.Error()
		}
	}
	return ""
}

func TestTheDescriptionIsValid(t *testing.T) {
	document, err := openapi.Describe("http://neptun.example/", handlers.Operations())
	must(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(document)
	must(t, err)
	must(t, doc.Validate(t.Context(), openapi3.EnableExamplesValidation()))
	if !doc.IsOpenAPI31OrLater() || doc.Servers[0].URL != "http://neptun.example" {
		t.Errorf("OpenAPI %s at %s", doc.OpenAPI, doc.Servers[0].URL)
	}
	names := map[string]bool{}
	for _, o := range handlers.Operations() {
		if names[o.ID] || o.Summary == "" || o.Description == "" {
			t.Errorf("%s %s: the name %q is taken, or it isn't described", o.Method, o.Path, o.ID)
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
		must(t, err)
		var value any
		must(t, json.Unmarshal([]byte(example), &value))
		if err := described().Components.Schemas[name].Value.VisitJSON(value); err != nil {
			t.Errorf("the example of %s: %v\n%s", name, err, example)
		}
	}
}

func TestEveryRouteIsDescribedAndNothingElse(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	registered := map[string]bool{}
	for _, route := range (*s.front.Load()).(*handlers.Server).Routes() {
		if strings.HasPrefix(route.Path, "/api/") && route.Method != echo.RouteNotFound && route.Method != http.MethodOptions {
			registered[route.Method+" "+shape(route.Path)] = true
		}
	}
	told := map[string]bool{}
	for _, o := range handlers.Operations() {
		told[o.Method+" "+shape(o.Path)] = true
		if o.Method == http.MethodGet {
			told[http.MethodHead+" "+shape(o.Path)] = true
		}
	}
	for route := range registered {
		if !told[route] {
			t.Errorf("%s is not described", route)
		}
	}
	for route := range told {
		if !registered[route] {
			t.Errorf("%s is described, and isn't there", route)
		}
	}
}

func TestTheDescriptionIsForEverybody(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	first := s.visit().get("/api/openapi.json").status(http.StatusOK)
	var doc struct {
		OpenAPI string
		Servers []struct{ URL string }
	}
	first.into(&doc)
	if doc.OpenAPI != "3.1.0" || doc.Servers[0].URL != s.url {
		t.Errorf("%+v", doc)
	}
	again := s.visit().do(http.MethodGet, "/api/openapi.json", "", "", http.Header{"If-None-Match": {first.header("ETag")}})
	again.status(http.StatusNotModified)
	if plain := s.visit().do(http.MethodGet, "/api/openapi.json", "", "", http.Header{"Accept-Encoding": {"identity"}}); plain.header("ETag") == first.header("ETag") || plain.body != first.body {
		t.Error("plain and compressed are told apart by nothing, or aren't the same")
	}
}

// The check itself must be able to fail.
func TestWhatIsNotDescribedIsFound(t *testing.T) {
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
		if complaint := complaintOf(http.MethodGet, path, http.StatusOK, header, []byte(body)); (complaint == "") != right {
			t.Errorf("%s: %q", body, complaint)
		}
	}
	if complaintOf(http.MethodGet, path, http.StatusTeapot, header, []byte(`{}`)) == "" {
		t.Error("a status that isn't described passes")
	}
	if complaintOf(http.MethodGet, "/api/nothing", http.StatusOK, header, []byte(`{}`)) == "" {
		t.Error("an operation that isn't described passes")
	}
	start := time.Now()
	for range 100 {
		complaintOf(http.MethodGet, path, http.StatusOK, header, []byte(sync))
	}
	t.Log("one check takes ", time.Since(start)/100)
}
