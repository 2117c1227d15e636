// Package recipes writes a list of repositories as the input of other tools:
// scripts to run, and configuration to paste. Names from GitHub are always quoted
// as data, whatever they contain.
package recipes

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"neptun/weburl"
)

// Repository is one of a list.
type Repository struct {
	Owner, Name string
	URL         string // its page on GitHub
	CloneURL    string // by https; empty where GitHub doesn't say
	Branch      string // the default one; empty for none
}

// List is the list of repositories to use.
type List struct {
	// URL is the whole list as JSON, in the API.
	URL string
	// Imports is true if the API's rows are imports.
	Imports bool
	// GitHubURL is the URL of GitHub's pages.
	GitHubURL    string
	Repositories []Repository
}

// Recipe is one way to use a list.
type Recipe struct {
	ID    string // in URLs
	Title string
	About string // what it is for, in a sentence
	File  string // the name of the file
	Write func(List) string
}

// All are the recipes, in the order in which a page shows them.
var All = []Recipe{
	{"curl", "curl", "Fetches this list as JSON. Set NEPTUN_TOKEN to an API token.", "list.sh", curl},
	{"python", "Python", "Reads this list with the standard library. Set NEPTUN_TOKEN to an API token.", "list.py", python},
	{"clone", "git clone", "Clones every repository of this list into a folder by owner.", "clone.sh", clone},
	{"gh", "GitHub CLI", "Runs a gh command for every repository of this list.", "loop.sh", ghLoop},
	{"matrix", "GitHub Actions matrix", "The value of strategy.matrix in a workflow: one job for each repository.", "matrix.yaml", matrix},
	{"renovate", "Renovate", "The repositories of a self-hosted Renovate's config.json.", "renovate.json", renovate},
	{"backstage", "Backstage", "Catalog locations for app-config.yaml, one catalog-info.yaml for each repository.", "backstage.yaml", backstage},
}

// LeftOut says which part of the list the recipe leaves out; empty for none.
func (r Recipe) LeftOut(l List) string {
	if r.ID != "matrix" {
		return ""
	}
	return leftOut(l)
}

// Find returns the recipe with an id.
func Find(id string) (Recipe, bool) {
	for _, recipe := range All {
		if recipe.ID == id {
			return recipe, true
		}
	}
	return Recipe{}, false
}

// named returns the repositories whose names follow GitHub's rules. It leaves out
// names that would escape from a path.
func (l List) named() []Repository {
	list := make([]Repository, 0, len(l.Repositories))
	for _, r := range l.Repositories {
		if isName(r.Owner) && isName(r.Name) {
			list = append(list, r)
		}
	}
	return list
}

func isName(name string) bool {
	return name != "" && name != "." && name != ".." && name[0] != '-' && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	})
}

func (l List) fullNames() []string {
	names := []string{}
	for _, r := range l.named() {
		names = append(names, r.Owner+"/"+r.Name)
	}
	return names
}

// shell quotes a word for a POSIX shell.
func shell(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// quoted is text as a literal of JSON, Python and YAML.
func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // text can always be encoded
	}
	return string(encoded)
}

func curl(l List) string {
	return `curl -fsS -H "Authorization: Bearer $NEPTUN_TOKEN" ` + shell(l.URL) + "\n"
}

func python(l List) string {
	name := `repository["full_name"]`
	if l.Imports {
		name = `repository["repository_owner"] + "/" + repository["repository_name"]`
	}
	return `import json
import os
import urllib.request

request = urllib.request.Request(
    ` + quoted(l.URL) + `,
    headers={"Authorization": "Bearer " + os.environ["NEPTUN_TOKEN"]},
)
with urllib.request.urlopen(request) as response:
    for repository in json.load(response):
        print(` + name + `)
`
}

func clone(l List) string {
	var b strings.Builder
	b.WriteString("#!/usr/bin/env bash\nset -euo pipefail\n")
	for _, r := range l.named() {
		from := weburl.Safe(r.CloneURL)
		if from == "" {
			from = strings.TrimSuffix(l.GitHubURL, "/") + "/" + r.Owner + "/" + r.Name + ".git"
		}
		b.WriteString("git clone -- " + shell(from) + " " + shell(r.Owner+"/"+r.Name) + "\n")
	}
	return b.String()
}

func ghLoop(l List) string {
	host := ""
	if u, err := url.Parse(l.GitHubURL); err == nil && u.Host != "github.com" {
		host = u.Host + "/"
	}
	var b strings.Builder
	b.WriteString("#!/usr/bin/env bash\nset -euo pipefail\nrepositories=(\n")
	for _, name := range l.fullNames() {
		b.WriteString("  " + shell(host+name) + "\n")
	}
	b.WriteString(")\nfor repository in ${repositories[@]+\"${repositories[@]}\"}; do\n  gh repo view \"$repository\" --json nameWithOwner,isArchived,pushedAt\ndone\n")
	return b.String()
}

// maxMatrix is the maximum number of jobs in a matrix:
// https://docs.github.com/en/actions/reference/limits
const maxMatrix = 256

// matrix writes JSON, which is also YAML. A comment above it says what is left out.
func matrix(l List) string {
	names := l.fullNames()
	comment := ""
	if left := leftOut(l); left != "" {
		comment = "# " + left + "\n"
	}
	return comment + indented(map[string][]string{"repository": names[:min(len(names), maxMatrix)]})
}

// leftOut says which part of a list a matrix leaves out.
func leftOut(l List) string {
	n := len(l.fullNames())
	if n <= maxMatrix {
		return ""
	}
	return fmt.Sprintf("The first %d of %d repositories: GitHub runs at most %d jobs of a matrix. Filter the list to get the others.", maxMatrix, n, maxMatrix)
}

func renovate(l List) string { return indented(map[string][]string{"repositories": l.fullNames()}) }

func indented(value any) string {
	encoded, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err) // lists of text can always be encoded
	}
	return string(encoded) + "\n"
}

func backstage(l List) string {
	var b strings.Builder
	b.WriteString("catalog:\n  locations:")
	named := l.named()
	if len(named) == 0 {
		b.WriteString(" []")
	}
	b.WriteString("\n")
	for _, r := range named {
		branch := r.Branch
		if branch == "" {
			branch = "HEAD"
		}
		target := strings.TrimSuffix(l.GitHubURL, "/") + "/" + r.Owner + "/" + r.Name + "/blob/" + (&url.URL{Path: branch}).EscapedPath() + "/catalog-info.yaml"
		b.WriteString("    - type: url\n      target: " + quoted(target) + "\n")
	}
	return b.String()
}
