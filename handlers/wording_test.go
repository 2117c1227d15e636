package handlers_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/handlers"
	"neptun/handlers/gallery"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"

	"github.com/PuerkitoBio/goquery"
)

// formerLabels are former texts of whole elements.
var formerLabels = []string{
	"Scripts", "Make token", "It may", "Good for", "It reaches", "Only these", "Read your lists",
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

// formerSentences are former parts of texts.
var formerSentences = []string{
	" is made", "The present one goes on", "The former token goes on until", "You administer it", "You maintain it", "You can push", "You can triage",
	"Nothing matches", "didn't come to its end", "are reached", "went out of your sight", "seen by a sync", "told by GitHub", "It concerns, in this Neptun",
	"Send even where the certificate", "This page has no such part", "This login was begun", "Please begin anew", "There is nothing at this address",
	"does not take this method", "this Neptun", "whoever runs", "Whoever runs", " anew", "by itself", "by themselves", "Log in again", "logged in", "log in again", "comes to its end",
}

// TestOldTermsAreGone looks for former wording in everything that users read: pages, the
// OpenAPI document, texts in the code such as error messages, and the README.
func TestOldTermsAreGone(t *testing.T) {
	t.Run("pages", func(t *testing.T) {
		for _, state := range gallery.States(time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)) {
			var html strings.Builder
			handlerstest.Must(t, state.Component.Render(t.Context(), &html))
			page, err := goquery.NewDocumentFromReader(strings.NewReader(html.String()))
			handlerstest.Must(t, err)
			page.Find("title, body *").Each(func(_ int, element *goquery.Selection) {
				if element.Children().Length() == 0 {
					checkWords(t, "the page "+state.Name, element.Text())
				}
				for _, name := range []string{"aria-label", "placeholder", "title"} {
					checkWords(t, "the page "+state.Name, element.AttrOr(name, ""))
				}
			})
		}
	})
	t.Run("OpenAPI document", func(t *testing.T) {
		encoded, err := openapi.Describe("https://neptun.example", handlers.Operations())
		handlerstest.Must(t, err)
		var document any
		handlerstest.Must(t, json.Unmarshal(encoded, &document))
		checkStrings(t, "the OpenAPI document", document)
	})
	t.Run("texts in the code", func(t *testing.T) {
		for _, dir := range []string{"../handlers", "../views", "../sessions", "../syncer", "../github", "../sandbox"} {
			handlerstest.Must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
					return err
				}
				file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
				ast.Inspect(file, func(node ast.Node) bool {
					if text, ok := node.(*ast.BasicLit); ok && text.Kind == token.STRING {
						checkSentences(t, path, text.Value)
					}
					return true
				})
				return err
			}))
		}
	})
	t.Run("README.md", func(t *testing.T) {
		readme, err := os.ReadFile("../README.md")
		handlerstest.Must(t, err)
		// Headings, cells of tables, list items and emphasized words are whole texts.
		for _, text := range regexp.MustCompile("[\\n|*`\\[\\]#]|\\n *- ").Split(string(readme), -1) {
			checkWords(t, "README.md", text)
		}
		checkSentences(t, "README.md", string(readme))
	})
}

// checkStrings checks every string in a JSON value.
func checkStrings(t *testing.T, where string, value any) {
	t.Helper()
	switch value := value.(type) {
	case string:
		checkWords(t, where, value)
	case []any:
		for _, item := range value {
			checkStrings(t, where, item)
		}
	case map[string]any:
		for _, item := range value {
			checkStrings(t, where, item)
		}
	}
}

// checkWords checks the whole text of an element.
func checkWords(t *testing.T, where, text string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	if slices.Contains(formerLabels, strings.TrimRight(text, ".:")) {
		t.Errorf("%s: the label %q", where, text)
	}
	checkSentences(t, where, text)
}

// checkSentences looks for former parts of a text.
func checkSentences(t *testing.T, where, text string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, sentence := range formerSentences {
		if strings.Contains(text, sentence) {
			t.Errorf("%s: %q in %.160q", where, sentence, text)
		}
	}
}
