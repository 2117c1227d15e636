package openapi

import "sync"

// Schemas are the named schemas. They must not be changed.
var Schemas = sync.OnceValue(func() map[string]Schema {
	return map[string]Schema{
		"Error":           failure(),
		"Person":          person(),
		"Installation":    installation(),
		"Repository":      repository(),
		"Import":          imported(),
		"ImportResult":    importResult(),
		"Filter":          filter(),
		"Rule":            object(rule(field)...),
		"Exclusion":       exclusion(),
		"HistoryEntry":    historyEntry(),
		"Sync":            syncState(),
		"Authorization":   authorizationFacts(),
		"RateLimit":       rateLimit(),
		"Diagnosis":       diagnosis(),
		"AccessToken":     accessToken(),
		"ScriptToken":     scriptToken(),
		"MadeToken":       madeToken(),
		"BrowserSession":  browserSession(),
		"App":             appFacts(),
		"AppInstallation": appInstallation(),
		"Reading":         reading(),
		"InstallRequest":  installRequest(),
		"SelfTest":        selfTest(),
		"Hook":            hook(),
		"Delivery":        delivery(),
		"CatchUp":         catchUp(),
	}
})

// failure is the one shape of every error.
func failure() Schema {
	return object(
		field("statusCode", integer("The status once more").like(404)),
		field("statusMessage", text("The status in words").like("Not Found")),
		field("data", object(
			field("message", text("A sentence for people").like("Installation not found")),
			maybe("errors", list(object(
				field("field", text("The field or parameter").like("per_page")),
				field("message", text("What is wrong with it").like("must be a whole number from 1 to 100")),
			))),
		)),
	)
}

// an answer with a schema; one without has none.
func answer(status int, text string, schema Schema, headers ...string) []Answer {
	return []Answer{{Status: status, Text: text, Schema: &schema, Headers: headers}}
}

func empty(status int, text string) []Answer { return []Answer{{Status: status, Text: text}} }

func query(name, text string, schema Schema) Parameter {
	return Parameter{Name: name, In: "query", Text: text, Schema: schema}
}

// whole says what a list holds that isn't asked for in pages.
const whole = "The whole list, by `id` unless `sort` says else; a page of it where `per_page` or `page` asks for one."

// order is the parameter that orders a list by one of some fields.
func order(fields ...string) Parameter {
	var words []string
	for _, field := range fields {
		words = append(words, field, "-"+field)
	}
	return query("sort", "The order; `-` turns it around", oneOf("", words...))
}

// paging are the parameters of a list.
func paging() []Parameter {
	return []Parameter{
		query("per_page", "How many on a page; 100 where only `page` is given", integer("").from(1, 100).like(100)),
		query("page", "Which page", integer("").from(1, 1_000_000)),
	}
}

// filters are the parameters that narrow a list of repositories or imports.
func filters() []Parameter {
	return []Parameter{
		query("q", "A part of the name or the description", text("").from(0, 256)),
		query("imported", "Only what is imported, or what is not", oneOf("", "true", "false")),
		query("visibility", "Only what is so visible on GitHub", oneOf("", "public", "private", "internal")),
		query("language", "Only what is written in this language", text("").from(0, 256).like("Go")),
		query("archived", "Only what is archived, or what is not", oneOf("", "true", "false")),
		query("fork", "Only forks, or no forks", oneOf("", "true", "false")),
		query("topic", "Only what has this topic", text("").from(0, 256)),
		query("repository", "Only the one with this full name", text("").from(0, 256).like("octocat/my-project")),
	}
}
