package present

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"neptun/handlers/openapi"
	"neptun/views"
)

// DocsReader is what the API reference depends on besides the operations.
type DocsReader struct {
	// URL is the public address of the server that the examples use.
	URL string
	// Fill replaces parameters of paths with the reader's own values.
	Fill *strings.Replacer
	// SignedIn and Operator say which operations the reader can try.
	SignedIn, Operator bool
}

// Docs describes operations to a reader.
func Docs(operations []openapi.Operation, reader DocsReader) (views.DocsPage, error) {
	page := views.DocsPage{About: openapi.About, Shapes: docsShapes()}
	for i, group := range openapi.GroupsOf(operations) {
		noun := views.DocsNoun{ID: fmt.Sprint("noun-", i+1), Name: group.Name, Text: group.Description}
		for _, o := range operations {
			if o.Group != group {
				continue
			}
			operation, err := docsOperation(o, reader)
			if err != nil {
				return views.DocsPage{}, err
			}
			noun.Operations = append(noun.Operations, operation)
		}
		page.Nouns = append(page.Nouns, noun)
	}
	for _, snippet := range page.Nouns[0].Operations[0].Snippets {
		page.Languages = append(page.Languages, snippet.Language)
	}
	return page, nil
}

func docsOperation(o openapi.Operation, reader DocsReader) (views.DocsOperation, error) {
	operation := views.DocsOperation{
		ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Text: o.Description, Needs: o.Right.Words(),
		Snippets: openapi.Each(o.Snippets(reader.URL, reader.Fill), func(s openapi.Snippet) views.DocsSnippet { return views.DocsSnippet(s) }),
	}
	for _, p := range o.AllParameters() {
		operation.Parameters = append(operation.Parameters, views.DocsField{Name: p.Name, Shape: docsShape(p.Schema), Text: p.Description, In: p.In, Required: p.Required})
	}
	if o.Body != nil {
		operation.Body = docsFields(o.Body.Schema)
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
					return operation, err
				}
				operation.Example = example
			}
		}
		operation.Answers = append(operation.Answers, answer)
	}
	for _, r := range o.AllErrors() {
		operation.Answers = append(operation.Answers, views.DocsAnswer{Status: r.Status, Text: r.Description + "."})
	}
	mayTry := o.Right == openapi.Anyone || reader.SignedIn && (o.Right != openapi.Operator || reader.Operator)
	if o.Method == http.MethodGet && mayTry {
		operation.Try = o.Target(reader.Fill)
	}
	return operation, nil
}

// docsShapes are the named schemas, by name.
func docsShapes() []views.DocsShape {
	schemas := openapi.Schemas()
	return openapi.Each(slices.Sorted(maps.Keys(schemas)), func(name string) views.DocsShape {
		return views.DocsShape{Name: name, Fields: docsFields(schemas[name])}
	})
}

// docsFields are the fields of an object; those of an object within it are named
// after it.
func docsFields(s openapi.Schema) []views.DocsField {
	var fields []views.DocsField
	for _, f := range s.Fields {
		fields = append(fields, views.DocsField{Name: f.Name, Shape: docsShape(f.Schema), Text: f.Schema.Description, Required: !f.Optional})
		within := f.Schema
		if within.Items != nil {
			within = *within.Items
		}
		for _, inner := range docsFields(within) {
			inner.Name = f.Name + "." + inner.Name
			fields = append(fields, inner)
		}
	}
	return fields
}

// docsShape says what a value is, with the words that it may be.
func docsShape(s openapi.Schema) string {
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
