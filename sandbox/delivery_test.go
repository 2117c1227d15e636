package sandbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"

	"github.com/getkin/kin-openapi/openapi3"
)

var webhookDescriptions = sync.OnceValue(func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromFile("testdata/webhooks.json")
	if err != nil {
		panic(err)
	}
	return doc
})

// holdWebhook checks a webhook's body against GitHub's description of its event.
func holdWebhook(t *testing.T, event string, body []byte) (action string) {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	action, _ = value["action"].(string)
	name := strings.TrimSuffix(strings.ReplaceAll("webhook-"+event+"-"+action, "_", "-"), "-")
	schema := webhookDescriptions().Components.Schemas[name]
	if schema == nil {
		t.Errorf("%s is not described", name)
		return action
	}
	if err := schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()); err != nil {
		t.Errorf("%s: %.600v\n%.300s", name, err, body)
	}
	return action
}

// receiver is a client's webhook endpoint. It records deliveries and responds with status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []string // each event and action
	guids  []string
}

// receive sets a test endpoint as the App's webhook.
func (s *site) receive() *receiver {
	r := &receiver{status: http.StatusAccepted}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return // the test has ended and closed its site
		}
		event := request.Header.Get("X-GitHub-Event")
		action := holdWebhook(s.T, event, body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, strings.TrimSpace(event+" "+action))
		r.guids = append(r.guids, request.Header.Get("X-GitHub-Delivery"))
		if want := "sha256=" + sandbox.Signature(sha256.New, s.App().WebhookSecret, body); request.Header.Get("X-Hub-Signature-256") != want {
			s.Errorf("%s is not signed", event)
		}
		if !strings.HasPrefix(request.UserAgent(), "GitHub-Hookshot/") || request.Header.Get("X-GitHub-Hook-Installation-Target-ID") != idText(s.App().ID) {
			s.Errorf("%s arrived with %v", event, request.Header)
		}
		w.WriteHeader(r.status)
		io.WriteString(w, "thanks")
	}))
	s.Cleanup(r.Close)
	s.world.Apps.SetHookURL(r.URL + "/webhooks/github")
	return r
}

