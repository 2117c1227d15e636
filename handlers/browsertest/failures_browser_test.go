package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"

	"github.com/chromedp/chromedp"
)

// A failed sync is shown, and the last complete list stays (P40).
func failedSyncIsShown(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.goTo(v.Installation("tidewater-labs"))
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, "/repositories") {
			return nil
		}
		return &sandbox.Fault{
			Status: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}},
			Body: `{"message":"Resource not accessible by integration"}`,
		}
	})

	b.click("#sync-now")
	b.untilText("#sync .failed", "Last sync failed.")
	for _, part := range []string{"don't have permission", "Showing the last complete list"} {
		b.untilText("#sync", part)
	}
	if rows := b.count(".rows > tr"); rows != 50 {
		t.Errorf("%d rows are left of the last good list", rows)
	}
	b.goTo("/installations")
	b.untilText(".cards", "Sync failed")

	b.goTo(v.Installation("tidewater-labs"))
	s.GitHub.Fault(nil)
	b.click("#sync-now")
	b.until(`document.querySelector("#sync .idle")`)
}

func failedRequestIsShown(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)

	// Neptun's own message for what it refuses.
	b.run(`document.querySelector("#q").value = "x".repeat(300)`)
	b.click(".find button")
	b.untilText("#notices .error", "256 characters")
	b.expectReport("422")
	s.World.Installations.Suspend(v.InstalledOn("tidewater-labs").GitHubID, "marin")
	v.Post("/installations/sync", nil)
	v.Settle()
	b.click(".rows .do button")
	b.untilText("#notices .error", "suspended")
	b.expectReport("409")

	// A proxy in front of Neptun fails, or nothing responds at all.
	b.run(`window.online = window.fetch; window.fetch = async () => new Response("<html><title>502</title><h1>502 Bad Gateway</h1><hr>nginx</html>", {status: 502, headers: {"Content-Type": "text/html"}})`)
	b.click("#page-Next")
	b.untilText("#notices .error", "status 502")
	if b.has("#notices h1") || strings.Contains(b.text("#notices"), "nginx") {
		t.Error("another server's error page is shown as a notice")
	}
	b.run(`window.fetch = async () => { throw new TypeError("Failed to fetch") }`)
	b.click("#page-Next")
	b.untilText("#notices .error", "couldn't be reached")
	if rows := b.count(".rows > tr"); rows != 50 {
		t.Errorf("%d rows are left", rows)
	}
	b.untilAt(path)
	b.expectReport("Failed to fetch")
	b.run(`window.fetch = window.online`)
	b.click("#page-Next")
	b.untilText(".found", "51–100 of")
	if b.has("#notices .error") {
		t.Errorf("the key works again, but the page still shows %q", b.text("#notices"))
	}
}

func endedSessionLeadsToTheSignIn(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs") + "?language=Go"
	b.goTo(path)
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	b.run(`document.querySelector("#page-Next")?.click()`) // unless the page's stream noticed first
	b.untilText("h1", "Sign in to Neptun")
	b.expectReport("401")
	b.click(".narrow .btn")
	b.until(`document.querySelector('button[name="login"]')`)
	b.click(`button[name="login"][value="marin"]`)
	b.untilAt(path) // approved before, so GitHub doesn't ask again
}

func markupStaysText(t *testing.T, c chromium) {
	world := sandbox.NewWorld()
	const attack = `<script>window.ran = 1</script><img src=x onerror="window.ran = 2"><a href="javascript:window.ran = 3">go</a>`
	world.Accounts.AddUser(sandbox.User{Login: "mallory", Name: attack})
	world.Repositories.Add("mallory", sandbox.Repository{
		Name: "trap", Description: attack, Homepage: "javascript:window.ran = 4",
		Language: `"><svg onload="window.ran = 5">`, License: "mit", Topics: []string{"<b>x</b>"},
	})
	world.Installations.Install("mallory", sandbox.SelectAll)
	v := handlerstest.Open(t, world).LogIn("mallory")
	b := c.openAs(v)
	path := v.Installation("mallory")
	b.goTo(path)
	if shown := b.text(".desc"); shown != attack {
		t.Errorf("the description reads %q", shown)
	}
	b.click(".rows .do button")
	b.untilText("#notices", "1 repository imported.")
	for _, page := range []string{path, "/imports", path + "?q=" + "%3Cscript%3Ewindow.ran%3D6%3C%2Fscript%3E", "/installations", "/nowhere/%3Cscript%3E"} {
		b.goTo(page)
		if b.has(`main script, main img[onerror], svg[onload], a[href^="javascript:" i], .topic b`) {
			t.Errorf("%s has markup from GitHub", page)
		}
		if evaluate[bool](b, `"ran" in window`) {
			t.Errorf("%s runs code from GitHub", page)
		}
	}
	b.expectReport("404")
}

// browserErrorsFailTests shows that the other tests would notice an error in a script
// and a violation of the Content-Security-Policy.
func browserErrorsFailTests(t *testing.T, c chromium) {
	b := c.open(t, handlerstest.Open(t, sandboxtest.EmptyWorld()).URL)
	b.goTo("/")
	b.run(`document.body.append(Object.assign(document.createElement("script"), {textContent: "window.ran = 1"}))`)
	b.expectReport("Content Security Policy")
	b.run(`document.body.setAttribute("style", "color: red")`)
	b.expectReport("Content Security Policy")
	b.run(`setTimeout(() => { throw new Error("oh dear") })`)
	b.expectReport("oh dear")
	b.run(`console.error("dear me")`)
	b.expectReport("dear me")
	if evaluate[bool](b, `"ran" in window`) {
		t.Error("an inline script runs")
	}
	b.do(chromedp.Navigate(b.url + "/healthz"))
}
