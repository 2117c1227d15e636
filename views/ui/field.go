package ui

import "github.com/a-h/templ"

// Invalid marks a field that has a problem.
func Invalid(problem string) templ.Attributes {
	if problem == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true"}
}
