package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// R18: a conditional update fails if the resource changed.
func TestR18IfMatchGuardsUpdates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := v.Record("shop")
		path := "/api/users/me/installations/" + record + "/automatic_import"
		read := func(encoding string) (tag, body string) {
			a := v.GetWith(path, "Accept-Encoding", encoding).Status(http.StatusOK)
			return a.Header.Get("ETag"), a.Body
		}
		const none, till = `{"mode":"off"}`, `{"mode":"rules","rules":[{"name":"till"}]}`
		first, _ := read("identity")
		v.ChangeIf(first, http.MethodPut, path, till).Status(http.StatusOK)
		_, stored := read("identity")
		for _, stale := range []string{first, `"x"`, "x", `"x", ` + first} {
			v.ChangeIf(stale, http.MethodPut, path, none).Refused()
		}
		if _, now := read("identity"); now != stored {
			t.Errorf("a rejected update changed %s to %s", stored, now)
		}
		compressed, _ := read("gzip")
		for _, tag := range []string{compressed, "W/" + func() string { tag, _ := read("gzip"); return tag }(), `"x", ` + compressed, "*", ""} {
			v.ChangeIf(tag, http.MethodPut, path, till).Status(http.StatusOK)
		}
		v.ChangeIf(first, http.MethodPut, path, `{"mode":"some"}`).Status(http.StatusUnprocessableEntity)

		// Two windows show the form.
		page := "/installations/" + record + "/auto-import"
		version := v.Get(page).Page().Find(`form [name=version]`).AttrOr("value", "")
		saved := func(name string) handlerstest.Answer {
			return v.Post(page, handlerstest.Form("mode", "rules", "rule0_name", name, "version", version))
		}
		saved("one").Status(http.StatusSeeOther)
		again := saved("two").Status(http.StatusPreconditionFailed)
		if text := again.Text("[role=alert]"); !strings.Contains(text, "changed in another window") {
			t.Errorf("the second window shows %q", text)
		}
		if _, now := read("identity"); !strings.Contains(now, `"name":"one"`) {
			t.Errorf("the second window changed it to %s", now)
		}
		if name := again.Page().Find(`[name=rule0_name]`).AttrOr("value", ""); name != "two" {
			t.Errorf("the second window shows %q", name)
		}
		if formVersion := v.Get(page+"?mode=rules&rule0_name=two&version="+version).Page().Find(`form [name=version]`).AttrOr("value", ""); formVersion != version {
			t.Errorf("a preview has the version %q, want %q", formVersion, version)
		}
		version = again.Page().Find(`form [name=version]`).AttrOr("value", "")
		saved("two").Status(http.StatusSeeOther)
	})
}

// R18: the same for the webhook.
func TestR18IfMatchGuardsTheWebhook(t *testing.T) {
	t.Parallel()
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Apps.SetHookURL(s.URL + handlerstest.WebhooksPath)
	const path = "/api/app/hook"
	first := opal.Get(path).Status(http.StatusOK).Header.Get("ETag")
	changed := opal.ChangeIf(first, http.MethodPatch, path, `{"content_type":"form"}`).Status(http.StatusOK)
	if read := opal.Get(path).Header.Get("ETag"); first == "" || read == first || changed.Header.Get("ETag") != read {
		t.Errorf("the ETag is %s, after the change %s, then read %s", first, changed.Header.Get("ETag"), read)
	}
	opal.ChangeIf(first, http.MethodPatch, path, `{"insecure_ssl":true}`).Refused()
	handlerstest.WantField(t, opal.Get(path).Object(), "insecure_ssl", false)
	opal.ChangeIf(changed.Header.Get("ETag"), http.MethodPatch, path, `{"content_type":"json"}`).Status(http.StatusOK)
	opal.ChangeIf("*", http.MethodPatch, path, `{"content_type":"form"}`).Status(http.StatusOK)
	opal.ChangeIf("", http.MethodPatch, path, `{"content_type":"json"}`).Status(http.StatusOK)

	version := opal.Get("/app/hook").Page().Find(`form [name=version]`).AttrOr("value", "")
	change := handlerstest.Form("url", s.URL+handlerstest.WebhooksPath, "content_type", "form", "version", version)
	opal.Post("/app/hook", change).Status(http.StatusSeeOther)
	change.Set("content_type", "json")
	opal.Post("/app/hook", change).Status(http.StatusPreconditionFailed)
	handlerstest.WantField(t, opal.Get(path).Object(), "content_type", "form")
}
