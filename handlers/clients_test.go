package handlers_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// R18: what the docs say of generating a client is what CI tries.
func TestR18DocsSayHowAClientIsGenerated(t *testing.T) {
	t.Parallel()
	s := open(t, shop())
	said := s.visit().get("/docs").text("#clients")
	packages, err := os.ReadFile("../tools/package.json")
	must(t, err)
	var tools struct {
		DevDependencies map[string]string `json:"devDependencies"`
	}
	must(t, json.Unmarshal(packages, &tools))
	module, err := os.ReadFile("../tools/openapi/client/go.mod")
	must(t, err)
	required := func(path string) string {
		found := regexp.MustCompile(regexp.QuoteMeta(path) + ` (v\S+)`).FindStringSubmatch(string(module))
		if found == nil {
			t.Fatalf("%s isn't required", path)
		}
		return found[1]
	}
	for _, want := range []string{
		s.url + "/api/openapi.json",
		"openapi-typescript@" + tools.DevDependencies["openapi-typescript"] + " ",
		"oapi-codegen@" + required("github.com/oapi-codegen/oapi-codegen/v2") + " -generate types,client ",
		"runtime@" + required("github.com/oapi-codegen/runtime"),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}
