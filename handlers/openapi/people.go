package openapi

func people() Noun {
	return Noun{"People", "Who is asking, and what they may see.", []Operation{
		{
			Method: "GET", Path: "/api/openapi.json", ID: "getDescription", Summary: "This description",
			Stored: true, Answers: answer(200, "OpenAPI 3.1", Schema{Type: "object"}),
		},
		{
			Method: "HEAD", Path: "/api/auth/check", ID: "checkSession", Summary: "Whether a credential is live",
			Needs: Read, Answers: empty(204, "It is"),
		},
		{
			Method: "GET", Path: "/api/users/{user_id}", ID: "getPerson", Summary: "You",
			Needs: Read, Stored: true, Answers: answer(200, "The person", ref("Person")),
		},
		{
			Method: "GET", Path: "/api/users/{user_id}/doctor", ID: "diagnose", Summary: "Why you can or can't see a repository",
			Needs: Read, AsksGitHub: true,
			Parameters: []Parameter{{Name: "repository", In: "query", Required: true, Text: "`owner/name`, or the address of its page", Schema: text("").like("octocat/my-project")}},
			Answers:    answer(200, "One verdict, its possible reasons, and the link that mends it", ref("Diagnosis")),
		},
		{
			Method: "GET", Path: "/api/users/{user_id}/rate_limit", ID: "getRateLimit", Summary: "Your budget of requests at GitHub",
			Needs: Read, AsksGitHub: true, Answers: answer(200, "The budget, and what a sync of everything costs", ref("RateLimit")),
		},
	}}
}

func person() Schema {
	return object(
		field("id", text("What paths take as `user_id`").like("01JQ8V6Z3N5T7X9B1D3F5H7K9M")),
		field("github_id", integer("GitHub's id").like(583231)),
		field("github_login", text("").like("octocat")),
		field("name", text("").orNull().like("The Octocat")),
		field("avatar_url", address("").orNull()),
		field("created_at", moment("")),
		field("updated_at", moment("")),
	)
}

func diagnosis() Schema {
	return object(
		field("verdict", oneOf("", "fine", "archived", "renamed", "suspended", "awaiting_approval", "not_visible", "not_reachable")),
		field("repository", text("As it was asked for").like("octocat/my-project")),
		maybe("renamed_to", text("The name that it has now").like("octocat/our-project")),
		field("message", text("The verdict as a sentence").like("You can see it, and the App reaches it.")),
		field("reasons", words("What may be in the way, the likeliest first")),
		field("link", object(
			field("text", text("").like("Your installations")),
			field("url", text("An address, or a path of this Neptun's").like("/installations")),
		)),
	)
}

func rateLimit() Schema {
	return object(
		field("limit", integer("How many requests an hour has; null where GitHub sets no limit").orNull().like(5000)),
		field("used", integer("").orNull().like(12)),
		field("remaining", integer("").orNull().like(4988)),
		field("reset_at", moment("").orNull()),
		field("sync_cost", integer("How many requests a sync takes").like(4)),
		field("message", text("").orNull()),
	)
}
