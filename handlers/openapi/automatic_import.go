package openapi

func automaticImport() Noun {
	const path = record + "/automatic_import"
	asked := Body{
		Schema: object(
			field("mode", importModes()),
			maybe("rules", list(object(rule(maybe)...))),
		),
		Example: `{"mode":"rules","rules":[{"name":"api-*","fork":false}]}`,
	}
	set := []Field{field("mode", importModes()), field("rules", list(ref("Rule")))}
	return Noun{"Automatic import", "What is imported by itself, of what is there and of what appears later.", []Operation{
		{
			Method: "GET", Path: path, ID: "getAutomaticImport", Summary: "What is imported by itself",
			Needs: Read, Stored: true,
			Answers: answer(200, "The setting", object(append(set, field("excluded_count", integer("How many stay out, having been removed by hand").like(0)))...)),
		},
		{
			Method: "PUT", Path: path, ID: "setAutomaticImport", Summary: "Change what is imported by itself",
			Text:  "What is there and taken by it is imported at once. What was imported before stays.",
			Needs: Write, Body: &asked,
			Answers: answer(200, "The setting, and what it imported", object(append(set, field("imported_count", integer("").like(3)))...)),
		},
		{
			Method: "POST", Path: path + "/preview", ID: "previewAutomaticImport", Summary: "What a setting would import",
			Text:  "A dry run, which changes nothing.",
			Needs: Read, Body: &asked,
			Answers: answer(200, "Counts, and the first hundred", object(
				field("would_import_count", integer("").like(3)),
				field("imported_count", integer("How many of what it takes are imported already").like(0)),
				field("excluded_count", integer("How many of what it takes stay out").like(0)),
				field("repositories", list(ref("Repository"))),
			)),
		},
		{
			Method: "GET", Path: path + "/exclusions", ID: "listExclusions", Summary: "What was removed by hand, so that it stays out",
			Needs: Read, Stored: true, Parameters: paging(),
			Answers: answer(200, "All of them, unless a page is asked for", list(ref("Exclusion")), "Link", "X-Total-Count"),
		},
		{
			Method: "DELETE", Path: path + "/exclusions/{repository_id}", ID: "liftExclusion", Summary: "Let one in again",
			Needs: Write, Answers: empty(204, "It no longer stays out"), Refusals: []Refusal{{404, "There is no such exclusion"}},
		},
	}}
}

func importModes() Schema { return oneOf("", "off", "all", "rules") }

// rule is a rule's conditions, of which all must hold.
func rule(as func(string, Schema) Field) []Field {
	return []Field{
		as("name", text("A pattern, such as `api-*`").from(0, 256).orNull().like("api-*")),
		as("visibility", oneOf("", "public", "private", "internal").orNull().like(nil)),
		as("language", text("").from(0, 256).orNull()),
		as("archived", boolean("").orNull().like(nil)),
		as("fork", boolean("").orNull()),
		as("topic", text("").from(0, 256).orNull()),
	}
}

func exclusion() Schema {
	return object(
		field("repository_id", integer("GitHub's id").like(1296269)),
		field("name", text("").like("my-project")),
		field("owner", text("").like("octocat")),
		field("full_name", text("").like("octocat/my-project")),
		field("url", address("Its page on GitHub").like("https://github.com/octocat/my-project")),
		field("excluded_at", moment("")),
	)
}
