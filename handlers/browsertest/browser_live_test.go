package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// ticks returns the values of the selected rows.
func (b *tab) ticks() string {
	b.t.Helper()
	return evaluate[string](b, `[...document.querySelectorAll(".pick :checked")].map((box) => box.value).sort().join()`)
}

// untilStreaming waits until the page's stream is open, and no other page's.
func (b *tab) untilStreaming() {
	b.t.Helper()
	b.until(`window.following?.readyState === 1`)
}

// watchStreams records the streams of all pages that open from now on.
func (b *tab) watchStreams() {
	b.t.Helper()
	b.before(`window.EventSource = class extends EventSource { constructor(...args) { super(...args); window.following = this; } }`)
}

func syncShowsItsProgress(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.goTo(v.Installation("tidewater-labs"))
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "aaa-newly-made"})
	release := s.HoldResponses(func(r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/repositories") && r.URL.Query().Get("page") == "3"
	})

	b.click("#sync-now")
	b.untilText("#sync", "Syncing")
	b.until(`document.querySelector("#sync progress")?.max > 1`)
	b.click(".rows > tr:nth-child(4) .pick input")
	b.click(".rows > tr:nth-child(7) .pick input")
	ticked := b.ticks()
	release()
	b.untilText(".rows", "aaa-newly-made")
	b.until(`document.querySelector("#sync .idle")`)
	if now := b.ticks(); now != ticked {
		t.Errorf("the new list changed the selection from %s to %s", ticked, now)
	}
	b.untilText("#import-selected", "(2)")
	if b.has("#sync progress") || !b.has("#sync-now") {
		t.Error("the sync doesn't show that it has ended")
	}
}

// Changes on GitHub appear on the open page without a reload and without disturbing
// the user.
func listsUpdateLive(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	path := v.Installation("tidewater-labs")
	b := c.openAs(v)
	b.watchStreams()
	b.goTo(path + "?q=char")
	b.untilStreaming()
	b.run(`window.stayed = true`)

	list := evaluate[[]int64](b, `[...document.querySelectorAll(".pick input")].map((box) => +box.value)`)
	if len(list) < 4 {
		t.Fatalf("%d rows are too few", len(list))
	}
	b.click(fmt.Sprintf(".pick [value=%q]", fmt.Sprint(list[1])))
	b.click(fmt.Sprintf(".pick [value=%q]", fmt.Sprint(list[2])))
	b.click("#q")
	b.run(`document.querySelector("#q").setSelectionRange(1, 3)`)
	ticked := b.ticks()

	s.World.Repositories.Rename(list[1], "charted-again")
	s.World.Repositories.Delete(list[0])
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "chart-of-today"})
	v.Sync("tidewater-labs")
	b.untilText(".rows", "charted-again")
	b.untilText(".rows", "chart-of-today")
	b.until(fmt.Sprintf(`!document.querySelector('.pick [value="%d"]')`, list[0]))
	if now := b.ticks(); now != ticked {
		t.Errorf("the selection %s became %s", ticked, now)
	}
	b.untilText("#remove-selected", "(2)")
	if !b.focused("#q") || evaluate[string](b, `document.querySelector("#q").value + document.querySelector("#q").selectionStart + document.querySelector("#q").selectionEnd`) != "char13" {
		t.Error("the search field lost its focus, text or selection")
	}
	b.untilAt(path + "?q=char")
	if !evaluate[bool](b, `window.stayed === true`) {
		t.Error("the page was reloaded")
	}

	// The list of installations, the imports, and an installation that is removed.
	overview := c.openAs(v)
	overview.watchStreams()
	overview.goTo("/installations")
	overview.untilStreaming()
	imports := c.openAs(v)
	imports.watchStreams()
	imports.goTo("/imports")
	imports.untilStreaming()
	b.click("#import-selected")
	b.untilText("main", "Cancel")
	b.click("#confirm")
	b.untilText("#notices", "2 repositories imported.")
	imports.untilText(".rows", "charted-again")
	overview.untilText(".cards", "Imported2")
	s.World.Installations.Uninstall(v.InstalledOn("tidewater-labs").GitHubID)
	v.Post("/installations/sync", nil)
	overview.until(`document.querySelectorAll(".cards.cards > li h2 a").length === 2`)
	b.untilText("main", "is no longer installed on this account")
}

