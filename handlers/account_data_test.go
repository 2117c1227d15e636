package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

func TestO16AUserExportsAndDeletesTheirData(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		anna := s.logIn("anna")
		export := anna.get("/api/users/me/export").status(http.StatusOK)
		var data map[string][]map[string]any
		must(t, json.Unmarshal([]byte(export.body), &data))
		if len(data["user"]) != 1 || data["user"][0]["login"] != "anna" || !strings.Contains(export.header("Content-Disposition"), "attachment") {
			t.Errorf("exported %.300s", export.body)
		}
		anna.post("/account/deletion", form("account", "somebody")).status(http.StatusUnprocessableEntity)
		anna.get("/account").status(http.StatusOK)
		gone := anna.post("/account/deletion", form("account", "Anna")).status(http.StatusOK)
		if !strings.Contains(gone.body, "Your account is deleted") {
			t.Errorf("after the deletion: %.300s", gone.text("main"))
		}
		anna.get("/api/users/me").status(http.StatusUnauthorized)

		again := s.logIn("anna")
		if id := again.get("/api/users/me").object()["id"]; id == data["user"][0]["id"] {
			t.Error("signing in again continues the deleted account")
		}
		again.do(http.MethodDelete, "/api/users/me", "application/json", `{"account":"anna"}`, nil).status(http.StatusNoContent)
		again.get("/api/users/me").status(http.StatusUnauthorized)
	})
}
