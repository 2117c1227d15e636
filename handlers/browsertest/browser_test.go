package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/chromedp/chromedp/kb"
)

// TestBrowser uses Neptun as users do, in one Chromium.
func TestBrowser(t *testing.T) {
	c := startChromium(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, chromium)
	}{
		{"MainJob", mainJob},
		{"MainJobWithoutJavaScript", mainJobWithoutJavaScript},
		{"P39EverythingByKeyboard", everythingByKeyboard},
		{"ImportAllThatMatchOnceConfirmed", importAllThatMatch},
		{"PagingGoesBackAndForward", pagingGoesBackAndForward},
		{"P7SyncShowsItsProgressAndKeepsTicks", syncShowsItsProgress},
		{"ListsUpdateLive", listsUpdateLive},
		{"ListsDontMove", listsDontMove},
		{"OfflineNoticeIsShown", offlineNoticeIsShown},
		{"ServerRestartIsNoticed", serverRestartIsNoticed},
		{"HiddenPagesCloseTheirStreams", hiddenPagesCloseTheirStreams},
		{"PagesWithoutStreamsPoll", pagesWithoutStreamsPoll},
		{"ASyncOverBeforeItsResponseLoadsTheList", aSyncOverBeforeItsResponseLoadsTheList},
		{"AnEndedSessionIsNoticed", endedSessionIsNoticed},
		{"P40FailedSyncIsShown", failedSyncIsShown},
		{"FailedRequestIsShown", failedRequestIsShown},
		{"EndedSessionLeadsToTheSignIn", endedSessionLeadsToTheSignIn},
		{"MarkupFromGitHubStaysText", markupStaysText},
		{"BrowserErrorsFailTests", browserErrorsFailTests},
		{"PagesFitPhones", pagesFitPhones},
		{"ATokenIsCreatedAndUsed", tokenIsCreatedAndUsed},
		{"SetUpFromNothing", setUpFromNothing},
		{"O12ListsShowRows", listsShowRows},
		{"O12OneSelection", selectionIsKept},
		{"O12OneSelectionForAllActions", selectionIsTheSameForAll},
		{"O12BackUndoesAChoice", backUndoesAChoice},
		{"O12KeyboardShortcuts", keyboardShortcuts},
		{"O12ThemeIsRemembered", themeIsRemembered},
		{"O12DraftsAreRestored", draftsAreRestored},
		{"R12MainJobInNineClicks", mainJobInNineClicks},
		{"R12MainJobByKeyboard", mainJobByKeyboard},
		{"R12PagesAreFinished", pagesAreFinished},
		{"R12ASearchIsSentAgain", searchIsSentAgain},
		{"DocsAreReadAndTried", docsAreReadAndTried},
		{"GalleryFitsEveryWindow", galleryFits},
		{"GalleryIsAccessible", galleryIsAccessible},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, c)
		})
	}
}

func pathEnds(end string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, end) }
}

