package docs

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"neptun/handlers/openapi"
	"neptun/views"
)

// everybody fills in what is the same for everybody; other ids are examples, until
// the reader's own take their place.
var everybody = strings.NewReplacer("{user_id}", "me")

// operation describes an operation, with an example in each language.
func (d *Docs) operation(o openapi.Operation) (views.DocsOperation, error) {
	described := views.DocsOperation{
		ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Text: o.Description, Needs: o.Right.Words(),
		Snippets: openapi.Each(o.Snippets(d.address, everybody), func(s openapi.Snippet) views.DocsSnippet { return views.DocsSnippet(s) }),
	}
	if o.Table {
		file := o.File()
		described.FileID, described.FilePath = file.ID, file.Path
	}
	for _, p := range o.AllParameters() {
		described.Parameters = append(described.Parameters, views.DocsField{Name: p.Name, Shape: shape(p.Schema), Text: p.Description, In: p.In, Required: p.Required})
	}
	if o.Body != nil {
		described.Body = fields(o.Body.Schema)
	}
	for _, a := range o.AllResponses() {
		answer := views.DocsAnswer{Status: a.Status, Text: a.Description + "."}
		if a.Schema != nil {
			named := *a.Schema
			if named.Items != nil {
				named = *named.Items
			}
			if named.Ref != "" {
				answer.Shape, answer.ShapeID = a.Schema.Shape(), "shape-"+named.Ref
			}
			if len(a.Schema.Resolve().Fields) > 0 || a.Schema.Items != nil {
				example, err := a.Schema.ExampleJSON()
				if err != nil {
					return described, err
				}
				described.Example = example
			}
		}
		described.Answers = append(described.Answers, answer)
	}
	for _, r := range o.AllErrors() {
		described.Answers = append(described.Answers, views.DocsAnswer{Status: r.Status, Text: r.Description + "."})
	}
	if o.Method == http.MethodGet {
		described.Try, described.TryBy = o.Target(everybody), tryBy(o.Right)
	}
	return described, nil
}

// shared removes from operations the errors that all of them have, and returns these.
func shared(operations []views.DocsOperation) []views.DocsAnswer {
	if len(operations) < 2 {
		return nil
	}
	var errors []views.DocsAnswer
	for _, answer := range operations[0].Answers {
		everywhere := answer.Status >= http.StatusBadRequest && !slices.ContainsFunc(operations, func(o views.DocsOperation) bool {
			return !slices.Contains(o.Answers, answer)
		})
		if everywhere {
			errors = append(errors, answer)
		}
	}
	for i, o := range operations {
		operations[i].Answers = slices.DeleteFunc(o.Answers, func(a views.DocsAnswer) bool { return slices.Contains(errors, a) })
	}
	return errors
}

// tryBy says who may try an operation in the browser that shows it.
func tryBy(right openapi.Right) string {
	switch right {
	case openapi.Anyone:
		return views.TryAnyone
	case openapi.Operator:
		return views.TryOperator
	}
	return views.TryUser
}

// schemas returns the schemas with the given names, sorted by name.
func schemas(used map[string]bool) []views.DocsShape {
	all := openapi.Schemas()
	return openapi.Each(slices.Sorted(maps.Keys(used)), func(name string) views.DocsShape {
		return views.DocsShape{Name: name, Fields: fields(all[name])}
	})
}

// fields lists the fields of an object. Those of a nested object are prefixed with
// its name.
func fields(s openapi.Schema) []views.DocsField {
	var all []views.DocsField
	for _, f := range s.Fields {
		all = append(all, views.DocsField{Name: f.Name, Shape: shape(f.Schema), Text: f.Schema.Description, Required: !f.Optional})
		within := f.Schema
		if within.Items != nil {
			within = *within.Items
		}
		for _, inner := range fields(within) {
			inner.Name = f.Name + "." + inner.Name
			all = append(all, inner)
		}
	}
	return all
}

// shape is the type of a value, with its allowed values or bounds.
func shape(s openapi.Schema) string {
	if len(s.Enum) > 0 {
		return strings.Join(s.Enum, " | ")
	}
	shape := s.Shape()
	switch {
	case s.Min != 0 && s.Max != 0:
		shape += fmt.Sprintf(" from %d to %d", s.Min, s.Max)
	case s.Max != 0:
		shape += fmt.Sprintf(" up to %d", s.Max)
	}
	return shape
}
