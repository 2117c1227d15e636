package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox/sandboxtest"
)

// The whole flow by plain HTTP, as in a browser without JavaScript.
func TestTheWholeFlowWithoutJavaScript(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.Visit()
	landing := v.Get("/").Status(http.StatusOK)
	start, ok := landing.Page().Find(`main a[href^="/auth/github"]`).Attr("href")
	if !ok {
		t.Fatal("the landing page has no link to sign in")
	}
	v.Get(v.Path(v.Approve(v.Get(start).Header.Get("Location"), "anna"))).Status(http.StatusSeeOther)
	v.Settle()

	list := v.Get("/installations").Status(http.StatusOK)
	open, ok := list.Page().Find(`a[href^="/installations/"]`).Attr("href")
	if !ok || list.Text("h2 a") != "shop" {
		t.Fatalf("the installations page shows %q", list.Text("main"))
	}
	page := v.Get(open + "?q=rings").Status(http.StatusOK)
	if rows := page.Page().Find(".rows > tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "till") {
		t.Fatalf("searching finds %q", page.Text(".rows"))
	}

	returnTo, _ := page.Page().Find(`form.list input[name=return_to]`).Attr("value")
	confirmation := v.Post(open+"/imports", handlerstest.Form("repository_ids", "3000000001", "repository_ids", "3000000002", "repository_ids", "3000000003", "return_to", returnTo)).Status(http.StatusSeeOther)
	if left := v.Get("/api/users/me/imports").List(); len(left) != 0 {
		t.Error("repositories are imported without confirmation")
	}
	done := v.Confirm(confirmation)
	if done.Header.Get("Location") != open+"?q=rings" {
		t.Errorf("the import redirects to %s", done.Header.Get("Location"))
	}
	after := v.Get(done.Header.Get("Location")).Status(http.StatusOK)
	if !strings.Contains(after.Text("#notices"), "3 repositories imported") {
		t.Errorf("the page shows %q", after.Text("#notices"))
	}
	if again := v.Get(done.Header.Get("Location")); again.Text("#notices") != "" {
		t.Error("the notice is shown twice")
	}
	if imports := v.Get("/imports").Status(http.StatusOK); imports.Page().Find(".rows > tr").Length() != 3 {
		t.Errorf("the imports page shows %q", imports.Text(".rows"))
	}
	v.Post(open+"/removals", handlerstest.Form("only", "3000000002", "repository_ids", "3000000001")).Status(http.StatusSeeOther)
	if left := v.Get("/api/users/me/imports").List(); len(left) != 2 {
		t.Errorf("a row's own button removed %d, want 1", 3-len(left))
	}
	v.Post("/logout", nil).Status(http.StatusSeeOther)
	v.Get("/imports").Status(http.StatusUnauthorized)
}

func TestImportReturnsAResultForEachInOrder(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	path := "/api/users/me/installations/" + v.Record("shop") + "/imports"
	type results struct {
		Results []struct {
			RepositoryID int64  `json:"repository_id"`
			Status       string `json:"status"`
			Import       *struct {
				ID             int64  `json:"id"`
				RepositoryName string `json:"repository_name"`
			} `json:"import"`
		} `json:"results"`
	}
	var first, second results
	v.PostJSON(path, `{"repository_ids":[3000000002]}`).Status(http.StatusOK).Into(&first)
	v.PostJSON(path, `{"repository_ids":[7,3000000003,3000000002,-1]}`).Status(http.StatusOK).Into(&second)
	want := []string{"7 not_found", "3000000003 imported", "3000000002 already_imported", "-1 not_found"}
	for i, r := range second.Results {
		if got := fmt.Sprint(r.RepositoryID, " ", r.Status); i >= len(want) || got != want[i] {
			t.Errorf("result %d is %s, want %s", i, got, want[i])
		}
		if (r.Import == nil) != (r.Status == "not_found") {
			t.Errorf("%d: import %v with status %s", r.RepositoryID, r.Import, r.Status)
		}
	}
	if first.Results[0].Import.ID != second.Results[2].Import.ID {
		t.Error("importing again changed the id")
	}
	v.Do(http.MethodDelete, path+"/"+strconv.FormatInt(first.Results[0].Import.ID, 10), "", "", nil).Status(http.StatusNoContent)
	again := v.Do(http.MethodDelete, path+"/"+strconv.FormatInt(first.Results[0].Import.ID, 10), "", "", nil).Status(http.StatusNotFound)
	if again.Message() != "Import not found" {
		t.Errorf("message %q", again.Message())
	}
}

