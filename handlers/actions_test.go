package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// withoutUpdates encodes a list of imports without the fields that an undo may change.
func withoutUpdates(t *testing.T, list []map[string]any) string {
	t.Helper()
	for _, row := range list {
		delete(row, "updated_at")
	}
	encoded, err := json.Marshal(list)
	handlerstest.Must(t, err)
	return string(encoded)
}

// TestD1UndoWithoutJavaScript removes an import on a page and restores it with the notice's
// button, identical but for updated_at, then does the same on the history page.
func TestD1UndoWithoutJavaScript(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		page := "/installations/" + v.Record("shop")
		api := "/api/users/me" + page
		v.PostJSON(api+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		before := v.Get(api + "/imports").List()
		if len(before) < 3 {
			t.Fatalf("%d imports", len(before))
		}
		want := withoutUpdates(t, before)

		undo := func(path, selector string) {
			t.Helper()
			action, ok := v.Get(path).Status(http.StatusOK).Page().Find(selector).First().Attr("action")
			if !ok {
				t.Fatalf("%s has no undo button", path)
			}
			back := v.Post(action, handlerstest.Form()).Status(http.StatusSeeOther).Header.Get("Location")
			if shown := v.Get(back).Text("#notices"); !strings.Contains(shown, "restored") {
				t.Errorf("after the undo %s shows %q", back, shown)
			}
			if is := withoutUpdates(t, v.Get(api+"/imports").List()); is != want {
				t.Errorf("after the undo the imports are\n%s\nwant\n%s", is, want)
			}
		}
		removal := handlerstest.Form("return_to", page+"?imported=true")
		for _, row := range before {
			removal.Add("repository_ids", handlerstest.Digits(row["repository_id"]))
		}
		back := v.Confirm(v.Post(page+"/removals", removal)).Header.Get("Location")
		if left := v.Get(api + "/imports").List(); len(left) != 0 {
			t.Fatalf("%d imports are left", len(left))
		}
		undo(back, `#notices form[action*="/undo"]`)

		v.Do(http.MethodDelete, api+"/imports/"+handlerstest.Digits(before[0]["id"]), "", "", nil).Status(http.StatusNoContent)
		v.Do(http.MethodDelete, api+"/imports/"+handlerstest.Digits(before[0]["id"]), "", "", nil).Status(http.StatusNotFound)
		undo(page+"/history", `#history form[action*="/undo"]`)
	})
}

func TestD1ActionsInTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := v.Record("shop")
		api := "/api/users/me/installations/" + record
		if list := v.Get("/api/users/me/actions").List(); len(list) != 0 {
			t.Fatalf("initially the actions are %v", list)
		}
		v.PostJSON(api+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		imports := v.Get(api + "/imports").List()
		v.Do(http.MethodDelete, api+"/imports/"+handlerstest.Digits(imports[0]["id"]), "", "", nil).Status(http.StatusNoContent)

		first := v.Get("/api/users/me/actions?per_page=1")
		list := first.List()
		if len(list) != 1 || list[0]["kind"] != "remove" || list[0]["count"] != 1. || handlerstest.Digits(list[0]["installation_id"]) != record || list[0]["undoable_until"] == nil {
			t.Errorf("the last action is %v", list)
		}
		next := strings.TrimSuffix(strings.TrimPrefix(first.Header.Get("Link"), "<"), `>; rel="next"`)
		if older := v.Get(v.Path(next)).List(); len(older) != 1 || older[0]["kind"] != "import" || older[0]["count"] != float64(len(imports)) {
			t.Errorf("the one before is %v", older)
		}

		undo := "/api/users/me/actions/" + handlerstest.Digits(list[0]["id"]) + "/undo"
		result := v.PostJSON(undo, "").Status(http.StatusOK).Object()["results"].([]any)
		if len(result) != 1 || result[0].(map[string]any)["status"] != "restored" || result[0].(map[string]any)["repository_id"] != imports[0]["repository_id"] {
			t.Errorf("undo returns %v", result)
		}
		if again := v.Get("/api/users/me/actions").List(); again[0]["undoable_until"] != nil || again[0]["undone_at"] == nil {
			t.Errorf("after the undo the action is %v", again[0])
		}
		v.PostJSON("/api/users/me/actions/999999/undo", "").Status(http.StatusNotFound)
		v.PostJSON("/api/users/me/actions/x/undo", "").Status(http.StatusNotFound)

		_, restricted := v.NewToken(`{"name":"one","scope":"write","installation_ids":[` + record + `]}`)
		bearer := http.Header{"Authorization": {"Bearer " + restricted}}
		s.Visit().Do(http.MethodPost, undo, "", "", bearer).Status(http.StatusForbidden)
		s.Visit().Do(http.MethodGet, "/api/users/me/actions", "", "", bearer).Status(http.StatusForbidden)
		_, readOnly := v.NewToken(`{"name":"two","scope":"read"}`)
		s.Visit().Do(http.MethodPost, undo, "", "", http.Header{"Authorization": {"Bearer " + readOnly}}).Status(http.StatusForbidden)

		s.Clock.Advance(25 * time.Hour)
		if message := v.PostJSON(undo, "").Status(http.StatusConflict).Message(); !strings.Contains(message, "24 hours") {
			t.Errorf("a day later: %q", message)
		}
	})
}

var updatedAt = regexp.MustCompile(`"updated_at":"[^"]*"`)

// TestD1UndoRestoresTheSameBytes: after a removal of one import, of fifty and of all, an
// undo leads back to the same JSON but for updated_at.
func TestD1UndoRestoresTheSameBytes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world, all := handlerstest.Shop(), dbtest.Size(120, 5000)
		for i := range all - 3 {
			world.Repositories.Add("shop", sandbox.Repository{Name: fmt.Sprintf("shelf-%04d", i), Language: "Go", Topics: []string{"wood"}})
		}
		v := handlerstest.OpenOn(t, world, databaseURL).LogIn("anna")
		page := "/installations/" + v.Record("shop")
		v.PostJSON("/api/users/me"+page+"/imports", `{"filter":{}}`).Status(http.StatusOK)
		imports := func() string {
			t.Helper()
			return updatedAt.ReplaceAllString(v.Get("/api/users/me"+page+"/imports").Status(http.StatusOK).Body, "")
		}
		before, rows := imports(), v.Get("/api/users/me"+page+"/imports").List()
		if len(rows) != all {
			t.Fatalf("%d imports of %d", len(rows), all)
		}
		for _, n := range []int{1, 50, all} {
			removal := handlerstest.Form("return_to", page)
			for _, row := range rows[:n] {
				removal.Add("repository_ids", handlerstest.Digits(row["repository_id"]))
			}
			removed := v.Post(page+"/removals", removal)
			if n > 1 {
				removed = v.Confirm(removed)
			}
			action, ok := v.Get(removed.Header.Get("Location")).Page().Find(`#notices form[action*="/undo"]`).First().Attr("action")
			if !ok || imports() == before {
				t.Fatalf("the removal of %d can't be undone, or removed nothing", n)
			}
			v.Post(action, handlerstest.Form()).Status(http.StatusSeeOther)
			if after := imports(); after != before {
				t.Errorf("after the undo of %d removals the imports are %.2000s\nwant %.2000s", n, after, before)
			}
		}
	})
}
