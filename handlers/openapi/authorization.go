package openapi

func authorization() Noun {
	const path = "/api/users/{user_id}/authorization"
	return Noun{"Authorization", "What you let the App do on GitHub in your name. No answer holds a token.", []Operation{
		{
			Method: "GET", Path: path, ID: "getAuthorization", Summary: "What GitHub knows of your authorization",
			Needs: Session, AsksGitHub: true, Answers: answer(200, "The authorization", ref("Authorization")),
		},
		{
			Method: "POST", Path: path, ID: "resetAuthorization", Summary: "Have GitHub replace the token",
			Needs: Session, AsksGitHub: true, Answers: answer(200, "The authorization", ref("Authorization")),
		},
		{
			Method: "DELETE", Path: path, ID: "disconnect", Summary: "Revoke the authorization",
			Text:  "All your sessions end. Your imports are kept for the day you come back.",
			Needs: Session, AsksGitHub: true, Answers: empty(204, "It is revoked"),
		},
	}}
}

func authorizationFacts() Schema {
	return object(
		field("id", integer("").like(1)),
		field("app_name", text("").orNull().like("Neptun")),
		field("app_client_id", text("").orNull().like("Iv23liAbCdEf")),
		field("permissions", permissions("What it permits")),
		field("url", address("Its page on GitHub").orNull()),
		field("created_at", moment("").orNull()),
		field("updated_at", moment("").orNull()),
		field("expires_at", moment("").orNull()),
	)
}
