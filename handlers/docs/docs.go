// Package docs is the API reference: an index and a page for each noun, from the
// operations that openapi declares. The pages are the same for everybody and for as
// long as the program runs; the reader's own ids come as a fragment.
package docs

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"neptun/handlers/openapi"
	"neptun/static/coding"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
)

// Path is the address of the index; the page of a noun is below it.
const Path = "/docs"

// Docs are the pages of the API reference.
type Docs struct {
	frame      ui.Frame
	address    string
	operations []openapi.Operation
	nouns      []views.DocsNoun
	// pages are rendered at their first request. The key is the slug of their noun,
	// empty for the index.
	pages map[string]func() (*coding.File, error)
}

// New returns the API reference of operations at an address.
func New(frame ui.Frame, address string, operations []openapi.Operation) *Docs {
	frame.Shared, frame.Nav = true, ui.NavTokens
	// A list whose path names the format is described with the list itself.
	operations = slices.DeleteFunc(slices.Clone(operations), func(o openapi.Operation) bool { return strings.HasSuffix(o.Path, ".{format}") })
	d := &Docs{frame: frame, address: address, operations: operations}
	d.pages = map[string]func() (*coding.File, error){
		"": draw(func() (templ.Component, error) { return views.DocsIndex(d.Index("")), nil }),
	}
	for _, group := range openapi.GroupsOf(operations) {
		noun := views.DocsNoun{Slug: group.Slug(), Name: group.Name, Text: group.Description}
		for _, o := range operations {
			if o.Group == group {
				noun.Operations = append(noun.Operations, views.DocsOperation{ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary})
			}
		}
		d.nouns = append(d.nouns, noun)
		d.pages[noun.Slug] = draw(func() (templ.Component, error) {
			page, err := d.Noun(group)
			return views.DocsOfNoun(page), err
		})
	}
	return d
}

// draw renders a page once.
func draw(page func() (templ.Component, error)) func() (*coding.File, error) {
	return sync.OnceValues(func() (*coding.File, error) {
		component, err := page()
		if err != nil {
			return nil, err
		}
		var html bytes.Buffer
		err = component.Render(context.Background(), &html)
		return coding.NewFile("text/html; charset=utf-8", html.Bytes()), err
	})
}

// Serve answers with the index, for an empty slug, or with the page of a noun. It
// is false if there is no such noun.
func (d *Docs) Serve(w http.ResponseWriter, r *http.Request, slug string) (bool, error) {
	page, ok := d.pages[slug]
	if !ok {
		return false, nil
	}
	file, err := page()
	if err != nil {
		return true, err
	}
	w.Header().Set("Cache-Control", "public, no-cache")
	file.ServeHTTP(w, r)
	return true, nil
}

// Index is the page that leads to all operations whose method, path or summary
// contains a text.
func (d *Docs) Index(query string) views.DocsIndexPage {
	page := views.DocsIndexPage{Frame: d.frame, About: openapi.About, Clients: clients(d.address), Query: query}
	page.Frame.Title = "API reference"
	for _, noun := range d.nouns {
		all := noun.Operations
		noun.Operations = nil
		for _, o := range all {
			if strings.Contains(strings.ToLower(o.Method+" "+o.Path+" "+o.Summary), strings.ToLower(query)) {
				noun.Operations = append(noun.Operations, o)
			}
		}
		if len(noun.Operations) > 0 {
			page.Nouns = append(page.Nouns, noun)
		}
	}
	return page
}

// clients are the commands that generate one from the document at an address. They
// are those that `task check:api` tries.
func clients(address string) []views.DocsSnippet {
	document := strings.TrimSuffix(address, "/") + "/api/openapi.json"
	return []views.DocsSnippet{
		{Language: "TypeScript", Code: "curl -o openapi.json " + document + "\n" +
			"npx openapi-typescript@7.13.0 openapi.json --output neptun.ts"},
		{Language: "Go", Code: "curl -o openapi.json " + document + "\n" +
			"mkdir -p neptun\n" +
			"go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -generate types,client -package neptun -o neptun/neptun.go openapi.json\n" +
			"go get github.com/oapi-codegen/runtime@v1.9.0"},
	}
}

// Noun is the page of a group of operations and of the schemas that they use.
func (d *Docs) Noun(group openapi.Group) (views.DocsNounPage, error) {
	page := views.DocsNounPage{Frame: d.frame, Nouns: d.nouns, Noun: views.DocsNoun{Slug: group.Slug(), Name: group.Name, Text: group.Description}}
	page.Frame.Title = group.Name + " · API reference"
	used := map[string]bool{}
	for _, o := range d.operations {
		if o.Group != group {
			continue
		}
		described, err := d.operation(o)
		if err != nil {
			return page, err
		}
		page.Noun.Operations = append(page.Noun.Operations, described)
		for _, response := range o.Responses {
			if response.Schema != nil {
				response.Schema.References(used)
			}
		}
	}
	page.Errors = shared(page.Noun.Operations)
	page.Schemas = schemas(used)
	for _, snippet := range page.Noun.Operations[0].Snippets {
		page.Languages = append(page.Languages, snippet.Language)
	}
	return page, nil
}
