package browsertest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The rows that are entirely within the window.
const rowsInView = `[...document.querySelectorAll(".rows > tr")].filter((row) => {
	const box = row.getBoundingClientRect();
	return box.top >= 0 && box.bottom <= innerHeight;
}).length`

// O12.4: most of the window shows rows, and nothing that arrives later moves them.
func listsShowRows(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.watchShifts()
	path := v.Installation("tidewater-labs")
	for _, window := range []struct {
		width, height int64
		rows          int
	}{{1280, 900, 8}, {390, 844, 4}, {320, 844, 3}} {
		b.window(window.width, window.height)
		b.goTo(path)
		if rows := evaluate[int](b, rowsInView); rows < window.rows {
			t.Errorf("%d rows at %d × %d, want %d", rows, window.width, window.height, window.rows)
		} else {
			t.Logf("%d rows at %d × %d", rows, window.width, window.height)
		}
		if wide := evaluate[int](b, `document.documentElement.scrollWidth`); wide > int(window.width) {
			t.Errorf("the page is %d wide at %d", wide, window.width)
		}
		b.doesNotShift(fmt.Sprintf("the page at %d pixels", window.width))
	}
	b.window(1280, 900)
	b.goTo(path)
	if tall := evaluate[float64](b, `Math.max(...[...document.querySelectorAll(".rows > tr")].map((row) => row.getBoundingClientRect().height))`); tall > 56 {
		t.Errorf("a row is %v tall", tall)
	}
	top := evaluate[float64](b, `document.querySelector(".table").getBoundingClientRect().top + scrollY`)
	b.run(`window.shifted = 0`)
	b.click(".rows > tr:first-child .do button")
	b.untilText("#notices", "1 repository imported.")
	if shifted := evaluate[float64](b, `window.shifted`); shifted >= 0.001 {
		t.Errorf("a notice shifts the page by %v", shifted)
	}
	b.click(".rows > tr:nth-child(3) .pick input")
	b.untilText("[data-selection]", "1 selected")
	// The actions of an imported row fit their column, even with a column of accounts.
	tab := c.openAs(v)
	tab.window(1280, 900)
	for _, list := range []string{path, "/repositories", "/imports"} {
		tab.goTo(list)
		if !evaluate[bool](tab, `[...document.querySelectorAll(".rows .in .do")].every((cell) => [...cell.children].every((part) => part.getBoundingClientRect().right <= cell.getBoundingClientRect().right))`) {
			t.Errorf("%s: a button is outside of its column", list)
		}
	}
	if now := evaluate[float64](b, `document.querySelector(".table").getBoundingClientRect().top + scrollY`); now != top {
		t.Errorf("the table moved from %v to %v", top, now)
	}
}

// O12.6: one selection over all pages and filters of a list.
func selectionIsKept(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	if b.has(`.selected [id]:not([hidden])`) && evaluate[string](b, `getComputedStyle(document.querySelector(".selected")).display`) != "none" {
		t.Error("the toolbar is shown without a selection")
	}
	b.click(".rows > tr:nth-child(2) .pick input")
	b.run(`document.querySelector(".rows > tr:nth-child(5) .pick input").dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }))`)
	b.untilText("[data-selection]", "4 selected")
	b.click("#page-Next")
	b.untilText(".found", "51–100 of")
	b.untilText("[data-selection]", "4 selected, 4 not on this page")
	b.click(".rows > tr:first-child .pick input")
	b.untilText("#import-selected", "(5)")
	b.goTo(path + "?q=zzz-nothing")
	b.goTo(path)
	b.untilText("#import-selected", "(5)")
	if checked := b.count(".pick input:checked"); checked != 4 {
		t.Errorf("%d boxes of the first page are checked", checked)
	}
	b.click("#import-selected")
	b.untilText("h1", "Import 5 repositories?")
	b.click(".actions a") // cancel
	b.untilText("#import-selected", "(5)")
	b.click("#import-selected")
	b.untilText("main", "Cancel")
	// Whoever leaves the next page before it has loaded must not find the selection again.
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `addEventListener("DOMContentLoaded", () => { window.selectionsBeforeLoading = sessionStorage.length; })`,
		})
		return err
	})
	b.click("#confirm")
	b.untilText("#notices", "5 repositories imported.")
	b.until(`document.readyState === "complete"`)
	if n := evaluate[int](b, `window.selectionsBeforeLoading`); n != 0 {
		t.Errorf("%d selections are kept while the page loads", n)
	}
	b.until(`document.querySelector("[data-selection]").hidden && !document.querySelector(".pick input:checked")`)

	// All that match.
	b.goTo(path + "?language=Go")
	all := strings.Split(b.text(".found"), " of ")[1]
	b.click(".rows > tr:nth-child(3) .pick input")
	b.click("[data-select-matching]")
	b.untilText("[data-selection]", all+" selected")
	b.click("[data-clear-selection]")
	b.until(`!document.querySelector(".pick input:checked")`)
}

