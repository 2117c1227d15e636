package browsertest

import (
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// From an empty Neptun and a GitHub without the App: the setup code, the manifest, the
// App, its installation on an organization, and signing in.
func setUpFromNothing(t *testing.T, c chromium) {
	s := handlerstest.OpenEmpty(t, dbtest.SQLite(t))
	b := c.open(t, s.URL)
	b.goTo("/")
	b.untilAt("/setup")
	b.click(`input[name="code"]`)
	b.press("A", "A", "A", "A")
	b.click("form .btn.primary")
	b.untilText(".reason", "isn't valid")
	b.expectReport("403")
	b.goTo("/setup")
	b.click(`input[name="code"]`)
	for _, letter := range s.SetupCode() {
		b.press(string(letter))
	}
	b.click("form .btn.primary")
	b.untilAt("/setup")
	b.untilText("h1", "Register a GitHub App")

	b.click(`input[value="organization"]`)
	b.click(`input[name="organization"]`)
	b.press("a", "c", "m", "e")
	b.click("form .btn.primary")
	b.untilText("h1", "Register Neptun on GitHub")
	b.untilText("main", "the organization acme")
	b.click(`a[href^="/setup?"]`)
	b.until(`document.querySelector('input[name="organization"]')?.value === "acme"`)
	b.click("form .btn.primary")
	b.untilText("h1", "Register Neptun on GitHub")
	b.click("form .btn.primary")

	// GitHub's pages.
	b.until(`document.querySelector('button[name="login"]')`)
	b.click(`button[name="login"][value="ada"]`)
	b.until(`document.querySelector('input[name="draft"]')`)
	b.click("button.primary")
	b.untilAt("/setup")
	b.untilText("h1", "The GitHub App Neptun is ready")
	b.click(`a[href$="/installations/new"]`)
	b.until(`location.pathname === "/apps/neptun/installations/new" && document.readyState === "complete"`)
	b.click("section button.primary")
	// The setup URL has a visitor sign in first, then continues.
	b.until(`document.querySelector('button[name="authorize"]')`)
	b.click(`button[name="authorize"][value="1"]`)
	b.untilText("h1", "Become an operator")
	b.click("main form .btn.primary")
	b.untilAt("/installations")
	b.untilText(".cards", "acme")
	b.goTo("/setup")
	b.untilAt("/")
}
