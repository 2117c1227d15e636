package gallery

import (
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) docs() []State {
	operation := views.DocsOperation{
		ID: "listImports", Method: "GET", Path: "/api/users/{user_id}/installations/{installation_id}/imports",
		Summary: "What you imported through an installation", Text: "The whole list by `id`, unless `per_page` asks for a page of it.", Needs: "any credential",
		Parameters: []views.DocsField{
			{Name: "user_id", Shape: "string", Text: "Your own id, or `me`", In: "path", Required: true},
			{Name: "per_page", Shape: "integer from 1 to 100", Text: "How many on a page", In: "query"},
		},
		Answers: []views.DocsAnswer{
			{Status: 200, Text: "The imports.", Shape: "list of Import", ShapeID: "shape-Import"},
			{Status: 304, Text: "What `If-None-Match` names still holds."},
			{Status: 404, Text: "User not found: a user_id that isn't your own. Installation not found: no number, not there, or somebody else's."},
		},
		Example: "[\n  {\n    \"id\": 1,\n    \"repository_url\": \"https://github.com/octocat/my-project-with-a-name-that-is-as-long-as-names-may-be\"\n  }\n]",
		Snippets: []views.DocsSnippet{
			{Language: "curl", Code: "curl \"https://neptun.example.com/api/users/01JQ8V6Z3N5T7X9B1D3F5H7K9M/installations/12345/imports\" \\\n  -H \"Authorization: Bearer $NEPTUN_TOKEN\""},
			{Language: "Python", Code: "print(answer.json())"},
		},
		Try: "/api/users/me/installations/1/imports",
	}
	write := views.DocsOperation{
		ID: "createImports", Method: "POST", Path: operation.Path, Summary: "Import repositories", Needs: "a credential that may write",
		Body:     []views.DocsField{{Name: "repository_ids", Shape: "list of integer", Text: "GitHub's ids"}, {Name: "filter.visibility", Shape: "public | private | internal"}},
		Answers:  []views.DocsAnswer{{Status: 200, Text: "A result for each."}, {Status: 413, Text: "The body has more than 1 MB."}},
		Snippets: operation.Snippets,
	}
	page := views.DocsPage{
		Frame: g.frame("API", ui.NavTokens), Languages: []string{"curl", "Python", "TypeScript", "Go"},
		About:  []string{"OPTIONS answers 204, and `Allow` says what an address takes."},
		Nouns:  []views.DocsNoun{{ID: "noun-1", Name: "Imports", Text: "The repositories that you chose.", Operations: []views.DocsOperation{operation, write}}},
		Shapes: []views.DocsShape{{Name: "Import", Fields: []views.DocsField{{Name: "id", Shape: "integer", Required: true}, {Name: "repository_pushed_at", Shape: "time or null", Required: true}}}},
	}
	stranger := page
	stranger.Frame = g.stranger("API")
	return []State{{"docs", views.Docs(page)}, {"docs-stranger", views.Docs(stranger)}}
}
