package openapi

func webhooks() Noun {
	const hookPath, deliveries = "/api/app/hook", "/api/app/deliveries"
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
			Method: "GET", Path: deliveries, ID: "listDeliveries", Summary: "What GitHub delivered",
			Needs: Operate, AsksGitHub: true,
			Parameters: []Parameter{query("cursor", "As the Link of the page before gives it", text("").from(0, 256))},
			Answers:    answer(200, "The latest first", list(ref("Delivery")), "Link"), Refusals: []Refusal{noHook},
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

func delivery() Schema {
	return object(
		field("id", integer("").like(1)),
		field("guid", text("What `X-GitHub-Delivery` says").like("0b989ba4-242f-11e5-81e1-c7b6966d2516")),
		field("event", text("").like("repository")),
		field("action", text("").orNull().like("renamed")),
		field("status", text("In GitHub's words").like("OK")),
		field("status_code", integer("What this Neptun answered; null where it didn't").orNull().like(202)),
		field("delivered_at", moment("").orNull()),
		field("duration_ms", integer("").like(20)),
		field("redelivery", boolean("")),
		field("github_installation_id", text("").orNull().like("12345678")),
	)
}
