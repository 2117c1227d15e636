package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// DecodeBody reads a JSON body that may hold nothing but the fields of target.
func DecodeBody(c echo.Context, target any) error {
	if kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType)); err != nil || kind != echo.MIMEApplicationJSON {
		return ErrNotJSON
	}
	decoder := json.NewDecoder(c.Request().Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return BodyError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &Error{Status: http.StatusBadRequest, Message: "The body contains more than one JSON value"}
	}
	return nil
}

// ParseForm reads the form in a body, if there is one, so that one which doesn't
// arrive whole is an error rather than an empty form.
func ParseForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return BodyError(err)
	}
	if err := c.Request().ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return BodyError(err)
	}
	return nil
}

// BodyError tells a body that is too large from one of the wrong type and one
// that is no JSON.
func BodyError(err error) error {
	var (
		refused   *Error // by Intake
		wrongType *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &wrongType):
		return InvalidField(cmp.Or(wrongType.Field, "body"), "can't be of the type "+wrongType.Value)
	}
	// encoding/json has no type for this error.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return InvalidField(strings.Trim(name, `"`), "is not a known field")
	}
	return &Error{Status: http.StatusBadRequest, Message: "The body couldn't be read"}
}
