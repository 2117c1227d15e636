package openapi

import "slices"

func repositories() Noun {
	change := Operation{
		Path: record + "/repositories/{repository_id}", Needs: Session, AsksGitHub: true,
		Text: "GitHub takes nothing but a classic personal token for this, which is used once and forgotten. Refused unless whoever runs this Neptun allows it.",
		Parameters: []Parameter{{
			Name: "X-GitHub-Token", In: "header", Required: true,
			Text: "A classic personal token with the scope repo", Schema: text("").like("ghp_…"),
		}},
		Answers: empty(204, "Done; a sync follows"),
		Refusals: []Refusal{
			{404, "Repository not found"},
			{409, "The installation is suspended"},
			{422, "There is no token, GitHub doesn't accept it, or the installation reaches all repositories"},
		},
	}
	add, remove := change, change
	add.Method, add.ID, add.Summary = "PUT", "addToInstallation", "Add a repository to the installation"
	remove.Method, remove.ID, remove.Summary = "DELETE", "removeFromInstallation", "Remove a repository from the installation"
	return Noun{"Repositories", "What can be imported through an installation.", files([]Operation{
		{
			Method: "GET", Path: record + "/repositories", ID: "listRepositories", Summary: "What you can import",
			Needs: Read, Stored: true, Listed: true,
			Text:       "A page, of 100 unless `per_page` says else, by name unless `sort` does. As a file, as CSV and as NDJSON the whole list, unless a page is asked for.",
			Parameters: slices.Concat(filters(), []Parameter{order("name", "pushed_at", "size_kb")}, paging()),
			Answers:    answer(200, "The repositories", list(ref("Repository")), "Link", "X-Total-Count"),
		},
		add, remove,
	})}
}

func repository() Schema {
	return object(append([]Field{
		field("id", integer("GitHub's id").like(1296269)),
		field("name", text("").like("my-project")),
		field("owner", text("").like("octocat")),
		field("full_name", text("").like("octocat/my-project")),
		field("url", address("Its page on GitHub").like("https://github.com/octocat/my-project")),
	}, append(facts(""),
		field("permission", oneOf("What you may do on GitHub", "admin", "maintain", "push", "triage", "pull")),
		field("import_id", integer("Your import of it; null if it isn't imported").orNull()),
	)...)...)
}

// facts are GitHub's facts of a repository.
func facts(prefix string) []Field {
	return []Field{
		field(prefix+"description", text("").orNull().like("Says hello")),
		field(prefix+"language", text("").orNull().like("Go")),
		field(prefix+"license", text("SPDX id").orNull().like("MIT")),
		field(prefix+"size_kb", integer("").like(108)),
		field(prefix+"website_url", text("").orNull()),
		field(prefix+"default_branch", text("").orNull().like("main")),
		field(prefix+"topics", list(text("").like("octocat"))),
		field(prefix+"visibility", oneOf("", "public", "private", "internal")),
		field(prefix+"is_private", boolean("")),
		field(prefix+"is_fork", boolean("")),
		field(prefix+"is_template", boolean("")),
		field(prefix+"is_archived", boolean("")),
		field(prefix+"pushed_at", moment("").orNull()),
	}
}
