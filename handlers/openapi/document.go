package openapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

const about = "What people see in Neptun, as JSON for scripts.\n\n" +
	"Each GET answers HEAD as well, with the same headers and no body. Times are RFC 3339 in UTC, with whole seconds. " +
	"What GitHub leaves empty is null, and an empty list is []. Answers may have more fields than are described here. " +
	"Every error has one shape, under every status, also at addresses that don't exist."

// Document writes the description, as OpenAPI 3.1, of the API at an address.
func Document(address string) ([]byte, error) {
	paths, tags := map[string]map[string]any{}, []any{}
	for _, noun := range Nouns() {
		tags = append(tags, map[string]any{"name": noun.Name, "description": noun.Text})
		for _, o := range noun.Operations {
			if paths[o.Path] == nil {
				paths[o.Path] = map[string]any{}
			}
			paths[o.Path][strings.ToLower(o.Method)] = o.document(noun.Name)
		}
	}
	return json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info":    map[string]any{"title": "Neptun", "version": "1", "description": about},
		"servers": []any{map[string]any{"url": strings.TrimSuffix(address, "/")}},
		"tags":    tags,
		"paths":   paths,
		"components": map[string]any{
			"schemas": Schemas(),
			"securitySchemes": map[string]any{
				"cookie": map[string]any{"type": "apiKey", "in": "cookie", "name": "neptun-session", "description": "A session, or a script token in its place."},
				"bearer": map[string]any{"type": "http", "scheme": "bearer", "description": "The same, where a header is easier than a cookie."},
			},
		},
	})
}

func (o Operation) document(noun string) map[string]any {
	out := map[string]any{
		"operationId": o.ID, "summary": o.Summary, "tags": []string{noun},
		"responses": o.responses(), "security": o.security(),
	}
	if o.Text != "" {
		out["description"] = o.Text
	}
	parameters := []any{}
	for _, p := range o.AllParameters() {
		parameters = append(parameters, map[string]any{
			"name": p.Name, "in": p.In, "required": p.Required, "description": p.Text, "schema": p.Schema,
		})
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if o.Body != nil {
		out["requestBody"] = map[string]any{
			"required": !o.Body.Optional,
			"content":  map[string]any{"application/json": map[string]any{"schema": o.Body.Schema, "example": json.RawMessage(o.Body.Example)}},
		}
	}
	return out
}

// security names the right as a role, as OpenAPI 3.1 lets one do for schemes
// that have no scopes.
func (o Operation) security() []any {
	if o.Needs == Nothing {
		return []any{}
	}
	return []any{map[string]any{"cookie": []Right{o.Needs}}, map[string]any{"bearer": []Right{o.Needs}}}
}

func (o Operation) responses() map[string]any {
	out := map[string]any{}
	for _, answer := range o.Answers {
		response := map[string]any{"description": answer.Text}
		if answer.Schema != nil {
			content := map[string]any{"application/json": map[string]any{"schema": answer.Schema}}
			if o.Listed {
				content["text/csv"] = map[string]any{"schema": Schema{Type: "string", Text: "The fields as columns, which the first line names"}}
				content["application/x-ndjson"] = map[string]any{"schema": Schema{Type: "string", Text: "An object on each line"}}
			}
			response["content"] = content
		}
		headers := map[string]any{}
		for _, name := range o.headers(answer) {
			headers[name] = map[string]any{"description": headerTexts[name], "schema": Schema{Type: "string"}}
		}
		if len(headers) > 0 {
			response["headers"] = headers
		}
		out[strconv.Itoa(answer.Status)] = response
	}
	if o.Stored {
		out["304"] = map[string]any{"description": "What If-None-Match names still holds"}
	}
	for _, refusal := range o.AllRefusals() {
		response := map[string]any{"description": refusal.Text}
		if o.Method != http.MethodHead {
			response["content"] = map[string]any{"application/json": map[string]any{"schema": ref("Error")}}
		}
		out[strconv.Itoa(refusal.Status)] = response
	}
	return out
}

func (o Operation) headers(answer Answer) []string {
	if o.Stored {
		return append([]string{"ETag"}, answer.Headers...)
	}
	return answer.Headers
}

// headerTexts say what headers mean.
var headerTexts = map[string]string{
	"ETag":          "Names this answer, for If-None-Match",
	"Link":          "The addresses of the next, previous, first and last page, as GitHub's own API writes them (RFC 8288)",
	"X-Total-Count": "How many there are on all pages",
}
