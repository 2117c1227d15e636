package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// contractPage is a published page, cut at its headings.
type contractPage struct{ python, curl, typeScript string }

func readContract(t *testing.T, name string) contractPage {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("handlers", "testdata", "contract", name))
	must(t, err)
	between := func(start, end string) string {
		_, after, found := strings.Cut(string(content), "\n"+start+"\n")
		section, _, ended := strings.Cut(after, "\n"+end+"\n")
		if !found || !ended {
			t.Fatalf("%s has nothing between %q and %q", name, start, end)
		}
		return strings.TrimSpace(section) + "\n"
	}
	return contractPage{
		python: "import httpx\n" + indented(between("Python Models", "Code Examples")+between("Python Example (using httpx)", "cURL Example")),
		curl:   between("cURL Example", "TypeScript/JavaScript Example (using fetch)"),
		// Below the last example is the next heading, in one page with its own line between.
		typeScript: between("TypeScript/JavaScript Example (using fetch)", "Response Status Codes"),
	}
}

var topLevel = regexp.MustCompile(`^(class|from|import|def|async def) `)

// indented restores the indentation that a page lost. A block ends before the next statement
// at the margin, which is true of these pages.
func indented(python string) string {
	var out strings.Builder
	depth := 0
	for line := range strings.Lines(python) {
		if topLevel.MatchString(line) {
			depth = 0
		}
		if strings.TrimSpace(line) != "" {
			out.WriteString(strings.Repeat("    ", depth))
		}
		out.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ":") {
			depth++
		}
	}
	return out.String()
}

// stripped is TypeScript without its types, as far as these pages have any.
func stripped(typeScript string) string {
	for _, types := range []string{`: (string|number)\b`, `: Promise<\w+\[\]>`, ` as \w+\[\]`} {
		typeScript = regexp.MustCompile(types).ReplaceAllString(typeScript, "")
	}
	return typeScript
}

func TestTheExamplesOfThePublishedPagesWork(t *testing.T) {
	python, chromium := findPython(t), findChromium(t)
	if _, err := exec.LookPath("curl"); err != nil {
		dbtest.Skip(t, "install curl to run the examples that use it")
	}
	p := spawn(t, map[string]string{"NEPTUN_ADDR": "127.0.0.1:0", "SANDBOX_ADDR": "127.0.0.1:0"}, "demo")
	defer func() {
		must(t, p.Process.Signal(os.Interrupt))
		must(t, p.Wait())
	}()
	client := browser(t)
	logIn(t, client, p.address, "marin")
	record := number(installations(t, client, p.address, 5)[0]["id"])
	answer, err := client.Post(p.address+"/api/users/me/installations/"+record+"/sync", "", nil)
	must(t, err)
	must(t, answer.Body.Close())
	untilImported(t, client, p.address, record)
	var person struct{ ID string }
	must(t, json.NewDecoder(get(t, client, p.address+"/api/users/me").Body).Decode(&person))

	for credential, cookie := range credentials(t, client, p.address) {
		t.Run(credential, func(t *testing.T) {
			for _, page := range []struct{ name, path, call, model string }{
				{"get-installations.txt", "/api/users/me/installations", "get_github_installations(user, cookie)", "GetInstallationsError"},
				{"get-installation-imports.txt", "/api/users/me/installations/" + record + "/imports", "get_installation_imports(user, installation, cookie)", "GetImportsError"},
			} {
				contract := readContract(t, page.name)
				want := ids(t, []byte(read(t, get(t, client, p.address+page.path))))
				if len(want) == 0 {
					t.Fatal("there is nothing to list")
				}
				here := strings.NewReplacer("https://neptun-webui.vercel.app", p.address, "your-session-cookie", cookie, "your-user-id", person.ID, "12345", record)
				if got := ids(t, output(t, python, "-c", here.Replace(contract.python)+pythonCaller(page.call, page.model), person.ID, record, cookie)); !slices.Equal(got, want) {
					t.Errorf("%s: Python reads %v, want %v", page.name, got, want)
				}
				if got := ids(t, output(t, "sh", "-c", here.Replace(contract.curl))); !slices.Equal(got, want) {
					t.Errorf("%s: curl reads %v, want %v", page.name, got, want)
				}
				script := here.Replace(stripped(contract.typeScript))
				name := regexp.MustCompile(`function (\w+)`).FindStringSubmatch(script)[1]
				script = "(() => {" + script + "; return " + name + `("` + person.ID + `", ` + record + `).then(JSON.stringify)})()`
				if got := ids(t, inChromium(t, chromium, p.address, cookie, script)); !slices.Equal(got, want) {
					t.Errorf("%s: TypeScript reads %v, want %v", page.name, got, want)
				}
			}
		})
	}
}

