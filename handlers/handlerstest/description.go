package handlerstest

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

	"neptun/handlers"
	"neptun/handlers/openapi"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// Described is the OpenAPI document as parsed by another library, with additional fields
// forbidden: tests must not see fields that aren't described.
var Described = sync.OnceValue(func() *openapi3.T {
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

// closed forbids additional fields in each object of a document.
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

// InBraces matches the parameters of a path.
var InBraces = regexp.MustCompile(`\{[^}]*\}|:[a-z_]+`)

// templates are the described paths as patterns, the most literal first.
var templates = sync.OnceValue(func() (list []template) {
	for path, item := range Described().Paths.Map() {
		var pattern strings.Builder
		for i, literal := range InBraces.Split(path, -1) {
			if i > 0 {
				pattern.WriteString("[^/]*")
			}
			pattern.WriteString(regexp.QuoteMeta(literal))
		}
		list = append(list, template{regexp.MustCompile("^" + pattern.String() + "$"), len(InBraces.ReplaceAllString(path, "")), item})
	}
	slices.SortFunc(list, func(a, b template) int { return b.literal - a.literal })
	return list
})

type template struct {
	pattern *regexp.Regexp
	literal int // how many of its characters are literal
	item    *openapi3.PathItem
}

// OperationAt returns the operation of a method at a path; nil if there is none. HEAD is the same
// as GET.
func OperationAt(method, path string) *openapi3.Operation {
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

// checkAgainstDescription fails the test if a response of the API doesn't match its description.
func checkAgainstDescription(t testing.TB, answer *http.Response, body []byte) {
	t.Helper()
	path := answer.Request.URL.EscapedPath()
	if path != "/api" && !strings.HasPrefix(path, "/api/") {
		return
	}
	if difference := DescriptionError(answer.Request.Method, path, answer.StatusCode, answer.Header, body); difference != "" {
		t.Errorf("%s %s answered %d: %s\n%.600s", answer.Request.Method, path, answer.StatusCode, difference, body)
	}
}

// DescriptionError returns how a response differs from its description; empty if it doesn't.
func DescriptionError(method, path string, status int, header http.Header, body []byte) string {
	if method == http.MethodOptions && status == http.StatusNoContent && len(body) == 0 {
		return "" // Allow says which methods are described
	}
	schema := Described().Components.Schemas["Failure"].Value
	mediaType := echo.MIMEApplicationJSON
	if operation := OperationAt(method, path); operation != nil {
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
		return tableError(mediaType, schema, body)
	}
	if err := json.Unmarshal(body, &value); err != nil {
		return "no JSON: " + err.Error()
	}
	if err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
		return err.Error()
	}
	return ""
}

// tableError compares a list as CSV or NDJSON with the description of the JSON array.
func tableError(mediaType string, list *openapi3.Schema, body []byte) string {
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
