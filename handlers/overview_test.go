package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// TestD3Overview: the home page of a user shows what they have and what needs attention, and
// undoes their actions.
func TestD3Overview(t *testing.T) {
	t.Parallel()
	world := handlerstest.Shop()
	world.Repositories.Add("shop", sandbox.Repository{ID: 3000000004, Name: "fresh", Language: "Go", PushedAt: time.Now().Add(-time.Hour)})
	world.Repositories.Add("shop", sandbox.Repository{ID: 3000000005, Name: "recent", PushedAt: time.Now().AddDate(0, 0, -30)})
	s := handlerstest.Open(t, world)
	if landing := s.Visit().Get("/").Status(http.StatusOK); landing.Page().Find("#overview").Length() != 0 {
		t.Error("visitors get an overview")
	}
	v := s.LogIn("anna")
	first := v.Get("/").Status(http.StatusOK)
	if first.Text("#languages-title + p") == "" || first.Page().Find("#attention-title").Length() != 0 {
		t.Errorf("before an import it shows %q", first.Text("#overview"))
	}
	record := v.Record("shop")
	v.PostJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).Status(http.StatusOK)
	imports := v.Get("/api/users/me/imports").List()

	page := v.Get("/").Status(http.StatusOK)
	totals := page.Page().Find(".totals dd").Map(func(_ int, dd *goquery.Selection) string { return strings.TrimSpace(dd.Text()) })
	if len(totals) != 3 || totals[2] != handlerstest.Digits(float64(len(imports))) {
		t.Errorf("the totals are %v for %d imports", totals, len(imports))
	}
	// The number beside a language is that of the list it links to.
	page.Page().Find("#languages-title ~ .bars li, #languages-title ~ details li").Each(func(_ int, li *goquery.Selection) {
		path, _ := li.Find("a").Attr("href")
		if n := len(v.Get("/api/users/me" + path).List()); strings.TrimSpace(li.Find(".soft").Text()) != handlerstest.Digits(float64(n)) {
			t.Errorf("%s shows %s and links to %d", path, li.Find(".soft").Text(), n)
		}
	})
	weeks := page.Page().Find("table.plain td:last-child a")
	if weeks.Length() != 2 {
		t.Errorf("%d weeks, want those of the two pushes", weeks.Length())
	}
	columns := page.Page().Find(".weeks a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
	if rows := weeks.Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") }); !slices.Equal(columns, rows) {
		t.Errorf("the columns link to %v, the table to %v", columns, rows)
	}
	weeks.Each(func(_ int, a *goquery.Selection) {
		path, _ := a.Attr("href")
		if n := len(v.Get("/api/users/me" + path).List()); strings.Fields(a.Text())[0] != handlerstest.Digits(float64(n)) {
			t.Errorf("%s shows %s and links to %d", path, a.Text(), n)
		}
	})
	// The filter form keeps parameters that it has no control for.
	for _, name := range []string{"pushed_since", "pushed_before"} {
		if list := v.Get(columns[0]); list.Page().Find(`form.filter input[type=hidden][name="`+name+`"]`).Length() != 1 {
			t.Errorf("the form of %s has no %s", columns[0], name)
		}
	}
	undo, ok := page.Page().Find(`#recent-title ~ ol form[action*="/undo"]`).Attr("action")
	if !ok {
		t.Fatalf("no undo button: %q", page.Text("#overview"))
	}
	if back := v.Post(undo, handlerstest.Form()).Status(http.StatusSeeOther).Header.Get("Location"); back != "/" {
		t.Errorf("the undo redirects to %s", back)
	}
	if after := v.Get("/"); after.Page().Find(".totals dd").Last().Text() != "0" || !strings.Contains(after.Text("#notices"), "removed again") {
		t.Errorf("after the undo it shows %q, %q", after.Text("#notices"), after.Text(".totals"))
	}
}

// TestD3NeedsAttention: each problem is listed once, with one thing to do.
func TestD3NeedsAttention(t *testing.T) {
	t.Parallel()
	world := sandbox.NewWorld()
	world.Accounts.AddUser(sandbox.User{Login: "ines"})
	installation := world.Installations.Install("ines", sandbox.SelectAll)
	s := handlerstest.Open(t, world)
	v := s.LogIn("ines")
	world.Installations.Suspend(installation, "ines")
	v.SyncAll()
	page := v.Get("/").Status(http.StatusOK)
	todo := page.Page().Find(".todo li")
	if todo.Length() != 1 || !strings.Contains(todo.Text(), "Suspended") || todo.Find("a").Length() != 1 {
		t.Errorf("what needs attention is %q", todo.Text())
	}
}
