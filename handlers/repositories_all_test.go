package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// hidden adds the fields of a form.
func hidden(to url.Values) func(int, *goquery.Selection) {
	return func(_ int, field *goquery.Selection) {
		to.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	}
}

// TestD5AllRepositories: the list over all installations has what theirs have, and
// the numbers beside its filters are those of the lists they lead to.
func TestD5AllRepositories(t *testing.T) {
	t.Parallel()
	v := open(t, sandbox.DemoWorld()).logIn("marin")
	const path = "/api/users/me/repositories"
	var want []string
	for _, installation := range v.get("/api/users/me/installations").list() {
		list := v.get("/api/users/me/installations/" + digits(installation["id"]) + "/repositories.json").list()
		for _, r := range list {
			want = append(want, r["full_name"].(string)+" "+digits(r["installation_id"]))
		}
		account := installation["github_account_login"].(string)
		if got := v.get(path + ".json?account=" + url.QueryEscape(strings.ToUpper(account))).list(); len(got) != len(list) {
			t.Errorf("%s has %d repositories, and %d among all", account, len(list), len(got))
		}
	}
	var got []string
	for _, r := range v.get(path + ".json").status(http.StatusOK).list() {
		got = append(got, r["full_name"].(string)+" "+digits(r["installation_id"]))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d repositories, the installations have %d", len(got), len(want))
	}
	page := v.get(path).status(http.StatusOK)
	if len(page.list()) != 100 || !strings.Contains(page.header("Link"), `rel="next"`) || page.header("X-Total-Count") == "" {
		t.Errorf("a page has %d, Link %s, X-Total-Count %s", len(page.list()), page.header("Link"), page.header("X-Total-Count"))
	}
	if again := v.getWith(path, "If-None-Match", page.header("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d", again.StatusCode)
	}
	v.get(path + "?acount=x").status(http.StatusUnprocessableEntity)

	for _, list := range []string{"/repositories", "/imports"} {
		v.get(list + "?language=Go").page().Find("#choices select:not([name=sort]) option").Each(func(_ int, option *goquery.Selection) {
			name := option.Parent().AttrOr("name", "")
			_, n, counted := strings.Cut(strings.TrimSuffix(option.Text(), ")"), " (")
			query := url.Values{"language": {"Go"}}
			if query.Set(name, option.AttrOr("value", "")); option.AttrOr("value", "") == "" {
				query.Del(name)
			}
			if is := v.get("/api/users/me" + list + "?per_page=1&" + query.Encode()).header("X-Total-Count"); !counted || is != strings.ReplaceAll(n, ",", "") {
				t.Errorf("%s: %s %q leads to %s", list, name, option.Text(), is)
			}
		})
	}
}

// TestD2CountsGoWithTheRows: the rows that htmx fetches come with the numbers of
// the filters, and without them where they would have to wait.
func TestD2CountsGoWithTheRows(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	first := v.fragment("/repositories?visibility=private", "results").status(http.StatusOK).body
	if !strings.Contains(first, `hx-trigger="load"`) || strings.Contains(first, `id="choices"`) {
		t.Errorf("the first rows come with %s", first)
	}
	counted := v.fragment("/repositories?visibility=private", "counts").status(http.StatusOK).body
	next := v.fragment("/repositories?visibility=private", "results").status(http.StatusOK).body
	for _, body := range []string{counted, next} {
		if strings.Contains(body, `hx-trigger="load"`) || !strings.Contains(body, `id="choices"`) || !strings.Contains(body, `id="tabs"`) {
			t.Errorf("the counts come as %s", body)
		}
	}
}

