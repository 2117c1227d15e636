package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// shop is a small world whose every fact is known: anna owns the organization
// shop with three repositories, of which one is full and one is bare.
func shop() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "anna", Name: "Anna Bell"})
	w.AddOrganization(sandbox.Organization{Login: "shop"})
	w.AddMember("shop", "anna", sandbox.RoleAdmin)
	w.AddRepository("shop", sandbox.Repository{
		ID: 3000000001, Name: "till", Description: "Rings <b>up</b> & adds", Homepage: "https://till.example", Language: "Go", License: "mit",
		Topics: []string{"cash", "point-of-sale"}, Private: true, Size: 1234, DefaultBranch: "trunk", PushedAt: day,
	})
	w.AddRepository("shop", sandbox.Repository{ID: 3000000002, Name: "bare"})
	w.AddRepository("shop", sandbox.Repository{ID: 3000000003, Name: "Old", Archived: true, Template: true, PushedAt: day.AddDate(-1, 0, 0)})
	w.Install("shop", sandbox.SelectAll)
	return w
}

func TestInstallationsAsPublished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		me := v.me()
		list := v.get("/api/users/" + me + "/installations").status(http.StatusOK).list()
		if len(list) != 1 {
			t.Fatalf("%d installations, want 1", len(list))
		}
		item := list[0]
		isInteger(t, item, "id")
		is(t, item, "neptun_user_id", me)
		gitHubID, ok := item["github_installation_id"].(string)
		if _, err := strconv.ParseInt(gitHubID, 10, 64); !ok || err != nil {
			t.Errorf("github_installation_id = %#v, want GitHub's id in a string", item["github_installation_id"])
		}
		isTime(t, item, "created_at")
		isTime(t, item, "updated_at")
		is(t, item, "github_account_login", "shop")
		is(t, item, "github_account_type", "Organization")
		is(t, item, "repository_selection", "all")
		is(t, item, "suspended_at", nil)
		isTime(t, item, "synced_at")
		is(t, item, "repository_count", 3.0)
		is(t, item, "import_count", 0.0)
		hasFields(t, item, "id", "neptun_user_id", "github_installation_id", "created_at", "updated_at", "github_account_login",
			"github_account_type", "github_account_avatar_url", "repository_selection", "suspended_at", "synced_at", "repository_count", "import_count",
			"app_slug", "installed_at", "installed_by_login", "single_file_name", "single_file_paths")
	})
}

func TestImportsAsPublished(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := v.record("shop")
		imports := "/api/users/me/installations/" + record + "/imports"

		if body := v.get(imports).status(http.StatusOK).body; strings.TrimSpace(body) != "[]" {
			t.Errorf("before any import: %s, want []", body)
		}
		v.postJSON(imports, `{"repository_ids":[3000000003,3000000001,3000000002]}`).status(http.StatusOK)
		list := v.get(imports).status(http.StatusOK).list()
		if len(list) != 3 {
			t.Fatalf("%d imports, want 3", len(list))
		}
		if !slices.IsSortedFunc(list, func(a, b map[string]any) int { return int(a["id"].(float64) - b["id"].(float64)) }) {
			t.Error("imports are not in the order of their ids")
		}
		till := list[slices.IndexFunc(list, func(i map[string]any) bool { return i["repository_name"] == "till" })]
		isInteger(t, till, "id")
		is(t, till, "github_app_installation_id", number(record))
		is(t, till, "repository_owner", "shop")
		if url, _ := till["repository_url"].(string); !strings.HasSuffix(url, "/shop/till") || !strings.HasPrefix(url, "http") {
			t.Errorf("repository_url = %q", url)
		}
		isTime(t, till, "created_at")
		isTime(t, till, "updated_at")
		is(t, till, "repository_id", 3000000001.0)
		is(t, till, "repository_description", "Rings <b>up</b> & adds")
		is(t, till, "repository_language", "Go")
		is(t, till, "repository_license", "MIT")
		is(t, till, "repository_size_kb", 1234.0)
		is(t, till, "repository_website_url", "https://till.example")
		is(t, till, "repository_default_branch", "trunk")
		is(t, till, "repository_topics", []any{"cash", "point-of-sale"})
		is(t, till, "repository_visibility", "private")
		is(t, till, "repository_is_private", true)
		is(t, till, "repository_is_fork", false)
		is(t, till, "repository_is_template", false)
		is(t, till, "repository_is_archived", false)
		is(t, till, "repository_pushed_at", "2026-03-01T12:00:00Z")

		bare := list[slices.IndexFunc(list, func(i map[string]any) bool { return i["repository_name"] == "bare" })]
		for _, field := range []string{"description", "language", "license", "website_url", "pushed_at"} {
			is(t, bare, "repository_"+field, nil)
		}
		is(t, bare, "repository_topics", []any{})
	})
}

