package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestReplicasDoNotKnowFreshTokens(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	s.SetBehavior(sandbox.Behavior{TokenDelay: 5 * time.Second})
	user, installation := s.token("bob"), s.installationToken(id, "")
	for _, token := range []string{user, installation} {
		if r := s.get("/repos/acme/one", token); r.Status != 401 || r.message(t) != "Bad credentials" {
			t.Errorf("a new token got %d", r.Status)
		}
	}
	s.wait(5 * time.Second)
	for _, token := range []string{user, installation} {
		s.status(200, s.get("/repos/acme/one", token))
	}
	s.SetBehavior(sandbox.Behavior{TokenRefusals: 2})
	for _, token := range []string{s.token("bob"), s.installationToken(id, "")} {
		for _, want := range []int{401, 401, 200, 200} {
			s.status(want, s.get("/repos/acme/one", token))
		}
	}
}

func TestTokenLifetimes(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	s.SetBehavior(sandbox.Behavior{AccessTokenLifetime: 30 * time.Second, InstallationTokenLifetime: time.Minute})
	user, installation := s.exchange("code", s.code("bob")), s.installationToken(id, "")
	if user.ExpiresIn != 30 {
		t.Errorf("expires in %d", user.ExpiresIn)
	}
	s.wait(30 * time.Second)
	s.status(401, s.get("/user", user.Access))
	s.status(200, s.get("/repos/acme/one", installation))
	s.wait(30 * time.Second)
	s.status(401, s.get("/repos/acme/one", installation))

	s.SetBehavior(sandbox.Behavior{TokensDontExpire: true})
	forever := s.exchange("code", s.code("bob"))
	if forever.ExpiresIn != 0 || forever.Refresh != "" || forever.RefreshExpiresIn != 0 {
		t.Errorf("got %+v", forever)
	}
	s.wait(365 * 24 * time.Hour)
	s.status(200, s.get("/user", forever.Access))
}

func TestDocumentedOAuthErrors(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	first := s.exchange("code", s.code("ada"))
	for _, code := range []string{"application_suspended", "access_denied", "redirect_uri_mismatch", "server_error"} {
		s.SetBehavior(sandbox.Behavior{AuthorizeError: code})
		back := queryOf(t, s.page(s.browser(), s.authorizeURL()).Header.Get("Location"))
		if back.Get("error") != code || back.Get("state") != "st&te" || back.Get("error_description") == "" || back.Has("code") {
			t.Errorf("%s: %v", code, back)
		}
		s.SetBehavior(sandbox.Behavior{AuthorizeError: code, AuthorizeErrorWithoutState: true})
		if back := queryOf(t, s.page(s.browser(), s.authorizeURL()).Header.Get("Location")); back.Get("error") != code || back.Get("state") != "" {
			t.Errorf("%s: %v", code, back)
		}
	}
	for _, code := range []string{
		"incorrect_client_credentials", "redirect_uri_mismatch", "bad_verification_code", "unverified_user_email", "new_in_2027",
	} {
		s.SetBehavior(sandbox.Behavior{CodeError: code})
		if got := s.exchange("code", s.code("ada")); got.Error != code || got.Description == "" || got.Access != "" {
			t.Errorf("%s: %+v", code, got)
		}
		s.SetBehavior(sandbox.Behavior{RefreshError: code})
		if got := s.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh); got.Error != code || got.Access != "" {
			t.Errorf("%s: %+v", code, got)
		}
	}
	s.SetBehavior(sandbox.Behavior{})
	if got := s.exchange("grant_type", "refresh_token", "refresh_token", first.Refresh); got.Access == "" {
		t.Errorf("an error used up the refresh token: %+v", got)
	}
}

