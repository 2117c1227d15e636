package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

func TestD8ViewsInTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		const path = "/api/users/me/views"
		if list := v.get(path).status(http.StatusOK).body; strings.TrimSpace(list) != "[]" {
			t.Errorf("no views are %s", list)
		}
		record := v.record("shop")
		made := v.postJSON(path, `{"name":" Go ","installation_id":`+record+`,"query":"?language=Go&archived=false&sort=-pushed_at"}`).status(http.StatusCreated).object()
		is(t, made, "name", "Go")
		is(t, made, "query", "archived=false&language=Go&sort=-pushed_at")
		is(t, made, "list", "repositories")
		if page := made["url"].(string); !strings.HasSuffix(page, "/installations/"+record+"?archived=false&language=Go&sort=-pushed_at") {
			t.Errorf("its page is %s", page)
		}
		all := v.postJSON(path, `{"name":"archived","list":"imports","query":"archived=true"}`).status(http.StatusCreated).object()
		is(t, all, "installation_id", nil)
		list := v.get(path).status(http.StatusOK).list()
		if len(list) != 2 || list[0]["name"] != "Go" {
			t.Errorf("the views are %v", list)
		}
		v.postJSON(path, `{"name":"Go","query":""}`).status(http.StatusConflict)
		for _, wrong := range []string{
			`{"name":"","query":""}`, `{"name":"x","query":"langauge=Go"}`, `{"name":"x","query":"visibility=secret"}`, `{"name":"x","query":"%zz"}`,
			`{"name":"x","query":"page=2&account=%"}`, `{"name":"x","query":"","list":"users"}`, `{"name":"` + strings.Repeat("x", 101) + `","query":""}`,
		} {
			v.postJSON(path, wrong).status(http.StatusUnprocessableEntity)
		}
		v.postJSON(path, `{"name":"x","installation_id":999,"query":""}`).status(http.StatusNotFound)

		// On its page, as an export and as a rule.
		if names := v.get("/installations/" + record + "?archived=false&language=Go").page().Find(`.views a[href^="/installations/"]`).Text(); names != "Go" {
			t.Errorf("the list offers %q", names)
		}
		page := v.get("/views").status(http.StatusOK).page()
		file, _ := page.Find(`a[download][href*=".csv"]`).First().Attr("href")
		if file != "/api/users/me/installations/"+record+"/repositories.csv?archived=false&language=Go&sort=-pushed_at" {
			t.Errorf("its export is %s", file)
		}
		v.get(file).status(http.StatusOK)
		rule, _ := page.Find(`a[href*="auto-import?view="]`).First().Attr("href")
		tried := v.get(rule).status(http.StatusOK).page()
		if tried.Find("#preview").Length() != 1 || tried.Find(`select[name=rule0_language] option[selected]`).AttrOr("value", "") != "Go" {
			t.Errorf("as a rule it is shown as %s", tried.Find("main").Text())
		}

		v.do(http.MethodDelete, path+"/"+digits(made["id"]), "", "", nil).status(http.StatusNoContent)
		v.do(http.MethodDelete, path+"/"+digits(made["id"]), "", "", nil).status(http.StatusNotFound)
	})
}

func TestD8ViewsWithoutJavaScript(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	page := v.get("/repositories?archived=true").status(http.StatusOK).page()
	fields := url.Values{"name": {"Old ones"}}
	page.Find(".saving input[type=hidden]").Each(hidden(fields))
	back := v.post("/views", fields).status(http.StatusSeeOther).header("Location")
	if back != "/repositories?archived=true" || !strings.Contains(v.get(back).text("#notices"), "View saved as Old ones.") {
		t.Errorf("saving leads to %s", back)
	}
	list := v.get("/views").status(http.StatusOK).page()
	if link := list.Find("#views .name a"); link.Text() != "Old ones" || link.AttrOr("href", "") != "/repositories?archived=true" {
		t.Errorf("the view is %q at %s", link.Text(), link.AttrOr("href", ""))
	}
	v.post(list.Find("#views form").AttrOr("action", ""), form()).status(http.StatusSeeOther)
	if v.get("/views").page().Find("#views").Length() != 0 {
		t.Error("the view isn't deleted")
	}
}
