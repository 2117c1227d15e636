package handlers_test

import (
	"net/http"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// S8: confirming or undoing a second time changes nothing, and is audited once.
func TestS8ABulkActionIsAuditedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world := handlerstest.Shop()
		world.Accounts.AddUser(sandbox.User{Login: "bert"})
		s := handlerstest.OpenOn(t, world, databaseURL)
		v, other := s.LogIn("anna"), s.LogIn("bert")
		chosen := handlerstest.Form()
		for _, row := range v.Get("/api/users/me/repositories").List() {
			chosen.Add("repository_ids", handlerstest.Digits(row["id"]))
		}
		preview := v.Post("/repositories/imports", chosen).Status(http.StatusSeeOther).Header.Get("Location")
		confirm := v.Get(preview).Status(http.StatusOK).Page().Find("form:has(#confirm)").AttrOr("action", "")
		other.Get(preview).Status(http.StatusNotFound)
		other.Post(confirm, handlerstest.Form()).Status(http.StatusNotFound)
		var undo string
		for range 3 {
			back := v.Post(confirm, handlerstest.Form()).Status(http.StatusSeeOther).Header.Get("Location")
			undo = v.Get(back).Page().Find(`#notices form[action*="/undo"]`).AttrOr("action", "")
		}
		other.Post(undo, handlerstest.Form()).Status(http.StatusNotFound)
		for range 3 {
			v.Post(undo, handlerstest.Form()).Status(http.StatusSeeOther)
		}
		list, err := s.DB.ListAudit(t.Context(), db.AuditFilter{}, 100)
		handlerstest.Must(t, err)
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
