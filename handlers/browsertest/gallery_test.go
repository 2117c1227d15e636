package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/gallery"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/static"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// nodeModulesEnv names the environment variable with the directory into which
// npm installed the packages of tools/package.json.
const nodeModulesEnv = "NEPTUN_TEST_NODE_MODULES"

// gallery serves every state of every page, under Neptun's own policy of what
// a page may load and run.
func openGallery(t *testing.T) (url string, paths []string) {
	t.Helper()
	header := handlerstest.Open(t, sandboxtest.EmptyWorld()).Visit().Get("/").Status(http.StatusOK).Header
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }) // to pages that poll
	for _, state := range gallery.States(time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)) {
		paths = append(paths, "/"+state.Name)
		mux.HandleFunc("/"+state.Name, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("HX-Request") != "" {
				w.WriteHeader(http.StatusNoContent) // a region that follows what changes
				return
			}
			w.Header().Set("Content-Security-Policy", header.Get("Content-Security-Policy"))
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := state.Component.Render(r.Context(), w); err != nil && r.Context().Err() == nil {
				t.Errorf("draw %s: %v", state.Name, err)
			}
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, paths
}

// tooWide finds elements beyond the window's edges, unless they can be scrolled to or
// are decoration. Looking at the page's own scroll width
// is not enough, since the page clips.
const tooWide = `(() => {
	const width = document.documentElement.clientWidth, found = [];
	if (document.scrollingElement.scrollWidth > width) found.push("the page: " + document.scrollingElement.scrollWidth);
	for (const e of document.body.querySelectorAll("*")) {
		if (e.closest(".vh, .skip, [aria-hidden=true], .scroll, .tabs") || !e.checkVisibility()) continue;
		const box = e.getBoundingClientRect();
		if (box.width && (box.right > width + 0.5 || box.left < -0.5)) found.push(e.outerHTML.slice(0, 120) + " from " + box.left + " to " + box.right);
	}
	return found.slice(0, 5);
})()`

// tooSmall finds targets that are too small for touch.
const tooSmall = `[...document.body.querySelectorAll("button, input:not([type=hidden]), select, summary, .btn, nav a")].filter((e) => {
	if (!e.checkVisibility() || e.closest("[aria-hidden=true]")) return false;
	const box = (e.matches("[type=checkbox], [type=radio]") ? e.closest("label") : e).getBoundingClientRect();
	return box.height < 43.5 || box.width < 43.5;
}).map((e) => e.outerHTML.slice(0, 120) + " " + e.getBoundingClientRect().width + "x" + e.getBoundingClientRect().height).slice(0, 5)`

func (b *tab) fits(path string, finger bool) {
	b.t.Helper()
	for _, what := range evaluate[[]string](b, tooWide) {
		b.t.Errorf("%s: too wide for the window: %s", path, what)
	}
	if !finger {
		return
	}
	for _, what := range evaluate[[]string](b, tooSmall) {
		b.t.Errorf("%s: too small to tap: %s", path, what)
	}
}

func pagesFitPhones(t *testing.T, c chromium) {
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	stranger := c.open(t, v.Stage.URL)
	stranger.window(390, 844)
	for _, path := range []string{"/", "/login"} {
		stranger.goTo(path)
		stranger.fits(path, true)
	}
	b := c.openAs(v)
	b.window(390, 844)
	b.scheme("dark")
	installation := v.Installation("tidewater-labs")
	for _, path := range []string{"/installations", installation, installation + "?archived=false", "/imports", "/nowhere"} {
		b.goTo(path)
		b.fits(path, true)
		if ground := evaluate[string](b, `getComputedStyle(document.documentElement).backgroundColor`); !dark(t, ground) {
			t.Errorf("%s: the background is %s in dark mode", path, ground)
		}
	}
	b.expectReport("404")

	b.goTo(installation)
	for _, width := range []int64{320, 360, 390} {
		b.window(width, 844)
		b.click("details.more summary")
		b.fits(fmt.Sprintf("%s at %d pixels with the filters open", installation, width), true)
		b.press(kb.Escape)
	}
	b.click(".tools [name=all]")
	b.untilText("h1", "Import 290 repositories?")
	b.fits("the preview of 290 imports", true)
	b.click("#confirm")
	b.untilText("#notices", "290 repositories imported.")
	b.fits(installation+" with all imported", true)
	b.click(".account summary")
	b.fits(installation+" with the account's menu open", true)
}

// dark reports whether a colour, written as browsers compute it, is nearly black.
func dark(t *testing.T, colour string) bool {
	t.Helper()
	var red, green, blue int
	if _, err := fmt.Sscanf(colour, "rgb(%d, %d, %d)", &red, &green, &blue); err != nil {
		t.Fatalf("%s is no colour: %v", colour, err)
	}
	return red+green+blue < 3*64
}

func galleryFits(t *testing.T, c chromium) {
	url, paths := openGallery(t)
	b := c.open(t, url)
	for _, path := range paths {
		b.goTo(path)
		for _, width := range []int64{320, 768, 1280} {
			b.window(width, 844)
			b.fits(fmt.Sprintf("%s at %d pixels", path, width), width < 500)
		}
	}
}

// violation is a finding of axe.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// galleryIsAccessible runs axe (https://github.com/dequelabs/axe-core) on every state: by all rules, and again by those that a narrow window or dark
// colours can break.
func galleryIsAccessible(t *testing.T, c chromium) {
	modules := os.Getenv(nodeModulesEnv)
	if modules == "" {
		dbtest.Skip(t, "run npm ci in tools/ and set "+nodeModulesEnv+" to its node_modules to have axe look at every page")
	}
	axe, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	handlerstest.Must(t, err)
	url, paths := openGallery(t)
	// Two tabs go through them at once: axe keeps one processor busy.
	for half := range 2 {
		t.Run(fmt.Sprint(half+1, " of 2"), func(t *testing.T) {
			t.Parallel()
			b := c.open(t, url)
			for i := half; i < len(paths); i += 2 {
				b.stateIsAccessible(paths[i], string(axe))
			}
		})
	}
}

func (b *tab) stateIsAccessible(path, axe string) {
	b.t.Helper()
	b.window(1280, 844)
	b.scheme("light")
	b.goTo(path)
	b.run(someRows)
	b.run(axe + "; undefined")
	b.accessible(path+", wide and light", "")
	b.scheme("dark")
	b.accessible(path+", wide and dark", `"color-contrast"`)
	b.window(390, 844)
	b.accessible(path+", narrow and dark", `"color-contrast", "target-size", "scrollable-region-focusable"`)
}

// someRows shortens long lists to rows that show all variants: axe takes its time for
// each row.
const someRows = `for (const row of document.querySelectorAll(".rows > tr:nth-child(n + 9)")) row.remove()`

// accessible runs axe on the page, with the given rules or all.
func (b *tab) accessible(what, rules string) {
	b.t.Helper()
	options := `resultTypes: ["violations"], preload: false, rules: {"target-size": {enabled: true}}`
	if rules != "" {
		options += `, runOnly: [` + rules + `]`
	}
	for _, v := range evaluate[[]violation](b, `axe.run(document, {`+options+`}).then((result) => result.violations.map(({id, help, nodes}) =>
		({id, help, nodes: nodes.slice(0, 3).map((node) => node.target.join(" ") + ": " + node.failureSummary)})))`) {
		b.t.Errorf("%s: %s (%s)\n%s", what, v.Help, v.ID, strings.Join(v.Nodes, "\n"))
	}
}

// screenshotEnv names the environment variable with the file to which
// TestScreenshot saves its screenshots. The README's picture is taken again by
//
//	NEPTUN_SCREENSHOT=$PWD/tools/screenshot.png go test ./handlers/browsertest -run TestScreenshot
const screenshotEnv = "NEPTUN_SCREENSHOT"

func TestScreenshot(t *testing.T) {
	t.Parallel()
	c := startChromium(t)
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	b := c.openAs(v)
	b.do(chromedp.EmulateViewport(1280, 860, chromedp.EmulateScale(2)))
	b.goTo(v.Installation("tidewater-labs") + "?q=harbor")
	tick := func(rows ...int) {
		for _, row := range rows {
			b.click(fmt.Sprintf(".rows > tr:nth-child(%d) .pick input", row))
		}
	}
	tick(1, 2, 5)
	b.click("#import-selected")
	b.untilText("main", "Cancel")
	b.click("#confirm")
	b.untilText("#notices", "3 repositories imported.")
	b.until(`document.readyState === "complete"`)
	b.goTo(evaluate[string](b, `location.pathname + location.search`))
	tick(3, 4)
	b.untilText("#import-selected", "(2)")
	b.run(`document.activeElement.blur(); scrollTo(0, 0)`)
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, 0, 0))
	var shot []byte
	b.call(func(ctx context.Context) error {
		result, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
		shot = result.Data
		return err
	})

	picture, err := png.Decode(bytes.NewReader(shot))
	handlerstest.Must(t, err)
	if size := picture.Bounds().Size(); size != image.Pt(2560, 1720) {
		t.Errorf("the picture is %v", size)
	}
	path := os.Getenv(screenshotEnv)
	if path == "" {
		path = filepath.Join(t.TempDir(), "screenshot.png")
	}
	file, err := os.Create(path)
	handlerstest.Must(t, err)
	defer file.Close()
	handlerstest.Must(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(file, picture)) // smaller than Chromium's
}
