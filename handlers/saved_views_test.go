package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"

	"github.com/PuerkitoBio/goquery"
)

func TestD8ViewsInTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		const path = "/api/users/me/views"
		if list := v.Get(path).Status(http.StatusOK).Body; strings.TrimSpace(list) != "[]" {
			t.Errorf("no views are %s", list)
		}
		record := v.Record("shop")
		view := v.PostJSON(path, `{"name":" Go ","installation_id":`+record+`,"query":"?language=Go&archived=false&sort=-pushed_at"}`).Status(http.StatusCreated).Object()
		handlerstest.WantField(t, view, "name", "Go")
		handlerstest.WantField(t, view, "query", "archived=false&language=Go&sort=-pushed_at")
		handlerstest.WantField(t, view, "list", "repositories")
		if page := view["url"].(string); !strings.HasSuffix(page, "/installations/"+record+"?archived=false&language=Go&sort=-pushed_at") {
			t.Errorf("its URL is %s", page)
		}
		all := v.PostJSON(path, `{"name":"archived","list":"imports","query":"archived=true"}`).Status(http.StatusCreated).Object()
		handlerstest.WantField(t, all, "installation_id", nil)
		list := v.Get(path).Status(http.StatusOK).List()
		if len(list) != 2 || list[0]["name"] != "Go" {
			t.Errorf("the views are %v", list)
		}
		v.PostJSON(path, `{"name":"Go","query":""}`).Status(http.StatusConflict)
		for _, wrong := range []string{
			`{"name":"","query":""}`, `{"name":"x","query":"languages=Go"}`, `{"name":"x","query":"visibility=secret"}`, `{"name":"x","query":"%zz"}`,
			`{"name":"x","query":"page=2&account=%"}`, `{"name":"x","query":"","list":"users"}`, `{"name":"` + strings.Repeat("x", 101) + `","query":""}`,
		} {
			v.PostJSON(path, wrong).Status(http.StatusUnprocessableEntity)
		}
		v.PostJSON(path, `{"name":"x","installation_id":999,"query":""}`).Status(http.StatusNotFound)

		// The view is on its page, in an export and as a rule.
		if names := v.Get("/installations/" + record + "?archived=false&language=Go").Page().Find(`.views a[href^="/installations/"]`).Text(); names != "Go" {
			t.Errorf("the list offers %q", names)
		}
		page := v.Get("/views").Status(http.StatusOK).Page()
		file, _ := page.Find(`a[download][href*=".csv"]`).First().Attr("href")
		if file != "/api/users/me/installations/"+record+"/repositories.csv?archived=false&language=Go&sort=-pushed_at" {
			t.Errorf("its export is %s", file)
		}
		v.Get(file).Status(http.StatusOK)
		rule, _ := page.Find(`a[href*="auto-import?view="]`).First().Attr("href")
		tried := v.Get(rule).Status(http.StatusOK).Page()
		if tried.Find("#preview").Length() != 1 || tried.Find(`select[name=rule0_language] option[selected]`).AttrOr("value", "") != "Go" {
			t.Errorf("as a rule it shows %s", tried.Find("main").Text())
		}

		// Rules take all filters but the time of a push and a single repository; for
		// those the page says why, and what to do.
		for query, want := range map[string]string{
			"license=MIT&permission=admin&template=false&q=till&custom_property=team%3Acore&language=none": "",
			"account=SHOP&topic=web":          "",
			"pushed_since=2026-01-01":         "last pushed to",
			"repository=shop%2Ftill":          "a single repository",
			"sort=name":                       "no filter that a rule can use",
			"account=elsewhere&archived=true": "for that account",
		} {
			view := v.PostJSON(path, `{"name":"a view","query":"`+query+`"}`).Status(http.StatusCreated).Object()
			rule := "/installations/" + record + "/auto-import?view=" + handlerstest.Digits(view["id"])
			offered := v.Get("/views").Page().Find(`a[href="` + rule + `"]`).Length()
			tried := v.Get(rule).Status(http.StatusOK)
			if warning := tried.Text("main .notice.warning"); offered == 1 != (want == "") || !strings.Contains(warning, want) || (warning == "") != (want == "") {
				t.Errorf("%s as a rule: offered %d times, with the warning %q", query, offered, warning)
			}
			if want == "" {
				form := url.Values{}
				tried.Page().Find(".rule input, .rule select option[selected], form [name=mode][checked], form [name=version]").Each(func(_ int, field *goquery.Selection) {
					name := field.AttrOr("name", field.Parent().AttrOr("name", ""))
					form.Set(name, field.AttrOr("value", ""))
				})
				v.Post("/installations/"+record+"/auto-import", form).Status(http.StatusSeeOther)
				rules := v.Get("/api/users/me/installations/" + record + "/automatic_import").Object()["rules"].([]any)
				values, err := url.ParseQuery(query)
				handlerstest.Must(t, err)
				values.Del("account")
				for name := range values {
					if stored := fmt.Sprint(rules[len(rules)-1].(map[string]any)[name]); stored != values.Get(name) {
						t.Errorf("%s as a rule: %s is %s", query, name, stored)
					}
				}
			}
			v.Do(http.MethodDelete, path+"/"+handlerstest.Digits(view["id"]), "", "", nil).Status(http.StatusNoContent)
		}

		v.Do(http.MethodDelete, path+"/"+handlerstest.Digits(view["id"]), "", "", nil).Status(http.StatusNoContent)
		v.Do(http.MethodDelete, path+"/"+handlerstest.Digits(view["id"]), "", "", nil).Status(http.StatusNotFound)
	})
}

func TestD8ViewsWithoutJavaScript(t *testing.T) {
	t.Parallel()
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	page := v.Get("/repositories?archived=true").Status(http.StatusOK).Page()
	fields := url.Values{"name": {"Old ones"}}
	page.Find(".saving input[type=hidden]").Each(hidden(fields))
	back := v.Post("/views", fields).Status(http.StatusSeeOther).Header.Get("Location")
	if back != "/repositories?archived=true" || !strings.Contains(v.Get(back).Text("#notices"), "View saved as Old ones.") {
		t.Errorf("saving redirects to %s", back)
	}
	list := v.Get("/views").Status(http.StatusOK).Page()
	if link := list.Find("#views .name a"); link.Text() != "Old ones" || link.AttrOr("href", "") != "/repositories?archived=true" {
		t.Errorf("the view is %q at %s", link.Text(), link.AttrOr("href", ""))
	}
	v.Post(list.Find("#views form").AttrOr("action", ""), handlerstest.Form()).Status(http.StatusSeeOther)
	if v.Get("/views").Page().Find("#views").Length() != 0 {
		t.Error("the view isn't deleted")
	}
}
