package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"neptun/db/dbtest"
)

// changeIf sends a change of what has this ETag; an empty one is left out.
func (v *visitor) changeIf(tag, method, path, body string) answer {
	v.s.t.Helper()
	header := http.Header{}
	if tag != "" {
		header.Set("If-Match", tag)
	}
	return v.do(method, path, "application/json", body, header)
}

// refused holds an answer to what is told of a change that came too late.
func (a answer) refused() {
	a.t.Helper()
	data, _ := a.status(http.StatusPreconditionFailed).object()["data"].(map[string]any)
	if data["code"] != "precondition_failed" || !strings.Contains(a.message(), "changed since you read it") {
		a.t.Errorf("it is answered %s", a.body)
	}
}

// R18: what is edited is changed only as the editor knows it.
func TestR18WhatIsEditedIsGuarded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := v.record("shop")
		path := "/api/users/me/installations/" + record + "/automatic_import"
		read := func(encoding string) (tag, body string) {
			a := v.getWith(path, "Accept-Encoding", encoding).status(http.StatusOK)
			return a.header("ETag"), a.body
		}
		const none, till, tin = `{"mode":"off"}`, `{"mode":"rules","rules":[{"name":"till"}]}`, `{"mode":"rules","rules":[{"name":"tin"}]}`
		first, _ := read("identity")
		v.changeIf(first, http.MethodPut, path, till).status(http.StatusOK)
		_, stored := read("identity")
		for _, stale := range []string{first, `"x"`, "x", `"x", ` + first} {
			v.changeIf(stale, http.MethodPut, path, none).refused()
		}
		if _, now := read("identity"); now != stored {
			t.Errorf("what was refused changed %s to %s", stored, now)
		}
		compressed, _ := read("gzip")
		for _, tag := range []string{compressed, "W/" + func() string { tag, _ := read("gzip"); return tag }(), `"x", ` + compressed, "*", ""} {
			v.changeIf(tag, http.MethodPut, path, till).status(http.StatusOK)
		}
		v.changeIf(first, http.MethodPut, path, `{"mode":"some"}`).status(http.StatusUnprocessableEntity)

		// Of editors who read the same, one is first.
		for range 5 {
			tag, _ := read("identity")
			var editors sync.WaitGroup
			answers := make([]answer, 4)
			for i := range answers {
				editors.Go(func() {
					answers[i] = v.changeIf(tag, http.MethodPut, path, strings.Replace(tin, "tin", "tin"+string(rune('a'+i))+tag[1:8], 1))
				})
			}
			editors.Wait()
			changed := 0
			for _, a := range answers {
				if a.StatusCode == http.StatusOK {
					changed++
				} else {
					a.refused()
				}
			}
			if changed != 1 {
				t.Fatalf("%d editors changed it", changed)
			}
		}

		// Two windows with the form.
		page := "/installations/" + record + "/auto-import"
		version := v.get(page).page().Find(`form [name=version]`).AttrOr("value", "")
		saved := func(name string) answer {
			return v.post(page, form("mode", "rules", "rule0_name", name, "version", version))
		}
		saved("one").status(http.StatusSeeOther)
		again := saved("two").status(http.StatusPreconditionFailed)
		if said := again.text("[role=alert]"); !strings.Contains(said, "changed in another window") {
			t.Errorf("the second window says %q", said)
		}
		if _, now := read("identity"); !strings.Contains(now, `"name":"one"`) {
			t.Errorf("the second window changed it to %s", now)
		}
		if name := again.page().Find(`[name=rule0_name]`).AttrOr("value", ""); name != "two" {
			t.Errorf("the second window shows %q", name)
		}
		if kept := v.get(page+"?mode=rules&rule0_name=two&version="+version).page().Find(`form [name=version]`).AttrOr("value", ""); kept != version {
			t.Errorf("a preview goes on from %q, want %q", kept, version)
		}
		version = again.page().Find(`form [name=version]`).AttrOr("value", "")
		saved("two").status(http.StatusSeeOther)
	})
}

// R18: the webhook is guarded too.
func TestR18WhatIsEditedIsGuardedWebhook(t *testing.T) {
	t.Parallel()
	s, opal := run(t, dbtest.SQLite(t))
	s.world.SetHookURL(s.url + webhooksPath)
	const path = "/api/app/hook"
	first := opal.get(path).status(http.StatusOK).header("ETag")
	changed := opal.changeIf(first, http.MethodPatch, path, `{"content_type":"form"}`).status(http.StatusOK)
	if read := opal.get(path).header("ETag"); first == "" || read == first || changed.header("ETag") != read {
		t.Errorf("ETags are %s, after a change %s, read %s", first, changed.header("ETag"), read)
	}
	opal.changeIf(first, http.MethodPatch, path, `{"insecure_ssl":true}`).refused()
	is(t, opal.get(path).object(), "insecure_ssl", false)
	opal.changeIf(changed.header("ETag"), http.MethodPatch, path, `{"content_type":"json"}`).status(http.StatusOK)
	opal.changeIf("*", http.MethodPatch, path, `{"content_type":"form"}`).status(http.StatusOK)
	opal.changeIf("", http.MethodPatch, path, `{"content_type":"json"}`).status(http.StatusOK)

	version := opal.get("/app/hook").page().Find(`form [name=version]`).AttrOr("value", "")
	change := form("url", s.url+webhooksPath, "content_type", "form", "version", version)
	opal.post("/app/hook", change).status(http.StatusSeeOther)
	change.Set("content_type", "json")
	opal.post("/app/hook", change).status(http.StatusPreconditionFailed)
	is(t, opal.get(path).object(), "content_type", "form")
}
