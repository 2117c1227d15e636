package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
)

// withoutUpdates is a list of imports without what an undo may change.
func withoutUpdates(t *testing.T, list []map[string]any) string {
	t.Helper()
	for _, row := range list {
		delete(row, "updated_at")
	}
	encoded, err := json.Marshal(list)
	must(t, err)
	return string(encoded)
}

// TestD1UndoWithoutJavaScript: what was removed on a page comes back by the
// notice's button, byte for byte but for updated_at, and again by the history's.
func TestD1UndoWithoutJavaScript(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		page := "/installations/" + v.record("shop")
		api := "/api/users/me" + page
		v.postJSON(api+"/imports", `{"filter":{}}`).status(http.StatusOK)
		before := v.get(api + "/imports").list()
		if len(before) < 3 {
			t.Fatalf("%d imports", len(before))
		}
		want := withoutUpdates(t, before)

		undo := func(path, selector string) {
			t.Helper()
			action, ok := v.get(path).status(http.StatusOK).page().Find(selector).First().Attr("action")
			if !ok {
				t.Fatalf("%s has no button to undo", path)
			}
			back := v.post(action, form()).status(http.StatusSeeOther).header("Location")
			if shown := v.get(back).text("#notices"); !strings.Contains(shown, "restored") {
				t.Errorf("after the undo %s says %q", back, shown)
			}
			if is := withoutUpdates(t, v.get(api+"/imports").list()); is != want {
				t.Errorf("after the undo the imports are\n%s\nwant\n%s", is, want)
			}
		}
		removal := form("return_to", page+"?imported=true")
		for _, row := range before {
			removal.Add("repository_ids", digits(row["repository_id"]))
		}
		back := v.confirm(v.post(page+"/removals", removal)).header("Location")
		if left := v.get(api + "/imports").list(); len(left) != 0 {
			t.Fatalf("%d imports are left", len(left))
		}
		undo(back, `#notices form[action*="/undo"]`)

		v.do(http.MethodDelete, api+"/imports/"+digits(before[0]["id"]), "", "", nil).status(http.StatusNoContent)
		v.do(http.MethodDelete, api+"/imports/"+digits(before[0]["id"]), "", "", nil).status(http.StatusNotFound)
		undo(page+"/history", `#history form[action*="/undo"]`)
	})
}

func TestD1ActionsInTheAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := v.record("shop")
		api := "/api/users/me/installations/" + record
		if list := v.get("/api/users/me/actions").list(); len(list) != 0 {
			t.Fatalf("at first there are %v", list)
		}
		v.postJSON(api+"/imports", `{"filter":{}}`).status(http.StatusOK)
		imports := v.get(api + "/imports").list()
		v.do(http.MethodDelete, api+"/imports/"+digits(imports[0]["id"]), "", "", nil).status(http.StatusNoContent)

		first := v.get("/api/users/me/actions?per_page=1")
		list := first.list()
		if len(list) != 1 || list[0]["kind"] != "remove" || list[0]["count"] != 1. || digits(list[0]["installation_id"]) != record || list[0]["undoable_until"] == nil {
			t.Errorf("the latest action is %v", list)
		}
		next := strings.TrimSuffix(strings.TrimPrefix(first.header("Link"), "<"), `>; rel="next"`)
		if older := v.get(v.path(next)).list(); len(older) != 1 || older[0]["kind"] != "import" || older[0]["count"] != float64(len(imports)) {
			t.Errorf("the one before is %v", older)
		}

		undo := "/api/users/me/actions/" + digits(list[0]["id"]) + "/undo"
		result := v.postJSON(undo, "").status(http.StatusOK).object()["results"].([]any)
		if len(result) != 1 || result[0].(map[string]any)["status"] != "restored" || result[0].(map[string]any)["repository_id"] != imports[0]["repository_id"] {
			t.Errorf("undo answers %v", result)
		}
		if again := v.get("/api/users/me/actions").list(); again[0]["undoable_until"] != nil || again[0]["undone_at"] == nil {
			t.Errorf("once undone it is %v", again[0])
		}
		v.postJSON("/api/users/me/actions/999999/undo", "").status(http.StatusNotFound)
		v.postJSON("/api/users/me/actions/x/undo", "").status(http.StatusNotFound)

		_, restricted := v.newToken(`{"name":"one","scope":"write","installation_ids":[` + record + `]}`)
		bearer := http.Header{"Authorization": {"Bearer " + restricted}}
		s.visit().do(http.MethodPost, undo, "", "", bearer).status(http.StatusForbidden)
		s.visit().do(http.MethodGet, "/api/users/me/actions", "", "", bearer).status(http.StatusForbidden)
		_, readOnly := v.newToken(`{"name":"two","scope":"read"}`)
		s.visit().do(http.MethodPost, undo, "", "", http.Header{"Authorization": {"Bearer " + readOnly}}).status(http.StatusForbidden)

		s.clock.advance(25 * time.Hour)
		if message := v.postJSON(undo, "").status(http.StatusConflict).message(); !strings.Contains(message, "24 hours") {
			t.Errorf("a day later: %q", message)
		}
	})
}
