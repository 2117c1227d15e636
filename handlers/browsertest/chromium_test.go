package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sessions"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromiumEnv names the environment variable with the browser to test in.
const chromiumEnv = "NEPTUN_TEST_CHROMIUM"

// chromium is a browser that tests share. Each tab has its own cookies and cache.
type chromium struct{ ctx context.Context }

func startChromium(t *testing.T) chromium {
	t.Helper()
	path := findChromium()
	if path == "" {
		dbtest.Skip(t, "install Chromium (Debian: apt-get install chromium) or set "+chromiumEnv+" to run this in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, _ := chromedp.NewContext(allocator)
	handlerstest.Must(t, chromedp.Do(ctx))
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("the browser did not end well: %v", err)
		}
	})
	return chromium{ctx}
}

func findChromium() string {
	if path := os.Getenv(chromiumEnv); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// tab is one user's browser tab. Anything that the browser reports in it, such as an
// error in a script or a violation of the Content-Security-Policy, fails the test.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string // of the server that paths are on

	mu      sync.Mutex
	reports []string
}

// open opens a tab for paths on a server.
func (c chromium) open(t testing.TB, serverURL string) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx, url: serverURL}
	t.Cleanup(closeTab)
	t.Cleanup(func() {
		for _, report := range b.reported() {
			t.Errorf("the browser reports: %s", report)
		}
	})
	handlerstest.Must(t, chromedp.Listen(ctx, b.listen))
	// A tab in the background neither paints nor gets the focus.
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
	b.window(1280, 800)
	return b
}

// openAs opens a tab with a visitor's session.
func (c chromium) openAs(v *handlerstest.Visitor) *tab {
	v.Stage.T.Helper()
	b := c.open(v.Stage.T, v.Stage.URL)
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: sessions.CookieName, Value: v.Session(), URL: v.Stage.URL})
		return err
	})
	return b
}

func (b *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.report("exception: " + e.ExceptionDetails.Text + " " + describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text := "console:"
			for _, arg := range e.Args {
				text += " " + string(arg.Value) + describe(arg)
			}
			b.report(text)
		}
	case *log.EventEntryAdded:
		// The sandbox's pages aren't part of the test.
		if e.Entry.URL != "" && !strings.HasPrefix(e.Entry.URL, b.url) {
			return
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.report(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func describe(object *runtime.RemoteObject) string {
	if object == nil {
		return ""
	}
	return object.Description
}

func (b *tab) report(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reports = append(b.reports, what)
}

func (b *tab) reported() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.reports)
}

// expectReport removes the reports that a test provokes on purpose; there must be at
// least one.
func (b *tab) expectReport(part string) {
	b.t.Helper()
	for deadline := time.Now().Add(dbtest.Timeout); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		b.mu.Lock()
		before := len(b.reports)
		b.reports = slices.DeleteFunc(b.reports, func(c string) bool { return strings.Contains(c, part) })
		after := len(b.reports)
		b.mu.Unlock()
		if after < before {
			return
		}
	}
	b.t.Errorf("the browser doesn't report %q", part)
}

// call does something with the tab, for at most dbtest.Timeout.
func (b *tab) call(do func(context.Context) error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, dbtest.Timeout)
	defer cancel()
	handlerstest.Must(b.t, do(ctx))
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	b.call(func(ctx context.Context) error { return chromedp.Do(ctx, steps...) })
}

// goTo opens a path and waits until the page has loaded.
func (b *tab) goTo(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.url + path))
}

// evaluate returns the value of an expression in the page.
func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	var value T
	b.call(func(ctx context.Context) (err error) {
		value, err = chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		return err
	})
	return value
}

func (b *tab) run(script string) {
	b.t.Helper()
	evaluate[chromedp.Void](b, script)
}

