package openapi

func app() Noun {
	const path = "/api/app"
	missing := Refusal{404, "GitHub has no such installation of the App"}
	return Noun{"The App, for operators", "The App as a whole: accounts, states and counts, and no names of repositories.", []Operation{
		{
			Method: "GET", Path: path, ID: "getApp", Summary: "What GitHub says of the App",
			Needs: Operate, Stored: true, Answers: answer(200, "The App", ref("App")),
			Refusals: []Refusal{{503, "GitHub has told nothing of the App yet"}},
		},
		{
			Method: "GET", Path: path + "/self-test", ID: "testApp", Summary: "Whether the App and this Neptun fit together",
			Needs: Operate, AsksGitHub: true, Answers: answer(200, "What was looked at", ref("SelfTest")),
		},
		{
			Method: "GET", Path: path + "/installations", ID: "listAppInstallations", Summary: "All installations of the App",
			Needs: Operate, Stored: true,
			Text:       whole,
			Parameters: installationParameters(),
			Answers:    answer(200, "The installations", list(ref("AppInstallation")), "Link", "X-Total-Count"),
		},
		{
			Method: "GET", Path: path + "/installations/{github_installation_id}", ID: "getAppInstallation", Summary: "One installation of the App",
			Needs: Operate, Stored: true, Answers: answer(200, "The installation", ref("AppInstallation")), Refusals: []Refusal{missing},
		},
		{
			Method: "GET", Path: path + "/installations/{github_installation_id}/reach", ID: "getAppInstallationReach", Summary: "How many repositories an installation reaches",
			Needs: Operate, AsksGitHub: true,
			Answers: answer(200, "As GitHub says now", object(
				field("repository_count", integer("").like(42)),
				field("installation_id", integer("Your own record of it; null if GitHub shows it to you nowhere").orNull()),
				field("visible_count", integer("How many of them you see").like(12)),
			)),
			Refusals: []Refusal{missing},
		},
		{
			Method: "GET", Path: path + "/installation", ID: "findAppInstallation", Summary: "Where the App is installed, looked up on GitHub",
			Text:  "By one of the three.",
			Needs: Operate, AsksGitHub: true,
			Parameters: []Parameter{
				query("org", "An organization's login", text("").like("octo-org")),
				query("user", "A user's login", text("").like("octocat")),
				query("repository", "`owner/name`", text("").like("octocat/my-project")),
			},
			Answers: answer(200, "The installation", ref("AppInstallation")), Refusals: []Refusal{{404, "The App isn't installed there"}},
		},
		{
			Method: "GET", Path: path + "/readings", ID: "getReading", Summary: "How old the list of all installations is",
			Needs: Operate, Stored: true, Answers: answer(200, "The reading", ref("Reading")),
		},
		{
			Method: "POST", Path: path + "/readings", ID: "startReading", Summary: "Read all installations anew",
			Needs: Operate, Answers: answer(202, "The reading", ref("Reading")),
		},
		{
			Method: "GET", Path: path + "/installation-requests", ID: "listInstallRequests", Summary: "Who asked to have the App installed",
			Needs: Operate, Stored: true, Answers: answer(200, "The requests, and what became of them", list(ref("InstallRequest"))),
		},
	}}
}

func appFacts() Schema {
	return object(
		field("id", integer("").like(1)),
		field("slug", text("").like("neptun")),
		field("name", text("").like("Neptun")),
		field("description", text("").orNull()),
		field("owner_login", text("").like("octo-org")),
		field("owner_type", accountType()),
		field("url", address("").orNull()),
		field("homepage_url", address("").orNull()),
		field("settings_url", address("").orNull()),
		field("install_url", address("").orNull()),
		field("visibility", text("`Public`, `Private`, or null where GitHub didn't tell").orNull().like("Public")),
		field("permissions", permissions("What the App asks for")),
		field("events", words("What the App listens to")),
		field("installation_count", integer("").like(3)),
		field("read_at", moment("").orNull()),
	)
}

func appInstallation() Schema {
	return object(
		field("github_installation_id", text("GitHub's id, as a string").like("12345678")),
		field("github_account_login", text("").like("octo-org")),
		field("github_account_type", accountType()),
		field("github_account_avatar_url", address("").orNull()),
		field("url", address("Its page on GitHub").orNull()),
		field("repository_selection", selection()),
		field("permissions", permissions("What the account accepted")),
		field("events", words("")),
		field("suspended_at", moment("").orNull().like(nil)),
		field("suspended_by", text("").orNull()),
		field("people_count", integer("How many people here have it").like(5)),
		field("drift", object(
			field("permissions", list(object(
				field("name", text("").like("contents")), field("asked", text("").like("read")), field("accepted", text("").orNull()),
			))),
			field("events", words("")),
		)),
	)
}

func reading() Schema {
	return object(
		field("state", syncStates()),
		field("started_at", moment("").orNull()),
		field("finished_at", moment("").orNull()),
		field("read_at", moment("The end of the last whole one").orNull()),
		field("retry_at", moment("").orNull().like(nil)),
		field("message", text("").orNull()),
	)
}

func installRequest() Schema {
	return object(
		field("id", integer("")),
		field("state", oneOf("", "pending", "ready", "gone")),
		field("github_account_id", integer("").like(583231)),
		field("github_account_login", text("").like("octo-org")),
		field("github_account_type", accountType()),
		field("github_account_avatar_url", address("").orNull()),
		field("requester_github_id", integer("").like(583231)),
		field("requester_github_login", text("").like("octocat")),
		field("created_at", moment("").orNull()),
		field("settled_at", moment("").orNull().like(nil)),
	)
}

func selfTest() Schema {
	return object(
		field("ok", boolean("Nothing failed").like(true)),
		field("checks", list(object(
			field("name", text("").like("private_key")),
			field("result", oneOf("", "ok", "warning", "failed", "skipped")),
			field("message", text("").like("An RSA key of 2048 bits.")),
			field("advice", text("").orNull()),
		))),
		field("callback_url", address("What belongs on the App's page on GitHub").like("https://neptun.example/auth/github/callback")),
		field("setup_url", address("").like("https://neptun.example/auth/github/setup")),
		field("webhook_url", address("").like("https://neptun.example/webhooks/github")),
	)
}
