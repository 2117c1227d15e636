package openapi_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox/sandboxtest"
)

func TestInstallationsAsPublished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		me := v.Me()
		list := v.Get("/api/users/" + me + "/installations").Status(http.StatusOK).List()
		if len(list) != 1 {
			t.Fatalf("%d installations, want 1", len(list))
		}
		item := list[0]
		isInteger(t, item, "id")
		handlerstest.WantField(t, item, "neptun_user_id", me)
		gitHubID, ok := item["github_installation_id"].(string)
		if _, err := strconv.ParseInt(gitHubID, 10, 64); !ok || err != nil {
			t.Errorf("github_installation_id = %#v, want GitHub's id in a string", item["github_installation_id"])
		}
		handlerstest.WantTime(t, item, "created_at")
		handlerstest.WantTime(t, item, "updated_at")
		handlerstest.WantField(t, item, "github_account_login", "shop")
		handlerstest.WantField(t, item, "github_account_type", "Organization")
		handlerstest.WantField(t, item, "repository_selection", "all")
		handlerstest.WantField(t, item, "suspended_at", nil)
		handlerstest.WantTime(t, item, "synced_at")
		handlerstest.WantField(t, item, "repository_count", 3.0)
		handlerstest.WantField(t, item, "import_count", 0.0)
		hasFields(t, item, "id", "neptun_user_id", "github_installation_id", "created_at", "updated_at", "github_account_login",
			"github_account_type", "github_account_avatar_url", "repository_selection", "suspended_at", "synced_at", "repository_count", "import_count",
			"app_slug", "installed_at", "installed_by_login", "single_file_name", "single_file_paths")
	})
}

func TestImportsAsPublished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := v.Record("shop")
		imports := "/api/users/me/installations/" + record + "/imports"

		if body := v.Get(imports).Status(http.StatusOK).Body; strings.TrimSpace(body) != "[]" {
			t.Errorf("before any import: %s, want []", body)
		}
		v.PostJSON(imports, `{"repository_ids":[3000000003,3000000001,3000000002]}`).Status(http.StatusOK)
		list := v.Get(imports).Status(http.StatusOK).List()
		if len(list) != 3 {
			t.Fatalf("%d imports, want 3", len(list))
		}
		if !slices.IsSortedFunc(list, func(a, b map[string]any) int { return int(a["id"].(float64) - b["id"].(float64)) }) {
			t.Error("imports are not in the order of their ids")
		}
		till := list[slices.IndexFunc(list, func(i map[string]any) bool { return i["repository_name"] == "till" })]
		isInteger(t, till, "id")
		handlerstest.WantField(t, till, "github_app_installation_id", number(record))
		handlerstest.WantField(t, till, "repository_owner", "shop")
		if url, _ := till["repository_url"].(string); !strings.HasSuffix(url, "/shop/till") || !strings.HasPrefix(url, "http") {
			t.Errorf("repository_url = %q", url)
		}
		handlerstest.WantTime(t, till, "created_at")
		handlerstest.WantTime(t, till, "updated_at")
		handlerstest.WantField(t, till, "repository_id", 3000000001.0)
		handlerstest.WantField(t, till, "repository_description", "Rings <b>up</b> & adds")
		handlerstest.WantField(t, till, "repository_language", "Go")
		handlerstest.WantField(t, till, "repository_license", "MIT")
		handlerstest.WantField(t, till, "repository_size_kb", 1234.0)
		handlerstest.WantField(t, till, "repository_website_url", "https://till.example")
		handlerstest.WantField(t, till, "repository_default_branch", "trunk")
		handlerstest.WantField(t, till, "repository_topics", []any{"cash", "point-of-sale"})
		handlerstest.WantField(t, till, "repository_visibility", "private")
		handlerstest.WantField(t, till, "repository_is_private", true)
		handlerstest.WantField(t, till, "repository_is_fork", false)
		handlerstest.WantField(t, till, "repository_is_template", false)
		handlerstest.WantField(t, till, "repository_is_archived", false)
		handlerstest.WantField(t, till, "repository_pushed_at", "2026-03-01T12:00:00Z")

		bare := list[slices.IndexFunc(list, func(i map[string]any) bool { return i["repository_name"] == "bare" })]
		for _, field := range []string{"description", "language", "license", "website_url", "pushed_at"} {
			handlerstest.WantField(t, bare, "repository_"+field, nil)
		}
		handlerstest.WantField(t, bare, "repository_topics", []any{})
	})
}

