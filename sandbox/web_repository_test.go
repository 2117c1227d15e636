package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
)

func TestRepositoriesAreChangedOnPages(t *testing.T) {
	world, _, _ := acme()
	s := open(t, world)
	receiver := s.receive()
	ada, bob := s.signedInBrowser("ada"), s.signedInBrowser("bob")

	for _, step := range []struct {
		path   string
		form   url.Values
		status int
		leads  string // to
		want   string // webhooks
	}{
		{"/acme/one", url.Values{"action": {"rename"}, "name": {" the first! "}}, 303, "/acme/the-first-", "repository renamed"},
		{"/acme/the-first-", url.Values{"action": {"rename"}, "name": {"two"}}, 422, "", ""},
		{"/acme/the-first-", url.Values{"action": {"rename"}, "name": {".."}}, 422, "", ""},
		{"/acme/the-first-", url.Values{"action": {"rename"}, "name": {strings.Repeat("x", 101)}}, 422, "", ""},
		{"/acme/the-first-", url.Values{"action": {"archive"}}, 303, "/acme/the-first-", "repository archived"},
		{"/acme/the-first-", url.Values{"action": {"archive"}}, 303, "/acme/the-first-", ""},
		{"/acme/the-first-", url.Values{"action": {"unarchive"}}, 303, "/acme/the-first-", "repository unarchived"},
		{"/acme/the-first-", url.Values{"action": {"publicize"}}, 303, "/acme/the-first-", "repository publicized, public"},
		{"/acme/the-first-", url.Values{"action": {"privatize"}}, 303, "/acme/the-first-", "repository privatized"},
		{"/acme/the-first-", url.Values{"action": {"delete"}}, 303, "/acme", "repository deleted, installation_repositories removed"},
		{"/acme/the-first-", url.Values{"action": {"delete"}}, 404, "", ""},
		{"/ada", url.Values{"name": {"fresh"}, "visibility": {"private"}}, 303, "/ada/fresh", ""},
		{"/ada", url.Values{"name": {"Fresh"}}, 422, "", ""},
		{"/ada", url.Values{"name": {""}}, 422, "", ""},
		{"/nobody", url.Values{"name": {"fresh"}}, 404, "", ""},
	} {
		if r := s.page(bob, step.path, step.form); r.Status != 404 {
			t.Errorf("%s %v by bob: %d", step.path, step.form, r.Status)
		}
		if r := s.page(s.browser(), step.path, step.form); r.Status != 404 {
			t.Errorf("%s %v without a sign-in: %d", step.path, step.form, r.Status)
		}
		r := s.page(ada, step.path, step.form)
		if r.Status != step.status || r.Header.Get("Location") != step.leads {
			t.Errorf("%s %v answered %d, to %s", step.path, step.form, r.Status, r.Header.Get("Location"))
		}
		if r.Status == 422 && !strings.Contains(string(r.Body), `role="alert"`) {
			t.Errorf("%s %v has no reason: %s", step.path, step.form, r.Body)
		}
		if got := strings.Join(receiver.take(s), ", "); got != step.want {
			t.Errorf("%s %v sent %q", step.path, step.form, got)
		}
	}
	if list := world.Repositories.List("ada"); len(list) != 1 || !list[0].Private || list[0].Name != "fresh" {
		t.Errorf("made %+v", list)
	}
}

func TestOnlyAdministratorsAreOfferedChanges(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	for _, c := range []struct {
		login, path string
		offers      []string
	}{
		{"marin", "/tidewater-labs", []string{"Create repository", "Harbor crew", "Installed GitHub Apps"}},
		{"jonas-l", "/tidewater-labs", []string{"Harbor crew"}},
		{"sena-y", "/tidewater-labs", nil},
		{"marin", "/kelp-and-co", []string{"Create repository", "Growers", "Installed GitHub Apps"}},
		{"aiko-n", "/kelp-and-co", []string{"Growers"}},
		{"marin", "/tidewater-labs/handbook", []string{"Rename", "Archive", "Make public", "Delete"}},
		{"jonas-l", "/tidewater-labs/handbook", nil},
		{"aiko-n", "/kelp-and-co/seedlings", []string{"Rename", "Archive", "Make private", "Delete"}},
	} {
		body := string(s.page(s.signedInBrowser(c.login), c.path).Body)
		for _, offer := range []string{"Create repository", "Installed GitHub Apps", "Harbor crew", "Growers", "Rename", "Archive", "Make private", "Make public", "Delete"} {
			there, wanted := strings.Contains(body, ">"+offer+"<") || strings.Contains(body, "<li>"+offer), strings.Contains(","+strings.Join(c.offers, ",")+",", ","+offer+",")
			if there != wanted {
				t.Errorf("%s on %s is offered %s: %t", c.login, c.path, offer, there)
			}
		}
	}
}
