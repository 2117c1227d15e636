package openapi

func scriptTokens() Noun {
	const tokens, sessions = "/api/users/{user_id}/tokens", "/api/users/{user_id}/sessions"
	missing := Refusal{404, "Token not found"}
	return Noun{"Credentials", "Your script tokens, and the browsers that you are logged in with.", []Operation{
		{
			Method: "GET", Path: tokens, ID: "listTokens", Summary: "Your script tokens",
			Needs: Session, Stored: true, Answers: answer(200, "The tokens, without their secrets", list(ref("ScriptToken"))),
		},
		{
			Method: "POST", Path: tokens, ID: "createToken", Summary: "Make a script token",
			Text:  "It is sent as the cookie `neptun-session` or as `Authorization: Bearer`, and is never good for pages.",
			Needs: Session,
			Body: &Body{
				Schema: object(
					field("name", text("One line, to tell it from others").from(1, 80)),
					maybe("scope", scope()),
					maybe("expires_in_days", integer("30 if left out").from(1, 365)),
					maybe("expires_on", text("Instead of that: the last day on which it is good, in UTC, such as 2024-03-20")),
					maybe("installation_ids", list(integer("The `id` of one of your installations, for a token that reaches no other"))),
				),
				Example: `{"name":"ci","scope":"read","expires_in_days":30}`,
			},
			Answers:  answer(201, "The token with its secret, shown this once", ref("MadeToken")),
			Refusals: []Refusal{{409, "You have as many tokens as one person can have"}},
		},
		{
			Method: "DELETE", Path: tokens + "/{token_id}", ID: "revokeToken", Summary: "Revoke a script token",
			Needs: Session, Answers: empty(204, "It is no longer good"), Refusals: []Refusal{missing},
		},
		{
			Method: "POST", Path: tokens + "/{token_id}/rotation", ID: "rotateToken", Summary: "Replace a script token's secret",
			Text:  "A new token takes over the name, the rights and the length of life. The former goes on for a while.",
			Needs: Session,
			Body: &Body{
				Schema:  object(maybe("overlap_hours", integer("How long the former goes on; 24 if left out").from(0, 168))),
				Example: `{"overlap_hours":24}`, Optional: true,
			},
			Answers:  answer(201, "The new token with its secret, shown this once", ref("MadeToken")),
			Refusals: []Refusal{missing, {409, "It was rotated before, or you have as many tokens as one person can have"}},
		},
		{
			Method: "GET", Path: sessions, ID: "listSessions", Summary: "Where you are logged in",
			Needs: Session, Answers: answer(200, "The sessions, this one first", list(ref("BrowserSession"))),
		},
		{
			Method: "DELETE", Path: sessions, ID: "endOtherSessions", Summary: "Log out everywhere else",
			Needs: Session, Answers: empty(204, "All other sessions have ended; script tokens are good as before"),
		},
		{
			Method: "DELETE", Path: sessions + "/{session_id}", ID: "endSession", Summary: "End one session",
			Needs: Session, Answers: empty(204, "It has ended"), Refusals: []Refusal{{404, "Session not found"}},
		},
	}}
}

func scope() Schema {
	return oneOf("What it may do besides reading: nothing, import and sync, or have GitHub tokens made", "read", "write", "access_tokens")
}

func scriptToken() Schema {
	return object(
		field("id", integer("")),
		field("name", text("").like("ci")),
		field("scope", scope()),
		field("restricted", boolean("It reaches some installations only")),
		field("installation_ids", list(integer("Those, of a restricted token"))),
		field("created_at", moment("")),
		field("expires_at", moment("")),
		field("replaced_by", integer("The token that it was rotated to").orNull().like(nil)),
		field("last_used_at", moment("").orNull()),
		field("last_used_ip", text("").orNull().like("192.0.2.1")),
		field("last_used_by", text("").orNull().like("curl")),
	)
}

// madeToken is a token with the secret that nothing stores.
func madeToken() Schema {
	return object(append([]Field{field("token", text("").like("neptun_…"))}, scriptToken().Fields...)...)
}

func browserSession() Schema {
	return object(
		field("id", text("").like("k3JH8x")),
		field("current", boolean("It is the one that asks").like(true)),
		field("browser", text("").orNull().like("Firefox on Linux")),
		field("ip", text("").orNull().like("192.0.2.1")),
		field("created_at", moment("").orNull()),
		field("last_seen_at", moment("").orNull()),
		field("expires_at", moment("").orNull()),
	)
}