func TestRepositoriesToImport(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("shop") + "/repositories"
	v.PostJSON(strings.Replace(path, "repositories", "imports", 1), `{"repository_ids":[3000000002]}`).Status(http.StatusOK)

	a := v.Get(path).Status(http.StatusOK)
	if a.Header.Get("X-Total-Count") != "3" {
		t.Errorf("X-Total-Count = %q", a.Header.Get("X-Total-Count"))
	}
	list := a.List()
	if got := names(list); !slices.Equal(got, []string{"bare", "Old", "till"}) {
		t.Errorf("by name: %v", got)
	}
	hasFields(t, list[0], "id", "name", "owner", "full_name", "url", "description", "language", "license", "size_kb", "website_url",
		"default_branch", "topics", "visibility", "is_private", "is_fork", "is_template", "is_archived", "pushed_at", "permission", "import_id",
		"clone_url", "ssh_url", "node_id", "stars", "forks", "open_issues", "is_disabled", "created_at", "updated_at", "custom_properties", "installation_id")
	handlerstest.WantField(t, list[2], "full_name", "shop/till")
	handlerstest.WantField(t, list[2], "permission", "admin")
	handlerstest.WantField(t, list[2], "import_id", nil)
	isInteger(t, list[0], "import_id")

	for query, want := range map[string][]string{
		"q=RINGS":                    {"till"},
		"q=shop/t":                   {"till"},
		"q=%25":                      {},
		"imported=true":              {"bare"},
		"imported=false":             {"Old", "till"},
		"visibility=private":         {"till"},
		"language=Go":                {"till"},
		"archived=true":              {"Old"},
		"archived=false&sort=-name":  {"till", "bare"},
		"fork=true":                  {},
		"topic=cash":                 {"till"},
		"topic=cas":                  {},
		"sort=-pushed_at":            {"till", "Old", "bare"},
		"sort=size_kb&imported=true": {"bare"},
		"sort=-size_kb&per_page=1":   {"till"},
		"page=2&per_page=2":          {"till"},
		"page=9":                     {},
	} {
		if got := names(v.Get(path + "?" + query).Status(http.StatusOK).List()); !slices.Equal(got, want) {
			t.Errorf("?%s: %v, want %v", query, got, want)
		}
	}
}

func TestThePersonAndTheSession(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	pathParameters := v.Get("/api/users/me").Status(http.StatusOK).Object()
	hasFields(t, pathParameters, "id", "github_id", "github_login", "name", "avatar_url", "created_at", "updated_at", "withheld_organizations")
	handlerstest.WantField(t, pathParameters, "github_login", "anna")
	handlerstest.WantField(t, pathParameters, "name", "Anna Bell")
	isInteger(t, pathParameters, "github_id")

	v.Do(http.MethodHead, "/api/auth/check", "", "", nil).Status(http.StatusNoContent)
	s.Visit().Do(http.MethodHead, "/api/auth/check", "", "", nil).Status(http.StatusUnauthorized)

	bearer := http.Header{"Authorization": {"Bearer " + v.Session()}}
	s.Visit().Do(http.MethodHead, "/api/auth/check", "", "", bearer).Status(http.StatusNoContent)
	s.Visit().Do(http.MethodGet, "/api/users/me/installations", "", "", bearer).Status(http.StatusOK)
	s.Visit().Do(http.MethodGet, "/installations", "", "", bearer).Status(http.StatusUnauthorized)
}

func TestPagesOfAPublishedListAreLinkedAsGitHubDoes(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.LargeWorld(7))
	v := s.LogIn("ada")
	imports := "/api/users/me/installations/" + v.Record("atlas") + "/imports"
	v.PostJSON(imports, `{"filter":{}}`).Status(http.StatusOK)

	var seen []string
	next := imports + "?per_page=3"
	for range 5 {
		a := v.Get(next).Status(http.StatusOK)
		for _, item := range a.List() {
			seen = append(seen, item["repository_name"].(string))
		}
		match := regexp.MustCompile(`<([^>]+)>; rel="next"`).FindStringSubmatch(a.Header.Get("Link"))
		if match == nil {
			break
		}
		next = v.Path(match[1])
	}
	if len(seen) != 7 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 7 {
		t.Errorf("following the links returns %v", seen)
	}
	second := v.Get(imports + "?per_page=3&page=2").Header.Get("Link")
	for _, rel := range []string{"prev", "next", "last", "first"} {
		if !strings.Contains(second, `rel="`+rel+`"`) {
			t.Errorf("page 2 of 3 lacks %s: %s", rel, second)
		}
	}
	if got := v.Get(imports + "?page=9&per_page=3").Status(http.StatusOK); strings.TrimSpace(got.Body) != "[]" || !strings.Contains(got.Header.Get("Link"), `page=3`) {
		t.Errorf("beyond the end: %s, Link %q", got.Body, got.Header.Get("Link"))
	}
	if whole := v.Get(imports); whole.Header.Get("Link") != "" || len(whole.List()) != 7 {
		t.Error("without paging the response is the complete array")
	}
}

func number(digits string) float64 {
	n, _ := strconv.ParseFloat(digits, 64)
	return n
}

func names(list []map[string]any) []string {
	found := []string{}
	for _, item := range list {
		found = append(found, item["name"].(string))
	}
	return found
}

// WantField fails the test unless a field has this value.

func isInteger(t *testing.T, item map[string]any, field string) {
	t.Helper()
	if n, ok := item[field].(float64); !ok || n != float64(int64(n)) || n < 1 {
		t.Errorf("%s = %#v, want an integer", field, item[field])
	}
}

// WantTime fails the test unless a field is a time of whole seconds in UTC.

func hasFields(t *testing.T, item map[string]any, want ...string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(item))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
}
