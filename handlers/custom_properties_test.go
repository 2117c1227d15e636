package handlers_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// R8: custom properties, whatever their type, are in lists and exports, and narrow them.
func TestR8CustomPropertiesAreListedExportedAndFiltered(t *testing.T) {
	t.Parallel()
	world := shop()
	world.AddRepository("shop", sandbox.Repository{
		ID: 3000000010, Name: "props",
		CustomProperties: map[string]any{"team": []string{"core", "edge"}, "tier": "gold", "audited": true, "level": 5, "owner": nil},
	})
	s := openOn(t, world, dbtest.SQLite(t))
	v := s.logIn("anna")
	record := "/api/users/me/installations/" + v.record("shop")
	v.postJSON(record+"/imports", `{"filter":{"custom_property":"team:edge"}}`).status(http.StatusOK)
	const stored = `{"audited":true,"level":5,"owner":null,"team":["core","edge"],"tier":"gold"}`
	for path, field := range map[string]string{
		record + "/repositories": "custom_properties", record + "/imports": "repository_custom_properties", "/api/users/me/imports": "repository_custom_properties",
	} {
		for query, found := range map[string]bool{
			"team": true, "team:core": true, "tier:gold": true, "audited:true": true, "level:5": true, "tier:silver": false, "owner": false, "Team:core": false,
		} {
			a := v.get(path + "?custom_property=" + url.QueryEscape(query)).status(http.StatusOK)
			if is := len(a.list()) == 1; is != found || found && !strings.Contains(a.body, `"`+field+`":`+stored) {
				t.Errorf("%s with %s: %s", path, query, a.body)
			}
		}
		rows, err := csv.NewReader(strings.NewReader(v.get(path + ".csv?custom_property=team").status(http.StatusOK).body)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%s.csv: %v, %v", path, rows, err)
		}
		if cell := rows[1][slices.Index(rows[0], field)]; cell != stored {
			t.Errorf("%s.csv says %q", path, cell)
		}
	}
	page := v.get("/installations/" + v.record("shop") + "?custom_property=tier:gold").status(http.StatusOK)
	if said := page.text("#chip-custom-property"); !strings.Contains(said, "Custom property: tier:gold") {
		t.Errorf("the page says %q", said)
	}
}

// R8: what GitHub says of an installation is in lists, exports and on its own.
func TestR8FactsOfInstallationsAreInJSON(t *testing.T) {
	t.Parallel()
	s := openRunBy(t, shop(), dbtest.SQLite(t), "", []string{"anna"})
	s.gitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		if row == sandbox.RowInstallation {
			body["single_file_name"], body["single_file_paths"] = "config.yml", []string{"config.yml", ".github/x.yml"}
		}
		return body
	}})
	v := s.logIn("anna")
	v.record("shop")
	v.post("/app/readings", url.Values{}).status(http.StatusSeeOther)
	for _, path := range []string{"/api/users/me/installations", "/api/users/me/installations/" + v.record("shop"), "/api/app/installations", "/api/app/installations/" + v.gitHubID("shop")} {
		dbtest.Until(t, path, func() bool {
			body := v.get(path).status(http.StatusOK).body
			return strings.Contains(body, `"single_file_name":"config.yml"`) && strings.Contains(body, `"single_file_paths":["config.yml",".github/x.yml"]`) &&
				strings.Contains(body, `"app_slug":"`) && strings.Contains(body, `"installed_at":"2`)
		})
	}
}

// R10: operators' scripts ask for what GitHub updated since, as of GitHub itself.
func TestR10InstallationsOfTheAppAreNarrowedByTime(t *testing.T) {
	t.Parallel()
	s := openRunBy(t, shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.logIn("anna")
	v.record("shop")
	tomorrow := time.Now().Add(48 * time.Hour).UTC().Format(time.DateOnly)
	for query, want := range map[string]int{"2020-01-01T00:00:00Z": 1, "2020-01-01": 1, tomorrow: 0} {
		if got := v.get("/api/app/installations?since=" + query).status(http.StatusOK).list(); len(got) != want {
			t.Errorf("since %s: %v", query, got)
		}
		page := v.get("/app/installations?since=" + query).status(http.StatusOK)
		if shown := strings.Contains(page.text("main"), "shop"); shown != (want > 0) || strings.Contains(page.text("#notices"), "since") {
			t.Errorf("the page since %s shows %t", query, shown)
		}
	}
	v.get("/api/app/installations?since=yesterday").status(http.StatusUnprocessableEntity)
	v.get("/api/users/me/installations?since=2020-01-01").status(http.StatusUnprocessableEntity)
}
