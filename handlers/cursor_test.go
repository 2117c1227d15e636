package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

var nextLink = regexp.MustCompile(`^<([^>]*)>; rel="next"$`)

// R18: a list that is begun by cursor is read to its end by its Link headers.
func TestR18ListsAreReadByCursor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openRunBy(t, shop(), databaseURL, "", []string{"anna"})
		v := s.logIn("anna")
		record := "/api/users/me/installations/" + v.record("shop")
		v.postJSON(record+"/imports", `{"filter":{}}`).status(http.StatusOK)
		for path, field := range map[string]string{
			record + "/repositories?sort=-pushed_at": "name", record + "/repositories?q=": "name", record + "/imports?": "repository_name",
			"/api/users/me/imports?sort=size_kb": "repository_name", "/api/users/me/repositories?": "name",
			"/api/users/me/installations?sort=account": "github_account_login", "/api/app/installations?drift=false": "github_account_login",
		} {
			whole := []string{}
			for _, row := range v.get(path + "&per_page=100").status(http.StatusOK).list() {
				whole = append(whole, row[field].(string))
			}
			read, total := []string{}, ""
			for next := path + "&after=&per_page=1"; next != ""; {
				page := v.get(next).status(http.StatusOK)
				for _, row := range page.list() {
					read = append(read, row[field].(string))
				}
				total, next = page.header("X-Total-Count"), ""
				if m := nextLink.FindStringSubmatch(page.header("Link")); m != nil {
					next = v.path(m[1])
					if address, err := url.Parse(next); err != nil || address.Query().Get("after") == "" || address.Query().Has("page") {
						t.Fatalf("%s leads on to %s", path, next)
					}
				}
				if len(read) > 10 {
					t.Fatalf("%s never ends", path)
				}
			}
			if !slices.Equal(read, whole) || len(whole) == 0 || total == "" {
				t.Errorf("%s by cursor is %v of %s, as a whole %v", path, read, total, whole)
			}
		}
		for _, query := range []string{"after=x", "after=e30", "after=&page=2"} {
			for _, path := range []string{record + "/repositories?", record + "/imports?", "/api/users/me/imports?", "/api/users/me/installations?", "/api/app/installations?"} {
				if a := v.get(path + query).status(http.StatusUnprocessableEntity); !strings.Contains(a.body, `"field":"after"`) {
					t.Errorf("%s%s: %s", path, query, a.body)
				}
			}
		}
	})
}
