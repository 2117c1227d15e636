package handlers_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/handlers/gallery"

	"github.com/PuerkitoBio/goquery"
)

// formerLabels were whole texts of elements: names of things that GitHub, HTTP
// and everybody else call otherwise.
var formerLabels = []string{
	"Scripts", "Make token", "It may", "Good for", "It reaches", "Only these", "Only these:", "Read your lists",
	"Read, import, remove imports and sync", "Where you are logged in", "Choose all on this page", "Import chosen", "Remove chosen",
	"Order", "Any", "Is one missing?", "Look again", "Lift the suspension", "How it is lifted", "Automatic import",
	"What is imported by itself", "Show what it would import", "Removed by hand", "Let in again", "Manage", "Your budget of requests",
	"Replace the token", "Disconnect", "Disconnect…", "Given", "Changed", "Token ends", "Doctor", "Ask", "Not within reach", "No installation for you",
	"What GitHub knows", "Events it asks for", "Permissions it asks for", "What was done", "What it has accepted", "What it reaches",
	"Count now", "How GitHub sends webhooks", "Address", "What GitHub delivered", "Send it again", "Fetch what is missing now",
	"Fine", "Look", "People here", "What shall the GitHub App be?", "Who may install it", "Only its owner", "Public address",
	"The API, for scripts", "What holds for all", "Shapes", "Tokens of GitHub", "Credentials", "This description",
	"Whether a credential is live", "You", "Why you can or can't see a repository", "Log in", "Log out",
}

// formerSentences were parts of texts.
var formerSentences = []string{
	" is made", "The present one goes on", "The former token goes on until", "You administer it", "You maintain it", "You can push", "You can triage",
	"Nothing matches", "didn't come to its end", "are reached", "went out of your sight", "seen by a sync", "told by GitHub", "It concerns, in this Neptun",
	"Send even where the certificate", "This page has no such part", "This login was begun", "Please begin anew", "There is nothing at this address",
	"does not take this method", "this Neptun", "whoever runs", "Whoever runs", " anew", "by itself", "by themselves", "Log in again", "logged in", "log in again", "comes to its end",
}

// Pages and the README say it in the words that users of
// GitHub know.
func TestFormerWordsAreGone(t *testing.T) {
	check := func(where, text string, whole bool) {
		text = strings.Join(strings.Fields(text), " ")
		if whole && slices.Contains(formerLabels, text) {
			t.Errorf("%s: the label %q", where, text)
		}
		for _, sentence := range formerSentences {
			if strings.Contains(text, sentence) {
				t.Errorf("%s: %q in %.160q", where, sentence, text)
			}
		}
	}
	for _, state := range gallery.States(time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)) {
		var html strings.Builder
		if err := state.Component.Render(t.Context(), &html); err != nil {
			t.Fatal(err)
		}
		page, err := goquery.NewDocumentFromReader(strings.NewReader(html.String()))
		if err != nil {
			t.Fatal(err)
		}
		page.Find("body *").Each(func(_ int, element *goquery.Selection) {
			if element.Children().Length() == 0 {
				check("the page "+state.Name, element.Text(), true)
			}
		})
		check("the page "+state.Name, page.Find("title").Text(), false)
	}

	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	check("README.md", string(readme), false)
}
