package handlers_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/openapi"

	"github.com/PuerkitoBio/goquery"
)

func TestDocsAreForEverybody(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	stranger := s.visit().get("/docs").status(http.StatusOK)
	if stranger.page().Find(`main a[href^="/login?"]`).Length() != 1 {
		t.Error("nobody is told to log in")
	}
	if to := tried(stranger); len(to) != 1 || to[0] != "/api/openapi.json" {
		t.Errorf("nobody may try %q", to)
	}
	v := s.logIn("anna")
	page := v.get("/docs").status(http.StatusOK)
	own := "/api/users/" + v.me() + "/installations/" + v.record("shop") + "/imports"
	if !strings.Contains(page.text("#listImports pre.curl"), s.url+own) {
		t.Errorf("the example is %q", page.text("#listImports pre.curl"))
	}
	if strings.Contains(page.body, v.session()) {
		t.Error("the page shows the session")
	}
	for _, path := range tried(page) {
		if strings.HasPrefix(path, "/api/app") || strings.ContainsAny(path, "{}") {
			t.Errorf("anna may try %s", path)
		}
		if a := v.get(path); a.StatusCode >= 300 && !strings.Contains(path, "/access") {
			t.Errorf("trying %s: %d %s", path, a.StatusCode, a.body)
		}
	}
	operator := openRunBy(t, shop(), dbtest.SQLite(t), "", []string{"anna"}).logIn("anna")
	if to := tried(operator.get("/docs")); !strings.Contains(strings.Join(to, " "), "/api/app") {
		t.Errorf("an operator may try %q", to)
	}
	for _, o := range handlers.Operations() {
		part := page.page().Find("#" + o.ID)
		if part.Length() != 1 || part.Find("pre").Length() < 4 {
			t.Errorf("%s isn't there, or has no examples", o.ID)
		}
		part.Find(`a[href^="#"]`).Each(func(_ int, a *goquery.Selection) {
			if page.page().Find(a.AttrOr("href", "")).Length() != 1 {
				t.Errorf("%s: %s leads nowhere", o.ID, a.AttrOr("href", ""))
			}
		})
	}
}

// tried are the addresses that a page of docs offers to try.
func tried(page answer) (paths []string) {
	page.page().Find("[data-try]").Each(func(_ int, a *goquery.Selection) { paths = append(paths, a.AttrOr("href", "")) })
	return paths
}

// examples are what the docs show in a language, by the operation.
func examples(address, language string, fill ...string) map[string]string {
	all := map[string]string{}
	for _, o := range handlers.Operations() {
		for _, snippet := range o.Snippets(address, strings.NewReplacer(fill...)) {
			if snippet.Language == language {
				all[o.ID] = snippet.Code
			}
		}
	}
	return all
}

func TestEveryExampleIsWellFormed(t *testing.T) {
	const address = "https://neptun.example"
	for id, code := range examples(address, "Go") {
		if _, err := parser.ParseFile(token.NewFileSet(), id+".go", code, parser.AllErrors); err != nil {
			t.Errorf("%s: %v\n%s", id, err, code)
		}
	}
	for id, code := range examples(address, "curl") {
		if out, err := exec.CommandContext(t.Context(), "sh", "-n", "-c", code).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s\n%s", id, err, out, code)
		}
	}
	for _, o := range handlers.Operations() {
		if o.Body == nil {
			continue
		}
		var body any
		must(t, json.Unmarshal([]byte(o.Body.Example), &body))
		schema := operationAt(o.Method, o.Path).RequestBody.Value.Content.Get("application/json").Schema.Value
		if err := schema.VisitJSON(body); err != nil {
			t.Errorf("%s: the body of the example: %v", o.ID, err)
		}
	}
	python, err := json.Marshal(examples(address, "Python"))
	must(t, err)
	if _, err := exec.LookPath("python3"); err != nil {
		dbtest.Skip(t, "install Python to have the examples in it read")
	}
	read := exec.CommandContext(t.Context(), "python3", "-c", "import ast, json, sys\nfor name, code in json.load(sys.stdin).items(): ast.parse(code, name)")
	read.Stdin = strings.NewReader(string(python))
	if out, err := read.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// One reading, one writing and one empty example, as somebody would paste them.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	v := s.logIn("anna")
	for language, run := range map[string]func(code string) *exec.Cmd{
		"curl":       func(code string) *exec.Cmd { return command(t, "sh", "-c", code) },
		"Python":     func(code string) *exec.Cmd { return command(t, findPython(t), "-c", code) },
		"TypeScript": func(code string) *exec.Cmd { return command(t, "node", "--input-type=module", "-e", code) },
		"Go": func(code string) *exec.Cmd {
			file := filepath.Join(t.TempDir(), "main.go")
			must(t, os.WriteFile(file, []byte(code), 0o600))
			return command(t, "go", "run", file)
		},
	} {
		if language == "TypeScript" {
			if _, err := exec.LookPath("node"); err != nil {
				continue // Chromium runs the published ones
			}
		}
		t.Run(language, func(t *testing.T) {
			of := examples(s.url, language, "{user_id}", v.me(), "{installation_id}", v.record("shop"))
			answer := func(id, code string) string {
				t.Helper()
				ask := run(code)
				ask.Env = append(os.Environ(), "NEPTUN_TOKEN="+v.session())
				out, err := ask.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s\n%s", id, err, out, code)
				}
				return string(out)
			}
			const there, example = "3000000001", "1296269"
			if out := answer("createImports", strings.ReplaceAll(of["createImports"], example, there)); !strings.Contains(out, "imported") {
				t.Errorf("createImports: %s", out)
			}
			if out := answer("listImports", of["listImports"]); !strings.Contains(out, "till") {
				t.Errorf("listImports: %s", out)
			}
			id := openapi.GetDocument.ID
			if out := answer(id, of[id]); !strings.Contains(out, "openapi") {
				t.Errorf("%s: %.200s", id, out)
			}
		})
	}
}

func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), name, args...)
}

// findPython is a Python that has httpx.
func findPython(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import httpx").Run() == nil {
			return python
		}
	}
	dbtest.Skip(t, "install Python with httpx (Debian: apt-get install python3-httpx) to run the examples in it")
	return ""
}
