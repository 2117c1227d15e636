package handlers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
)

// R18: CI runs the documented commands to generate a client.
func TestR18DocsShowHowAClientIsGenerated(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	text := s.Visit().Get("/docs").Text("#clients")
	packages, err := os.ReadFile("../tools/package.json")
	handlerstest.Must(t, err)
	var tools struct {
		DevDependencies map[string]string `json:"devDependencies"`
	}
	handlerstest.Must(t, json.Unmarshal(packages, &tools))
	module, err := os.ReadFile("../tools/openapi/client/go.mod")
	handlerstest.Must(t, err)
	required := func(path string) string {
		found := regexp.MustCompile(regexp.QuoteMeta(path) + ` (v\S+)`).FindStringSubmatch(string(module))
		if found == nil {
			t.Fatalf("%s isn't required", path)
		}
		return found[1]
	}
	for _, want := range []string{
		s.URL + "/api/openapi.json",
		"openapi-typescript@" + tools.DevDependencies["openapi-typescript"] + " ",
		"oapi-codegen@" + required("github.com/oapi-codegen/oapi-codegen/v2") + " -generate types,client ",
		"runtime@" + required("github.com/oapi-codegen/runtime"),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
