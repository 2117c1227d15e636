package openapi

func webhooks() Noun {
	const hookPath, deliveries = "/api/app/hook", "/api/app/deliveries"
	const catchUps = "/api/app/catch-ups"
	noHook := Refusal{404, "The App has no webhook"}
	missing := Refusal{404, "GitHub has no such delivery, or no longer"}
	return Noun{"Webhooks, for operators", "How GitHub tells this Neptun of changes. Never what is in a delivery.", []Operation{
		{
			Method: "GET", Path: hookPath, ID: "getHook", Summary: "How GitHub sends webhooks",
			Needs: Operate, AsksGitHub: true, Answers: answer(200, "The webhook", ref("Hook")), Refusals: []Refusal{noHook},
		},
		{
			Method: "PATCH", Path: hookPath, ID: "changeHook", Summary: "Change how GitHub sends webhooks",
			Needs: Operate, AsksGitHub: true,
			Body: &Body{
				Schema: object(
					maybe("url", address("")),
					maybe("content_type", oneOf("", "json", "form")),
					maybe("insecure_ssl", boolean("")),
					maybe("secret", text("It can be set, and is never told").from(16, 0)),
				),
				Example: `{"content_type":"json"}`,
			},
			Answers: answer(200, "The webhook", ref("Hook")), Refusals: []Refusal{noHook},
		},
		{
			Method: "GET", Path: deliveries, ID: "listDeliveries", Summary: "What GitHub delivered, and what came of it here",
			Text:  "As GitHub says now, from a cursor on; or, with an outcome, what is recorded here, in pages and with an ETag.",
			Needs: Operate, AsksGitHub: true,
			Parameters: append([]Parameter{
				query("cursor", "As the Link of the page before gives it", text("").from(0, 256)),
				query("outcome", "Only what is recorded here, all of it or with this outcome", oneOf("", "any", "missing", "failed", "pending", "applied", "ignored")),
				ifNoneMatch,
			}, paging()...),
			Answers:  append(answer(200, "The latest first", list(ref("Delivery")), "ETag", "Link", "X-Total-Count"), unchanged),
			Refusals: []Refusal{noHook},
		},
		{
			Method: "GET", Path: catchUps, ID: "getCatchUp", Summary: "How the looking for missed deliveries stands",
			Needs: Operate, Stored: true, Answers: answer(200, "The latest look", ref("CatchUp")),
		},
		{
			Method: "POST", Path: catchUps, ID: "startCatchUp", Summary: "Look for missed deliveries now",
			Needs: Operate, Answers: answer(202, "The look, which may have been under way", ref("CatchUp")), Refusals: []Refusal{noHook},
		},
		{
			Method: "GET", Path: deliveries + "/{delivery_id}", ID: "getDelivery", Summary: "One delivery",
			Needs: Operate, AsksGitHub: true, Answers: answer(200, "The delivery", ref("Delivery")), Refusals: []Refusal{missing},
		},
		{
			Method: "POST", Path: deliveries + "/{delivery_id}/attempts", ID: "redeliver", Summary: "Have GitHub send it again",
			Needs: Operate, AsksGitHub: true,
			Answers:  answer(202, "GitHub will; it shows up as another delivery", object(field("id", integer("The delivery asked for")))),
			Refusals: []Refusal{missing},
		},
	}}
}

func hook() Schema {
	return object(
		field("url", text("").like("https://neptun.example/webhooks/github")),
		field("content_type", text("").orNull().like("json")),
		field("insecure_ssl", boolean("GitHub doesn't check the certificate")),
		field("has_secret", boolean("").like(true)),
	)
}

// delivery is what GitHub says of an attempt, null where it wasn't asked, and
// what is recorded here.
func delivery() Schema {
	return object(
		field("id", integer("GitHub's, of the attempt").orNull().like(1)),
		field("guid", text("What `X-GitHub-Delivery` says").like("0b989ba4-242f-11e5-81e1-c7b6966d2516")),
		field("event", text("").like("repository")),
		field("action", text("").orNull().like("renamed")),
		field("status", text("In GitHub's words").orNull().like("OK")),
		field("status_code", integer("What this Neptun answered; null where it didn't").orNull().like(202)),
		field("delivered_at", moment("").orNull()),
		field("duration_ms", integer("").orNull().like(20)),
		field("redelivery", boolean("").orNull()),
		field("github_installation_id", text("").orNull().like("12345678")),
		field("outcome", oneOf("What came of it here", "applied", "pending", "failed", "ignored", "missing")),
		field("received_at", moment("Null where it never came").orNull()),
		field("applied_at", moment("").orNull()),
		field("caught_up_at", moment("When it was fetched from GitHub, having been missed").orNull().like(nil)),
	)
}

func catchUp() Schema {
	return object(
		field("state", syncStates()),
		field("message", text("").orNull()),
		field("found_count", integer("Missing ones that the latest look met").like(0)),
		field("fetched_count", integer("Those of them that it got").like(0)),
		field("missing_count", integer("All that never came").like(0)),
		field("started_at", moment("").orNull()),
		field("finished_at", moment("The end of the last whole look").orNull()),
		field("retry_at", moment("").orNull().like(nil)),
	)
}
