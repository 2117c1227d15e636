package web

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// CheckQuery refuses a request whose query has a parameter that isn't known: a
// misspelt filter must not return everything. Names that begin with _ are for
// whoever wants an address of their own, such as cache busters.
func CheckQuery(c echo.Context, known []string) error {
	if c.Request().URL.RawQuery == "" {
		return nil
	}
	unknown := UnknownParameters(c, known)
	if len(unknown) == 0 {
		return nil
	}
	message := "isn't a known parameter. There are none here"
	if len(known) > 0 {
		message = "isn't a known parameter. Known are " + strings.Join(known, ", ")
	}
	errors := make([]FieldError, 0, len(unknown))
	for _, name := range unknown {
		errors = append(errors, FieldError{name, message})
	}
	return Invalid(errors...)
}

// UnknownParameters are the names in the query that aren't known, in their order.
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