func mainJob(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	b := c.open(t, s.URL)

	release := s.HoldResponses(pathEnds("/user/installations"))
	b.logIn("marin")
	b.untilText("h2", "Loading your installations")
	b.run(`window.stayed = true`)
	release()
	b.until(`document.querySelectorAll(".cards li").length === 3`)
	b.untilText(".counts dd", fmt.Sprint(len(s.World.Repositories.List("tidewater-labs"))))
	if !evaluate[bool](b, `window.stayed === true`) {
		t.Error("the page was reloaded for the installations")
	}

	b.run(`[...document.querySelectorAll(".cards a")].find((a) => a.textContent === "tidewater-labs").id = "theirs"`)
	b.click("#theirs")
	b.untilText("h1", "tidewater-labs")
	path := evaluate[string](b, `location.pathname`)
	b.until(`document.querySelectorAll(".rows > tr").length === 50`)

	b.click("#q")
	b.press("c", "h", "a", "r")
	b.untilAt(path + "?q=char")
	b.until(`[...document.querySelectorAll(".rows .what")].every((row) => /char/i.test(row.innerText))`)
	if !b.focused("#q") {
		t.Error("typing lost the focus")
	}
	b.press("t")
	b.untilAt(path + "?q=chart")
	if value := evaluate[string](b, `document.querySelector("#q").value`); value != "chart" {
		t.Errorf("the search says %q", value)
	}

	for row := 1; row <= 3; row++ {
		b.click(fmt.Sprintf(`.rows > tr:nth-child(%d) .pick input`, row))
	}
	b.untilText("#import-selected", "(3)")
	b.click("#import-selected")
	b.untilText("h1", "Import 3 repositories?")
	b.click("#confirm")
	b.untilText("#notices", "3 repositories imported.")
	b.until(`document.querySelectorAll(".rows > tr.in").length === 3`)
	b.untilAt(path + "?q=chart")
	if b.count(".pick input:checked") > 0 {
		t.Error("imported repositories are still selected")
	}

	b.click(`nav a[href="/imports"]`)
	b.untilAt("/imports")
	b.until(`document.querySelectorAll(".rows > tr").length === 3`)
	name := b.text(".rows .name")

	b.click(".account summary")
	b.click(".account form button")
	b.untilAt("/")
	b.run(`history.back()`)
	b.untilText("h1", "Sign in to Neptun")
	if strings.Contains(evaluate[string](b, `document.documentElement.outerHTML`), name) {
		t.Error("going back shows the list after signing out")
	}
	b.expectReport("401")
}

func mainJobWithoutJavaScript(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	b := c.open(t, s.URL)
	b.noScript()

	b.logIn("marin")
	for range 50 {
		if b.count(".cards li") == 3 && b.has(".sync.idle") && !b.has(".cards .badge.info") {
			break
		}
		// The old page stays until the new one is there, and must not be mistaken for it.
		b.run(`document.documentElement.dataset.old = true`)
		b.click(`noscript a`)
		b.until(`!document.documentElement.dataset.old && document.readyState === "complete"`)
	}
	b.run(`[...document.querySelectorAll(".cards a")].find((a) => a.textContent === "tidewater-labs").id = "theirs"`)
	b.click("#theirs")
	b.untilText("h1", "tidewater-labs")
	path := evaluate[string](b, `location.pathname`)

	b.click("#q")
	b.press("e")
	b.click(".find button")
	b.until(`new URLSearchParams(location.search).get("q") === "e" && document.readyState === "complete"`)
	for row := 1; row <= 3; row++ {
		b.click(fmt.Sprintf(`.rows > tr:nth-child(%d) .pick input`, row))
	}
	b.click("#import-selected")
	b.untilText("h1", "Import 3 repositories?")
	b.click("#confirm")
	b.untilText("#notices", "3 repositories imported.")
	b.untilAt(path + "?q=e")

	b.click(".rows > tr.in .do button")
	b.untilText("#notices", "1 import removed.")
	b.click(".tools [name=all]")
	b.untilText("main", "2 already imported")
	b.click("#confirm")
	b.untilText("#notices", "already imported")
	b.click(`nav a[href="/imports"]`)
	b.untilAt("/imports")
	b.until(`document.querySelectorAll(".rows > tr").length >= 3`)
	b.click(".account summary")
	b.click(".account form button")
	b.untilAt("/")
}