func TestASuspensionIsShownAndPreventsImports(t *testing.T) {
	w := handlerstest.Shop()
	s := handlerstest.Open(t, w)
	v := s.LogIn("anna")
	record := v.Record("shop")
	api := "/api/users/me/installations/" + record
	v.PostJSON(api+"/imports", `{"repository_ids":[3000000001]}`).Status(http.StatusOK)

	var gitHubID int64
	installation := v.Get(api).Object()
	_, err := fmt.Sscan(installation["github_installation_id"].(string), &gitHubID)
	handlerstest.Must(t, err)
	w.Installations.Suspend(gitHubID, "anna")
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()

	handlerstest.WantTime(t, v.Get(api).Object(), "suspended_at")
	if message := v.PostJSON(api+"/imports", `{"repository_ids":[3000000002]}`).Status(http.StatusConflict).Message(); !strings.Contains(message, "suspended") {
		t.Errorf("message %q", message)
	}
	v.PostJSON(api+"/sync", "").Status(http.StatusConflict)
	if list := v.Get(api + "/imports").Status(http.StatusOK).List(); len(list) != 1 {
		t.Errorf("%d imports listed, want those from before", len(list))
	}
	page := v.Get("/installations/" + record).Status(http.StatusOK)
	if !strings.Contains(page.Text("main"), "Suspended") {
		t.Error("the page doesn't show the suspension")
	}
	if page.Page().Find(`button[name=only]:not([disabled]):contains("Import")`).Length() > 0 {
		t.Error("the page offers imports")
	}

	w.Installations.Unsuspend(gitHubID)
	v.Post("/installations/sync", nil)
	v.Settle()
	v.PostJSON(api+"/imports", `{"repository_ids":[3000000002]}`).Status(http.StatusOK)
}

func TestThousandsOfRepositories(t *testing.T) {
	all := dbtest.Size(1_500, 10_000)
	s := handlerstest.Open(t, sandboxtest.LargeWorld(all))
	v := s.LogIn("ada")
	record := v.Record("atlas")
	api := "/api/users/me/installations/" + record

	page := v.Get("/installations/" + record).Status(http.StatusOK)
	if rows := page.Page().Find(".rows > tr").Length(); rows != 50 {
		t.Errorf("the page draws %d rows, want 50", rows)
	}
	if kb := len(page.Body) / 1000; kb >= 60 {
		t.Errorf("the page has %d KB of HTML, want less than 60", kb)
	}
	if !strings.Contains(page.Text(".found"), fmt.Sprintf("%d,%03d", all/1000, all%1000)) {
		t.Errorf("the page shows %q", page.Text(".found"))
	}

	seen := map[string]bool{}
	for number := 1; number <= all/100; number++ {
		for _, item := range v.Get(api + "/repositories?per_page=100&page=" + strconv.Itoa(number)).Status(http.StatusOK).List() {
			seen[item["name"].(string)] = true
		}
	}
	if len(seen) != all {
		t.Errorf("%d different repositories are listed, want %d", len(seen), all)
	}
	last := v.Get("/installations/" + record + "?q=service-" + fmt.Sprintf("%05d", all-1)).Status(http.StatusOK)
	if last.Page().Find(".rows > tr").Length() != 1 {
		t.Error("P1: a repository after the 100th can't be found")
	}

	var imported struct {
		Results []json.RawMessage `json:"results"`
	}
	v.PostJSON(api+"/imports", `{"filter":{}}`).Status(http.StatusOK).Into(&imported)
	if len(imported.Results) != all {
		t.Errorf("%d results, want %d", len(imported.Results), all)
	}
	if list := v.Get(api + "/imports").Status(http.StatusOK).List(); len(list) != all {
		t.Errorf("%d imports, want %d", len(list), all)
	}
	count := 0
	for _, request := range s.GitHub.Requests() {
		if strings.Contains(request.Path, "/user") {
			count++ // by the user's token, not the app's
		}
	}
	if count > all/100+10 {
		t.Errorf("%d requests to GitHub", count)
	}
}
