package handlers_test

import (
	"os"
	"path/filepath"
	"testing"
)

// docsAreTried reads the docs on a phone in the dark, by keyboard, and tries an
// operation there.
func docsAreTried(t *testing.T, c chromium) {
	v := open(t, shop()).logIn("anna")
	b := c.enter(v)
	b.window(390, 844)
	b.scheme("dark")
	b.goTo("/docs")
	b.fits("/docs", true)
	b.run(`document.querySelector('[id="listInstallations"]').closest("details").querySelector("summary").focus()`)
	b.press(" ")
	b.until(`document.querySelector("#listInstallations").checkVisibility()`)
	b.until(`document.querySelector("#listInstallations pre.curl").checkVisibility() && !document.querySelector("#listInstallations pre.go").checkVisibility()`)
	b.click(`.languages [value="Go"]`)
	b.until(`document.querySelector("#listInstallations pre.go").checkVisibility() && !document.querySelector("#listInstallations pre.curl").checkVisibility()`)
	b.click(`#listInstallations [data-try]`)
	b.untilText("#listInstallations-tried", "200 OK, in ")
	b.untilText("#listInstallations-tried", `"github_account_login": "shop"`)
	b.untilText("#listInstallations-tried", "ETag:")
	b.run(`for (const id of ["createImports", "checkAccess", "shape-Import"]) document.getElementById(id).closest("details").open = true`)
	b.fits("/docs with some of it open", true)
	// A link to a shape opens it.
	b.click(`#listInstallations .answers a[href="#shape-Installation"]`)
	b.until(`document.querySelector("#shape-Installation").checkVisibility()`)

	modules := os.Getenv(nodeModulesEnv)
	if modules == "" {
		return // the gallery's test says what to install
	}
	axe, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	must(t, err)
	b.run(string(axe) + "; undefined")
	b.accessible("/docs, narrow and dark", "")
	b.scheme("light")
	b.accessible("/docs, narrow and light", `"color-contrast"`)
}
