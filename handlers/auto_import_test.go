package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"neptun/sandbox"
)

// importedNames are the names of what a person imported.
func (v *visitor) importedNames() []string {
	v.s.t.Helper()
	var names []string
	for _, item := range v.get("/api/users/me/imports").list() {
		names = append(names, item["repository_name"].(string))
	}
	slices.Sort(names)
	return names
}

func TestRulesAreTriedSavedAndGoOnByThemselves(t *testing.T) {
	w := shop()
	v := open(t, w).logIn("anna")
	v.settle()
	page := "/installations/" + v.record("shop") + "/auto-import"
	if fresh := v.get(page).status(http.StatusOK); fresh.page().Find(`[name=mode][value=off]:checked`).Length() != 1 || fresh.page().Find(".rule").Length() != 1 {
		t.Errorf("at first the page shows %q", fresh.text("main"))
	}

	draft := form("mode", "rules", "rule0_name", "TI*", "rule3_language", "TypeScript", "rule3_fork", "false")
	tried := v.get(page + "?" + draft.Encode()).status(http.StatusOK)
	if said := tried.text("#preview [role=status]"); !strings.HasSuffix(said, "will be imported.") {
		t.Fatalf("the dry run says %q", said)
	}
	would := tried.page().Find("#preview li").Length()
	if names := v.importedNames(); names != nil {
		t.Fatalf("the dry run imported %v", names)
	}
	if tried.page().Find(".rule").Length() != 3 { // the two, and a blank one
		t.Errorf("%d rules are in the form", tried.page().Find(".rule").Length())
	}

	saved := v.post(page, draft).status(http.StatusSeeOther)
	if said := v.get(saved.header("Location")).text("#notices"); !strings.Contains(said, "Auto-import is on") {
		t.Errorf("saved: %q", said)
	}
	if names := v.importedNames(); len(names) != would || !slices.Contains(names, "till") {
		t.Errorf("imported %v, the dry run said %d", names, would)
	}

	w.AddRepository("shop", sandbox.Repository{Name: "tin"})
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()
	if names := v.importedNames(); len(names) != would+1 || !slices.Contains(names, "tin") {
		t.Errorf("after tin appeared, imported are %v", names)
	}
}

func TestWhatIsRemovedByHandStaysOutUntilItIsLetIn(t *testing.T) {
	v := open(t, shop()).logIn("anna")
	v.settle()
	page := "/installations/" + v.record("shop") + "/auto-import"
	api := "/api/users/me/installations/" + v.record("shop") + "/automatic_import"
	v.do(http.MethodPut, api, "application/json", `{"mode":"all"}`, nil).status(http.StatusOK)
	all := v.importedNames()
	v.post("/removals", form("only", "3000000002")).status(http.StatusSeeOther)
	v.post("/installations/sync", nil).status(http.StatusSeeOther)
	v.settle()
	if names := v.importedNames(); len(names) != len(all)-1 {
		t.Fatalf("after a sync %v are imported", names)
	}
	shown := v.get(page).status(http.StatusOK)
	letIn := shown.page().Find("#exclusions button")
	if id, _ := letIn.Attr("value"); letIn.Length() != 1 || id != "3000000002" {
		t.Fatalf("the page shows %q", shown.text("#exclusions"))
	}
	if listed := v.get(api + "/exclusions").status(http.StatusOK).list(); len(listed) != 1 || listed[0]["repository_id"] != 3000000002. {
		t.Errorf("exclusions in JSON: %v", listed)
	}
	back := v.post(page+"/exclusions/removal", form("only", "3000000002")).status(http.StatusSeeOther)
	if said := v.get(back.header("Location")).text("#notices"); !strings.Contains(said, "imported again") {
		t.Errorf("let in: %q", said)
	}
	if names := v.importedNames(); !slices.Equal(names, all) {
		t.Errorf("imported are %v, were %v", names, all)
	}
	for _, id := range []string{"3000000002", "x", "7"} {
		v.post(page+"/exclusions/removal", form("only", id)).status(http.StatusNotFound)
		if m := v.do(http.MethodDelete, api+"/exclusions/"+id, "", "", nil).status(http.StatusNotFound).message(); m != "Exclusion not found" {
			t.Errorf("message %q", m)
		}
	}
}

func TestAutomaticImportInJSON(t *testing.T) {
	v := open(t, shop()).logIn("anna")
	v.settle()
	api := "/api/users/me/installations/" + v.record("shop") + "/automatic_import"
	if got := v.get(api).status(http.StatusOK).body; got != `{"mode":"off","rules":[],"excluded_count":0}`+"\n" {
		t.Errorf("at first %s", got)
	}
	rule := `{"mode":"rules","rules":[{"name":"till","visibility":null,"language":null,"archived":false,"fork":null,"topic":null}]}`
	preview := v.postJSON(api+"/preview", rule).status(http.StatusOK).object()
	if preview["would_import_count"] != 1. || len(preview["repositories"].([]any)) != 1 {
		t.Errorf("preview %v", preview)
	}
	if names := v.importedNames(); names != nil {
		t.Fatalf("the preview imported %v", names)
	}
	put := v.do(http.MethodPut, api, "application/json", rule, nil).status(http.StatusOK).object()
	if put["imported_count"] != 1. || put["mode"] != "rules" {
		t.Errorf("put %v", put)
	}
	// What one reads can be sent back.
	stored := v.get(api).status(http.StatusOK)
	if !strings.Contains(stored.body, `"rules":[{"name":"till","visibility":null,"language":null,"archived":false,"fork":null,"topic":null}]`) {
		t.Errorf("stored %s", stored.body)
	}
	again := v.do(http.MethodGet, api, "", "", http.Header{"If-None-Match": {stored.header("ETag")}})
	again.status(http.StatusNotModified)

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
			answer := v.do(method, path, "application/json", body, nil).status(http.StatusUnprocessableEntity)
			if !strings.Contains(answer.body, `"field":"`+field+`"`) {
				t.Errorf("%s %.60s: %s, want the field %s", method, body, answer.body, field)
			}
		}
	}
	if now := v.get(api).body; now != stored.body {
		t.Errorf("after refusals %s", now)
	}
}

func TestRulesThatAreWrongStayInTheForm(t *testing.T) {
	v := open(t, shop()).logIn("anna")
	v.settle()
	page := "/installations/" + v.record("shop") + "/auto-import"
	wrong := form("mode", "rules", "rule0_name", "keep-me", "rule0_visibility", "secret")
	for _, answer := range []answer{v.post(page, wrong), v.get(page + "?" + wrong.Encode())} {
		answer.status(http.StatusUnprocessableEntity)
		if value, _ := answer.page().Find(`[name=rule0_name]`).Attr("value"); value != "keep-me" {
			t.Errorf("the form holds %q", value)
		}
		if said := answer.text("main [role=alert]"); !strings.Contains(said, "visibility must be one of") {
			t.Errorf("it says %q", said)
		}
	}
	v.post(page, form("mode", "rules")).status(http.StatusUnprocessableEntity)
	v.get("/installations/999/auto-import").status(http.StatusNotFound)
}
