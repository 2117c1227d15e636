package web

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// CheckQuery rejects unknown query parameters: a misspelt filter must not return everything.
// Names that begin with _ are allowed, for example as cache busters.
func CheckQuery(c echo.Context, known []string) error {
	if c.Request().URL.RawQuery == "" {
		return nil
	}
	unknown := UnknownParameters(c, known)
	if len(unknown) == 0 {
		return nil
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