// O12.6: import, remove, export and copy take the same repositories, selected on two
// pages and under a filter, while the list changes.
func selectionIsTheSameForAll(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	pick := func(row int) string {
		t.Helper()
		box := fmt.Sprintf(".rows > tr:nth-child(%d) .pick input", row)
		b.click(box)
		return evaluate[string](b, fmt.Sprintf(`document.querySelector(%q).value`, box))
	}
	b.goTo(path)
	selected := []string{pick(2), pick(5)}
	b.click("#page-Next")
	b.untilText(".found", "51–100 of")
	selected = append(selected, pick(3))
	b.goTo(path + "?q=zzz-nothing")
	b.goTo(path + "?language=Go&sort=-name")
	selected = append(selected, pick(1))
	s.World.Repositories.Add("tidewater-labs", sandbox.Repository{Name: "zzz-new", Language: "Go"})
	v.Sync("tidewater-labs")
	b.untilText(".rows", "zzz-new")
	b.untilText("[data-selection]", "4 selected, 3 not on this page")
	slices.Sort(selected)

	b.run(`navigator.clipboard.writeText = async (text) => { window.copied = text; };
		addEventListener("formdata", (event) => { window.sent = new URLSearchParams(event.formData); });`)
	b.click("[data-copy-selection]")
	b.until(`window.copied`)
	copied := strings.Fields(evaluate[string](b, `window.copied`))
	b.click(".export summary")
	b.click(`.export [formaction$="/export/json"]`)
	b.until(`window.sent`)
	sent := evaluate[[]string](b, `window.sent.getAll("repository_ids").sort()`)
	exported := evaluate[[]string](b, `fetch(document.querySelector('.export [formaction$="/export/json"]').formAction, { method: "POST", body: window.sent })
		.then((response) => response.json()).then((rows) => rows.map((row) => row.full_name))`)
	slices.Sort(copied)
	slices.Sort(exported)
	if !slices.Equal(sent, selected) || len(copied) != 4 || !slices.Equal(exported, copied) {
		t.Errorf("selected are %v, exported %v as %v, and copied %v", selected, sent, exported, copied)
	}
	for _, action := range []struct{ button, text string }{
		{"#remove-selected", "4 not imported."}, {"#import-selected", "4 new."},
	} {
		b.untilText("[data-selection]", "4 selected")
		b.click(action.button)
		b.untilText("main", action.text)
		if names := evaluate[[]string](b, `[...document.querySelectorAll(".bulk .what a")].map((a) => a.textContent).sort()`); !slices.Equal(names, copied) {
			t.Errorf("%s takes %v, and copied are %v", action.button, names, copied)
		}
		b.click(".actions a:last-child") // cancel
	}
}

