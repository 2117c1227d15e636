package recipes_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"neptun/handlers/recipes"
)

// nasty is a list whose names try to break out of a script.
var nasty = recipes.List{
	URL: "https://neptun.example/api/users/me/imports.json?language=Go&q=%27%22%24%28touch+pwned%29%60touch+pwned%60", Imports: true, GitHubURL: "https://github.com",
	Repositories: []recipes.Repository{
		{Owner: "acme", Name: "api", CloneURL: "https://github.com/acme/api.git", Branch: "main"},
		{Owner: "acme", Name: "we.b_2-x", CloneURL: "https://github.com/acme/';touch${IFS}pwned;'.git", Branch: "feature/\"$(touch pwned)\"\n- x"},
		{Owner: "acme", Name: "no-url", CloneURL: "ext::sh -c touch% pwned", Branch: ""},
		{Owner: "..", Name: "..", CloneURL: "https://github.com/x/y.git"},
		{Owner: "acme", Name: "$(touch pwned)", CloneURL: "https://github.com/x/y.git"},
		{Owner: "acme", Name: "--upload-pack=touch", CloneURL: "https://github.com/x/y.git"},
		{Owner: "acme", Name: "line\nbreak'\"", CloneURL: "https://github.com/x/y.git"},
	},
}

var names = []string{"acme/api", "acme/we.b_2-x", "acme/no-url"}

func write(t *testing.T, id string) string {
	t.Helper()
	recipe, ok := recipes.Find(id)
	if !ok {
		t.Fatalf("there is no recipe %s", id)
	}
	return recipe.Write(nasty)
}

// run runs a script in an empty folder, with stubs that print how they are called.
func run(t *testing.T, text, interpreter string, stubs ...string) string {
	t.Helper()
	path, err := exec.LookPath(interpreter)
	if err != nil {
		t.Skipf("without %s: %v", interpreter, err)
	}
	dir, bin := t.TempDir(), t.TempDir()
	for _, stub := range stubs {
		script := "#!/bin/sh\nprintf '%s' \"$0\" | sed 's|.*/||'\nprintf '|%s' \"$@\"\necho\n"
		if err := os.WriteFile(filepath.Join(bin, stub), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(path, "-")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(text)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NEPTUN_TOKEN=neptun_x")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, text)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("after the script: %v", left)
	}
	return string(out)
}

func TestD7ShellScriptsTakeNamesAsData(t *testing.T) {
	cloned := strings.Split(strings.TrimSpace(run(t, write(t, "clone"), "bash", "git")), "\n")
	want := []string{
		"git|clone|--|https://github.com/acme/api.git|acme/api",
		"git|clone|--|https://github.com/acme/';touch${IFS}pwned;'.git|acme/we.b_2-x",
		"git|clone|--|https://github.com/acme/no-url.git|acme/no-url",
	}
	if !slices.Equal(cloned, want) {
		t.Errorf("cloned %q", cloned)
	}
	seen := run(t, write(t, "gh"), "bash", "gh")
	for _, name := range names {
		if !strings.Contains(seen, "gh|repo|view|"+name+"|") {
			t.Errorf("gh is called as %s", seen)
		}
	}
	if got := run(t, write(t, "curl"), "bash", "curl"); got != "curl|-fsS|-H|Authorization: Bearer neptun_x|"+nasty.URL+"\n" {
		t.Errorf("curl is called as %s", got)
	}
	empty := recipes.List{GitHubURL: "https://github.example.com"}
	loop, _ := recipes.Find("gh")
	if out := run(t, loop.Write(empty), "bash", "gh"); out != "" {
		t.Errorf("an empty list calls %s", out)
	}
}

func TestD7PythonIsPython(t *testing.T) {
	script := write(t, "python")
	fake := "import sys, types, io, json\n" +
		"fake = types.ModuleType('urllib.request')\n" +
		"class Request:\n    def __init__(self, url, headers): self.url = url; print(url); print(headers['Authorization'])\n" +
		"fake.Request = Request\n" +
		"fake.urlopen = lambda request: io.StringIO(json.dumps([{'repository_owner': 'acme', 'repository_name': 'api'}]))\n" +
		"import urllib\nurllib.request = fake\nsys.modules['urllib.request'] = fake\n"
	if got := run(t, fake+script, "python3"); got != nasty.URL+"\nBearer neptun_x\nacme/api\n" {
		t.Errorf("it prints %s", got)
	}
}

func TestD7ConfigurationIsWhatToolsParse(t *testing.T) {
	for id, key := range map[string]string{"matrix": "repository", "renovate": "repositories"} {
		var parsed map[string][]string
		if err := json.Unmarshal([]byte(write(t, id)), &parsed); err != nil || !slices.Equal(parsed[key], names) {
			t.Errorf("%s: %v, %v", id, parsed, err)
		}
	}
	text := write(t, "backstage")
	got := run(t, "import json, sys\ntry:\n    import yaml\nexcept ImportError:\n    sys.exit(print('no yaml'))\nprint(json.dumps(yaml.safe_load("+pythonString(t, text)+")))\n", "python3")
	if strings.TrimSpace(got) == "no yaml" {
		t.Skip("without PyYAML")
	}
	var parsed struct {
		Catalog struct {
			Locations []struct{ Type, Target string }
		}
	}
	if err := json.Unmarshal([]byte(got), &parsed); err != nil || len(parsed.Catalog.Locations) != 3 {
		t.Fatalf("%v: %s", err, got)
	}
	for i, want := range []string{
		"https://github.com/acme/api/blob/main/catalog-info.yaml",
		"https://github.com/acme/we.b_2-x/blob/feature/%22$%28touch%20pwned%29%22%0A-%20x/catalog-info.yaml",
		"https://github.com/acme/no-url/blob/HEAD/catalog-info.yaml",
	} {
		if l := parsed.Catalog.Locations[i]; l.Type != "url" || l.Target != want {
			t.Errorf("%+v, want %s", l, want)
		}
	}
}

func pythonString(t *testing.T, text string) string {
	t.Helper()
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// A matrix with more repositories than GitHub allows jobs has a warning, and is still valid
// in a workflow.
func TestD7AMatrixReportsWhatItOmits(t *testing.T) {
	recipe, _ := recipes.Find("matrix")
	var list recipes.List
	for i := range 257 {
		if left := recipe.LeftOut(list); left != "" {
			t.Fatalf("of %d repositories it omits: %s", i, left)
		}
		list.Repositories = append(list.Repositories, recipes.Repository{Owner: "acme", Name: fmt.Sprint("repo-", i)})
	}
	comment, body, _ := strings.Cut(recipe.Write(list), "\n")
	if comment != "# "+recipe.LeftOut(list) || !strings.Contains(comment, "first 256 of 257") {
		t.Errorf("it begins with %s", comment)
	}
	var parsed map[string][]string
	if err := json.Unmarshal([]byte(body), &parsed); err != nil || len(parsed["repository"]) != 256 {
		t.Errorf("%d jobs, %v", len(parsed["repository"]), err)
	}
}
