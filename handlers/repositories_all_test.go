package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// hidden adds a form's fields to values.
func hidden(to url.Values) func(int, *goquery.Selection) {
	return func(_ int, field *goquery.Selection) {
		to.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	}
}

// TestD5AllRepositories: the list of all installations combines theirs, and the counts beside
// its filters are those of the lists they link to.
func TestD5AllRepositories(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, sandbox.DemoWorld()).LogIn("marin")
	const path = "/api/users/me/repositories"
	var want []string
	for _, installation := range v.Get("/api/users/me/installations").List() {
		list := v.Get("/api/users/me/installations/" + handlerstest.Digits(installation["id"]) + "/repositories.json").List()
		for _, r := range list {
			want = append(want, r["full_name"].(string)+" "+handlerstest.Digits(r["installation_id"]))
		}
		account := installation["github_account_login"].(string)
		if got := v.Get(path + ".json?account=" + url.QueryEscape(strings.ToUpper(account))).List(); len(got) != len(list) {
			t.Errorf("%s has %d repositories, and %d in the combined list", account, len(list), len(got))
		}
	}
	var got []string
	for _, r := range v.Get(path + ".json").Status(http.StatusOK).List() {
		got = append(got, r["full_name"].(string)+" "+handlerstest.Digits(r["installation_id"]))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d repositories, the installations have %d", len(got), len(want))
	}
	page := v.Get(path).Status(http.StatusOK)
	if len(page.List()) != 100 || !strings.Contains(page.Header.Get("Link"), `rel="next"`) || page.Header.Get("X-Total-Count") == "" {
		t.Errorf("a page has %d, Link %s, X-Total-Count %s", len(page.List()), page.Header.Get("Link"), page.Header.Get("X-Total-Count"))
	}
	if again := v.GetWith(path, "If-None-Match", page.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("repeated request: %d", again.StatusCode)
	}
	v.Get(path + "?acount=x").Status(http.StatusUnprocessableEntity)

	for _, list := range []string{"/repositories", "/imports"} {
		v.Get(list + "?language=Go").Page().Find("#choices select:not([name=sort]) option").Each(func(_ int, option *goquery.Selection) {
			name := option.Parent().AttrOr("name", "")
			_, n, counted := strings.Cut(strings.TrimSuffix(option.Text(), ")"), " (")
			query := url.Values{"language": {"Go"}}
			if query.Set(name, option.AttrOr("value", "")); option.AttrOr("value", "") == "" {
				query.Del(name)
			}
			if is := v.Get("/api/users/me" + list + "?per_page=1&" + query.Encode()).Header.Get("X-Total-Count"); !counted || is != strings.ReplaceAll(n, ",", "") {
				t.Errorf("%s: %s %q links to %s", list, name, option.Text(), is)
			}
		})
	}
}

// TestD2CountsGoWithTheRows: htmx gets the counts of the filters together with the rows, unless
// they would have to wait for the counts.
func TestD2CountsGoWithTheRows(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	first := v.Fragment("/repositories?visibility=private", "results").Status(http.StatusOK).Body
	if !strings.Contains(first, `hx-trigger="load"`) || strings.Contains(first, `id="choices"`) {
		t.Errorf("the first rows arrive with %s", first)
	}
	counted := v.Fragment("/repositories?visibility=private", "counts").Status(http.StatusOK).Body
	next := v.Fragment("/repositories?visibility=private", "results").Status(http.StatusOK).Body
	for _, body := range []string{counted, next} {
		if strings.Contains(body, `hx-trigger="load"`) || !strings.Contains(body, `id="choices"`) || !strings.Contains(body, `id="tabs"`) {
			t.Errorf("the counts are %s", body)
		}
	}
}

