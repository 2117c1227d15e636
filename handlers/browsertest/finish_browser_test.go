package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// media emulates a medium and a mode of colors.
func (b *tab) media(medium string, features ...*emulation.MediaFeature) {
	b.t.Helper()
	features = append(features, &emulation.MediaFeature{Name: "prefers-reduced-motion", Value: "reduce"})
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features})
		return err
	})
}

// picture saves a screenshot if screenshotsEnv is set.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv(screenshotsEnv)
	if dir == "" {
		return
	}
	b.call(func(ctx context.Context) error {
		shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644)
	})
}

// mainJobInNineClicks signs in as a user that GitHub recognizes, imports 20 of 290
// repositories by language, and gets to the line for a script.
func mainJobInNineClicks(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	first := c.open(t, s.URL)
	first.logIn("marin") // so that GitHub asks nothing the next time
	first.until(`document.querySelectorAll(".cards li").length === 3`)
	first.click(".account summary")
	first.click(".account form button")
	first.untilAt("/")

	b, clicks := first, 0
	click := func(selector string) {
		t.Helper()
		b.click(selector)
		clicks++
	}
	click(".hero .btn")
	b.untilText(".bars", "of 290 imported")
	account := evaluate[string](b, `[...document.querySelectorAll(".bars a")].find((a) => a.textContent === "tidewater-labs").getAttribute("href")`)
	click(fmt.Sprintf(".bars a[href=%q]", account))
	b.until(`document.querySelectorAll(".rows > tr").length === 50`)
	click("details.more summary")
	// A press on the list of languages, and its letters: the browser draws that list
	// itself, where a test can't click.
	b.run(`document.querySelector("#f-language").focus()`)
	clicks++
	b.press("G", "o")
	b.until(`location.search.includes("language=Go")`)
	b.until(`[...document.querySelectorAll(".rows .lang")].every((cell) => cell.innerText.trim() === "Go")`)
	b.press(kb.Escape)
	click(".rows > tr:nth-child(1) .pick input")
	b.run(`document.querySelector(".rows > tr:nth-child(20) .pick input").dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true, cancelable: true }))`)
	clicks++
	b.untilText("#import-selected", "(20)")
	click("#import-selected")
	b.untilText("h1", "Import 20 repositories?")
	click("#confirm")
	b.untilText("#notices", "20 repositories imported.")
	click(`nav a[href="/"]`)
	b.until(`document.querySelector("#script-line")?.value.includes("/api/users/me/imports")`)
	t.Logf("%d clicks", clicks)
	if clicks > 9 {
		t.Errorf("%d clicks, want at most 9", clicks)
	}
}

// mainJobByKeyboard does the same with the keyboard alone, for one repository.
func mainJobByKeyboard(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.goTo("/")
	b.tabTo(`.bars a[href="` + v.Installation("tidewater-labs") + `"]`)
	b.press(kb.Enter)
	b.until(`document.querySelectorAll(".rows > tr").length === 50 && document.readyState === "complete"`)
	b.press("j", "i")
	b.untilText("#notices", "1 repository imported.")
	b.until(`document.activeElement !== document.body`)
	b.press("g", "m")
	b.until(`location.pathname === "/imports" && document.querySelectorAll(".rows > tr").length === 1`)
}

