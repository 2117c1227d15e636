package handlers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Docs describes the API to people, whoever they are: with their own ids in the
// examples where they are logged in.
func (s *Server) Docs(c echo.Context) error {
	ctx := c.Request().Context()
	credential, err := s.credentialOf(ctx, s.Sessions.PageKey(c.Request()))
	if err != nil && !errors.Is(err, errLoggedOut) && !isUnconfirmed(err) {
		return err
	}
	var fill []string
	if err == nil {
		c.Set(credentialKey, credential)
		fill = []string{"{user_id}", credential.User.ID}
		first, err := s.DB.ListAllInstallations(ctx, credential.User.ID, db.OrderByID, db.Page{Limit: 1})
		if err != nil {
			return err
		}
		for _, in := range first {
			fill = append(fill, "{installation_id}", strconv.FormatInt(in.ID, 10), "{github_installation_id}", strconv.FormatInt(in.GitHubID, 10))
		}
	}
	page := views.DocsPage{Frame: s.frame(c, "API"), About: openapi.About, Shapes: docsShapes()}
	page.Frame.Nav = ui.NavTokens
	for i, group := range openapi.GroupsOf(s.operations) {
		drawn := views.DocsNoun{ID: fmt.Sprint("noun-", i+1), Name: group.Name, Text: group.Description}
		for _, o := range s.operations {
			if o.Group != group {
				continue
			}
			operation, err := s.docsOperation(c, o, strings.NewReplacer(fill...))
			if err != nil {
				return err
			}
			drawn.Operations = append(drawn.Operations, operation)
		}
		page.Nouns = append(page.Nouns, drawn)
	}
	for _, snippet := range page.Nouns[0].Operations[0].Snippets {
		page.Languages = append(page.Languages, snippet.Language)
	}
	return web.Page(c, views.Docs(page), nil)
}

func (s *Server) docsOperation(c echo.Context, o openapi.Operation, fill *strings.Replacer) (views.DocsOperation, error) {
	drawn := views.DocsOperation{
		ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Text: o.Description, Needs: o.Right.Words(),
		Snippets: openapi.Each(o.Snippets(s.config.URL.String(), fill), func(s openapi.Snippet) views.DocsSnippet { return views.DocsSnippet(s) }),
	}
	for _, p := range o.AllParameters() {
		drawn.Parameters = append(drawn.Parameters, views.DocsField{Name: p.Name, Shape: docsShape(p.Schema), Text: p.Description, In: p.In, Required: p.Required})
	}
	if o.Body != nil {
		drawn.Body = docsFields(o.Body.Schema)
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
					return drawn, err
				}
				drawn.Example = example
			}
		}
		drawn.Answers = append(drawn.Answers, answer)
	}
	for _, r := range o.AllErrors() {
		drawn.Answers = append(drawn.Answers, views.DocsAnswer{Status: r.Status, Text: r.Description + "."})
	}
	mayTry := o.Right == openapi.Anyone || currentUser(c).ID != "" && (o.Right != openapi.Operator || isOperator(c))
	if o.Method == http.MethodGet && mayTry {
		drawn.Try = o.Target(fill)
	}
	return drawn, nil
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
