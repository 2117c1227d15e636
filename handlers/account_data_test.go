package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

func TestO16AUserExportsAndDeletesTheirData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		anna := s.LogIn("anna")
		export := anna.Get("/api/users/me/export").Status(http.StatusOK)
		var data map[string][]map[string]any
		handlerstest.Must(t, json.Unmarshal([]byte(export.Body), &data))
		if len(data["user"]) != 1 || data["user"][0]["login"] != "anna" || !strings.Contains(export.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("exported %.300s", export.Body)
		}
		anna.Post("/account/deletion", handlerstest.Form("account", "somebody")).Status(http.StatusUnprocessableEntity)
		anna.Get("/account").Status(http.StatusOK)
		deleted := anna.Post("/account/deletion", handlerstest.Form("account", "Anna")).Status(http.StatusOK)
		if !strings.Contains(deleted.Body, "Your account is deleted") {
			t.Errorf("after the deletion: %.300s", deleted.Text("main"))
		}
		anna.Get("/api/users/me").Status(http.StatusUnauthorized)

		again := s.LogIn("anna")
		if id := again.Get("/api/users/me").Object()["id"]; id == data["user"][0]["id"] {
			t.Error("signing in again restores the deleted account")
		}
		again.Do(http.MethodDelete, "/api/users/me", "application/json", `{"account":"anna"}`, nil).Status(http.StatusNoContent)
		again.Get("/api/users/me").Status(http.StatusUnauthorized)
	})
}