// take returns the deliveries since the last call, once everything has been delivered.
func (r *receiver) take(s *site) []string {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.WaitForDeliveries(ctx); err != nil {
		s.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

func TestWebhooks(t *testing.T) {
	world, id, repositories := acme()
	world.Accounts.AddUser(sandbox.User{Login: "eve"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	s := open(t, world)
	one, three := repositories[0].ID, repositories[2].ID
	receiver := s.receive()
	token := s.token("bob")
	var fresh sandbox.Repository
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"ping", func() { world.Apps.Ping() }, "ping"},
		{"suspend", func() { world.Installations.Suspend(id, "ada") }, "installation suspend"},
		{"while suspended", func() { world.Repositories.Archive(one, true) }, ""},
		{"unsuspend", func() { world.Installations.Unsuspend(id) }, "installation unsuspend"},
		{"unarchive", func() { world.Repositories.Archive(one, false) }, "repository unarchived"},
		{"archive", func() { world.Repositories.Archive(one, true) }, "repository archived"},
		{"archive again", func() { world.Repositories.Archive(one, true) }, ""},
		{"out of reach", func() { world.Repositories.Archive(three, true) }, ""},
		{"rename", func() { world.Repositories.Rename(one, "uno") }, "repository renamed"},
		{"publish", func() { world.Repositories.SetPrivate(one, false) }, "repository publicized, public"},
		{"hide", func() { world.Repositories.SetPrivate(one, true) }, "repository privatized"},
		{"edit", func() {
			world.Repositories.Edit(one, func(r *sandbox.Repository) { r.Description, r.Topics = "new", []string{"a"} })
		}, "repository edited"},
		{"star", func() { world.Repositories.Edit(one, func(r *sandbox.Repository) { r.Stars++ }) }, ""},
		{"create unselected", func() { world.Repositories.Add("acme", sandbox.Repository{Name: "four"}) }, ""},
		{"select", func() { world.Installations.Select(id, sandbox.SelectSome, one, three) }, "installation_repositories added, installation_repositories removed"},
		{"all", func() { world.Installations.Select(id, sandbox.SelectAll) }, "installation_repositories added"},
		{"create", func() { fresh = world.Repositories.Add("acme", sandbox.Repository{Name: "five"}) }, "repository created"},
		{"collaborator", func() { world.Repositories.SetPermission(fresh.ID, "eve", sandbox.Maintain) }, "member added"},
		{"no collaborator", func() { world.Repositories.SetPermission(fresh.ID, "eve", sandbox.None) }, "member removed"},
		{"transfer away", func() { world.Repositories.Transfer(fresh.ID, "else") }, ""},
		{"transfer here", func() { world.Repositories.Transfer(fresh.ID, "acme") }, "repository transferred"},
		{"delete", func() { world.Repositories.Delete(fresh.ID) }, "repository deleted"},
		{"join", func() { world.Accounts.AddMember("acme", "eve", sandbox.RoleMember) }, "organization member_added"},
		{"leave", func() { world.Accounts.RemoveMember("acme", "eve") }, "organization member_removed"},
		{"rename account", func() { world.Accounts.Rename("acme", "acme-2") }, "installation_target renamed, organization renamed"},
		{"more permissions", func() { world.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "write"}) }, ""},
		{"accept", func() { world.Installations.AcceptPermissions(id) }, "installation new_permissions_accepted"},
		{"revoke", func() { s.Revoke("bob") }, "github_app_authorization revoked"},
		{"revoke again", func() { s.Revoke("bob") }, ""},
		{"selected away", func() {
			world.Installations.Select(id, sandbox.SelectSome, one, three)
		}, "installation_repositories removed"},
		{"selected deleted, in silence", func() { world.Repositories.SendDeleted(false); world.Repositories.Delete(three) }, "installation_repositories removed"},
		{"uninstall", func() { world.Installations.Uninstall(id) }, "installation deleted"},
		{"reinstall", func() {
			world.InstallationRequests.Create("acme-2", "bob")
			id = world.Installations.Install("acme-2", sandbox.SelectAll)
		}, "installation created"},
		{"for a person", func() { world.Installations.Install("ada", sandbox.SelectAll); world.Accounts.Rename("ada", "ada-2") }, "installation created, installation_target renamed"},
		{"delete organization", func() { world.Accounts.DeleteOrganization("acme-2") }, "organization deleted, installation deleted"},
		{"no hook", func() { world.Apps.SetHookURL(""); world.Apps.Ping() }, ""},
	} {
		step.do()
		if got := strings.Join(receiver.take(s), ", "); got != step.want {
			t.Errorf("%s sent %q, want %q", step.name, got, step.want)
		}
	}
	s.status(401, s.get("/user", token))
	for _, d := range s.Deliveries() {
		if d.InstallationID == id && d.Event == "installation" && d.Action == "created" && !strings.Contains(string(d.Payload), `"requester":{`) {
			t.Error("the installation event has no requester")
		}
	}
}

func TestDeliveriesAreHeldLostDuplicatedAndReordered(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	receiver := s.receive()
	s.HoldDeliveries()
	id := s.world.Installations.Install("ada", sandbox.SelectAll)
	s.world.Installations.Suspend(id, "ada")
	s.world.Installations.Unsuspend(id)
	if got := receiver.take(s); len(got) != 0 {
		t.Errorf("arrived although deliveries are held: %v", got)
	}
	s.ReleaseDeliveries(func(waiting []sandbox.Delivery) []sandbox.Delivery {
		return []sandbox.Delivery{waiting[2], waiting[0], waiting[0]}
	})
	if got := fmt.Sprint(receiver.take(s)); got != "[installation unsuspend installation created installation created]" {
		t.Errorf("arrived: %s", got)
	}
	if receiver.guids[1] != receiver.guids[2] || receiver.guids[0] == receiver.guids[1] {
		t.Errorf("as %v", receiver.guids)
	}
	attempts := s.Deliveries()
	if len(attempts) != 4 || attempts[0].Action != "suspend" || attempts[0].StatusCode != 502 || attempts[1].StatusCode != 202 {
		t.Errorf("made %+v", attempts)
	}
	s.Close()
	s.world.Installations.Suspend(id, "ada")
	if got := receiver.take(s); len(got) != 0 {
		t.Errorf("after Close arrived %v", got)
	}
}

type deliveryItem struct {
	ID             int64
	GUID           string
	Redelivery     bool
	Status         string
	StatusCode     int `json:"status_code"`
	Event          string
	Action         *string
	InstallationID *int64 `json:"installation_id"`
}

