package openapi_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/handlers/openapi"
)

// A misspelt filter must not return everything.
func TestR10AnUnknownParameterIsRefused(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	own := pathParameters{v.Me(), v.Record("shop"), v.GitHubID("shop")}
	for _, o := range requests() {
		if o.Method != http.MethodGet {
			continue
		}
		path := own.pathOf(o)
		for _, query := range []string{"?langage=Go", "?_=1&langage=Go", "?per_page=1&langage=Go&Q=x"} {
			a := v.Get(path + query).Status(http.StatusUnprocessableEntity)
			if a.Message(); !strings.Contains(a.Body, `"field":"langage"`) || strings.Contains(a.Body, `"field":"_"`) {
				t.Errorf("%s%s: %s", path, query, a.Body)
			}
			if known := o.QueryNames(); len(known) > 0 && !strings.Contains(a.Body, "Known parameters: "+strings.Join(known, ", ")) {
				t.Errorf("%s%s doesn't list the known ones: %s", path, query, a.Body)
			}
		}
		for _, name := range o.QueryNames() {
			if a := v.Get(path + "?" + name + "=1&_=1&_=2&" + name + "=2").Status(http.StatusUnprocessableEntity); !strings.Contains(a.Body, `"field":"`+name+`"`) {
				t.Errorf("%s given twice at %s: %s", name, path, a.Body)
			}
		}
		if o.Right != openapi.Anyone {
			s.Visit().Get(path + "?langage=Go").Status(http.StatusUnauthorized)
		}
		if o.AsksGitHub {
			continue
		}
		if a := v.Get(path + "?_=1718000000&_cache=no"); a.StatusCode != http.StatusOK {
			t.Errorf("%s with a cache buster: %d", path, a.StatusCode)
		}
	}
	for _, path := range []string{"/healthz?langage=Go", "/readyz?x=1"} {
		v.Get(path).Status(http.StatusOK)
	}
	for _, path := range []string{"/imports", "/installations", "/installations/" + own.record, "/app/installations"} {
		if text := v.Get(path + "?langage=Go&utm=1&q=").Status(http.StatusOK).Text("#notices"); !strings.Contains(text, "langage, utm") {
			t.Errorf("%s says %q", path, text)
		}
		if text := v.Get(path + "?sort=&_=1").Text("#notices"); strings.Contains(text, "nknown") {
			t.Errorf("%s says %q", path, text)
		}
	}
}

func TestR10ListsAreFilteredByParameters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := "/api/users/me/installations/" + v.Record("shop")
		v.PostJSON(record+"/imports", `{"filter":{"repository_id":3000000001}}`).Status(http.StatusOK)
		imports := v.PostJSON(record+"/imports", `{"filter":{"template":true}}`).Status(http.StatusOK)
		if !strings.Contains(imports.Body, `"repository_id":3000000003`) || strings.Contains(imports.Body, "3000000002") {
			t.Errorf("imported by a filter: %s", imports.Body)
		}
		names := func(path, field string) []string {
			t.Helper()
			found := []string{}
			for _, row := range v.Get(path).Status(http.StatusOK).List() {
				found = append(found, row[field].(string))
			}
			slices.Sort(found)
			return found
		}
		for query, want := range map[string][]string{
			"license=mit":              {"till"},
			"license=GPL-3.0":          {},
			"template=true":            {"Old"},
			"template=false":           {"bare", "till"},
			"permission=admin":         {"Old", "bare", "till"},
			"permission=pull":          {},
			"repository_id=3000000002": {"bare"},
			"id=3000000002":            {"bare"},
			"pushed_since=" + handlerstest.Day.Format(time.DateOnly):                            {"till"},
			"pushed_before=" + handlerstest.Day.Format("2006-01-02T15:04:05Z"):                  {"Old"},
			"pushed_before=" + handlerstest.Day.Add(time.Second).Format("2006-01-02T15:04:05Z"): {"Old", "till"},
			"pushed_since=" + handlerstest.Day.Add(time.Second).Format("2006-01-02T15:04:05Z"):  {},
		} {
			if got := names(record+"/repositories?"+query, "name"); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
			if strings.HasPrefix(query, "id=") {
				continue // an import's own
			}
			want = slices.DeleteFunc(slices.Clone(want), func(name string) bool { return name == "bare" })
			for _, path := range []string{record + "/imports?", "/api/users/me/imports?"} {
				if got := names(path+query, "repository_name"); !slices.Equal(got, want) {
					t.Errorf("%s%s: %v, want %v", path, query, got, want)
				}
			}
		}
		id := v.Get("/api/users/me/imports?repository_id=3000000003").List()[0]["id"]
		if got := v.Get("/api/users/me/imports?id=" + strconv.FormatFloat(id.(float64), 'f', -1, 64)).List(); len(got) != 1 || got[0]["repository_name"] != "Old" {
			t.Errorf("by its id: %v", got)
		}
		for _, query := range []string{"permission=owner", "pushed_since=soon", "repository_id=x", "template=perhaps"} {
			v.Get(record + "/repositories?" + query).Status(http.StatusUnprocessableEntity).Message()
		}
		gitHubID := v.Get("/api/users/me/installations").List()[0]["github_installation_id"].(string)
		if got := names("/api/users/me/installations?github_installation_id="+gitHubID, "github_account_login"); !slices.Equal(got, []string{"shop"}) {
			t.Errorf("by GitHub's id: %v", got)
		}
		if got := names("/api/users/me/installations?github_installation_id=1", "github_account_login"); len(got) != 0 {
			t.Errorf("by another id: %v", got)
		}
	})
}

// An error identifies its cause and what to send instead.
func TestR17R18ErrorsHaveACodeAndA401NamesTheScheme(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	for path, want := range map[string]string{
		"/api/users/me/installations/0":    "installation_not_found",
		"/api/users/nobody/imports":        "user_not_found",
		"/api/nothing":                     "not_found",
		"/api/app":                         "operators_only",
		"/api/users/me/imports?per_page=0": "validation_failed",
	} {
		a := v.Get(path)
		a.Message()
		data, _ := a.Object()["data"].(map[string]any)
		if data["code"] != want || data["documentation_url"] != s.URL+"/docs#conventions" {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	for _, path := range []string{"/api/users/me", "/api/users/me/imports", "/api/app"} {
		a := s.Visit().Get(path).Status(http.StatusUnauthorized)
		if a.Header.Get("WWW-Authenticate") != `Bearer realm="neptun"` {
			t.Errorf("%s: WWW-Authenticate %q", path, a.Header.Get("WWW-Authenticate"))
		}
	}
	v.Get("/api/users/me").Status(http.StatusOK)
}