// TestD1ImportsFromAllAccounts goes the way without JavaScript: a preview, its
// results, and undo.
func TestD1ImportsFromAllAccounts(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	all := v.get("/api/users/me/repositories").list()
	chosen := form("return_to", "/repositories?sort=-name")
	for _, r := range all {
		chosen.Add("repository_ids", digits(r["id"]))
	}
	chosen.Add("repository_ids", "999999")
	asked := v.post("/repositories/imports", chosen)
	preview := v.get(asked.header("Location")).text("main")
	if !strings.Contains(preview, "3 new, 1 no longer accessible.") || !strings.Contains(preview, "Repository 999999") {
		t.Errorf("the preview says %s", preview)
	}
	back := v.confirm(asked).header("Location")
	shown := v.get(back).page()
	if back != "/repositories?sort=-name" || !strings.Contains(shown.Find("#notices").Text(), "3 repositories imported.") {
		t.Errorf("%s says %s", back, shown.Find("#notices").Text())
	}
	results := v.get(shown.Find("#notices a").AttrOr("href", "")).page()
	if results.Find("h1").Text() != "3 of 4 repositories imported" || results.Find("td .badge:contains('Imported')").Length() != 3 {
		t.Errorf("the results are %s", results.Find("main").Text())
	}
	v.post(results.Find(`form[action*="/undo"]`).AttrOr("action", ""), form()).status(http.StatusSeeOther)
	if left := v.get("/api/users/me/imports").list(); len(left) != 0 {
		t.Errorf("%d imports are left after undo", len(left))
	}
	v.post("/repositories/imports", form("only", digits(all[0]["id"]))).status(http.StatusSeeOther)
	if list := v.get("/api/users/me/imports").list(); len(list) != 1 {
		t.Errorf("a row's button imported %d", len(list))
	}
}

// TestD7UseThisList: each list, exactly as filtered, as the input of tools.
func TestD7UseThisList(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	record := v.record("shop")
	v.postJSON("/api/users/me/installations/"+record+"/imports", `{"repository_ids":[3000000002]}`).status(http.StatusOK)
	for path, want := range map[string][]string{
		"/repositories":            {"shop/bare", "shop/Old", "shop/till"},
		"/installations/" + record: {"shop/bare", "shop/Old", "shop/till"},
		"/imports":                 {"shop/bare"},
	} {
		link := v.get(path).status(http.StatusOK).page().Find("#use-list").AttrOr("href", "")
		page := v.get(link).status(http.StatusOK).page()
		script := page.Find("#use-clone").Text()
		for _, name := range want {
			if !strings.Contains(script, "'"+name+"'") {
				t.Errorf("%s: the script lacks %s: %s", path, name, script)
			}
		}
		if n := strings.Count(script, "git clone"); n != len(want) {
			t.Errorf("%s: the script clones %d", path, n)
		}
		if download := v.get(path + "/use/clone").status(http.StatusOK); download.body != strings.TrimPrefix(script, "\n") || !strings.Contains(download.header("Content-Disposition"), "clone.sh") {
			t.Errorf("%s: the download is %s", path, download.body)
		}
		if filtered := v.get(path + "/use/matrix?q=nothing-like-it").status(http.StatusOK).body; strings.Contains(filtered, "shop/") {
			t.Errorf("%s: filtered it is %s", path, filtered)
		}
		if line := page.Find("#use-curl").Text(); !strings.Contains(line, ".json") || !strings.Contains(line, "/api/users/me"+path) {
			t.Errorf("%s: the line for a shell is %s", path, line)
		}
	}
	v.get("/repositories/use/nothing").status(http.StatusNotFound)
}

// TestD6ExportOfASelection: exactly what is selected.
func TestD6ExportOfASelection(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	record := v.record("shop")
	v.postJSON("/api/users/me/installations/"+record+"/imports", `{"repository_ids":[3000000002]}`).status(http.StatusOK)
	chosen := form("repository_ids", "3000000002", "repository_ids", "3000000003", "repository_ids", "999999")
	for path, want := range map[string]int{"/repositories": 2, "/installations/" + record: 2, "/imports": 1} {
		if list := v.post(path+"/export/json", chosen).status(http.StatusOK).list(); len(list) != want {
			t.Errorf("%s exports %d, want %d", path, len(list), want)
		}
		if lines := strings.Count(v.post(path+"/export/csv", chosen).status(http.StatusOK).body, "\r\n"); lines != want+1 {
			t.Errorf("%s exports %d lines as CSV", path, lines)
		}
		v.post(path+"/export/xml", chosen).status(http.StatusNotFound)
	}
}