// until waits for an expression to become true, even while the page changes.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, dbtest.Timeout)
	defer cancel()
	for ctx.Err() == nil {
		// A page that is being replaced can't evaluate anything.
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && ok {
			return
		}
		time.Sleep(15 * time.Millisecond)
	}
	shown, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.querySelector("main") ?? document.body).innerText.slice(0, 800)`))
	b.t.Fatalf("timed out waiting for: %s\nat %s", expression, shown)
}

// untilAt waits until the address is a path with a query, and its page is there.
func (b *tab) untilAt(path string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`location.href === %q && document.readyState === "complete"`, b.url+path))
}

// untilText waits until the element that a selector finds contains a text.
func (b *tab) untilText(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.replace(/\s+/g, " ").includes(%q))`, selector, text))
}

func (b *tab) has(selector string) bool { b.t.Helper(); return b.count(selector) > 0 }

func (b *tab) count(selector string) int {
	b.t.Helper()
	return evaluate[int](b, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// text returns the visible text of the first element that a selector finds.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf(`(document.querySelector(%q)?.innerText ?? "").replace(/\s+/g, " ").trim()`, selector))
}

// click clicks the first element that a selector finds, where it is visible: an
// element that is hidden or covered can't be clicked.
func (b *tab) click(selector string) {
	b.t.Helper()
	type place struct {
		X, Y  float64
		Cover string
	}
	find := fmt.Sprintf(`(() => {
		const found = document.querySelector(%q);
		if (!found) return {Cover: "nothing like it"};
		found.scrollIntoView({block: "center", behavior: "instant"});
		const box = found.getClientRects()[0];
		if (!box) return {Cover: "it is not shown"};
		const X = box.x + box.width / 2, Y = box.y + box.height / 2, top = document.elementFromPoint(X, Y);
		return {X, Y, Cover: !top || found.contains(top) || top.closest("label")?.control === found ? "" : top.outerHTML.slice(0, 100)};
	})()`, selector)
	// The browser drops clicks until a new page has been painted.
	b.until(`document.readyState === "complete" && performance.getEntriesByType("paint").length`)
	at := evaluate[place](b, find)
	if at.Cover != "" {
		b.t.Fatalf("%s can't be clicked: %s", selector, at.Cover)
	}
	b.do(chromedp.MouseClickXY(at.X, at.Y))
}

// press presses keys, each after the other.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// tabTo presses Tab until the focused element matches a selector, and returns all
// elements that had the focus on the way.
func (b *tab) tabTo(selector string) []string {
	b.t.Helper()
	var way []string
	for range 60 {
		b.press(kb.Tab)
		way = append(way, evaluate[string](b, `(document.activeElement.innerText || document.activeElement.name || document.activeElement.tagName).trim()`))
		if b.focused(selector) {
			return way
		}
	}
	b.t.Fatalf("Tab moves the focus to %q, want %s", way, selector)
	return nil
}

func (b *tab) focused(selector string) bool {
	b.t.Helper()
	return evaluate[bool](b, fmt.Sprintf(`document.activeElement.matches(%q)`, selector))
}

// window sets the size of the window, on a phone below 500 pixels.
func (b *tab) window(width, height int64) {
	b.t.Helper()
	if width < 500 {
		b.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	b.do(chromedp.EmulateViewport(width, height))
}

// scheme emulates a preference for light or dark colors.
func (b *tab) scheme(name string) {
	b.t.Helper()
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	})
}

// before runs a script in every page that opens from now on, before its own.
func (b *tab) before(script string) {
	b.t.Helper()
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})
}

// noScript turns JavaScript off. Tests can still evaluate expressions.
func (b *tab) noScript() {
	b.t.Helper()
	b.call(func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
}

// logIn signs in from the landing page through GitHub's pages.
func (b *tab) logIn(login string) {
	b.t.Helper()
	b.goTo("/")
	b.click(".hero .btn")
	b.until(`document.querySelector('button[name="login"]')`)
	b.click(fmt.Sprintf(`button[name="login"][value=%q]`, login))
	b.until(`document.querySelector('button[name="authorize"]')`)
	b.click(`button[name="authorize"][value="1"]`)
	b.untilAt("/")
	b.click(`nav a[href="/installations"]`)
	b.untilAt("/installations")
}

// InstalledOn is a visitor's installation on an account.
