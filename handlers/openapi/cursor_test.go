package openapi_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

var nextLink = regexp.MustCompile(`^<([^>]*)>; rel="next"$`)

// R18: a list with a cursor is read to its end by following the Link headers.
func TestR18ListsAreReadByCursor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenRunBy(t, handlerstest.Shop(), databaseURL, "", []string{"anna"})
		v := s.LogIn("anna")
		record := "/api/users/me/installations/" + v.Record("shop")
		v.PostJSON(record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		for path, field := range map[string]string{
			record + "/repositories?sort=-pushed_at": "name", record + "/repositories?q=": "name", record + "/imports?": "repository_name",
			"/api/users/me/imports?sort=size_kb": "repository_name", "/api/users/me/repositories?": "name",
			"/api/users/me/installations?sort=account": "github_account_login", "/api/app/installations?drift=false": "github_account_login",
		} {
			whole := []string{}
			for _, row := range v.Get(path + "&per_page=100").Status(http.StatusOK).List() {
				whole = append(whole, row[field].(string))
			}
			read, total := []string{}, ""
			for next := path + "&after=&per_page=1"; next != ""; {
				page := v.Get(next).Status(http.StatusOK)
				for _, row := range page.List() {
					read = append(read, row[field].(string))
				}
				total, next = page.Header.Get("X-Total-Count"), ""
				if m := nextLink.FindStringSubmatch(page.Header.Get("Link")); m != nil {
					next = v.Path(m[1])
					if address, err := url.Parse(next); err != nil || address.Query().Get("after") == "" || address.Query().Has("page") {
						t.Fatalf("the next page of %s is %s", path, next)
					}
				}
				if len(read) > 10 {
					t.Fatalf("%s never ends", path)
				}
			}
			if !slices.Equal(read, whole) || len(whole) == 0 || total == "" {
				t.Errorf("%s by cursor has %v of %s, without a cursor %v", path, read, total, whole)
			}
		}
		for _, query := range []string{"after=x", "after=e30", "after=&page=2"} {
			for _, path := range []string{record + "/repositories?", record + "/imports?", "/api/users/me/imports?", "/api/users/me/installations?", "/api/app/installations?"} {
				if a := v.Get(path + query).Status(http.StatusUnprocessableEntity); !strings.Contains(a.Body, `"field":"after"`) {
					t.Errorf("%s%s: %s", path, query, a.Body)
				}
			}
		}
	})
}
