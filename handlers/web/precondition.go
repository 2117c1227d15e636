package web

import (
	"net/http"
	"slices"
	"strings"

	"neptun/static/coding"

	"github.com/labstack/echo/v4"
)

// ErrChanged is the error for a change to something that changed since the client read it.
var ErrChanged = &Error{
	Status:  http.StatusPreconditionFailed,
	Message: "This has changed since you read it, and your change wasn't made. Load it again, then repeat the change",
}

// Version identifies the state of a value: in an ETag, and in a hidden field of its form.
func Version(value any) (string, error) {
	encoded, err := encode(value)
	return ETag(string(encoded)), err
}

// CheckVersion returns ErrChanged if a form was rendered from another state of the value. A
// form without a version passes.
func CheckVersion(version string, value any) error {
	current, err := Version(value)
	if err == nil && version != "" && version != current {
		return ErrChanged
	}
	return err
}

// HasIfMatch reports whether a request has an If-Match header.
func HasIfMatch(c echo.Context) bool { return len(c.Request().Header.Values("If-Match")) > 0 }

// CheckIfMatch returns ErrChanged if a request has an If-Match header with none of the current
// ETags.
func CheckIfMatch(c echo.Context, tags ...string) error {
	listed := strings.Join(c.Request().Header.Values("If-Match"), ",")
	if HasIfMatch(c) && !slices.ContainsFunc(tags, func(tag string) bool { return coding.Matches(listed, tag) }) {
		return ErrChanged
	}
	return nil
}

// CheckValue is CheckIfMatch for the ETags of Value, in any encoding.
func (r *Responder) CheckValue(c echo.Context, kind string, value any) error {
	encoded, err := encode(value)
	if err != nil {
		return err
	}
	version := versionOf(kind, encoded, nil)
	return CheckIfMatch(c, r.tag(version, false), r.tag(version, true))
}
