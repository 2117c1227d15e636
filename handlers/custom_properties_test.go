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
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// R8: lists and exports contain custom properties of any type and can be filtered by them.
func TestR8CustomPropertiesAreListedExportedAndFiltered(t *testing.T) {
	t.Parallel()
	world := handlerstest.Shop()
	world.Repositories.Add("shop", sandbox.Repository{
		ID: 3000000010, Name: "props",
		CustomProperties: map[string]any{"team": []string{"core", "edge"}, "tier": "gold", "audited": true, "level": 5, "owner": nil},
	})
	s := handlerstest.OpenOn(t, world, dbtest.SQLite(t))
	v := s.LogIn("anna")
	record := "/api/users/me/installations/" + v.Record("shop")
	v.PostJSON(record+"/imports", `{"filter":{"custom_property":"team:edge"}}`).Status(http.StatusOK)
	const stored = `{"audited":true,"level":5,"owner":null,"team":["core","edge"],"tier":"gold"}`
	for path, field := range map[string]string{
		record + "/repositories": "custom_properties", record + "/imports": "repository_custom_properties", "/api/users/me/imports": "repository_custom_properties",
	} {
		for query, found := range map[string]bool{
			"team": true, "team:core": true, "tier:gold": true, "audited:true": true, "level:5": true, "tier:silver": false, "owner": false, "Team:core": false,
		} {
			a := v.Get(path + "?custom_property=" + url.QueryEscape(query)).Status(http.StatusOK)
			if is := len(a.List()) == 1; is != found || found && !strings.Contains(a.Body, `"`+field+`":`+stored) {
				t.Errorf("%s with %s: %s", path, query, a.Body)
			}
		}
		rows, err := csv.NewReader(strings.NewReader(v.Get(path + ".csv?custom_property=team").Status(http.StatusOK).Body)).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%s.csv: %v, %v", path, rows, err)
		}
		if cell := rows[1][slices.Index(rows[0], field)]; cell != stored {
			t.Errorf("%s.csv has %q", path, cell)
		}
	}
	page := v.Get("/installations/" + v.Record("shop") + "?custom_property=tier:gold").Status(http.StatusOK)
	if text := page.Text("#chip-custom-property"); !strings.Contains(text, "Custom property: tier:gold") {
		t.Errorf("the page shows %q", text)
	}
}

// R8: lists, exports and single installations contain GitHub's facts about them.
func TestR8FactsOfInstallationsAreInJSON(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	s.GitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		if row == sandbox.RowInstallation {
			body["single_file_name"], body["single_file_paths"] = "config.yml", []string{"config.yml", ".github/x.yml"}
		}
		return body
	}})
	v := s.LogIn("anna")
	v.Record("shop")
	v.Post("/app/readings", url.Values{}).Status(http.StatusSeeOther)
	for _, path := range []string{"/api/users/me/installations", "/api/users/me/installations/" + v.Record("shop"), "/api/app/installations", "/api/app/installations/" + v.GitHubID("shop")} {
		dbtest.Until(t, path, func() bool {
			body := v.Get(path).Status(http.StatusOK).Body
			return strings.Contains(body, `"single_file_name":"config.yml"`) && strings.Contains(body, `"single_file_paths":["config.yml",".github/x.yml"]`) &&
				strings.Contains(body, `"app_slug":"`) && strings.Contains(body, `"installed_at":"2`)
		})
	}
}

// R10: scripts of operators filter by when GitHub last updated an installation.
func TestR10InstallationsOfTheAppAreFilteredByTime(t *testing.T) {
	t.Parallel()
	s := handlerstest.OpenRunBy(t, handlerstest.Shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.LogIn("anna")
	v.Record("shop")
	tomorrow := time.Now().Add(48 * time.Hour).UTC().Format(time.DateOnly)
	for query, want := range map[string]int{"2020-01-01T00:00:00Z": 1, "2020-01-01": 1, tomorrow: 0} {
		if got := v.Get("/api/app/installations?since=" + query).Status(http.StatusOK).List(); len(got) != want {
			t.Errorf("since %s: %v", query, got)
		}
		page := v.Get("/app/installations?since=" + query).Status(http.StatusOK)
		if shown := strings.Contains(page.Text("main"), "shop"); shown != (want > 0) || strings.Contains(page.Text("#notices"), "since") {
			t.Errorf("the page since %s shows it: %t", query, shown)
		}
	}
	v.Get("/api/app/installations?since=yesterday").Status(http.StatusUnprocessableEntity)
	v.Get("/api/users/me/installations?since=2020-01-01").Status(http.StatusUnprocessableEntity)
}