// pagesAreFinished checks live pages in all widths and modes of colors, and in print.
func pagesAreFinished(t *testing.T, c chromium) {
	s := handlerstest.Open(t, sandbox.DemoWorld())
	v := s.LogIn("marin")
	b := c.openAs(v)
	b.watchShifts()
	list := v.Installation("tidewater-labs")
	pages := map[string]string{
		"overview": "/", "installations": "/installations", "list": list, "imports": "/imports", "tokens": "/tokens", "account": "/account",
		"access": "/access", "settings": list + "/settings", "auto-import": list + "/auto-import", "history": list + "/history", "docs": "/docs", "docs-imports": "/docs/imports",
	}
	axe := ""
	if modules := os.Getenv(nodeModulesEnv); modules != "" { // the gallery's test says what to install
		script, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
		handlerstest.Must(t, err)
		axe = string(script)
	}
	for name, path := range pages {
		for _, width := range []int64{1280, 390, 320} {
			b.window(width, 844)
			b.media("screen")
			b.goTo(path)
			b.until(`document.readyState === "complete"`)
			b.fits(fmt.Sprintf("%s at %d pixels", path, width), width < 500)
			b.doesNotShift(fmt.Sprintf("%s at %d pixels", path, width))
			b.picture(fmt.Sprintf("%s-%d-light", name, width))
			b.media("screen", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
			b.picture(fmt.Sprintf("%s-%d-dark", name, width))
			b.media("screen", &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
			b.picture(fmt.Sprintf("%s-%d-forced", name, width))
			if width == 1280 && b.has(".badge") && evaluate[string](b, `getComputedStyle(document.querySelector(".badge")).outlineStyle`) == "none" {
				t.Errorf("%s: with forced colors a badge has no edge", path)
			}
		}
		b.window(1280, 844)
		b.media("print")
		if evaluate[bool](b, `[...document.querySelectorAll(".top, .foot, .filter, .do button, .subnav, .pager")].some((e) => e.checkVisibility())`) {
			t.Errorf("%s: controls are printed", path)
		}
		if !b.has("main h1") || evaluate[float64](b, `document.querySelector("main h1").getBoundingClientRect().height`) == 0 {
			t.Errorf("%s: no heading is printed", path)
		}
		b.media("screen")
		if axe != "" {
			b.goTo(path)
			b.run(someRows)
			b.run(axe + "; undefined")
			b.accessible(path+", live", "")
		}
	}

	// The title names what is filtered and the page.
	b.goTo(list + "?language=Go&q=tide")
	if title := evaluate[string](b, `document.title`); title != "tidewater-labs · “tide” · Language: Go · Neptun" {
		t.Errorf("the title is %q", title)
	}
	b.goTo(list + "?page=2")
	if title := evaluate[string](b, `document.title`); title != "tidewater-labs · Page 2 · Neptun" {
		t.Errorf("the title is %q", title)
	}
	// Times are relative, with the exact local time as a tooltip.
	if exact := evaluate[string](b, `(() => {
		const time = document.querySelector(".rows time");
		return time.title === new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" }).format(new Date(time.dateTime)) ? "" : time.title;
	})()`); exact != "" {
		t.Errorf("a time's title is %q", exact)
	}
	for _, link := range []string{`link[rel="manifest"]`, `link[rel="apple-touch-icon"]`, `link[rel="icon"]`} {
		if !evaluate[bool](b, fmt.Sprintf(`fetch(document.querySelector(%q).href).then((r) => r.ok)`, link)) {
			t.Errorf("%s is a broken link", link)
		}
	}
	if !evaluate[bool](b, `fetch(document.querySelector('link[rel="manifest"]').href).then((r) => r.json())
		.then((m) => Promise.all(m.icons.map((icon) => fetch(icon.src)))).then((icons) => icons.length > 0 && icons.every((icon) => icon.ok))`) {
		t.Error("an icon of the manifest leads nowhere")
	}
	for _, property := range []string{`meta[name="description"]`, `meta[property="og:title"]`, `meta[property="og:description"]`} {
		if evaluate[string](b, fmt.Sprintf(`document.querySelector(%q)?.content ?? ""`, property)) == "" {
			t.Errorf("no %s", property)
		}
	}
}

// searchIsSentAgain searches while offline.
func searchIsSentAgain(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.goTo(v.Installation("tidewater-labs"))
	b.until(`document.querySelectorAll(".rows > tr").length === 50`)
	b.run(`window.through = window.fetch; window.fetch = async () => { throw new TypeError("Failed to fetch"); }`)
	b.click("#q")
	b.press("c", "h", "a", "r", "t")
	b.untilText("#notices", "Neptun couldn't be reached.")
	if b.count(".rows > tr") != 50 {
		t.Error("a search that failed emptied the list")
	}
	b.expectReport("Failed to fetch")
	b.run(`window.fetch = window.through; dispatchEvent(new Event("online"))`)
	b.until(`[...document.querySelectorAll(".rows .what")].every((row) => /chart/i.test(row.innerText))`)
	b.until(`!document.querySelector(".notice.lost")`)
}
