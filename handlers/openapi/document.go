package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Version is the version of the API. It grows with every addition; nothing is removed
// except as the policy in About says.
const Version = "1.1.0"

// About describes what all operations have in common, in paragraphs.
var About = []string{
	"Times are in RFC 3339 format, in UTC, with whole seconds. What GitHub leaves empty or doesn't report is null, and an empty list is []. " +
		"Responses may contain more fields than are described here. Every error has the same shape, at every status and at every address under /api.",
	"Every GET operation also answers HEAD, with the same headers and no body. OPTIONS returns 204, and `Allow` lists the methods of an address. " +
		"Responses that have an `ETag` can be requested again with `If-None-Match` at almost no cost. " +
		"Operations that take `If-Match` change nothing, and return 412, if the `ETag` is no longer the resource's. Responses are compressed with gzip on request.",
	"The lists of installations, repositories and imports are also available as CSV and as NDJSON (one object per line): " +
		"send `Accept: text/csv` or `Accept: application/x-ndjson`, or add `.csv`, `.ndjson` or `.json` to the path.",
	"`X-RateLimit-Limit` is the number of requests per minute for each credential, and `X-RateLimit-Remaining` how many are left. " +
		"When none are left, the response is 429, and `Retry-After` is the number of seconds to wait.",
	"Published operations, fields and error codes keep their names, types and meanings. What is deprecated is marked so in this document, " +
		"sends a `Deprecation` header, and keeps working for at least 12 months. New fields and operations raise the minor version.",
}

// Describe writes the OpenAPI 3.1 document of operations at an address.
func Describe(address string, operations []Operation) ([]byte, error) {
	paths, tags := map[string]map[string]any{}, []any{}
	for _, group := range GroupsOf(operations) {
		tags = append(tags, map[string]any{"name": group.Name, "description": group.Description})
	}
	for _, o := range operations {
		if paths[o.Path] == nil {
			paths[o.Path] = map[string]any{}
		}
		paths[o.Path][strings.ToLower(o.Method)] = o.document()
	}
	return json.Marshal(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Neptun", "version": Version,
			"description": "The data in Neptun as JSON, for scripts.\n\n" + strings.Join(About, "\n\n"),
		},
		"servers": []any{map[string]any{"url": strings.TrimSuffix(address, "/")}},
		"tags":    tags,
		"paths":   paths,
		"components": map[string]any{
			"schemas": Schemas(),
			"headers": headers(),
			"securitySchemes": map[string]any{
				"cookie": map[string]any{"type": "apiKey", "in": "cookie", "name": "neptun-session", "description": "A session, or an API token in its place."},
				"bearer": map[string]any{"type": "http", "scheme": "bearer", "description": "The same in a header."},
			},
		},
	})
}

// GroupsOf returns the groups of operations in their order of first appearance.
func GroupsOf(operations []Operation) []Group {
	var groups []Group
	for _, o := range operations {
		if !slices.Contains(groups, o.Group) {
			groups = append(groups, o.Group)
		}
	}
	return groups
}

func (o Operation) document() map[string]any {
	out := map[string]any{
		"operationId": o.ID, "summary": o.Summary, "description": o.Description, "tags": []string{o.Group.Name},
		"responses": o.responses(), "security": o.security(),
	}
	parameters := []any{}
	for _, p := range o.AllParameters() {
		parameters = append(parameters, map[string]any{
			"name": p.Name, "in": p.In, "required": p.Required, "description": p.Description, "schema": p.Schema, "example": p.Schema.Example,
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

// security names the right as a role, as OpenAPI 3.1 allows for schemes that
// have no scopes.
func (o Operation) security() []any {
	if o.Right == Anyone {
		return []any{}
	}
	return []any{map[string]any{"cookie": []Right{o.Right}}, map[string]any{"bearer": []Right{o.Right}}}
}

func (o Operation) responses() map[string]any {
	out := map[string]any{}
	for _, r := range o.AllResponses() {
		response := map[string]any{"description": r.Description, "headers": referenced(append(o.headers(r), rateLimits...))}
		if r.Schema != nil {
			content := map[string]any{"application/json": map[string]any{"schema": r.Schema, "example": r.Schema.example()}}
			if o.Table {
				maps.Copy(content, tables(*r.Schema))
			}
			response["content"] = content
		}
		out[strconv.Itoa(r.Status)] = response
	}
	for _, e := range o.AllErrors() {
		response := map[string]any{"description": e.Description}
		switch e.Status {
		case http.StatusTooManyRequests:
			response["headers"] = referenced(append([]string{"Retry-After"}, rateLimits...))
		case http.StatusServiceUnavailable:
			response["headers"] = referenced([]string{"Retry-After"})
		case http.StatusUnauthorized:
			response["headers"] = referenced([]string{"WWW-Authenticate"})
		}
		if o.Method != http.MethodHead {
			response["content"] = map[string]any{"application/json": map[string]any{"schema": failure}}
		}
		out[strconv.Itoa(e.Status)] = response
	}
	return out
}

func (o Operation) headers(r Response) []string {
	if o.Caching != NoStore || r.Status == http.StatusNotModified {
		return append([]string{"ETag"}, r.Headers...)
	}
	return slices.Clone(r.Headers)
}

// headerTexts describe headers.
var headerTexts = map[string]string{
	"Content-Disposition":   "The file name for browsers",
	"ETag":                  "Identifies this response, for If-None-Match and If-Match",
	"Link":                  "The URLs of the next, previous, first and last page, as GitHub's API writes them (RFC 8288)",
	"Retry-After":           "The number of seconds to wait, if known",
	"WWW-Authenticate":      "The scheme for credentials",
	"X-RateLimit-Limit":     "The number of requests per minute for this credential, if there is a limit",
	"X-RateLimit-Remaining": "The number of requests left",
	"X-RateLimit-Reset":     "When the limit resets, in seconds since 1970",
	"X-Total-Count":         "The number of results on all pages, for a list that is requested in pages",
}

var rateLimits = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}

func headers() map[string]any {
	all := map[string]any{}
	for name, description := range headerTexts {
		all[name] = map[string]any{"description": description, "schema": Schema{Type: "string"}}
	}
	return all
}

// referenced returns references to headers.
func referenced(headers []string) map[string]any {
	all := map[string]any{}
	for _, name := range headers {
		all[name] = map[string]any{"$ref": "#/components/headers/" + name}
	}
	return all
}

// tables are the other media types of a list, each with an example of one row.
func tables(rows Schema) map[string]any {
	row := rows.Items.Resolve()
	media := func(description, example string) map[string]any {
		return map[string]any{"schema": Schema{Type: "string", Description: description}, "example": example}
	}
	var names, cells []string
	for _, f := range row.Fields {
		names, cells = append(names, f.Name), append(cells, cell(f.Schema.example()))
	}
	line, err := json.Marshal(row.example())
	if err != nil {
		panic("openapi: an example is no JSON: " + err.Error())
	}
	return map[string]any{
		"text/csv": media("RFC 4180, in UTF-8 without a byte order mark: the fields as columns, named in the first line. Null is empty, and lists are separated by spaces.",
			strings.Join(names, ",")+"\r\n"+strings.Join(cells, ",")+"\r\n"),
		"application/x-ndjson": media("One object per line", string(line)+"\n"),
	}
}

// cell is an example as a table writes it.
func cell(example any) string {
	switch example := example.(type) {
	case nil:
		return ""
	case []any:
		words := make([]string, len(example))
		for i, word := range example {
			words[i] = fmt.Sprint(word)
		}
		return strings.Join(words, " ")
	default:
		return fmt.Sprint(example)
	}
}
