// Package openapi describes the JSON API. Each operation is declared once, with
// its address, formats, caching, parameters and the Go types of its bodies; the
// route that registers it adds who may call it. From these the router, the
// OpenAPI document at /api/openapi.json and the page /docs are generated; schemas
// come from the Go types by reflection.
package openapi

import (
	"net/http"
	"regexp"
	"strings"
)

// Group is a group of operations.
type Group struct{ Name, Description string }

// Slug is the name as a part of a path.
func (g Group) Slug() string { return strings.ReplaceAll(strings.ToLower(g.Name), " ", "-") }

// Operation is one method at one path. What follows from its fields, such as
// the 404 of another user's path or the 415 of a body, isn't repeated in it.
type Operation struct {
	Group        Group
	Method, Path string
	// ID names the operation for generated clients: a verb and a noun.
	ID string
	// Summary says in a few words what it does; Description says the rest.
	Summary, Description string
	// Right is set where the operation is registered.
	Right   Right
	Caching Caching
	// Table is for lists, which are written as CSV and NDJSON as well.
	Table bool
	// Guarded is for what changes a resource only if an If-Match, where there is one,
	// has the ETag that reading it gives.
	Guarded bool
	// AsksGitHub is true if the response comes from GitHub rather than the database.
	AsksGitHub bool
	// Parameters are those of the query and of headers.
	Parameters []Parameter
	Body       *Body
	// Responses are the successful ones.
	Responses []Response
	// Errors are those that don't follow from other fields.
	Errors []Error
}

// Caching says how a response may be cached.
type Caching int

// How responses are cached.
const (
	// NoStore is for responses from GitHub, and for actions.
	NoStore Caching = iota
	// Stored responses have an ETag and may be 304.
	Stored
	// Versioned responses are Stored; the handler checks the credential in the
	// statement that reads the versions of the list.
	Versioned
)

// Parameter is a part of a request beside its body.
type Parameter struct {
	Name, In    string // in: path, query or header
	Description string
	Schema      Schema
	Required    bool
}

// Body is a JSON body.
type Body struct {
	Schema Schema
	// Example is the body in the examples.
	Example string
	// Optional is true if the body can be omitted.
	Optional bool
}

// Response is a successful response.
type Response struct {
	Status      int
	Description string
	Schema      *Schema // nil for no body
	Headers     []string
}

// Error is an error response and its cause.
type Error struct {
	Status      int
	Description string
}

// Right is what a credential must allow. Routes name one each.
type Right string

// The rights. A session in a browser has all but Operator.
const (
	// Anyone needs no credential.
	Anyone Right = "none"
	// Read is for any credential.
	Read Right = "read"
	// ReadAll is for any credential that isn't restricted to some installations.
	ReadAll Right = "read_all"
	// Write is for a session, or an API token with read and write access.
	Write Right = "write"
	// AccessTokens is for a session, or an API token that creates GitHub tokens.
	AccessTokens Right = "access_tokens"
	// Session is for a session in a browser.
	Session Right = "session"
	// Operator is for an operator's session in a browser.
	Operator Right = "operator"
)

// Words say in plain text who has the right.
func (r Right) Words() string {
	switch r {
	case Anyone:
		return "anyone"
	case Read:
		return "any credential"
	case ReadAll:
		return "any credential for all installations"
	case Write:
		return "a session, or an API token with read and write access"
	case AccessTokens:
		return "a session, or an API token for GitHub tokens"
	case Session:
		return "a session in a browser"
	default:
		return "an operator's session in a browser"
	}
}

// body is the JSON body of a request, with its type and an example.
func body[T any](example string) *Body { return &Body{Schema: schemaOf[T](), Example: example} }

// optionalBody is a body that can be omitted.
func optionalBody[T any](example string) *Body {
	b := body[T](example)
	b.Optional = true
	return b
}

// returns is a response with a body of a type.
func returns[T any](status int, description string, headers ...string) []Response {
	schema := schemaOf[T]()
	return []Response{{Status: status, Description: description, Schema: &schema, Headers: headers}}
}

// lists is a list that can be requested in pages.
func lists[T any](description string) []Response {
	return returns[[]T](http.StatusOK, description, "Link", "X-Total-Count")
}