func TestRepositoriesToImport(t *testing.T) {
	s := open(t, shop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("shop") + "/repositories"
	v.postJSON(strings.Replace(path, "repositories", "imports", 1), `{"repository_ids":[3000000002]}`).status(http.StatusOK)

	a := v.get(path).status(http.StatusOK)
	if a.header("X-Total-Count") != "3" {
		t.Errorf("X-Total-Count = %q", a.header("X-Total-Count"))
	}
	list := a.list()
	if got := names(list); !slices.Equal(got, []string{"bare", "Old", "till"}) {
		t.Errorf("by name: %v", got)
	}
	hasFields(t, list[0], "id", "name", "owner", "full_name", "url", "description", "language", "license", "size_kb", "website_url",
		"default_branch", "topics", "visibility", "is_private", "is_fork", "is_template", "is_archived", "pushed_at", "permission", "import_id",
		"clone_url", "ssh_url", "node_id", "stars", "forks", "open_issues", "is_disabled", "created_at", "updated_at", "custom_properties", "installation_id")
	is(t, list[2], "full_name", "shop/till")
	is(t, list[2], "permission", "admin")
	is(t, list[2], "import_id", nil)
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
		if got := names(v.get(path + "?" + query).status(http.StatusOK).list()); !slices.Equal(got, want) {
			t.Errorf("?%s: %v, want %v", query, got, want)
		}
	}
}

func TestThePersonAndTheSession(t *testing.T) {
	s := open(t, shop())
	v := s.logIn("anna")
	person := v.get("/api/users/me").status(http.StatusOK).object()
	hasFields(t, person, "id", "github_id", "github_login", "name", "avatar_url", "created_at", "updated_at", "withheld_organizations")
	is(t, person, "github_login", "anna")
	is(t, person, "name", "Anna Bell")
	isInteger(t, person, "github_id")

	v.do(http.MethodHead, "/api/auth/check", "", "", nil).status(http.StatusNoContent)
	s.visit().do(http.MethodHead, "/api/auth/check", "", "", nil).status(http.StatusUnauthorized)

	bearer := http.Header{"Authorization": {"Bearer " + v.session()}}
	s.visit().do(http.MethodHead, "/api/auth/check", "", "", bearer).status(http.StatusNoContent)
	s.visit().do(http.MethodGet, "/api/users/me/installations", "", "", bearer).status(http.StatusOK)
	s.visit().do(http.MethodGet, "/installations", "", "", bearer).status(http.StatusUnauthorized)
}

func TestPagesOfAPublishedListAreLinkedAsGitHubDoes(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(7))
	v := s.logIn("ada")
	imports := "/api/users/me/installations/" + v.record("atlas") + "/imports"
	v.postJSON(imports, `{"filter":{}}`).status(http.StatusOK)

	var seen []string
	next := imports + "?per_page=3"
	for range 5 {
		a := v.get(next).status(http.StatusOK)
		for _, item := range a.list() {
			seen = append(seen, item["repository_name"].(string))
		}
		match := regexp.MustCompile(`<([^>]+)>; rel="next"`).FindStringSubmatch(a.header("Link"))
		if match == nil {
			break
		}
		next = v.path(match[1])
	}
	if len(seen) != 7 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 7 {
		t.Errorf("following the links brings %v", seen)
	}
	second := v.get(imports + "?per_page=3&page=2").header("Link")
	for _, rel := range []string{"prev", "next", "last", "first"} {
		if !strings.Contains(second, `rel="`+rel+`"`) {
			t.Errorf("page 2 of 3 lacks %s: %s", rel, second)
		}
	}
	if got := v.get(imports + "?page=9&per_page=3").status(http.StatusOK); strings.TrimSpace(got.body) != "[]" || !strings.Contains(got.header("Link"), `page=3`) {
		t.Errorf("beyond the end: %s, Link %q", got.body, got.header("Link"))
	}
	if whole := v.get(imports); whole.header("Link") != "" || len(whole.list()) != 7 {
		t.Error("without paging the whole array is promised")
	}
}

// record is the id of the visitor's installation record on an account.
func (v *visitor) record(login string) string {
	v.s.t.Helper()
	for _, item := range v.get("/api/users/me/installations").status(http.StatusOK).list() {
		if item["github_account_login"] == login {
			return strconv.FormatInt(int64(item["id"].(float64)), 10)
		}
	}
	v.s.t.Fatalf("no installation on %s", login)
	return ""
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

func is(t *testing.T, item map[string]any, field string, want any) {
	t.Helper()
	if got, there := item[field]; !there || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Errorf("%s = %#v, want %#v", field, got, want)
	}
}

func isInteger(t *testing.T, item map[string]any, field string) {
	t.Helper()
	if n, ok := item[field].(float64); !ok || n != float64(int64(n)) || n < 1 {
		t.Errorf("%s = %#v, want an integer", field, item[field])
	}
}

var wholeSeconds = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)

func isTime(t *testing.T, item map[string]any, field string) {
	t.Helper()
	if text, _ := item[field].(string); !wholeSeconds.MatchString(text) {
		t.Errorf("%s = %#v, want RFC 3339 in UTC and whole seconds", field, item[field])
	}
}

func hasFields(t *testing.T, item map[string]any, want ...string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(item))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
}
