package docs_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"

	"github.com/PuerkitoBio/goquery"
)

// R12 14: one page per noun, the same bytes for everybody, stored compressed.
func TestR12DocsAreRenderedOnce(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	pages := []string{"/docs"}
	for _, group := range openapi.GroupsOf(handlers.Operations()) {
		pages = append(pages, "/docs/"+group.Slug())
	}
	for _, path := range pages {
		page := v.GetWith(path, "Accept-Encoding", "identity").Status(http.StatusOK)
		if page.Body != s.Visit().GetWith(path, "Accept-Encoding", "identity").Body {
			t.Errorf("%s: other users get another page", path)
		}
		if len(page.Body) > 60<<10 {
			t.Errorf("%s has %d bytes, want at most 60 KB", path, len(page.Body))
		}
		packed := v.GetWith(path, "Accept-Encoding", "gzip").Status(http.StatusOK)
		if packed.Header.Get("Content-Encoding") != "gzip" || len(packed.Body) > 15<<10 {
			t.Errorf("%s: %d bytes compressed, %v", path, len(packed.Body), packed.Header)
		}
		if fresh := v.GetWith(path, "Accept-Encoding", "gzip", "If-None-Match", packed.Header.Get("ETag")); fresh.StatusCode != http.StatusNotModified {
			t.Errorf("%s: a fresh copy got %d", path, fresh.StatusCode)
		}
		page.Page().Find(`a[href^="#"]`).Each(func(_ int, a *goquery.Selection) {
			if to := a.AttrOr("href", ""); page.Page().Find(to).Length() != 1 {
				t.Errorf("%s: %s is a broken link", path, to)
			}
		})
	}
	index := s.Visit().Get("/docs").Page()
	for _, o := range handlers.Operations() {
		page := s.Visit().Get("/docs/" + o.Group.Slug()).Page()
		if page.Find("#"+o.ID).Length() != 1 {
			t.Errorf("%s isn't described", o.ID)
		}
		if strings.HasSuffix(o.Path, ".{format}") {
			continue // described with the list
		}
		if page.Find("#"+o.ID+" pre").Length() < 4 || index.Find("#"+o.ID).Length() != 1 {
			t.Errorf("%s has no examples, or isn't in the index", o.ID)
		}
	}
	if code := s.Visit().Get("/docs/imports").Text("#listImports pre.curl"); !strings.Contains(code, s.URL+"/api/users/me/installations/") {
		t.Errorf("the example is %q", code)
	}
	s.Visit().Get("/docs/submarines").Status(http.StatusNotFound)
}

func TestR12DocsAreSearchedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	found := s.Visit().Get("/docs?q=Rotate").Page()
	if to := found.Find(".operations a"); to.Length() != 1 || to.AttrOr("href", "") != "/docs/authentication#rotateToken" {
		t.Errorf("found %d", to.Length())
	}
	none := s.Visit().Get("/docs?q=submarine").Page()
	if none.Find(".operations").Length() != 0 || none.Find("#none-found[hidden]").Length() != 0 || none.Find("#none-found").Length() != 1 {
		t.Error("a search without matches has no message")
	}
}

// The reader's own ids come as a fragment.
func TestR12DocsReader(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	s.Visit().Get("/docs/reader").Status(http.StatusNoContent)
	v := s.LogIn("anna")
	own := v.Get("/docs/reader").Status(http.StatusOK)
	reader := own.Page().Find("#reader")
	if reader.AttrOr("data-user", "") != v.Me() || reader.AttrOr("data-installation", "") != v.Record("shop") || reader.Is("[data-operator]") != true {
		t.Errorf("the reader is %v", reader.Nodes[0].Attr)
	}
	if own.Page().Find("header.top .login").Text() != "anna" {
		t.Error("the header isn't the reader's")
	}
	if strings.Contains(own.Body, v.Session()) || !strings.Contains(own.Header.Get("Cache-Control"), "no-store") {
		t.Error("the fragment shows the session, or may be kept")
	}
	// Every GET that the page offers works with the reader's ids.
	for _, group := range openapi.GroupsOf(handlers.Operations()) {
		v.Get("/docs/" + group.Slug()).Page().Find("[data-try]").Each(func(_ int, a *goquery.Selection) {
			path := installationInPath.ReplaceAllString(a.AttrOr("href", ""), "${1}"+v.Record("shop"))
			if a.AttrOr("data-try-by", "") == "operator" || strings.Contains(path, "/access") {
				return // what these name is an example
			}
			if got := v.Get(path); got.StatusCode >= 300 {
				t.Errorf("trying %s: %d %s", path, got.StatusCode, got.Body)
			}
		})
	}
}

var installationInPath = regexp.MustCompile(`(/users/me/installations/)\d+`)

// examples are what the docs show in a language, by operation.
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
		handlerstest.Must(t, json.Unmarshal([]byte(o.Body.Example), &body))
		schema := handlerstest.OperationAt(o.Method, o.Path).RequestBody.Value.Content.Get("application/json").Schema.Value
		if err := schema.VisitJSON(body); err != nil {
			t.Errorf("%s: the body of the example: %v", o.ID, err)
		}
	}
	python, err := json.Marshal(examples(address, "Python"))
	handlerstest.Must(t, err)
	if _, err := exec.LookPath("python3"); err != nil {
		dbtest.Skip(t, "install Python to have the examples in it read")
	}
	read := exec.CommandContext(t.Context(), "python3", "-c", "import ast, json, sys\nfor name, code in json.load(sys.stdin).items(): ast.parse(code, name)")
	read.Stdin = strings.NewReader(string(python))
	if out, err := read.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// One example that reads, one that writes and one without a response body, pasted as they are.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	for language, run := range map[string]func(code string) *exec.Cmd{
		"curl":       func(code string) *exec.Cmd { return command(t, "sh", "-c", code) },
		"Python":     func(code string) *exec.Cmd { return command(t, findPython(t), "-c", code) },
		"TypeScript": func(code string) *exec.Cmd { return command(t, "node", "--input-type=module", "-e", code) },
		"Go": func(code string) *exec.Cmd {
			file := filepath.Join(t.TempDir(), "main.go")
			handlerstest.Must(t, os.WriteFile(file, []byte(code), 0o600))
			return command(t, "go", "run", file)
		},
	} {
		if language == "TypeScript" {
			if _, err := exec.LookPath("node"); err != nil {
				continue // Chromium runs the published ones
			}
		}
		t.Run(language, func(t *testing.T) {
			if language == "curl" {
				if _, err := exec.LookPath("curl"); err != nil {
					dbtest.Skip(t, "install curl to run the examples with it")
				}
			}
			of := examples(s.URL, language, "{user_id}", v.Me(), "{installation_id}", v.Record("shop"))
			answer := func(id, code string) string {
				t.Helper()
				result := run(code)
				result.Env = append(os.Environ(), "NEPTUN_TOKEN="+v.Session(), "NEPTUN_SESSION="+v.Session())
				out, err := result.CombinedOutput()
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

// findPython returns a Python interpreter that has httpx.
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