func TestTokenRequestsOfAnAppAreLimited(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	s.SetBehavior(sandbox.Behavior{TokenRequestLimit: 2})
	post := func() *http.Response {
		response, err := http.PostForm(s.url+"/login/oauth/access_token", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	for range 2 {
		if r := post(); r.StatusCode != 200 {
			t.Errorf("answered %d", r.StatusCode)
		}
	}
	if r := post(); r.StatusCode != 429 || r.Header.Get("Retry-After") != "3600" {
		t.Errorf("answered %d %v", r.StatusCode, r.Header)
	}
	s.wait(time.Hour)
	if r := post(); r.StatusCode != 200 {
		t.Errorf("answered %d", r.StatusCode)
	}
}

func TestRefusals(t *testing.T) {
	world, id, repositories := acme()
	s := open(t, world)
	token, installation := s.token("bob"), s.installationToken(id, "")
	lists := fmt.Sprintf("/user/installations/%d/repositories", id)
	for _, c := range []struct {
		login   string
		refusal sandbox.Refusal
		message string
		user    int // status of GET /user
		inst    int // of a request with the installation's token
	}{
		{"bob", sandbox.AccountSuspended, "Sorry. Your account was suspended.", 403, 200},
		{"acme", sandbox.IPAllowList, "organization has an IP allow list enabled", 200, 403},
		{"acme", sandbox.ManagedUsersOnly, "Enterprise Managed User", 200, 200},
	} {
		world.Accounts.Refuse(c.login, c.refusal)
		s.status(c.user, s.get("/user", token))
		for _, path := range []string{lists, "/repos/acme/one", "/user/memberships/orgs/acme"} {
			if r := s.status(403, s.get(path, token)); !strings.Contains(r.message(t), c.message) {
				t.Errorf("%s says %q", path, r.message(t))
			}
		}
		s.status(c.inst, s.get("/installation/repositories", installation))
		world.Accounts.Refuse(c.login, "")
		s.status(200, s.get(lists, token))
	}
	for _, status := range []int{403, 451} {
		world.Repositories.Block(repositories[0].ID, status)
		if r := s.status(status, s.get("/repos/acme/one", token)); r.message(t) != "Repository access blocked" {
			t.Errorf("says %q", r.message(t))
		}
	}
	world.Repositories.Block(repositories[0].ID, 0)
	s.status(200, s.get("/repos/acme/one", token))
}

func TestAnOldServerInsistsOnPreviews(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	s.SetBehavior(sandbox.OldServer())
	token, app := s.token("bob"), s.appToken(nil)
	lists := fmt.Sprintf("/user/installations/%d/repositories", id)
	for path, token := range map[string]string{"/user/installations": token, lists: token, "/app": app, "/app/installations": app} {
		if r := s.status(415, s.get(path, token)); !strings.HasPrefix(r.message(t), "If you would like to help us test the GitHub Apps API") {
			t.Errorf("%s says %q", path, r.message(t))
		}
		if r := s.raw(path, token, "application/vnd.github.machine-man-preview+json"); r.Status != 200 || r.Header.Get("X-GitHub-Enterprise-Version") != "enterprise-server@2.22.0" {
			t.Errorf("%s answered %d by %s", path, r.Status, r.Header.Get("X-GitHub-Enterprise-Version"))
		}
	}
	for accept, has := range map[string]bool{
		"application/vnd.github.machine-man-preview+json": false,
		"application/vnd.github.machine-man-preview+json, application/vnd.github.mercy-preview+json, application/vnd.github.nebula-preview+json": true,
	} {
		r := s.raw(lists, token, accept)
		for _, field := range []string{`"topics":`, `"visibility":`} {
			if strings.Contains(string(r.Body), field) != has {
				t.Errorf("with %s: %s %v", accept, field, !has)
			}
		}
	}
	for _, path := range []string{"/app/hook/config", "/app/hook/deliveries", "/app/installation-requests"} {
		s.status(404, s.get(path, app))
	}
	s.status(200, s.get("/user", token))
}

func TestListsWithoutLinksAndWithWrongTotals(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(70))
	token := s.token("ada")
	path := fmt.Sprintf("/user/installations/%d/repositories", s.list("/user/installations", token).Installations[0].ID)
	s.SetBehavior(sandbox.Behavior{NoLinkHeader: true, TotalCount: func(_ string, total int) int { return total + 3 }})
	r := s.status(200, s.get(path, token))
	var l listed
	r.into(t, &l)
	if r.Header.Get("Link") != "" || l.Total != 73 || len(l.Repositories) != 30 {
		t.Errorf("got %q, %d of %d", r.Header.Get("Link"), len(l.Repositories), l.Total)
	}
	if l := s.list(path+"?page=3", token); l.Total != 73 || len(l.Repositories) != 10 {
		t.Errorf("page 3 has %d of %d", len(l.Repositories), l.Total)
	}
}

func TestRewrittenRows(t *testing.T) {
	world, id, _ := acme()
	s := open(t, world)
	token, app := s.token("bob"), s.appToken(nil)
	world.InstallationRequests.Create("acme", "bob")
	kinds := map[sandbox.Row]bool{}
	s.SetBehavior(sandbox.Behavior{Rewrite: func(kind sandbox.Row, id int64, body map[string]any) any {
		kinds[kind] = true
		switch kind {
		case sandbox.RowRepository:
			if body["name"] == "two" {
				return nil
			}
			body["owner"] = nil
		case sandbox.RowApp:
			delete(body, "installations_count")
		case sandbox.RowWebhook:
			delete(body, "sender")
		}
		return body
	}})
	var list struct {
		Repositories []*struct{ Owner any }
	}
	s.raw("/installation/repositories", s.installationToken(id, ""), "application/json").into(t, &list)
	if len(list.Repositories) != 2 || list.Repositories[0] == nil || list.Repositories[0].Owner != nil || list.Repositories[1] != nil {
		t.Errorf("got %+v", list.Repositories)
	}
	if r := s.raw("/app", app, "application/json"); strings.Contains(string(r.Body), "installations_count") {
		t.Errorf("got %s", r.Body)
	}
	for _, path := range []string{"/app/installations", "/app/installation-requests"} {
		s.raw(path, app, "application/json")
	}
	s.raw("/user", token, "application/json")
	world.Apps.SetHookURL("http://127.0.0.1:9/nobody-listens")
	s.HoldDeliveries()
	world.Installations.Suspend(id, "ada")
	s.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
		if strings.Contains(string(waiting[0].Payload), `"sender"`) {
			t.Errorf("sent %s", waiting[0].Payload)
		}
		return nil
	})
	for _, kind := range []sandbox.Row{sandbox.RowApp, sandbox.RowInstallation, sandbox.RowRepository, sandbox.RowUser, sandbox.RowInstallationRequest, sandbox.RowWebhook} {
		if !kinds[kind] {
			t.Errorf("%s was not rewritten", kind)
		}
	}
}

