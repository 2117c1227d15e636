package openapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// About is what holds for all operations, by paragraphs.
var About = []string{
	"Times are RFC 3339 in UTC, with whole seconds. What GitHub leaves empty is null, and an empty list is []. " +
		"Answers may have more fields than are described here. Every error has one shape, under every status, also at addresses that don't exist.",
	"Each GET answers HEAD as well, with the same headers and no body. OPTIONS answers 204, and `Allow` says what an address takes. " +
		"What is stored has an `ETag`, and asked for again with `If-None-Match` it costs next to nothing. Answers are compressed with gzip for whoever takes it.",
	"The lists of installations, repositories and imports are also written as CSV and as NDJSON, which is an object on each line: " +
		"send `Accept: text/csv` or `Accept: application/x-ndjson`, or put `.csv`, `.ndjson` or `.json` after the path.",
	"How many requests a minute each credential has is in `X-RateLimit-Limit`, and how many are left in `X-RateLimit-Remaining`. " +
		"Where none is, the answer is 429, and `Retry-After` says how many seconds to wait.",
}

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
		"info":    map[string]any{"title": "Neptun", "version": "1", "description": "What people see in Neptun, as JSON for scripts.\n\n" + strings.Join(About, "\n\n")},
		"servers": []any{map[string]any{"url": strings.TrimSuffix(address, "/")}},
		"tags":    tags,
		"paths":   paths,
		"components": map[string]any{
			"schemas": Schemas(),
			"headers": headers(),
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
	for _, answer := range o.AllAnswers() {
		response := map[string]any{"description": answer.Text, "headers": named(append(o.headers(answer), rateLimits...))}
		if answer.Schema != nil {
			content := map[string]any{"application/json": map[string]any{"schema": answer.Schema}}
			if o.Listed {
				maps.Copy(content, tables(*answer.Schema))
			}
			response["content"] = content
		}
		out[strconv.Itoa(answer.Status)] = response
	}
	for _, refusal := range o.AllRefusals() {
		response := map[string]any{"description": refusal.Text}
		switch refusal.Status {
		case http.StatusTooManyRequests:
			response["headers"] = named(append([]string{"Retry-After"}, rateLimits...))
		case http.StatusServiceUnavailable:
			response["headers"] = named([]string{"Retry-After"})
		}
		if o.Method != http.MethodHead {
			response["content"] = map[string]any{"application/json": map[string]any{"schema": ref("Error")}}
		}
		out[strconv.Itoa(refusal.Status)] = response
	}
	return out
}

func (o Operation) headers(answer Answer) []string {
	if o.Stored || answer.Status == http.StatusNotModified {
		return append([]string{"ETag"}, answer.Headers...)
	}
	return slices.Clone(answer.Headers)
}

// headerTexts say what headers mean.
var headerTexts = map[string]string{
	"Content-Disposition":   "The name that a browser saves the file by",
	"ETag":                  "Names this answer, for If-None-Match",
	"Link":                  "The addresses of the next, previous, first and last page, as GitHub's own API writes them (RFC 8288)",
	"Retry-After":           "How many seconds to wait, where anybody can tell",
	"X-RateLimit-Limit":     "How many requests a minute this credential has, where there is a limit",
	"X-RateLimit-Remaining": "How many of them are left",
	"X-RateLimit-Reset":     "When all are there again, in seconds since 1970",
	"X-Total-Count":         "How many there are on all pages, of a list that is asked for in pages",
}

var rateLimits = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}

func headers() map[string]any {
	all := map[string]any{}
	for name, text := range headerTexts {
		all[name] = map[string]any{"description": text, "schema": Schema{Type: "string"}}
	}
	return all
}

// named are headers by reference.
func named(headers []string) map[string]any {
	all := map[string]any{}
	for _, name := range headers {
		all[name] = map[string]any{"$ref": "#/components/headers/" + name}
	}
	return all
}
