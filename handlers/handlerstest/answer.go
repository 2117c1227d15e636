package handlerstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Answer is a response with its whole body.
type Answer struct {
	*http.Response
	t    testing.TB
	Body string
}

// Status fails the test unless the response has this status.
func (a Answer) Status(want int) Answer {
	a.t.Helper()
	if a.StatusCode != want {
		a.t.Fatalf("%s %s: status %d, want %d\n%.600s", a.Request.Method, a.Request.URL, a.StatusCode, want, a.Body)
	}
	return a
}

// Page parses the response as HTML.
func (a Answer) Page() *goquery.Document {
	a.t.Helper()
	document, err := goquery.NewDocumentFromReader(strings.NewReader(a.Body))
	Must(a.t, err)
	return document
}

// Text is the text of a selector on the page, with white space collapsed.
func (a Answer) Text(selector string) string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.Page().Find(selector).Text()), " ")
}

// Into decodes the response's JSON.
func (a Answer) Into(target any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.Body), target); err != nil {
		a.t.Fatalf("%s: %v in %.300s", a.Request.URL, err, a.Body)
	}
}

// Object decodes the response as a JSON object.
func (a Answer) Object() map[string]any {
	a.t.Helper()
	var object map[string]any
	a.Into(&object)
	return object
}

// List decodes the response as a JSON list of objects.
func (a Answer) List() []map[string]any {
	a.t.Helper()
	var list []map[string]any
	a.Into(&list)
	return list
}

// Message returns the message of an error in JSON, and checks its form.
func (a Answer) Message() string {
	a.t.Helper()
	var body struct {
		StatusCode    int    `json:"statusCode"`
		StatusMessage string `json:"statusMessage"`
		Data          struct {
			Message string `json:"message"`
		} `json:"data"`
	}
	a.Into(&body)
	if body.StatusCode != a.StatusCode || body.StatusMessage != http.StatusText(a.StatusCode) || body.Data.Message == "" {
		a.t.Fatalf("%s: not the shape of an error: %s", a.Request.URL, a.Body)
	}
	return body.Data.Message
}

// Must fails the test if there is an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Lines decodes the objects of an NDJSON response.
func (a Answer) Lines() (list []map[string]any) {
	a.t.Helper()
	for line := range strings.Lines(a.Body) {
		var entry map[string]any
		Must(a.t, json.Unmarshal([]byte(line), &entry))
		list = append(list, entry)
	}
	return list
}

// WantField fails the test unless a field has this value.
func WantField(t *testing.T, item map[string]any, field string, want any) {
	t.Helper()
	if got, there := item[field]; !there || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Errorf("%s = %#v, want %#v", field, got, want)
	}
}

var wholeSeconds = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)

// WantTime fails the test unless a field is a UTC time in whole seconds.
func WantTime(t *testing.T, item map[string]any, field string) {
	t.Helper()
	if text, _ := item[field].(string); !wholeSeconds.MatchString(text) {
		t.Errorf("%s = %#v, want RFC 3339 in UTC and whole seconds", field, item[field])
	}
}

// Form encodes a form from alternating names and values.
func Form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

// Digits formats a JSON number as in URLs.
func Digits(n any) string { return strconv.FormatInt(int64(n.(float64)), 10) }

// FindCookie returns the cookie with a name that a response sets, or nil.
func FindCookie(a Answer, name string) *http.Cookie {
	for _, cookie := range a.Cookies() {
		if cookie.Name == name {
			return cookie
		}
	}
	return nil
}

// Token creates a read-only API token that is valid for a day.
func (v *Visitor) Token(name string) string {
	v.Stage.T.Helper()
	created := v.PostJSON("/api/users/me/tokens", `{"name":"`+name+`","expires_in_days":1}`).Status(http.StatusCreated).Object()
	token, _ := created["token"].(string)
	return token
}
