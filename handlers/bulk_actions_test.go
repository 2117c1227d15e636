package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// S8: what is confirmed or undone a second time changes nothing, and is one event.
func TestS8ABulkActionIsAuditedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world := shop()
		world.AddUser(sandbox.User{Login: "bert"})
		s := openOn(t, world, databaseURL)
		v, other := s.logIn("anna"), s.logIn("bert")
		chosen := form()
		for _, row := range v.get("/api/users/me/repositories").list() {
			chosen.Add("repository_ids", digits(row["id"]))
		}
		preview := v.post("/repositories/imports", chosen).status(http.StatusSeeOther).header("Location")
		confirm := v.get(preview).status(http.StatusOK).page().Find("form:has(#confirm)").AttrOr("action", "")
		other.get(preview).status(http.StatusNotFound)
		other.post(confirm, form()).status(http.StatusNotFound)
		var undo string
		for range 3 {
			back := v.post(confirm, form()).status(http.StatusSeeOther).header("Location")
			undo = v.get(back).page().Find(`#notices form[action*="/undo"]`).AttrOr("action", "")
		}
		other.post(undo, form()).status(http.StatusNotFound)
		for range 3 {
			v.post(undo, form()).status(http.StatusSeeOther)
		}
		list, err := s.db.ListAudit(t.Context(), db.AuditFilter{}, 100)
		must(t, err)
		counts := map[string]int64{}
		for _, entry := range list {
			if entry.Login == "anna" {
				counts[entry.Action] += entry.Count
			}
		}
		if counts[db.AuditImport] != 1 || counts[db.AuditUndo] != 1 {
			t.Errorf("audited: %v", counts)
		}
	})
}
