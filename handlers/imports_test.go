package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
)

// form makes the body of a form from names and values in turn.
func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

func digits(n any) string { return strconv.FormatInt(int64(n.(float64)), 10) }

// The whole way by plain HTTP, as a browser without JavaScript goes it.
func TestTheWholeWayWithoutJavaScript(t *testing.T) {
	s := open(t, shop())
	v := s.visit()
	landing := v.get("/").status(http.StatusOK)
	start, ok := landing.page().Find(`main a[href^="/auth/github"]`).Attr("href")
	if !ok {
		t.Fatal("the landing page has no way to log in")
	}
	v.get(v.path(v.approve(v.get(start).header("Location"), "anna"))).status(http.StatusSeeOther)
	v.settle()

	list := v.get("/installations").status(http.StatusOK)
	open, ok := list.page().Find(`a[href^="/installations/"]`).Attr("href")
	if !ok || list.text("h2 a") != "shop" {
		t.Fatalf("the installations page shows %q", list.text("main"))
	}
	page := v.get(open + "?q=rings").status(http.StatusOK)
	if rows := page.page().Find(".rows > tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "till") {
		t.Fatalf("searching finds %q", page.text(".rows"))
	}

	returnTo, _ := page.page().Find(`form.list input[name=return_to]`).Attr("value")
	asked := v.post(open+"/imports", form("repository_ids", "3000000001", "repository_ids", "3000000002", "repository_ids", "3000000003", "return_to", returnTo)).status(http.StatusSeeOther)
	if left := v.get("/api/users/me/imports").list(); len(left) != 0 {
		t.Error("something is imported before it is confirmed")
	}
	done := v.confirm(asked)
	if done.header("Location") != open+"?q=rings" {
		t.Errorf("after the import one is at %s", done.header("Location"))
	}
	after := v.get(done.header("Location")).status(http.StatusOK)
	if !strings.Contains(after.text("#notices"), "3 repositories imported") {
		t.Errorf("the page says %q", after.text("#notices"))
	}
	if again := v.get(done.header("Location")); again.text("#notices") != "" {
		t.Error("the notice is shown twice")
	}
	if imports := v.get("/imports").status(http.StatusOK); imports.page().Find(".rows > tr").Length() != 3 {
		t.Errorf("the imports page shows %q", imports.text(".rows"))
	}
	v.post(open+"/removals", form("only", "3000000002", "repository_ids", "3000000001")).status(http.StatusSeeOther)
	if left := v.get("/api/users/me/imports").list(); len(left) != 2 {
		t.Errorf("a row's own button removed %d, want 1", 3-len(left))
	}
	v.post("/logout", nil).status(http.StatusSeeOther)
	v.get("/imports").status(http.StatusUnauthorized)
}

// confirm confirms the preview that an action of a page leads to.
func (v *visitor) confirm(asked answer) answer {
	v.s.t.Helper()
	preview := asked.status(http.StatusSeeOther).header("Location")
	confirm, ok := v.get(preview).status(http.StatusOK).page().Find("form:has(#confirm)").Attr("action")
	if !ok {
		v.s.t.Fatalf("%s has nothing to confirm", preview)
	}
	return v.post(confirm, form()).status(http.StatusSeeOther)
}

func TestImportAnswersForEachInOrder(t *testing.T) {
	s := open(t, shop())
	v := s.logIn("anna")
	path := "/api/users/me/installations/" + v.record("shop") + "/imports"
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
	v.postJSON(path, `{"repository_ids":[3000000002]}`).status(http.StatusOK).into(&first)
	v.postJSON(path, `{"repository_ids":[7,3000000003,3000000002,-1]}`).status(http.StatusOK).into(&second)
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
	v.do(http.MethodDelete, path+"/"+strconv.FormatInt(first.Results[0].Import.ID, 10), "", "", nil).status(http.StatusNoContent)
	again := v.do(http.MethodDelete, path+"/"+strconv.FormatInt(first.Results[0].Import.ID, 10), "", "", nil).status(http.StatusNotFound)
	if again.message() != "Import not found" {
		t.Errorf("message %q", again.message())
	}
}