// credentials are what the examples put into the cookie.
func credentials(t *testing.T, client *http.Client, address string) map[string]string {
	t.Helper()
	home, err := url.Parse(address)
	must(t, err)
	for _, cookie := range client.Jar.Cookies(home) {
		if cookie.Name == "neptun-session" {
			answer, err := client.Post(address+"/api/users/me/tokens", "application/json", strings.NewReader(`{"name":"the published examples"}`))
			must(t, err)
			defer answer.Body.Close()
			var created struct{ Token string }
			must(t, json.NewDecoder(answer.Body).Decode(&created))
			return map[string]string{"session": cookie.Value, "script token": created.Token}
		}
	}
	t.Fatal("there is no session")
	return nil
}

// pythonCaller calls an example, has pydantic write what it read, and reads an
// error with the page's own model.
func pythonCaller(call, failure string) string {
	return `
import asyncio, json, sys
user, installation, cookie = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print(json.dumps([json.loads(item.json()) for item in asyncio.run(` + call + `)]))
user = "nobody"
try:
    asyncio.run(` + call + `)
    sys.exit("another user's list was read")
except httpx.HTTPStatusError as error:
    failed = ` + failure + `(**error.response.json())
    assert (failed.statusCode, failed.statusMessage, failed.data["message"]) == (404, "Not Found", "User not found"), failed
`
}

// untilImported imports what a sync brings until there is something.
func untilImported(t *testing.T, client *http.Client, address, record string) {
	t.Helper()
	imports := address + "/api/users/me/installations/" + record + "/imports"
	dbtest.Until(t, "something could be imported", func() bool {
		answer, err := client.Post(imports, "application/json", strings.NewReader(`{"filter":{"language":"Go"}}`))
		must(t, err)
		must(t, answer.Body.Close())
		return strings.Contains(read(t, get(t, client, imports)), `"id"`)
	})
}

// ids are those of a list in JSON.
func ids(t *testing.T, list []byte) (found []int64) {
	t.Helper()
	var items []struct{ ID int64 }
	if err := json.Unmarshal(list, &items); err != nil {
		t.Fatalf("%v in %.300s", err, list)
	}
	for _, item := range items {
		found = append(found, item.ID)
	}
	return found
}

func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var complaint bytes.Buffer
	command := exec.CommandContext(t.Context(), name, args...)
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, complaint.String())
	}
	return out
}

// findPython returns a Python that has the modules of the published examples.
func findPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import httpx, pydantic").Run() == nil {
			return python
		}
	}
	dbtest.Skip(t, "install Python with httpx and pydantic (Debian: apt-get install python3-httpx python3-pydantic) to run the published examples")
	return ""
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("NEPTUN_TEST_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	dbtest.Skip(t, "install Chromium (Debian: apt-get install chromium) or set NEPTUN_TEST_CHROMIUM to run the published examples in a browser")
	return ""
}

// inChromium evaluates a script on one of Neptun's pages.
func inChromium(t *testing.T, chromium, address, cookie, script string) []byte {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	must(t, chromedp.Do(ctx, chromedp.Navigate(address+"/docs")))
	_, err := chromedp.Call(ctx, network.SetCookie, network.SetCookieParams{Name: "neptun-session", Value: cookie, URL: address})
	must(t, err)
	result, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	must(t, err)
	return []byte(result)
}

// A page without blocks, brackets and classes mixed up proves nothing.
func TestIndentationIsRestored(t *testing.T) {
	const lost = "class A(B):\nid: int\nclass C(B):\nid: int\nasync def f(\nx: str\n) -> A:\nasync with g() as h:\ny = await h(\nx\n)\nreturn y\n"
	const want = "class A(B):\n    id: int\nclass C(B):\n    id: int\nasync def f(\nx: str\n) -> A:\n    async with g() as h:\n        y = await h(\n        x\n        )\n        return y\n"
	if got := indented(lost); got != want {
		t.Errorf("%s", got)
	}
}
