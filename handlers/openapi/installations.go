package openapi

const record = "/api/users/{user_id}/installations/{installation_id}"

func installations() Noun {
	mayNotManage := Refusal{403, "Only the account's own user, an organization's admin and operators may"}
	return Noun{"Installations", "Where the App is installed for you.", files([]Operation{
		{
			Method: "GET", Path: "/api/users/{user_id}/installations", ID: "listInstallations", Summary: "Where the App is installed for you",
			Text:  whole,
			Needs: Read, Stored: true, Listed: true, Parameters: installationParameters(),
			Answers: answer(200, "The installations", list(ref("Installation")), "Link", "X-Total-Count"),
		},
		{
			Method: "GET", Path: record, ID: "getInstallation", Summary: "One installation",
			Needs: Read, Stored: true, Answers: answer(200, "The installation", ref("Installation")),
		},
		{
			Method: "DELETE", Path: record, ID: "uninstall", Summary: "Uninstall the App from the account",
			Text:  "Of an installation that GitHub no longer has, what is left here is forgotten, with its imports.",
			Needs: Session, AsksGitHub: true,
			Body: &Body{
				Schema:  object(field("account", text("The account's name, to confirm what can't be undone"))),
				Example: `{"account":"octocat"}`,
			},
			Answers: empty(204, "It is uninstalled, or forgotten"), Refusals: []Refusal{mayNotManage},
		},
		{
			Method: "PUT", Path: record + "/suspended", ID: "suspend", Summary: "Suspend the installation",
			Text:  "It is done in the App's name, and can then be lifted only through Neptun.",
			Needs: Session, AsksGitHub: true, Answers: empty(204, "It is suspended"), Refusals: []Refusal{mayNotManage},
		},
		{
			Method: "DELETE", Path: record + "/suspended", ID: "unsuspend", Summary: "Lift a suspension made through Neptun",
			Needs: Session, AsksGitHub: true, Answers: empty(204, "The installation works"),
			Refusals: []Refusal{mayNotManage, {409, "It was suspended on GitHub, and is lifted only there"}},
		},
		{
			Method: "GET", Path: record + "/sync", ID: "getSync", Summary: "How the sync stands",
			Needs: Read, Stored: true, Answers: answer(200, "The sync", ref("Sync")),
		},
		{
			Method: "POST", Path: record + "/sync", ID: "startSync", Summary: "Start a sync, or join the one under way",
			Needs: Write, Answers: answer(202, "The sync", ref("Sync")),
			Refusals: []Refusal{{409, "The installation is suspended"}},
		},
		{
			Method: "GET", Path: record + "/rate_limit", ID: "getInstallationRateLimit", Summary: "Your budget, and what a sync of this costs",
			Needs: Read, AsksGitHub: true, Answers: answer(200, "The budget", ref("RateLimit")),
		},
	})}
}

// installationParameters narrow and order a list of installations, and take a
// page of it.
func installationParameters() []Parameter {
	return append([]Parameter{
		query("q", "A part of the account's name", text("").from(0, 256)),
		query("account", "Only the one on this account", text("").from(0, 256).like("octocat")),
		query("suspended", "Only what is suspended, or what is not", oneOf("", "true", "false")),
		order("id", "account"),
	}, paging()...)
}

func installation() Schema {
	return object(
		field("id", integer("What paths take as `installation_id`")),
		field("neptun_user_id", text("Your id").like("01JQ8V6Z3N5T7X9B1D3F5H7K9M")),
		field("github_installation_id", text("GitHub's id, as a string").like("12345678")),
		field("created_at", moment("")),
		field("updated_at", moment("")),
		field("github_account_login", text("").like("octocat")),
		field("github_account_type", accountType()),
		field("github_account_avatar_url", address("").orNull()),
		field("repository_selection", selection()),
		field("suspended_at", moment("").orNull().like(nil)),
		field("synced_at", moment("The end of the last whole sync").orNull()),
		field("repository_count", integer("How many repositories you see through it").like(42)),
		field("import_count", integer("How many of them you imported").like(7)),
	)
}

func accountType() Schema { return oneOf("", "User", "Organization", "Enterprise") }

func selection() Schema {
	return oneOf("What of the account the installation reaches", "all", "selected")
}

func syncStates() Schema { return oneOf("", "idle", "queued", "running", "waiting", "failed") }

func syncState() Schema {
	return object(
		field("state", syncStates()),
		field("started_at", moment("").orNull()),
		field("finished_at", moment("").orNull()),
		field("pages_done", integer("Of GitHub's list").like(0)),
		field("pages_total", integer("").like(0)),
		field("repositories_seen", integer("").like(0)),
		field("retry_at", moment("When a sync that waits goes on").orNull().like(nil)),
		field("message", text("Why it waits or failed").orNull()),
	)
}