// O12.9: typing replaces the address, a choice can be undone by going back, and the
// focus stays in the list.
func backUndoesAChoice(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	b.click("#q")
	b.press("c", "h")
	b.untilAt(path + "?q=ch")
	b.run(`const choice = document.querySelector("[name=language]"); choice.value = "Go"; choice.dispatchEvent(new Event("change", { bubbles: true }))`)
	b.untilAt(path + "?q=ch&language=Go")
	b.untilText(".chips", "Language: Go")
	b.until(`document.title.includes("Language: Go") && document.title.includes("“ch”")`)
	b.run(`history.back()`)
	b.untilAt(path + "?q=ch")
	b.until(`!document.querySelector("#chip-language")`)

	b.goTo(path + "?language=Go&archived=false")
	b.click("#chip-language")
	b.untilAt(path + "?archived=false")
	b.until(`document.activeElement !== document.body`)
	b.goTo(path + "?imported=false")
	b.run(`document.querySelector(".rows > tr:nth-child(2) .do button").focus()`)
	b.press(kb.Enter)
	b.untilText("#notices", "1 repository imported.")
	b.until(`document.activeElement.closest(".rows > tr:nth-child(2)") !== null`)
}

// O12.11: the keyboard shortcuts, their help, and the switch that turns them off.
func keyboardShortcuts(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	b.press("j", "j", "x")
	b.until(`document.querySelector(".rows > tr:nth-child(2) .pick input").checked`)
	b.press("k", "i")
	b.untilText("#notices", "1 repository imported.")
	b.until(`document.querySelector(".rows > tr:nth-child(1)").matches(".in")`)
	b.press("/")
	b.until(`document.activeElement.id === "q"`)
	b.press("j")
	b.until(`document.querySelector("#q").value.endsWith("j")`) // in a field a key is a character
	b.run(`document.activeElement.blur()`)
	b.press("g", "m")
	b.untilAt("/imports")

	b.run(`document.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true, cancelable: true }))`)
	b.until(`document.activeElement.matches("#palette input")`)
	b.press("t", "i", "d", "e", "w")
	b.untilText("#palette-list", "tidewater-labs")
	b.press(kb.Enter)
	b.untilAt(path)

	b.press("?")
	b.untilText("dialog h2", "Keyboard shortcuts")
	b.click("#keys-on")
	b.press(kb.Escape)
	b.until(`!document.querySelector("dialog")`)
	b.press("/")
	if b.focused("#q") {
		t.Error("a disabled shortcut works")
	}
}

// O12.13: the next page has the selected theme before it is painted.
func themeIsRemembered(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.scheme("light")
	b.goTo("/imports")
	light := evaluate[string](b, `getComputedStyle(document.documentElement).backgroundColor`)
	b.click(`[name=theme][value=dark]`)
	b.goTo("/installations")
	if dark := evaluate[string](b, `getComputedStyle(document.documentElement).backgroundColor`); dark == light {
		t.Errorf("the page is %s, as before", dark)
	}
	b.click(`[name=theme][value=""]`)
	b.until(fmt.Sprintf(`getComputedStyle(document.documentElement).backgroundColor === %q`, light))
}

// O12.10: text and selection are restored after signing in.
func draftsAreRestored(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	path := v.Installation("tidewater-labs")
	b.goTo(path)
	b.click(".rows > tr:nth-child(2) .pick input")
	b.goTo("/tokens")
	b.click(`[name=name]`)
	b.press("c", "i")
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	b.click("form[data-draft] .primary")
	b.untilText("h1", "Sign in to Neptun")
	b.until(`!document.querySelector("[data-kept]").hidden`)
	b.click(".narrow .btn")
	b.until(`document.querySelector('button[name="login"]')`)
	b.click(`button[name="login"][value="marin"]`)
	b.until(`location.pathname === "/tokens" && document.querySelector("[name=name]").value === "ci"`)
	b.goTo(path)
	b.untilText("[data-selection]", "1 selected")
	b.expectReport("401")
}