// returnsNothing is a response without a body.
func returnsNothing(description string) []Response {
	return []Response{{Status: http.StatusNoContent, Description: description}}
}

var inBraces = regexp.MustCompile(`\{([^}]*)\}`)

// Route returns the path in the router's syntax.
func (o Operation) Route() string { return inBraces.ReplaceAllString(o.Path, ":$1") }

// PathParameters are the parameters in the path, in its order.
func (o Operation) PathParameters() []Parameter {
	var found []Parameter
	for _, match := range inBraces.FindAllStringSubmatch(o.Path, -1) {
		known := inPath[match[1]]
		known.Name, known.In, known.Required = match[1], "path", true
		found = append(found, known)
	}
	return found
}

// AllParameters are those of the path, then the others.
func (o Operation) AllParameters() []Parameter {
	all := append(o.PathParameters(), o.Parameters...)
	if o.Caching != NoStore {
		all = append(all, ifNoneMatch)
	}
	if o.Guarded {
		all = append(all, ifMatch)
	}
	return all
}

// AllResponses are the successful ones, with the one that follows from an ETag.
func (o Operation) AllResponses() []Response {
	all := append([]Response{}, o.Responses...)
	if o.Caching != NoStore {
		all = append(all, notModified)
	}
	return all
}

// QueryNames are the names of the query's parameters.
func (o Operation) QueryNames() []string {
	var names []string
	for _, p := range o.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

// File returns the operation of a list at a path that names the format, for browsers
// to save.
func (o Operation) File() Operation {
	file := o
	file.ID, file.Path, file.Summary = o.ID+"AsFile", o.Path+".{format}", o.Summary+" as a file"
	file.Description = "The same list in the format that the path names, for browsers to save. Returns the whole list unless a page is asked for."
	file.Responses = []Response{o.Responses[0]}
	file.Responses[0].Headers = append([]string{"Content-Disposition"}, o.Responses[0].Headers...)
	return file
}

// Parameters and headers that go with an ETag.
var (
	ifNoneMatch = Parameter{Name: "If-None-Match", In: "header", Description: "The ETag of an earlier response. If nothing has changed, the response is 304 without a body", Schema: text().like(`"3q2-7w"`)}
	ifMatch     = Parameter{Name: "If-Match", In: "header", Description: "The ETag of the resource as you read it. If it has changed since, the response is 412 and nothing is changed. `*` stands for any", Schema: text().like(`"3q2-7w"`)}
	notModified = Response{Status: http.StatusNotModified, Description: "Nothing has changed since the response that `If-None-Match` names"}
)

// Writes reports whether the operation changes something.
func (o Operation) Writes() bool { return o.Method != http.MethodGet && o.Method != http.MethodHead }

// Has reports whether the path has a parameter.
func (o Operation) Has(parameter string) bool { return strings.Contains(o.Path, "{"+parameter+"}") }

// Paths that operations share.
const (
	user   = "/api/users/{user_id}"
	record = user + "/installations/{installation_id}"
)

// inPath are the parameters in paths.
var inPath = map[string]Parameter{
	"user_id":                {Description: "Your own id, or `me`", Schema: text().like("me")},
	"installation_id":        {Description: "The `id` of one of your installations (not GitHub's id)", Schema: integer().like(1)},
	"format":                 {Description: "The file format", Schema: text().of("csv", "ndjson", "json")},
	"import_id":              {Description: "The `id` of an import", Schema: integer().like(1)},
	"repository_id":          {Description: "GitHub's id of a repository", Schema: integer().like(1296269)},
	"github_installation_id": {Description: "GitHub's id of an installation", Schema: integer().like(12345678)},
	"token_id":               {Description: "The `id` of an API token", Schema: integer().like(1)},
	"session_id":             {Description: "The `id` of a session", Schema: text().like("k3JH8x")},
	"view_id":                {Description: "The `id` of a saved view", Schema: integer().like(7)},
	"action_id":              {Description: "The `id` of an action", Schema: integer().like(1)},
	"delivery_id":            {Description: "GitHub's id of a delivery", Schema: integer().like(1)},
}
