// Package openapi describes the JSON API: every operation once, by noun, from
// which /api/openapi.json is written and /docs is drawn. A new route gets an
// Operation in the file of its noun; tests hold every answer against it.
package openapi

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Noun is a group of operations, in the order that people read them.
type Noun struct {
	Name       string
	Text       string
	Operations []Operation
}

// Nouns are all operations.
func Nouns() []Noun {
	return []Noun{people(), installations(), repositories(), imports(), automaticImport(), history(), authorization(), accessTokens(), scriptTokens(), app(), webhooks()}
}

// Operation is one method at one path. What follows from its fields, such as
// the 404 of somebody else's path or the 415 of a body, needs no mention.
type Operation struct {
	Method, Path string
	// ID names the operation for generated clients: a verb and a noun.
	ID string
	// Summary is what it does, in a few words; Text is what else is to know.
	Summary, Text string
	Needs         Right
	// Stored answers have an ETag and may be 304.
	Stored bool
	// Listed answers are written as CSV and NDJSON as well; see files.
	Listed bool
	// AsksGitHub is for what isn't answered from what is stored.
	AsksGitHub bool
	Parameters []Parameter
	Body       *Body
	// Answers are the successful ones.
	Answers []Answer
	// Refusals are those that follow from nothing else.
	Refusals []Refusal
}

// Right is what a credential must be good for.
type Right string

// The rights. A session in a browser has them all.
const (
	Nothing Right = ""      // anybody may
	Read    Right = "read"  // any credential
	Write   Right = "write" // a credential that may write
	Tokens  Right = "access_tokens"
	Session Right = "session" // a session, and nothing else
	Operate Right = "operator"
)

// Parameter is a part of a request beside its body.
type Parameter struct {
	Name, In string // in: path, query or header
	Text     string
	Schema   Schema
	Required bool
}

// Body is a JSON body.
type Body struct {
	Schema Schema
	// Example is the body in the examples.
	Example string
	// Optional is true where the operation reads no body if there is none.
	Optional bool
}

// Answer is a successful answer.
type Answer struct {
	Status  int
	Text    string
	Schema  *Schema // nil for an empty answer
	Headers []string
}

// Refusal is an error and when it comes.
type Refusal struct {
	Status int
	Text   string
}

var inBraces = regexp.MustCompile(`\{([^}]*)\}`)

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
	if o.Stored {
		all = append(all, ifNoneMatch)
	}
	return all
}

// AllAnswers are the successful ones, with the one that follows from an ETag.
func (o Operation) AllAnswers() []Answer {
	if !o.Stored {
		return o.Answers
	}
	return append(slices.Clone(o.Answers), unchanged)
}

// What goes with an ETag.
var (
	ifNoneMatch = Parameter{Name: "If-None-Match", In: "header", Text: "The ETag of an earlier answer: if it still holds, the answer is 304, without a body", Schema: text("")}
	unchanged   = Answer{Status: http.StatusNotModified, Text: "What `If-None-Match` names still holds"}
)

// Changes tells whether the operation is a write.
func (o Operation) Changes() bool { return o.Method != http.MethodGet && o.Method != http.MethodHead }

// Has tells whether the path has a parameter.
func (o Operation) Has(parameter string) bool { return strings.Contains(o.Path, "{"+parameter+"}") }

// inPath are the parameters in paths.
var inPath = map[string]Parameter{
	"user_id":                {Text: "Your own id, or `me`", Schema: text("").like("me")},
	"installation_id":        {Text: "The `id` of one of your installations, not GitHub's own", Schema: integer("").like(1)},
	"format":                 {Text: "What the file is", Schema: oneOf("", "csv", "ndjson", "json")},
	"import_id":              {Text: "The `id` of an import", Schema: integer("").like(1)},
	"repository_id":          {Text: "GitHub's id of a repository", Schema: integer("").like(1296269)},
	"github_installation_id": {Text: "GitHub's id of an installation", Schema: integer("").like(12345678)},
	"token_id":               {Text: "The `id` of a script token", Schema: integer("").like(1)},
	"session_id":             {Text: "The `id` of a session", Schema: text("").like("k3JH8x")},
	"delivery_id":            {Text: "GitHub's id of a delivery", Schema: integer("").like(1)},
}

// Words say who may, for people.
func (r Right) Words() string {
	switch r {
	case Nothing:
		return "anybody may"
	case Read:
		return "any credential"
	case Write:
		return "a credential that may write"
	case Tokens:
		return "a session, or a script token for access tokens"
	case Session:
		return "a session in a browser"
	default:
		return "operators, with a session in a browser"
	}
}
