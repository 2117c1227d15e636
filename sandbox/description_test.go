package sandbox_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"neptun/sandbox/sandboxtest"

	"github.com/getkin/kin-openapi/openapi3"
)

// descriptions are GitHub's OpenAPI documents for github.com and Enterprise Server.
var descriptions = sync.OnceValue(func() map[string]*openapi3.T {
	all := map[string]*openapi3.T{}
	for _, name := range []string{"github.com.json", "ghes.json"} {
		doc, err := openapi3.NewLoader().LoadFromFile("testdata/" + name)
		if err != nil {
			panic(err)
		}
		// GitHub's schema of "account" requires a user and an enterprise at once, which is impossible.
		list := doc.Paths.Value("/app/installations").Get.Responses.Status(200).Value.Content.Get("application/json")
		list.Schema.Value.Items = doc.Components.Schemas["installation"]
		// The target of redirects isn't described; it responds like the repository's own path.
		doc.Paths.Set("/repositories/{repository_id}", doc.Paths.Value("/repos/{owner}/{repo}"))
		doc.Paths.Set("/repositories/{repository_id}/installation", doc.Paths.Value("/repos/{owner}/{repo}/installation"))
		// GitHub's description no longer has either form of content attachments; this is Enterprise Server 3.3's.
		attachment := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
			"id": openapi3.NewIntegerSchema(), "node_id": openapi3.NewStringSchema(),
			"title": openapi3.NewStringSchema(), "body": openapi3.NewStringSchema(),
		}).WithRequired([]string{"id", "title", "body"})
		post := &openapi3.PathItem{Post: &openapi3.Operation{Responses: openapi3.NewResponses(
			openapi3.WithStatus(200, &openapi3.ResponseRef{Value: openapi3.NewResponse().WithJSONSchema(attachment)}),
		)}}
		doc.Paths.Set("/repos/{owner}/{repo}/content_references/{id}/attachments", post)
		doc.Paths.Set("/content_references/{id}/attachments", post)
		all[name] = doc
	}
	return all
})

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// operation is GitHub's description of the operation at a path, the most literal template first; nil if there is none.
func operation(doc *openapi3.T, method, path string) *openapi3.Operation {
	var found string
	for template := range doc.Paths.Map() {
		pattern := "^" + parameter.ReplaceAllString(template, "[^/]+") + "$"
		if !regexp.MustCompile(pattern).MatchString(path) {
			continue
		}
		if found == "" || strings.Count(template, "{") < strings.Count(found, "{") {
			found = template
		}
	}
	if found == "" {
		return nil
	}
	return doc.Paths.Value(found).GetOperation(method)
}

// checkAgainstDescription validates the body against the schema of its status, or of GitHub's errors if the status
// isn't described, and the headers that every response has.
func checkAgainstDescription(t *testing.T, method, path string, status int, header http.Header, body []byte) {
	t.Helper()
	path = strings.TrimPrefix(path, apiPrefix)
	if path == "" {
		path = "/"
	}
	unlimited := header.Get("X-RateLimit-Limit") == ""
	if unlimited && !strings.HasPrefix(t.Name(), "TestUnlimited") && header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%s answered %d without a rate limit", path, status)
	}
	for _, name := range []string{
		"Date", "X-GitHub-Media-Type", "X-GitHub-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining",
		"X-RateLimit-Used", "X-RateLimit-Reset", "X-RateLimit-Resource",
	} {
		if unlimited && strings.HasPrefix(name, "X-RateLimit-") {
			if header.Get(name) != "" {
				t.Errorf("%s answered %d with a part of a rate limit", path, status)
			}
			continue
		}
		if header.Get(name) == "" && header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s answered %d without %s", path, status, name)
		}
	}
	if status == http.StatusNotModified || status == http.StatusNoContent {
		if len(body) > 0 {
			t.Errorf("%s answered %d with a body", path, status)
		}
		for name, doc := range descriptions() {
			if op := operation(doc, method, path); op == nil || op.Responses.Value(strconv.Itoa(status)) == nil {
				t.Errorf("%s %s answered %d, which is not in %s", method, path, status, name)
			}
		}
		return
	}
	if header.Get("Content-Type") == "text/plain; charset=utf-8" {
		return // GitHub's response without a User-Agent isn't JSON
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s answered %d with no JSON: %v", path, status, err)
		return
	}
	for name, doc := range descriptions() {
		schema := doc.Components.Schemas["basic-error"]
		op := operation(doc, method, path)
		var described *openapi3.ResponseRef
		if op != nil {
			described = op.Responses.Value(strconv.Itoa(status))
		}
		if described != nil && described.Value.Content != nil {
			schema = described.Value.Content.Get("application/json").Schema
		} else if status < 300 {
			t.Errorf("%s %s answered %d, which is not in %s", method, path, status, name)
		}
		if err := schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("%s answered %d against %s: %v", path, status, name, err)
		}
	}
	if status >= 400 {
		holdError(t, path, status, value)
	}
}

// holdError checks what the description leaves optional: every error has GitHub's three fields.
func holdError(t *testing.T, path string, status int, value any) {
	t.Helper()
	body, _ := value.(map[string]any)
	docs, _ := body["documentation_url"].(string)
	if body["message"] == "" || !strings.HasPrefix(docs, "https://docs.github.com/") || body["status"] != strconv.Itoa(status) {
		t.Errorf("%s answered %d with the body %v", path, status, value)
	}
}

// The check must be able to fail.
func TestDescriptionRejectsWrongResponses(t *testing.T) {
	for _, doc := range descriptions() {
		schema := operation(doc, "GET", "/user").Responses.Status(200).Value.Content.Get("application/json").Schema.Value
		s := open(t, sandboxtest.EmptyWorld())
		var user map[string]any
		s.get("/user", s.token("ada")).into(t, &user)
		if err := schema.VisitJSON(user); err != nil {
			t.Fatalf("refused a valid response: %v", err)
		}
		delete(user, "created_at")
		if err := schema.VisitJSON(user); err == nil {
			t.Error("accepted a user without created_at")
		}
	}
}
