package web

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// CheckQuery rejects unknown query parameters, and those with several values: a misspelt or
// ignored filter must not return more than was asked for. Names that begin with _ are
// allowed, for example as cache busters.
func CheckQuery(c echo.Context, known []string) error {
	if c.Request().URL.RawQuery == "" {
		return nil
	}
	unknown := UnknownParameters(c, known)
	if len(unknown) == 0 {
		return checkSingle(c, known)
	}
	message := "isn't a known parameter. This operation has none"
	if len(known) > 0 {
		message = "isn't a known parameter. Known parameters: " + strings.Join(known, ", ")
	}
	errors := make([]FieldError, 0, len(unknown))
	for _, name := range unknown {
		errors = append(errors, FieldError{name, message})
	}
	return Invalid(errors...)
}

func checkSingle(c echo.Context, known []string) error {
	var p Params
	for _, name := range known {
		if len(c.QueryParams()[name]) > 1 {
			p.Add(name, "must have only one value")
		}
	}
	return p.Err()
}

// UnknownParameters returns the unknown names in the query, in their order.
func UnknownParameters(c echo.Context, known []string) []string {
	var unknown []string
	for name := range c.QueryParams() {
		if !strings.HasPrefix(name, "_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}
