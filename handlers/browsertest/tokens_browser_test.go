package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
)

// tokenIsCreatedAndUsed creates a token, copies its line of shell, reloads the page, and
// revokes the token. Then, without JavaScript.
func tokenIsCreatedAndUsed(t *testing.T, c chromium) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	b := c.openAs(mira)
	b.goTo("/installations")
	b.click(`nav a[href="/tokens"]`)
	b.untilAt("/tokens")
	b.click("[name=name]")
	b.press("nightly")
	b.click("form.fields .btn.primary")
	b.untilText("#created h2", "Token created: nightly")
	secret := evaluate[string](b, `document.querySelector("#secret").value`)
	s.Bearer(secret).Get("/api/users/me").Status(http.StatusOK)
	if at := evaluate[string](b, `location.pathname + location.search`); at != "/tokens" {
		t.Errorf("the token is shown at %s", at)
	}
	if line := evaluate[string](b, `document.querySelector("#line0").value`); !strings.Contains(line, secret) {
		t.Errorf("the line is %s", line)
	}
	b.until(`[...document.querySelectorAll("[data-copy]")].every((button) => !button.hidden)`)
	b.click("[data-copy=line0]")
	b.until(`document.querySelector("#announcement").textContent !== ""`)
	b.until(`document.querySelector("#line0").selectionEnd > 0`)

	b.goTo("/tokens")
	if html := evaluate[string](b, `document.documentElement.outerHTML`); strings.Contains(html, secret) {
		t.Error("the page shows the token again")
	}
	b.click(".things summary.danger")
	b.click(".things .sheet .btn.danger")
	b.untilText("#notices", "Token revoked.")
	s.Bearer(secret).Get("/api/users/me").Status(http.StatusUnauthorized)

	b.noScript()
	b.goTo("/tokens")
	b.click("[name=name]")
	b.press("weekly")
	b.click("form.fields .btn.primary")
	b.untilText("#created h2", "Token created: weekly")
	if b.count("[data-copy]:not([hidden])") != 0 {
		t.Error("a button is shown that does nothing without JavaScript")
	}
}
