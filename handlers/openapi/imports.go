package openapi

import "slices"

func imports() Noun {
	return Noun{"Imports", "The repositories that you chose.", files([]Operation{
		{
			Method: "GET", Path: record + "/imports", ID: "listImports", Summary: "What you imported through an installation",
			Text:  whole,
			Needs: Read, Stored: true, Listed: true, Parameters: importParameters(),
			Answers: answer(200, "The imports", list(ref("Import")), "Link", "X-Total-Count"),
		},
		{
			Method: "GET", Path: "/api/users/{user_id}/imports", ID: "listAllImports", Summary: "Everything you imported",
			Text:  whole,
			Needs: Read, Stored: true, Listed: true, Parameters: importParameters(),
			Answers: answer(200, "The imports", list(ref("Import")), "Link", "X-Total-Count"),
		},
		{
			Method: "POST", Path: record + "/imports", ID: "createImports", Summary: "Import repositories",
			Text:  "By their ids, or all that match a filter; not both.",
			Needs: Write,
			Body: &Body{
				Schema: object(
					maybe("repository_ids", list(integer("GitHub's ids").like(1296269))),
					maybe("filter", ref("Filter")),
				),
				Example: `{"repository_ids":[1296269]}`,
			},
			Answers: answer(200, "A result for each, in the order of the ids asked for", object(
				field("results", list(ref("ImportResult"))),
			)),
			Refusals: []Refusal{{409, "The installation is suspended"}},
		},
		{
			Method: "DELETE", Path: record + "/imports/{import_id}", ID: "deleteImport", Summary: "Remove an import",
			Needs: Write, Answers: empty(204, "It is removed"), Refusals: []Refusal{{404, "Import not found"}},
		},
	})}
}

// importParameters narrow and order a list of imports, and take a page of it.
func importParameters() []Parameter {
	return slices.Concat(filters(), []Parameter{order("id", "name", "pushed_at", "size_kb")}, paging())
}

func imported() Schema {
	return object(append([]Field{
		field("id", integer("")),
		field("github_app_installation_id", integer("The `id` of the installation").like(12345)),
		field("repository_name", text("").like("my-project")),
		field("repository_owner", text("").like("octocat")),
		field("repository_url", address("Its page on GitHub").like("https://github.com/octocat/my-project")),
		field("created_at", moment("")),
		field("updated_at", moment("")),
		field("repository_id", integer("GitHub's id").like(1296269)),
	}, facts("repository_")...)...)
}

func importResult() Schema {
	return object(
		field("repository_id", integer("").like(1296269)),
		field("status", oneOf("`not_found` is also what you can't see", "imported", "already_imported", "not_found")),
		maybe("import", ref("Import")),
	)
}

// filter is what narrows a list, in a body.
func filter() Schema {
	var fields []Field
	for _, p := range filters() {
		p.Schema.Text = p.Text
		if len(p.Schema.Enum) == 2 {
			p.Schema = boolean(p.Text)
		}
		fields = append(fields, maybe(p.Name, p.Schema))
	}
	return object(fields...)
}
