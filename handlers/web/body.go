package web

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"
)

// HasBody reports whether a request has a body, even if its length isn't announced.
func HasBody(c echo.Context) (bool, error) {
	r := c.Request()
	if r.ContentLength >= 0 {
		return r.ContentLength > 0, nil
	}
	buffered := bufio.NewReader(r.Body)
	if _, err := buffered.Peek(1); errors.Is(err, io.EOF) {
		return false, nil
	} else if err != nil {
		return false, BodyError(err)
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{buffered, r.Body}
	return true, nil
}

// DecodeBody decodes a JSON body that may only have the fields of target.
func DecodeBody(c echo.Context, target any) error {
	if kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType)); err != nil || kind != echo.MIMEApplicationJSON {
		return ErrNotJSON
	}
	var read bytes.Buffer
	decoder := json.NewDecoder(io.TeeReader(c.Request().Body, &read))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return decodeError(err, read.Bytes())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &Error{Status: http.StatusBadRequest, Message: "The body contains more than one JSON value"}
	}
	return nil
}

// ReadForm parses the form in a body, so that an incomplete one is an error instead of an
// empty form.
func ReadForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := parseForm(c); err != nil {
			return err
		}
		return next(c)
	}
}

func parseForm(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return BodyError(err)
	}
	if err := c.Request().ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return BodyError(err)
	}
	return nil
}

// Form returns the form of a page's request, and nil for an API request, whose body is JSON.
func Form(c echo.Context) (url.Values, error) {
	if IsAPI(c.Request().URL.Path) {
		return nil, nil
	}
	form, err := c.FormParams()
	if err != nil {
		return nil, BodyError(err)
	}
	return form, nil
}

// indices matches the indices in a path.
var indices = regexp.MustCompile(`\[\d+\]`)

// decodeError names the field that is unknown or has the wrong type.
func decodeError(err error, document []byte) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		// A type with its own UnmarshalJSON counts the offset from its own start.
		field := findField(document, func(path string, end int64) bool {
			return end >= wrongType.Offset && (wrongType.Field == "" || indices.ReplaceAllString(path, "") == wrongType.Field)
		})
		return InvalidField(cmp.Or(field, wrongType.Field, "body"), "can't be of the type "+wrongType.Value)
	}
	// encoding/json has no type for this error.
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		name = strings.Trim(name, `"`)
		field := findField(document, func(path string, _ int64) bool { return path == name || strings.HasSuffix(path, "."+name) })
		return InvalidField(cmp.Or(field, name), "is not a known field")
	}
	return BodyError(err)
}

// BodyError returns Intake's error for a rejected body, or that for an unreadable body.
func BodyError(err error) error {
	var refused *Error // by Intake
	if errors.As(err, &refused) {
		return refused
	}
	return &Error{Status: http.StatusBadRequest, Message: "The body couldn't be read"}
}