func TestASuspensionIsShownAndStopsImports(t *testing.T) {
	w := shop()
	s := open(t, w)
	v := s.logIn("anna")
	record := v.record("shop")
	api := "/api/users/me/installations/" + record
	v.postJSON(api+"/imports", `{"repository_ids":[3000000001]}`).status(http.StatusOK)

	var gitHubID int64
	installation := v.get(api).object()
	_, err := fmt.Sscan(installation["github_installation_id"].(string), &gitHubID)
	must(t, err)
	w.Suspend(gitHubID, "anna")
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()

	isTime(t, v.get(api).object(), "suspended_at")
	if message := v.postJSON(api+"/imports", `{"repository_ids":[3000000002]}`).status(http.StatusConflict).message(); !strings.Contains(message, "suspended") {
		t.Errorf("message %q", message)
	}
	v.postJSON(api+"/sync", "").status(http.StatusConflict)
	if list := v.get(api + "/imports").status(http.StatusOK).list(); len(list) != 1 {
		t.Errorf("%d imports listed, want what was imported before", len(list))
	}
	page := v.get("/installations/" + record).status(http.StatusOK)
	if !strings.Contains(page.text("main"), "Suspended") {
		t.Error("the page doesn't say so")
	}
	if page.page().Find(`button[name=only]:not([disabled]):contains("Import")`).Length() > 0 {
		t.Error("the page offers imports")
	}

	w.Unsuspend(gitHubID)
	v.post("/installations/sync", nil)
	v.settle()
	v.postJSON(api+"/imports", `{"repository_ids":[3000000002]}`).status(http.StatusOK)
}

func TestThousandsOfRepositories(t *testing.T) {
	all := dbtest.Size(1_500, 10_000)
	s := open(t, sandboxtest.LargeWorld(all))
	v := s.logIn("ada")
	record := v.record("atlas")
	api := "/api/users/me/installations/" + record

	page := v.get("/installations/" + record).status(http.StatusOK)
	if rows := page.page().Find(".rows > tr").Length(); rows != 50 {
		t.Errorf("the page draws %d rows, want 50", rows)
	}
	if kb := len(page.body) / 1000; kb >= 60 {
		t.Errorf("the page has %d KB of HTML, want less than 60", kb)
	}
	if !strings.Contains(page.text(".found"), fmt.Sprintf("%d,%03d", all/1000, all%1000)) {
		t.Errorf("the page tells of %q", page.text(".found"))
	}

	seen := map[string]bool{}
	for number := 1; number <= all/100; number++ {
		for _, item := range v.get(api + "/repositories?per_page=100&page=" + strconv.Itoa(number)).status(http.StatusOK).list() {
			seen[item["name"].(string)] = true
		}
	}
	if len(seen) != all {
		t.Errorf("%d different repositories are listed, want %d", len(seen), all)
	}
	last := v.get("/installations/" + record + "?q=service-" + fmt.Sprintf("%05d", all-1)).status(http.StatusOK)
	if last.page().Find(".rows > tr").Length() != 1 {
		t.Error("P1: a repository after the 100th can't be found")
	}

	var imported struct {
		Results []json.RawMessage `json:"results"`
	}
	v.postJSON(api+"/imports", `{"filter":{}}`).status(http.StatusOK).into(&imported)
	if len(imported.Results) != all {
		t.Errorf("%d results, want %d", len(imported.Results), all)
	}
	if list := v.get(api + "/imports").status(http.StatusOK).list(); len(list) != all {
		t.Errorf("%d imports, want %d", len(list), all)
	}
	asked := 0
	for _, request := range s.gitHub.Requests() {
		if strings.Contains(request.Path, "/user") {
			asked++ // in her name, not in the App's
		}
	}
	if asked > all/100+10 {
		t.Errorf("GitHub was asked %d times", asked)
	}
}
