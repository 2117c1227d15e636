package web

import (
	"net/http"
	"slices"
	"strings"

	"neptun/static/coding"

	"github.com/labstack/echo/v4"
)

// ErrChanged is the error of a change to what isn't what the client read any more.
var ErrChanged = &Error{
	Status:  http.StatusPreconditionFailed,
	Message: "This has changed since you read it, and your change wasn't made. Load it again, then repeat the change",
}

// Version names the state of a value: as an ETag, and in a hidden field of the form
// that changes it.
func Version(value any) (string, error) {
	encoded, err := encode(value)
	return ETag(string(encoded)), err
}

// CheckVersion is ErrChanged if a form was drawn from another state of a value than
// this one. A form without a version is taken as it is.
func CheckVersion(version string, value any) error {
	current, err := Version(value)
	if err == nil && version != "" && version != current {
		return ErrChanged
	}
	return err
}

// HasIfMatch reports whether a request names what it changes.
func HasIfMatch(c echo.Context) bool { return len(c.Request().Header.Values("If-Match")) > 0 }

// CheckIfMatch is ErrChanged if a request has an If-Match that lists none of the
// ETags of what it changes.
func CheckIfMatch(c echo.Context, tags ...string) error {
	listed := strings.Join(c.Request().Header.Values("If-Match"), ",")
	if HasIfMatch(c) && !slices.ContainsFunc(tags, func(tag string) bool { return coding.Matches(listed, tag) }) {
		return ErrChanged
	}
	return nil
}

// CheckValue is CheckIfMatch for what Value answers with, in any encoding.
func (r *Responder) CheckValue(c echo.Context, kind string, value any) error {
	encoded, err := encode(value)
	if err != nil {
		return err
	}
	version := versionOf(kind, encoded, nil)
	return CheckIfMatch(c, r.tag(version, false), r.tag(version, true))
}