// TestD1ImportsFromAllAccounts imports without JavaScript: a preview, its results, and undo.
func TestD1ImportsFromAllAccounts(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	all := v.Get("/api/users/me/repositories").List()
	chosen := handlerstest.Form("return_to", "/repositories?sort=-name")
	for _, r := range all {
		chosen.Add("repository_ids", handlerstest.Digits(r["id"]))
	}
	chosen.Add("repository_ids", "999999")
	confirmation := v.Post("/repositories/imports", chosen)
	preview := v.Get(confirmation.Header.Get("Location")).Text("main")
	if !strings.Contains(preview, "3 new, 1 no longer accessible.") || !strings.Contains(preview, "Repository 999999") {
		t.Errorf("the preview shows %s", preview)
	}
	back := v.Confirm(confirmation).Header.Get("Location")
	shown := v.Get(back).Page()
	if back != "/repositories?sort=-name" || !strings.Contains(shown.Find("#notices").Text(), "3 repositories imported.") {
		t.Errorf("%s shows %s", back, shown.Find("#notices").Text())
	}
	results := v.Get(shown.Find("#notices a").AttrOr("href", "")).Page()
	if results.Find("h1").Text() != "3 of 4 repositories imported" || results.Find("td .badge:contains('Imported')").Length() != 3 {
		t.Errorf("the results are %s", results.Find("main").Text())
	}
	v.Post(results.Find(`form[action*="/undo"]`).AttrOr("action", ""), handlerstest.Form()).Status(http.StatusSeeOther)
	if left := v.Get("/api/users/me/imports").List(); len(left) != 0 {
		t.Errorf("%d imports are left after undo", len(left))
	}
	v.Post("/repositories/imports", handlerstest.Form("only", handlerstest.Digits(all[0]["id"]))).Status(http.StatusSeeOther)
	if list := v.Get("/api/users/me/imports").List(); len(list) != 1 {
		t.Errorf("a row's button imported %d", len(list))
	}
}

// TestD7UseThisList: each filtered list as the input of tools.
func TestD7UseThisList(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	record := v.Record("shop")
	v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"repository_ids":[3000000002]}`).Status(http.StatusOK)
	for path, want := range map[string][]string{
		"/repositories":            {"shop/bare", "shop/Old", "shop/till"},
		"/installations/" + record: {"shop/bare", "shop/Old", "shop/till"},
		"/imports":                 {"shop/bare"},
	} {
		link := v.Get(path).Status(http.StatusOK).Page().Find("#use-list").AttrOr("href", "")
		page := v.Get(link).Status(http.StatusOK).Page()
		script := page.Find("#use-clone").Text()
		for _, name := range want {
			if !strings.Contains(script, "'"+name+"'") {
				t.Errorf("%s: the script lacks %s: %s", path, name, script)
			}
		}
		if n := strings.Count(script, "git clone"); n != len(want) {
			t.Errorf("%s: the script clones %d", path, n)
		}
		if download := v.Get(path + "/use/clone").Status(http.StatusOK); download.Body != strings.TrimPrefix(script, "\n") || !strings.Contains(download.Header.Get("Content-Disposition"), "clone.sh") {
			t.Errorf("%s: the download is %s", path, download.Body)
		}
		if filtered := v.Get(path + "/use/matrix?q=nothing-like-it").Status(http.StatusOK).Body; strings.Contains(filtered, "shop/") {
			t.Errorf("%s: filtered it is %s", path, filtered)
		}
		if line := page.Find("#use-curl").Text(); !strings.Contains(line, ".json") || !strings.Contains(line, "/api/users/me"+path) {
			t.Errorf("%s: the shell command is %s", path, line)
		}
	}
	v.Get("/repositories/use/nothing").Status(http.StatusNotFound)
}

// TestD6ExportOfASelection: exactly the selected rows.
func TestD6ExportOfASelection(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	record := v.Record("shop")
	v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"repository_ids":[3000000002]}`).Status(http.StatusOK)
	chosen := handlerstest.Form("repository_ids", "3000000002", "repository_ids", "3000000003", "repository_ids", "999999")
	for path, want := range map[string]int{"/repositories": 2, "/installations/" + record: 2, "/imports": 1} {
		if list := v.Post(path+"/export/json", chosen).Status(http.StatusOK).List(); len(list) != want {
			t.Errorf("%s exports %d, want %d", path, len(list), want)
		}
		if lines := strings.Count(v.Post(path+"/export/csv", chosen).Status(http.StatusOK).Body, "\r\n"); lines != want+1 {
			t.Errorf("%s exports %d lines as CSV", path, lines)
		}
		v.Post(path+"/export/xml", chosen).Status(http.StatusNotFound)
	}
}
