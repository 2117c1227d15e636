package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

// maxTextLength limits a text parameter, in characters.
const maxTextLength = 256

// Params reads the parameters of a request and collects their errors. An empty value is the
// same as none.
type Params struct {
	Values url.Values
	Errors []FieldError
}

// Query reads the parameters of a URL. A malformed query is an error, or else a list would be
// returned without its filters.
func Query(c echo.Context) Params {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	p := Params{Values: values}
	if err != nil {
		p.Add("query", "must be percent-encoded names and values")
	}
	return p
}

// Err returns nil if all parameters are valid.
func (p *Params) Err() error {
	if len(p.Errors) > 0 {
		return Invalid(p.Errors...)
	}
	return nil
}

// Add adds an error of a field.
func (p *Params) Add(field, message string) {
	p.Errors = append(p.Errors, FieldError{field, message})
}

// Text reads a text and trims it.
func (p *Params) Text(field string) string {
	value := strings.TrimSpace(p.Values.Get(field))
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		p.Add(field, "must be UTF-8 text")
	case utf8.RuneCountInString(value) > maxTextLength:
		p.Add(field, "must have "+strconv.Itoa(maxTextLength)+" characters at most")
	default:
		return value
	}
	return ""
}

// OneOf reads one of the allowed words. If none are allowed, the field isn't read.
func (p *Params) OneOf(field string, allowed []string) string {
	value := p.Values.Get(field)
	if len(allowed) == 0 {
		return ""
	}
	if value != "" && !slices.Contains(allowed, value) {
		p.Add(field, "must be one of "+strings.Join(allowed, ", "))
		return ""
	}
	return value
}

// Number reads a number from 1 to most.
func (p *Params) Number(field string, fallback, limit int) int {
	value := p.Values.Get(field)
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > limit {
		p.Add(field, "must be a whole number from 1 to "+strconv.Itoa(limit))
		return fallback
	}
	return n
}

// ID reads an id; 0 if there is none.
func (p *Params) ID(field string) int64 {
	value := p.Values.Get(field)
	if value == "" {
		return 0
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil || id < 1 {
		p.Add(field, "must be an id")
	}
	return id
}

// Time reads a time, or a day as its beginning; the zero time if there is none.
func (p *Params) Time(field string) time.Time {
	value := p.Values.Get(field)
	if value == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, value); err == nil {
			return t
		}
	}
	p.Add(field, "must be a time such as 2024-03-20T10:00:00Z, or a day such as 2024-03-20")
	return time.Time{}
}

// FullName reads an owner/name.
func (p *Params) FullName(field string) string {
	value := p.Text(field)
	if owner, name, ok := strings.Cut(value, "/"); value != "" && (!ok || owner == "" || name == "" || strings.Contains(name, "/")) {
		p.Add(field, "must be a full name, such as octocat/hello-world")
		return ""
	}
	return value
}