// Every control is reached and used with the keyboard alone (P39).
func everythingByKeyboard(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.goTo(v.Installation("tidewater-labs"))

	b.press(kb.Tab)
	if !b.focused(".skip") || evaluate[float64](b, `document.querySelector(".skip").getBoundingClientRect().top`) < 0 {
		t.Error("the first focused element isn't the visible link that skips to the content")
	}
	b.press(kb.Enter)
	b.until(`document.activeElement.id === "main"`)

	b.tabTo("#q")
	b.press("t", "i", "d", "e")
	b.until(`location.search === "?q=tide"`)
	b.tabTo(".rows > tr:first-child .pick input")
	b.press(" ")
	b.untilText("#import-selected", "(1)")
	b.press(" ")

	b.tabTo(".rows > tr:first-child .do button")
	if ring := evaluate[string](b, `getComputedStyle(document.activeElement).outlineStyle`); ring == "none" {
		t.Error("the focus isn't visible")
	}
	id := evaluate[string](b, `document.activeElement.id`)
	b.press(kb.Enter)
	b.untilText("#notices", "1 repository imported.")
	b.until(`document.querySelector(".rows > tr:first-child").matches(".in")`)
	b.until(fmt.Sprintf(`document.activeElement.id === %q`, id))

	b.run(`document.querySelector("#q").focus()`)
	b.tabTo("details.more summary")
	b.press(kb.Enter)
	b.until(`document.querySelector("details.more").open`)
	b.press(kb.Escape)
	b.until(`!document.querySelector("details.more").open && document.activeElement.matches("details.more summary")`)
}

func importAllThatMatch(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs") + "?language=Go"
	b.goTo(path)
	var all int
	if _, err := fmt.Sscanf(b.text(".found"), "1–50 of %d", &all); err != nil {
		t.Fatalf("%q is no page of more than fifty: %v", b.text(".found"), err)
	}

	b.click(".tools [name=all]")
	b.untilText("h1", fmt.Sprintf("Import %d repositories?", all))
	b.click(".actions a") // cancel
	b.untilAt(path)
	if b.count(".rows > tr.in") > 0 {
		t.Error("something was imported before it was confirmed")
	}
	b.click(".tools [name=all]")
	b.untilText("main", "Cancel")
	b.click("#confirm")
	b.untilText("#notices", fmt.Sprintf("%d repositories imported.", all))
	b.untilText(".tabs", fmt.Sprintf("Imported %d", all))
	b.untilAt(path)

	name := b.text(".rows > tr:nth-child(2) .name a")
	b.click(".rows > tr:nth-child(2) .do button")
	b.untilText("#notices", "1 import removed.")
	b.untilText(".tabs", fmt.Sprintf("Imported %d", all-1))
	if row := b.text(".rows > tr:not(.in)"); !strings.HasPrefix(row, name) {
		t.Errorf("%q was to be removed, but %q was removed", name, row)
	}

	b.goTo("/imports")
	b.click("[data-select-all]")
	b.untilText("#remove-selected", "(50)")
	b.click("#remove-selected")
	b.untilText("h1", "Remove 50 imports?")
	b.click("#confirm")
	b.untilText("#notices", "50 imports removed.")
	b.untilText(".found", fmt.Sprintf("1–%d of %d", all-51, all-51))
}

func pagingGoesBackAndForward(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	first := b.text(".rows")
	b.run(`window.stayed = true`)
	b.click("#page-Next")
	b.untilAt(path + "?page=2")
	b.untilText(".found", "51–100 of")
	second := b.text(".rows")
	if top := evaluate[float64](b, `document.querySelector("#results").getBoundingClientRect().top`); top < -1 || top > 400 {
		t.Errorf("the new page's top is %v pixels from the window's", top)
	}
	b.click("#page-Last")
	b.untilText(".found", "251–290 of")
	if !evaluate[bool](b, `window.stayed === true`) {
		t.Error("paging reloads the page")
	}
	b.run(`history.back()`)
	b.untilText(".found", "51–100 of")
	b.untilAt(path + "?page=2")
	b.run(`history.back()`)
	b.untilText(".found", "1–50 of")
	if b.text(".rows") != first {
		t.Error("back shows another first page")
	}
	b.run(`history.forward()`)
	b.untilText(".found", "51–100 of")
	if b.text(".rows") != second {
		t.Error("forward shows another second page")
	}
	b.untilAt(path + "?page=2")

	b.goTo(path + "?page=99")
	b.click(".empty .btn")
	b.untilText(".found", "251–290 of")
}
