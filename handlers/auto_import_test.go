package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

func TestRulesArePreviewedSavedAndApplied(t *testing.T) {
	w := handlerstest.Shop()
	v := handlerstest.Open(t, w).LogIn("anna")
	v.Settle()
	page := "/installations/" + v.Record("shop") + "/auto-import"
	if fresh := v.Get(page).Status(http.StatusOK); fresh.Page().Find(`[name=mode][value=off]:checked`).Length() != 1 || fresh.Page().Find(".rule").Length() != 1 {
		t.Errorf("initially the page shows %q", fresh.Text("main"))
	}

	draft := handlerstest.Form("mode", "rules", "rule0_name", "TI*", "rule3_language", "TypeScript", "rule3_fork", "false")
	tried := v.Get(page + "?" + draft.Encode()).Status(http.StatusOK)
	if text := tried.Text("#preview [role=status]"); !strings.HasSuffix(text, "will be imported.") {
		t.Fatalf("the preview shows %q", text)
	}
	would := tried.Page().Find("#preview li").Length()
	if names := v.ImportedNames(); names != nil {
		t.Fatalf("the preview imported %v", names)
	}
	if tried.Page().Find(".rule").Length() != 3 { // the two, and a blank one
		t.Errorf("the form has %d rules", tried.Page().Find(".rule").Length())
	}

	saved := v.Post(page, draft).Status(http.StatusSeeOther)
	if text := v.Get(saved.Header.Get("Location")).Text("#notices"); !strings.Contains(text, "Auto-import is on") {
		t.Errorf("saved: %q", text)
	}
	if names := v.ImportedNames(); len(names) != would || !slices.Contains(names, "till") {
		t.Errorf("imported %v, the preview showed %d", names, would)
	}

	w.Repositories.Add("shop", sandbox.Repository{Name: "tin"})
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
	if names := v.ImportedNames(); len(names) != would+1 || !slices.Contains(names, "tin") {
		t.Errorf("after tin was added, the imports are %v", names)
	}
}

func TestARemovedImportIsExcludedUntilTheExclusionIsRemoved(t *testing.T) {
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	v.Settle()
	page := "/installations/" + v.Record("shop") + "/auto-import"
	api := "/api/users/me/installations/" + v.Record("shop") + "/automatic_import"
	v.Do(http.MethodPut, api, "application/json", `{"mode":"all"}`, nil).Status(http.StatusOK)
	all := v.ImportedNames()
	v.Post("/removals", handlerstest.Form("only", "3000000002")).Status(http.StatusSeeOther)
	v.Post("/installations/sync", nil).Status(http.StatusSeeOther)
	v.Settle()
	if names := v.ImportedNames(); len(names) != len(all)-1 {
		t.Fatalf("after a sync the imports are %v", names)
	}
	shown := v.Get(page).Status(http.StatusOK)
	letIn := shown.Page().Find("#exclusions button")
	if id, _ := letIn.Attr("value"); letIn.Length() != 1 || id != "3000000002" {
		t.Fatalf("the page shows %q", shown.Text("#exclusions"))
	}
	if listed := v.Get(api + "/exclusions").Status(http.StatusOK).List(); len(listed) != 1 || listed[0]["repository_id"] != 3000000002. {
		t.Errorf("exclusions in JSON: %v", listed)
	}
	back := v.Post(page+"/exclusions/removal", handlerstest.Form("only", "3000000002")).Status(http.StatusSeeOther)
	if text := v.Get(back.Header.Get("Location")).Text("#notices"); !strings.Contains(text, "imported again") {
		t.Errorf("exclusion removed: %q", text)
	}
	if names := v.ImportedNames(); !slices.Equal(names, all) {
		t.Errorf("the imports are %v, were %v", names, all)
	}
	for _, id := range []string{"3000000002", "x", "7"} {
		v.Post(page+"/exclusions/removal", handlerstest.Form("only", id)).Status(http.StatusNotFound)
		if m := v.Do(http.MethodDelete, api+"/exclusions/"+id, "", "", nil).Status(http.StatusNotFound).Message(); m != "Exclusion not found" {
			t.Errorf("message %q", m)
		}
	}
}