func TestAttachmentsAreAcceptedForSixHours(t *testing.T) {
	world, id, repositories := acme()
	s := open(t, world)
	world.ContentAttachments.SetStatus(200)
	path := fmt.Sprintf("/repos/acme/one/content_references/%d/attachments", world.ContentAttachments.AddReference(repositories[0].ID))
	s.wait(6 * time.Hour)
	token := s.installationToken(id, "")
	s.status(200, s.send("POST", path, token, `{"title":"a","body":"b"}`, "Accept", sandbox.AttachmentPreview))
	s.wait(time.Second)
	s.status(404, s.send("POST", path, token, `{"title":"a","body":"b"}`, "Accept", sandbox.AttachmentPreview))
}

func TestWebhooksAreSentConcurrently(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	s.SetBehavior(sandbox.Behavior{DeliveryWorkers: 8})
	receiver := s.receive()
	s.HoldDeliveries()
	for range 300 {
		s.world.Apps.Ping()
	}
	s.ReleaseDeliveries(nil)
	if got := len(receiver.take(s)); got != 300 {
		t.Errorf("%d arrived", got)
	}
	ids := map[int64]bool{}
	for _, d := range s.Deliveries() {
		ids[d.ID] = true
	}
	if len(ids) != 300 {
		t.Errorf("%d were recorded", len(ids))
	}
}
