package web

import (
	"cmp"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Error is an error for clients: a status, and a message that says what happened and what
// to do.
type Error struct {
	Status  int
	Message string
	// Code identifies the error for programs, in snake case. If empty, the status has one.
	Code   string
	Fields []FieldError // of a request that isn't valid
	Link   ui.Link      // the next step on pages; may be empty
	// RetryAfter is how long to wait; 0 if that is unknown.
	RetryAfter time.Duration
	// URL is where API clients can continue; empty for nowhere.
	URL string
}

// FieldError describes what is wrong with a field of a request.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

var indexed = regexp.MustCompile(`^([a-z_]+)s\[(\d+)\]$`)

// Text is the message for pages, with a readable name of the field: rules[0].language is
// "Rule 1, language".
func (f FieldError) Text() string {
	var words []string
	for _, segment := range strings.Split(f.Field, ".") {
		if m := indexed.FindStringSubmatch(segment); m != nil {
			if i, err := strconv.Atoi(m[2]); err == nil {
				segment = m[1] + " " + strconv.Itoa(i+1)
			}
		}
		words = append(words, strings.ReplaceAll(segment, "_", " "))
	}
	name := strings.Join(words, ", ")
	if name == "q" {
		name = "search"
	}
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return strings.TrimSuffix(name+" "+f.Message, ".") + "."
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// Text is the message as a sentence, for pages.
func (e *Error) Text() string {
	if len(e.Fields) > 0 {
		sentences := make([]string, len(e.Fields))
		for i, field := range e.Fields {
			sentences[i] = field.Text()
		}
		return strings.Join(sentences, " ")
	}
	return strings.TrimSuffix(e.Message, ".") + "."
}

// Errors about HTTP itself.
var (
	ErrNotJSON       = &Error{Status: http.StatusUnsupportedMediaType, Message: "Send the body as application/json"}
	errCrossOrigin   = &Error{Status: http.StatusForbidden, Message: "This request came from another site and was rejected"}
	errNotAcceptable = &Error{
		Status:  http.StatusNotAcceptable,
		Message: "Accept must allow application/json, text/csv or application/x-ndjson",
	}
)

// Invalid is the error of a request with invalid fields.
func Invalid(fields ...FieldError) *Error {
	return &Error{
		Status:  http.StatusUnprocessableEntity,
		Message: "Invalid request: " + fields[0].Field + " " + fields[0].Message,
		Fields:  fields,
	}
}

// InvalidField is the error of a request with one invalid field.
func InvalidField(field, message string) *Error { return Invalid(FieldError{field, message}) }

// FromEcho converts errors of Echo and net/http.
func FromEcho(err *echo.HTTPError) *Error {
	messages := map[int]string{
		http.StatusBadRequest:            "Bad request",
		http.StatusNotFound:              "Page not found",
		http.StatusMethodNotAllowed:      "Method not allowed",
		http.StatusRequestEntityTooLarge: "Request too large: the maximum is 1 MB",
		http.StatusUnsupportedMediaType:  "Unsupported content type",
	}
	message, ok := messages[err.Code]
	if !ok {
		message = http.StatusText(err.Code)
	}
	return &Error{Status: err.Code, Message: message}
}

// errorJSON is an error in JSON.
type errorJSON struct {
	StatusCode    int           `json:"statusCode"`
	StatusMessage string        `json:"statusMessage"`
	Data          errorDataJSON `json:"data"`
}

type errorDataJSON struct {
	Message          string       `json:"message"`
	Code             string       `json:"code"`
	DocumentationURL string       `json:"documentation_url"`
	URL              string       `json:"url,omitempty"`
	Errors           []FieldError `json:"errors,omitempty"`
}

// WriteJSON responds with the error; docs is the URL of the page that documents errors.
func (e *Error) WriteJSON(c echo.Context, docs string) error {
	return c.JSON(e.Status, errorJSON{
		StatusCode:    e.Status,
		StatusMessage: http.StatusText(e.Status),
		Data: errorDataJSON{
			Message: strings.TrimSuffix(e.Message, "."), Code: cmp.Or(e.Code, codeOf(e.Status)), DocumentationURL: docs, URL: e.URL, Errors: e.Fields,
		},
	})
}

// codeOf is the code of errors that don't have one.
func codeOf(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "validation_failed"
	case http.StatusTooManyRequests:
		return "rate_limited"
	}
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
}

// Seconds formats a duration for headers, rounded up.
func Seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