func TestAutoImportInJSON(t *testing.T) {
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	v.Settle()
	api := "/api/users/me/installations/" + v.Record("shop") + "/automatic_import"
	if got := v.Get(api).Status(http.StatusOK).Body; got != `{"mode":"off","rules":[],"excluded_count":0}`+"\n" {
		t.Errorf("initially %s", got)
	}
	rule := `{"mode":"rules","rules":[{"name":"till","visibility":null,"language":null,"archived":false,"fork":null,"topic":null}]}`
	preview := v.PostJSON(api+"/preview", rule).Status(http.StatusOK).Object()
	if preview["would_import_count"] != 1. || len(preview["repositories"].([]any)) != 1 {
		t.Errorf("preview %v", preview)
	}
	if names := v.ImportedNames(); names != nil {
		t.Fatalf("the preview imported %v", names)
	}
	put := v.Do(http.MethodPut, api, "application/json", rule, nil).Status(http.StatusOK).Object()
	if put["imported_count"] != 1. || put["mode"] != "rules" {
		t.Errorf("put %v", put)
	}
	// The response can be sent back as a request.
	stored := v.Get(api).Status(http.StatusOK)
	if !strings.Contains(stored.Body, `"rules":[{"name":"till","visibility":null,"language":null,"archived":false,"fork":null,"topic":null,"q":null,"license":null,"template":null,"permission":null,"custom_property":null}]`) {
		t.Errorf("stored %s", stored.Body)
	}
	again := v.Do(http.MethodGet, api, "", "", http.Header{"If-None-Match": {stored.Header.Get("ETag")}})
	again.Status(http.StatusNotModified)

	for body, field := range map[string]string{
		`{}`:                                  "mode",
		`{"mode":"some"}`:                     "mode",
		`{"mode":"rules"}`:                    "rules",
		`{"mode":"rules","rules":[{}]}`:       "rules[0]",
		`{"mode":"all","rules":[{"fork":3}]}`: "rules[0].fork",
		`{"mode":"rules","rules":[{"topic":"x"},{"visibility":"secret"}]}`:                     "rules[1].visibility",
		`{"mode":"rules","rules":[` + strings.Repeat(`{"topic":"x"},`, 20) + `{"topic":"x"}]}`: "rules",
	} {
		for _, method := range []string{http.MethodPut, http.MethodPost} {
			path := api
			if method == http.MethodPost {
				path += "/preview"
			}
			response := v.Do(method, path, "application/json", body, nil).Status(http.StatusUnprocessableEntity)
			if !strings.Contains(response.Body, `"field":"`+field+`"`) {
				t.Errorf("%s %.60s: %s, want the field %s", method, body, response.Body, field)
			}
		}
	}
	if now := v.Get(api).Body; now != stored.Body {
		t.Errorf("after invalid requests %s", now)
	}
}

func TestInvalidRulesStayInTheForm(t *testing.T) {
	v := handlerstest.Open(t, handlerstest.Shop()).LogIn("anna")
	v.Settle()
	page := "/installations/" + v.Record("shop") + "/auto-import"
	wrong := handlerstest.Form("mode", "rules", "rule0_name", "keep-me", "rule0_visibility", "secret")
	for _, response := range []handlerstest.Answer{v.Post(page, wrong), v.Get(page + "?" + wrong.Encode())} {
		response.Status(http.StatusUnprocessableEntity)
		if value, _ := response.Page().Find(`[name=rule0_name]`).Attr("value"); value != "keep-me" {
			t.Errorf("the form has %q", value)
		}
		if text := response.Text("main [role=alert]"); !strings.Contains(text, "visibility must be one of") {
			t.Errorf("the page shows %q", text)
		}
	}
	v.Post(page, handlerstest.Form("mode", "rules")).Status(http.StatusUnprocessableEntity)
	v.Get("/installations/999/auto-import").Status(http.StatusNotFound)
}
