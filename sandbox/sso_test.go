package sandbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestSingleSignOnHidesAnOrganization(t *testing.T) {
	world, id, _ := acme()
	world.Installations.Install("bob", sandbox.SelectAll)
	s := open(t, world)
	before := s.token("bob")
	bob, ada := s.signedInBrowser("bob"), s.signedInBrowser("ada")
	sees := func(token string, installations, status int) {
		t.Helper()
		if got := s.list("/user/installations", token); got.Total != installations {
			t.Errorf("sees %d installations, want %d", got.Total, installations)
		}
		for _, path := range []string{fmt.Sprintf("/user/installations/%d/repositories", id), "/repos/acme/one", "/user/memberships/orgs/acme"} {
			r := s.status(status, s.get(path, token))
			if required := strings.HasPrefix(r.Header.Get("X-GitHub-SSO"), "required; url="+s.url+"/orgs/acme/sso"); required != (status == 403) {
				t.Errorf("%s shows %q about single sign-on", path, r.Header.Get("X-GitHub-SSO"))
			}
		}
	}
	sees(before, 2, 200)
	s.status(404, s.page(bob, "/orgs/acme/sso"))
	world.Accounts.RequireSSO("acme")
	sees(before, 1, 403)
	if got, want := s.get("/user/installations", before).Header.Get("X-GitHub-SSO"), fmt.Sprintf("partial-results; organizations=%d", world.Accounts.IDOf("acme")); got != want {
		t.Errorf("the list says %q of single sign-on, want %q", got, want)
	}
	s.status(404, s.get("/repos/acme/three", before)) // the App has no access, with or without single sign-on
	s.status(404, s.get("/repos/acme/invented", before))

	s.status(302, s.page(s.browser(), "/orgs/acme/sso"))
	s.status(200, s.page(bob, "/orgs/acme/sso"))
	s.status(303, s.page(bob, "/orgs/acme/sso", url.Values{}))
	sees(before, 1, 403)
	sees(s.token("bob"), 1, 403) // signed in again, but with the old authorization
	s.Revoke("bob")
	token := s.exchange("code", s.code("bob"))
	sees(token.Access, 2, 200)
	sees(s.exchange("grant_type", "refresh_token", "refresh_token", token.Refresh).Access, 2, 200)
	s.status(200, s.page(ada, "/orgs/acme/sso"))
	s.status(403, s.get("/repos/acme/one", s.token("ada")))
	s.status(200, s.get("/repos/acme/one", s.installationToken(id, "")))
}

func TestMembershipsOfOthers(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	token, path := s.installationToken(id, ""), "/orgs/acme/memberships/"
	s.status(200, s.get(path+"ada", token))
	s.status(404, s.get(path+"nobody", token))
	s.status(404, s.get("/orgs/ada/memberships/ada", token))
	s.status(403, s.get(path+"ada", s.installationToken(id, `{"permissions":{"metadata":"read"}}`)))
	s.status(200, s.get(path+"ada", s.token("bob")))
	s.status(401, s.get(path+"ada", ""))
	s.status(403, s.get(path+"ada", s.appToken(nil)))
}

func TestContentAttachments(t *testing.T) {
	world, _, repositories := acme()
	s := open(t, world)
	reference := world.ContentAttachments.AddReference(repositories[0].ID)
	hidden := world.ContentAttachments.AddReference(repositories[2].ID)
	token := s.token("bob")
	body := `{"title":"A title","body":"And a body"}`
	attach := func(status int, path, body, accept string) {
		t.Helper()
		s.status(status, s.send("POST", path, token, body, "Accept", accept))
	}
	path := fmt.Sprintf("/content_references/%d/attachments", reference)
	paths := []string{path, "/repos/acme/one" + path}
	for _, path := range paths {
		attach(404, path, body, sandbox.AttachmentPreview)
		for _, dropped := range []int{404, 410, 415} {
			world.ContentAttachments.SetStatus(dropped)
			attach(dropped, path, body, sandbox.AttachmentPreview)
		}
		world.ContentAttachments.SetStatus(200)
		attach(200, path, body, sandbox.AttachmentPreview)
		attach(415, path, body, "application/vnd.github+json")
		attach(422, path, `{"title":"A title"}`, sandbox.AttachmentPreview)
		attach(422, path, `{"title":"A title","body":7}`, sandbox.AttachmentPreview)
		attach(422, path, jsonOf(object{"title": strings.Repeat("t", 1025), "body": "b"}), sandbox.AttachmentPreview)
		s.status(401, s.send("POST", path, "", body, "Accept", sandbox.AttachmentPreview))
		world.ContentAttachments.SetStatus(404)
	}
	world.ContentAttachments.SetStatus(200)
	attach(404, fmt.Sprintf("/content_references/%d/attachments", hidden), body, sandbox.AttachmentPreview)
	attach(404, "/content_references/1/attachments", body, sandbox.AttachmentPreview)
	attach(404, "/repos/acme/two"+path, body, sandbox.AttachmentPreview)
}

func TestUnlimited(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld(), func(c *sandbox.Config) { c.NoLimit = true; c.RateLimit = 1 })
	token := s.token("ada")
	for range 3 {
		if r := s.status(200, s.get("/user", token)); r.Header.Get("X-RateLimit-Limit") != "" {
			t.Error("reports a limit")
		}
	}
	if r := s.status(404, s.get("/rate_limit", token)); r.message(t) != "Rate limiting is not enabled." {
		t.Errorf("the response is %s", r.Body)
	}
}