// A list that changes doesn't move what the user is about to click.
func listsDontMove(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.watchStreams()
	b.goTo(v.Installation("tidewater-labs"))
	b.untilStreaming()
	b.click(".rows > tr:nth-child(20) .pick input")
	b.run(`document.querySelector("details.more").open = true`)
	const place = `document.querySelector(".pick :checked").getBoundingClientRect().top`
	before, scrolled := evaluate[float64](b, place), evaluate[float64](b, `scrollY`)
	for _, name := range []string{"aaa-first", "aaa-second", "aaa-third"} {
		s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: name})
	}
	v.Sync("tidewater-labs")
	b.untilText(".rows", "aaa-third")
	if after := evaluate[float64](b, place); after < before-1 || after > before+1 {
		t.Errorf("the row under the pointer moved from %v to %v", before, after)
	}
	if now := evaluate[float64](b, `scrollY`); now <= scrolled {
		t.Errorf("the page is still scrolled to %v although three rows were inserted above", now)
	}
	if !evaluate[bool](b, `document.querySelector("details.more").open`) {
		t.Error("an open disclosure was closed")
	}
}

func offlineNoticeIsShown(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.watchStreams()
	b.goTo("/installations")
	b.untilStreaming()
	offline := func(now bool) {
		b.call(func(ctx context.Context) error {
			_, err := chromedp.Call(ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: now, DownloadThroughput: -1, UploadThroughput: -1})
			return err
		})
	}
	const shown = `!document.querySelector("#away .notice").hidden`
	if evaluate[bool](b, shown) {
		t.Error("the page is online but shows that it is offline")
	}
	offline(true)
	b.until(shown)
	offline(false)
	b.until(`!(` + shown + `)`)
	b.untilStreaming()
}

// The page notices that the server stopped, and that it is back.
func serverRestartIsNoticed(t *testing.T, c chromium) {
	url := dbtest.SQLite(t)
	s := handlerstest.OpenOn(t, sandbox.DemoWorld(), url)
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.watchStreams()
	b.goTo(v.Installation("tidewater-labs"))
	b.untilStreaming()
	stopped := s.Server()
	var nobody http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s.Front.Store(&nobody)
	stopped.EndStreams()
	b.until(`!document.querySelector("#away .notice").hidden`)
	s.Instance(url)
	b.until(`document.querySelector("#away .notice").hidden`)
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "aaa-newly-made"})
	v.Sync("tidewater-labs")
	b.untilText(".rows", "aaa-newly-made")
	b.expectReport("net::ERR")
}

// Browsers allow six connections to a host over all tabs: a hidden tab holds none,
// and updates when it is shown.
func hiddenPagesCloseTheirStreams(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.watchStreams()
	b.goTo(v.Installation("tidewater-labs"))
	b.untilStreaming()
	setHidden := func(hidden bool) {
		b.run(fmt.Sprintf(`Object.defineProperty(document, "hidden", {value: %v, configurable: true}); document.dispatchEvent(new Event("visibilitychange"))`, hidden))
	}
	setHidden(true)
	if state := evaluate[int](b, `window.following.readyState`); state != 2 {
		t.Errorf("the stream of a hidden page is in state %d", state)
	}
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "aaa-newly-made"})
	v.Sync("tidewater-labs")
	if strings.Contains(b.text(".rows"), "aaa-newly-made") {
		t.Error("a hidden page is updated")
	}
	setHidden(false)
	b.untilText(".rows", "aaa-newly-made")
}

// Behind a proxy that doesn't pass streams, pages still update.
func pagesWithoutStreamsPoll(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.before(`window.EventSource = class extends EventTarget { static OPEN = 1; static CLOSED = 2; readyState = 0; close() {} }; const now = Date.now; Date.now = () => now() + (window.later ?? 0)`)
	b.goTo(v.Installation("tidewater-labs"))
	b.run(`window.later = 60_000`)
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "aaa-newly-made"})
	b.click("#sync-now")
	b.untilText(".rows", "aaa-newly-made")
	b.until(`document.querySelector("#sync .idle")`)
}

// A short sync is over before the response to its request is rendered: the page's list is loaded
// nevertheless.
func aSyncOverBeforeItsResponseLoadsTheList(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.before(`window.EventSource = class extends EventTarget { static OPEN = 1; static CLOSED = 2; readyState = 0; close() {} };
		const send = window.fetch;
		window.fetch = async (url, options) => {
			const response = await send(url, options);
			if (options?.method !== "POST") return response;
			for (;;) {
				const late = await send(location.href, {headers: options.headers});
				const page = new DOMParser().parseFromString(await late.clone().text(), "text/html");
				if (page.querySelector("#sync .idle")) return late;
			}
		}`)
	b.goTo(v.Installation("tidewater-labs"))
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "aaa-newly-made"})
	b.click("#sync-now")
	b.untilText(".rows", "aaa-newly-made")
}

func endedSessionIsNoticed(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.watchStreams()
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	b.untilStreaming()
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	b.untilText("h1", "Sign in to Neptun")
	b.expectReport("401")
}
