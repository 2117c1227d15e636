package openapi

func accessTokens() Noun {
	const path = record + "/access_tokens"
	return Noun{"Tokens of GitHub", "Short-lived GitHub tokens, narrowed to repositories that you name, where whoever runs this Neptun allows it; and what old Enterprise Servers offer besides.", []Operation{
		{
			Method: "POST", Path: path, ID: "createAccessToken", Summary: "Have a GitHub token made",
			Text:  "The kind `user` acts as you. The kind `installation` acts as the App, and is for repositories that you administer.",
			Needs: Tokens, AsksGitHub: true,
			Body: &Body{
				Schema: object(
					maybe("kind", oneOf("`user` if left out", "user", "installation")),
					maybe("repository_ids", list(integer(""))),
					maybe("repositories", words("Names without the owner, instead of ids")),
					field("permissions", permissions("Named as GitHub names them, with read, write or admin")),
				),
				Example: `{"kind":"user","repository_ids":[1296269],"permissions":{"contents":"read"}}`,
			},
			Answers: answer(201, "The token, shown this once", ref("AccessToken")),
			Refusals: []Refusal{
				{403, "This Neptun hands out no tokens, or you don't administer the repositories"}, {409, "The installation is suspended"},
			},
		},
		{
			Method: "DELETE", Path: path, ID: "revokeAccessToken", Summary: "End a GitHub token made here",
			Needs: Tokens, AsksGitHub: true,
			Body:    &Body{Schema: object(field("token", text(""))), Example: `{"token":"ghu_…"}`},
			Answers: empty(204, "It is no longer good"), Refusals: []Refusal{{404, "Access token not found"}},
		},
		{
			Method: "POST", Path: record + "/content_attachments", ID: "createContentAttachment", Summary: "Attach to a link, on old Enterprise Servers",
			Needs: Write, AsksGitHub: true,
			Body: &Body{
				Schema: object(
					field("repository_id", integer("")),
					field("content_reference_id", integer("")),
					field("title", text("").from(1, 1024)),
					field("body", text("").from(1, 262144)),
				),
				Example: `{"repository_id":1296269,"content_reference_id":2,"title":"Build","body":"It passed."}`,
			},
			Answers: answer(201, "The attachment", object(
				field("id", integer("")), field("title", text("").like("Build")), field("body", text("").like("It passed.")),
			)),
			Refusals: []Refusal{
				{403, "You may not push to the repository"},
				{404, "Repository not found"},
				{409, "The installation is suspended"},
				{410, "This GitHub no longer offers content attachments"},
			},
		},
	}}
}

func accessToken() Schema {
	return object(
		field("token", text("").like("ghu_…")),
		field("kind", oneOf("", "user", "installation")),
		field("expires_at", moment("").orNull()),
		field("permissions", permissions("")),
		field("repository_ids", list(integer("").like(1296269))),
	)
}
