package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// R7: an installation that GitHub reports without its account is found.
func TestR7AnAccountMayBeUnknownInALookUp(t *testing.T) {
	t.Parallel()
	s := openRunBy(t, shop(), dbtest.SQLite(t), "", []string{"anna"})
	v := s.logIn("anna")
	v.record("shop")
	s.gitHub.SetBehavior(sandbox.Behavior{Rewrite: func(row sandbox.Row, _ int64, body map[string]any) any {
		if row == sandbox.RowInstallation {
			body["account"] = nil
		}
		return body
	}})
	found := v.get("/api/app/installation?org=shop").status(http.StatusOK).object()
	is(t, found, "github_account_login", "shop")
}

// R11: an app that the set-up registers to list and hand out tokens hands them out.
func TestR11TheTokensPresetCreatesTokens(t *testing.T) {
	t.Parallel()
	s := &stage{t: t, world: withoutApp(), clock: &clock{}, appless: true, configure: []func(*handlers.Config){func(c *handlers.Config) { c.AllowAppTokens = true }}}
	s.start(dbtest.SQLite(t), "")
	v := s.enterSetup()
	form := setupForm("Tidal")
	form.Set("access", "tokens")
	action, manifest := v.review(form)
	back, err := sandboxtest.RegisterApp(&http.Client{}, action, manifest, "ada")
	must(t, err)
	v.get(v.path(back)).status(http.StatusSeeOther)
	s.world.Install("acme", sandbox.SelectAll)
	v.logIn("ada").status(http.StatusSeeOther)
	v.settle()
	v.becomeOperator()
	path := "/api/app/installations/" + v.gitHubID("acme") + "/access_tokens"
	token := v.postJSON(path, `{"permissions":{"contents":"write","issues":"write"}}`).status(http.StatusCreated).object()
	is(t, token["permissions"].(map[string]any), "contents", "write")
	v.postJSON(path, `{"permissions":{"administration":"read"}}`).status(http.StatusUnprocessableEntity)
}

// R19: a list that can't be sorted says so, and examples name the credential they need.
func TestR19WhatAListTakesAndExamplesNeed(t *testing.T) {
	t.Parallel()
	v := open(t, shop()).logIn("anna")
	path := "/api/users/me/installations/" + v.record("shop") + "/automatic_import"
	for list, want := range map[string]string{
		path + "/exclusions?sort=name": "Invalid request: sort isn't a known parameter. Known are per_page, page",
		path + "?sort=name":            "Invalid request: sort isn't a known parameter. There are none here",
	} {
		if said := v.get(list).status(http.StatusUnprocessableEntity).message(); said != want {
			t.Errorf("%s says %q, want %q", list, said, want)
		}
	}
	for operation, want := range map[string]string{"imports #listImports": "NEPTUN_TOKEN", "webhooks #updateHook": "NEPTUN_SESSION"} {
		noun, id, _ := strings.Cut(operation, " ")
		if code := v.get("/docs/" + noun).text(id + " pre.curl"); !strings.Contains(code, "$"+want) {
			t.Errorf("the example of %s is %q", operation, code)
		}
	}
}
