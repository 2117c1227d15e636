package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"

	"github.com/PuerkitoBio/goquery"
)

// TestD3Overview: whoever is signed in finds at / what they have and what waits
// for them, and undoes what they did there.
func TestD3Overview(t *testing.T) {
	t.Parallel()
	world := shop()
	world.AddRepository("shop", sandbox.Repository{ID: 3000000004, Name: "fresh", Language: "Go", PushedAt: time.Now().Add(-time.Hour)})
	world.AddRepository("shop", sandbox.Repository{ID: 3000000005, Name: "recent", PushedAt: time.Now().AddDate(0, 0, -30)})
	s := open(t, world)
	if landing := s.visit().get("/").status(http.StatusOK); landing.page().Find("#overview").Length() != 0 {
		t.Error("an overview for nobody")
	}
	v := s.logIn("anna")
	first := v.get("/").status(http.StatusOK)
	if first.text("#languages-title + p") == "" || first.page().Find("#attention-title").Length() != 0 {
		t.Errorf("before an import it says %q", first.text("#overview"))
	}
	record := v.record("shop")
	v.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
	imports := v.get("/api/users/me/imports").list()

	page := v.get("/").status(http.StatusOK)
	totals := page.page().Find(".totals dd").Map(func(_ int, dd *goquery.Selection) string { return strings.TrimSpace(dd.Text()) })
	if len(totals) != 3 || totals[2] != digits(float64(len(imports))) {
		t.Errorf("the totals are %v for %d imports", totals, len(imports))
	}
	// A language's number is what its link leads to.
	page.page().Find("#languages-title ~ .bars li:has(a)").Each(func(_ int, li *goquery.Selection) {
		path, _ := li.Find("a").Attr("href")
		if n := len(v.get("/api/users/me" + path).list()); strings.TrimSpace(li.Find(".soft").Text()) != digits(float64(n)) {
			t.Errorf("%s says %s and leads to %d", path, li.Find(".soft").Text(), n)
		}
	})
	weeks := page.page().Find("table.plain td:last-child a")
	if weeks.Length() != 2 {
		t.Errorf("%d weeks, want those of the two pushes", weeks.Length())
	}
	weeks.Each(func(_ int, a *goquery.Selection) {
		path, _ := a.Attr("href")
		if n := len(v.get("/api/users/me" + path).list()); strings.TrimSpace(a.Text()) != digits(float64(n)) {
			t.Errorf("%s says %s and leads to %d", path, a.Text(), n)
		}
	})
	undo, ok := page.page().Find(`#recent-title ~ ol form[action*="/undo"]`).Attr("action")
	if !ok {
		t.Fatalf("no way to undo: %q", page.text("#overview"))
	}
	if back := v.post(undo, form()).status(http.StatusSeeOther).header("Location"); back != "/" {
		t.Errorf("after the undo one is at %s", back)
	}
	if after := v.get("/"); after.page().Find(".totals dd").Last().Text() != "0" || !strings.Contains(after.text("#notices"), "removed again") {
		t.Errorf("after the undo it says %q, %q", after.text("#notices"), after.text(".totals"))
	}
}

// TestD3NeedsAttention: what waits for the user is said once, with one thing to do.
func TestD3NeedsAttention(t *testing.T) {
	t.Parallel()
	world := sandbox.NewWorld()
	world.AddUser(sandbox.User{Login: "ines"})
	installation := world.Install("ines", sandbox.SelectAll)
	s := open(t, world)
	v := s.logIn("ines")
	world.Suspend(installation, "ines")
	v.syncAll()
	page := v.get("/").status(http.StatusOK)
	todo := page.page().Find(".todo li")
	if todo.Length() != 1 || !strings.Contains(todo.Text(), "Suspended") || todo.Find("a").Length() != 1 {
		t.Errorf("what needs attention is %q", todo.Text())
	}
}
