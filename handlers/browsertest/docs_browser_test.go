package browsertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"

	"github.com/chromedp/chromedp/kb"
)

// docsAreReadAndTried reads the docs on a phone in dark mode, searches them by keyboard,
// and tries an operation with the reader's own ids.
func docsAreReadAndTried(t *testing.T, c chromium) {
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	b := c.openAs(v)
	b.window(390, 844)
	b.scheme("dark")
	b.goTo("/docs")
	b.untilText("#reader", v.Me())
	b.untilText("header.top .login", "anna")
	b.fits("/docs", true)
	b.press("/")
	b.run(`document.querySelector("#q").select()`) // the browser under test types the slash all the same
	b.press(strings.Split("list an install", "")...)
	b.until(`document.querySelectorAll(".operations li:not([hidden])").length > 0 && document.querySelectorAll(".operations li:not([hidden])").length < 8`)
	b.press(kb.Enter)
	b.press(kb.Enter)
	b.until(`location.pathname === "/docs/imports" && location.hash === "#listImports"`)
	b.untilText("#listImports pre.curl", "/api/users/me/installations/"+v.Record("shop")+"/imports")
	b.click(`.languages [value="Go"]`)
	b.until(`document.querySelector("#listImports pre.go").checkVisibility() && !document.querySelector("#listImports pre.curl").checkVisibility()`)
	b.click(`#listImports [data-try]`)
	b.untilText("#listImports-tried", "200 OK, in ")
	b.untilText("#listImports-tried", "ETag:")
	b.fits("/docs/imports", true)
	b.click(`#listImports .answers a[href="#shape-Import"]`)
	b.until(`location.hash === "#shape-Import"`)
	if b.count(`[data-try-by="operator"]:not([hidden])`) != 0 {
		t.Error("a user who isn't an operator can send operators' requests")
	}

	modules := os.Getenv(nodeModulesEnv)
	if modules == "" {
		return // the gallery's test says what to install
	}
	axe, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	handlerstest.Must(t, err)
	b.run(string(axe) + "; undefined")
	b.accessible("/docs/imports, narrow and dark", "")
	b.scheme("light")
	b.accessible("/docs/imports, narrow and light", `"color-contrast"`)
}