func TestDeliveriesAreListedAndRedelivered(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	app := s.appToken(nil)
	receiver := s.receive()
	receiver.status = 503
	s.world.Apps.Ping()
	receiver.take(s)
	receiver.mu.Lock()
	receiver.status = 202
	receiver.mu.Unlock()
	for range 5 {
		s.world.Apps.Ping()
	}
	receiver.take(s)

	var all []deliveryItem
	path := "/app/hook/deliveries?per_page=4"
	for pages := 1; ; pages++ {
		var some []deliveryItem
		r := s.status(200, s.get(path, app))
		r.into(t, &some)
		all = append(all, some...)
		if pages == 1 {
			s.world.Apps.Ping() // existing pages don't shift
			receiver.take(s)
		}
		next := ""
		for link := range strings.SplitSeq(r.Header.Get("Link"), ", ") {
			if address, ok := strings.CutSuffix(link, `>; rel="next"`); ok {
				next = strings.TrimPrefix(address, "<"+s.url+apiPrefix)
			}
		}
		if next == "" {
			break
		}
		path = next
	}
	if len(all) != 6 || all[5].Status != "Invalid HTTP Response: 503" || all[5].StatusCode != 503 || all[0].Status != "OK" || all[0].Action != nil {
		t.Fatalf("listed %+v", all)
	}
	var failed []deliveryItem
	s.get("/app/hook/deliveries?status=failure", app).into(t, &failed)
	if len(failed) != 1 || failed[0].ID != all[5].ID {
		t.Errorf("failed: %+v", failed)
	}

	one := fmt.Sprintf("/app/hook/deliveries/%d", failed[0].ID)
	var whole struct {
		Request  struct{ Payload struct{ Zen string } }
		Response struct{ Payload string }
	}
	s.status(200, s.get(one, app)).into(t, &whole)
	if whole.Request.Payload.Zen == "" || whole.Response.Payload != "thanks" {
		t.Errorf("got %+v", whole)
	}
	s.status(202, s.send("POST", one+"/attempts", app, ""))
	receiver.take(s)
	var again []deliveryItem
	s.get("/app/hook/deliveries?status=success&per_page=1", app).into(t, &again)
	if again[0].GUID != failed[0].GUID || !again[0].Redelivery || again[0].ID == failed[0].ID {
		t.Errorf("repeated as %+v", again[0])
	}
	if slices.Compact(slices.Clone(receiver.guids))[0] != again[0].GUID {
		t.Errorf("arrived as %v", receiver.guids)
	}

	s.status(422, s.get("/app/hook/deliveries?status=other", app))
	s.status(400, s.get("/app/hook/deliveries?cursor=x", app))
	s.status(400, s.get("/app/hook/deliveries/x", app))
	s.status(404, s.get("/app/hook/deliveries/1", app))
	s.status(404, s.send("POST", "/app/hook/deliveries/1/attempts", app, ""))
	for _, token := range []string{"", s.token("ada")} {
		s.status(401, s.get("/app/hook/deliveries", token))
		s.status(401, s.get(one, token))
		s.status(401, s.send("POST", one+"/attempts", token, ""))
	}
	s.wait(sandbox.DeliveryKept)
	var old []deliveryItem
	s.get("/app/hook/deliveries", s.appToken(nil)).into(t, &old)
	if len(old) != 0 {
		t.Errorf("after three days: %+v", old)
	}
}

func TestHookConfig(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	app := s.appToken(nil)
	var config struct {
		URL         string
		Secret      string
		ContentType string `json:"content_type"`
		InsecureSSL string `json:"insecure_ssl"`
	}
	s.status(200, s.get("/app/hook/config", app)).into(t, &config)
	if config.URL != "" || config.Secret != "********" || config.ContentType != "json" {
		t.Errorf("got %+v", config)
	}
	body := jsonOf(object{"url": "https://n.example/webhooks/github", "secret": "new", "insecure_ssl": 0})
	s.status(200, s.send("PATCH", "/app/hook/config", app, body)).into(t, &config)
	if config.URL != "https://n.example/webhooks/github" || config.InsecureSSL != "0" || s.App().WebhookSecret != "new" {
		t.Errorf("got %+v", config)
	}
	for _, bad := range []string{`{"url":"nonsense"}`, `{"url":1}`, `{"content_type":"xml"}`, `{"insecure_ssl":"2"}`} {
		s.status(422, s.send("PATCH", "/app/hook/config", app, bad))
	}
	s.status(401, s.get("/app/hook/config", s.token("ada")))
	s.status(401, s.send("PATCH", "/app/hook/config", s.token("ada"), body))
}

// The check must be able to fail.
func TestWebhookDescriptionRejectsWrongBodies(t *testing.T) {
	schema := webhookDescriptions().Components.Schemas["webhook-installation-suspend"].Value
	if err := schema.VisitJSON(map[string]any{"action": "suspend", "sender": map[string]any{}, "installation": map[string]any{"id": 1.0}}); err == nil {
		t.Error("accepted an installation without an account")
	}
}
