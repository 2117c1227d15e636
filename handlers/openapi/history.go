package openapi

func history() Noun {
	return Noun{"History", "What syncs, webhooks and people changed in what you see.", []Operation{
		{
			Method: "GET", Path: record + "/history", ID: "listHistory", Summary: "What changed in what you see of an installation",
			Text:  "The latest first, for ninety days. The next page is the one that `Link` names: new entries come in at the front.",
			Needs: Read, Stored: true,
			Parameters: []Parameter{
				query("before", "Only what is older than the entry with this id", integer("").from(1, 1<<53)),
				query("per_page", "How many on a page", integer("").from(1, 100)),
			},
			Answers: answer(200, "A page of entries, of 100 unless `per_page` says else", list(ref("HistoryEntry")), "Link"),
		},
	}}
}

func historyEntry() Schema {
	return object(
		field("id", integer("").like(99)),
		field("at", moment("")),
		field("cause", oneOf("How Neptun came to know", "sync", "webhook", "person")),
		field("event", text("The webhook's event with its action").orNull().like("repository.renamed")),
		field("change", oneOf("", "appeared", "disappeared", "imported", "renamed", "transferred", "archived", "unarchived", "visibility_changed",
			"reinstalled", "suspended", "unsuspended", "permissions_changed", "selection_changed")),
		field("count", integer("How many repositories it concerns, of those that you see now where it isn't about you alone; 0 where it is the installation").like(1)),
		field("repositories", list(object(
			field("id", integer("GitHub's id").like(1296269)),
			field("name", text("").like("hello-world")),
			field("owner", text("").like("octocat")),
			field("full_name", text("").like("octocat/hello-world")),
			field("url", address("Its page on GitHub").like("https://github.com/octocat/hello-world")),
			field("formerly", text("What the change did away with: a name, an owner or a visibility").orNull().like("hello")),
		))),
	)
}
