package operators_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
)

// BreakDown has GitHub answer what ends in a suffix with a fault.

// operatorPaths are all paths for operators; {i} is an installation.
var operatorPaths = []string{
	"/app", "/app/self-test", "/app?kind=org&asked=office", "/app/installations", "/app/installations/{i}", "/app/installations/{i}/reach",
	"/app/requests", "/app/hook", "/app/deliveries", "/api/app/installation-requests",
	"/api/app", "/api/app/self-test", "/api/app/readings", "/api/app/installation?org=office", "/api/app/installations", "/api/app/installations/{i}",
	"/api/app/installations/{i}/reach", "/api/app/hook", "/api/app/deliveries",
	"/app/audit", "/app/audit?login=opal&since=2026-01-01", "/api/app/audit", "/api/app/audit.ndjson", "/api/app/audit?after=0",
	"/app/deliveries?outcome=missing", "/api/app/deliveries?outcome=any", "/api/app/catch-ups",
}

func TestOnlyOperatorsSeeTheirPages(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Apps.SetHookURL(s.URL + "/webhooks/github")
	installation := opal.GitHubID("office")
	ines := s.LogIn("ines")
	if ines.Get("/installations").Page().Find(`a[href="/app"]`).Length() != 0 || opal.Get("/installations").Page().Find(`a[href="/app"]`).Length() != 1 {
		t.Error("a user who isn't an operator has a link to the app")
	}
	s.GitHub.ResetRequests()
	for _, path := range operatorPaths {
		path = strings.ReplaceAll(path, "{i}", installation)
		refused := ines.Get(path).Status(http.StatusForbidden)
		if strings.HasPrefix(path, "/api/") {
			refused.Message()
		} else {
			ines.Fragment(path, "installations").Status(http.StatusForbidden)
			s.Visit().Get(path).Status(http.StatusUnauthorized)
		}
		opal.Get(path).Status(http.StatusOK)
		opal.Do(http.MethodHead, path, "", "", nil).Status(http.StatusOK)
	}
	for _, path := range []string{"/app/readings", "/app/hook", "/app/deliveries/1/attempts", "/app/catch-ups", "/api/app/catch-ups", "/api/app/readings", "/api/app/deliveries/1/attempts"} {
		ines.Post(path, nil).Status(http.StatusForbidden)
	}
	ines.Do(http.MethodPatch, "/api/app/hook", "application/json", `{"content_type":"form"}`, nil).Status(http.StatusForbidden)
}

// An operator sees no names of repositories that GitHub doesn't show to them. They see their
// own ones in their own list.
func TestOperatorsSeeOnlyTheirOwnRepositoryNames(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := handlerstest.OpenRun(t, databaseURL)
		s.World.Apps.SetHookURL(s.URL + "/webhooks/github")
		s.World.Repositories.Rename(41, "payroll-again")
		s.World.Repositories.Archive(43, true)
		handlerstest.Must(t, s.GitHub.WaitForDeliveries(context.Background()))
		ines := s.LogIn("ines")
		ines.PostJSON("/api/users/me/installations/"+ines.Record("office")+"/imports", `{"filter":{}}`).Status(http.StatusOK)

		installation := opal.GitHubID("office")
		paths := append([]string{}, operatorPaths...)
		for _, d := range opal.Get("/api/app/deliveries").Status(http.StatusOK).List() {
			id := strconv.FormatFloat(d["id"].(float64), 'f', -1, 64)
			paths = append(paths, "/app/deliveries/"+id, "/api/app/deliveries/"+id)
		}
		if len(paths) == len(operatorPaths) {
			t.Fatal("nothing was delivered")
		}
		for _, path := range paths {
			path = strings.ReplaceAll(path, "{i}", installation)
			body := opal.Get(path).Status(http.StatusOK).Body
			for _, secret := range []string{"payroll", "secrets-of", "kitchen"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s contains %s", path, secret)
				}
			}
		}
		reach := opal.Get("/api/app/installations/" + installation + "/reach").Status(http.StatusOK).Object()
		handlerstest.WantField(t, reach, "repository_count", 3.0)
		handlerstest.WantField(t, reach, "installation_id", nil)
		handlerstest.WantField(t, reach, "visible_count", 0.0)
		if page := opal.Get("/app/installations/" + installation + "/reach"); !strings.Contains(page.Text("#reach"), "3 repositories") || !strings.Contains(page.Text("#reach"), "don't have access") {
			t.Errorf("the page shows %s", page.Text("#reach"))
		}

		s.World.Accounts.AddMember("office", "opal", sandbox.RoleMember)
		s.World.Repositories.SetPermission(43, "opal", sandbox.Pull)
		opal.Post("/installations/sync", nil)
		opal.Settle()
		reach = opal.Get("/api/app/installations/" + installation + "/reach").Status(http.StatusOK).Object()
		handlerstest.WantField(t, reach, "visible_count", 1.0)
		link, _ := opal.Get("/app/installations/" + installation).Page().Find(`#reach a`).Attr("href")
		if link != "/installations/"+opal.Record("office") {
			t.Errorf("their own list is linked as %q", link)
		}
	})
}

func TestOperatorsByIDAndLoginButNotByAReassignedLogin(t *testing.T) {
	world := handlerstest.Office()
	byID := world.Accounts.AddUser(sandbox.User{Login: "ida"})
	world.Accounts.AddUser(sandbox.User{Login: "opal"})
	s := handlerstest.OpenRunBy(t, world, dbtest.SQLite(t), "", []string{strconv.FormatInt(byID.ID, 10), "Opal"})
	ida, opal := s.LogIn("ida"), s.LogIn("opal")
	ida.Get("/app").Status(http.StatusOK)
	opal.Get("/app").Status(http.StatusOK)

	world.Accounts.Rename("opal", "opal-that-was")
	world.Accounts.AddUser(sandbox.User{Login: "opal"})
	s.LogIn("opal").Get("/app").Status(http.StatusForbidden)
	opal.Get("/app").Status(http.StatusOK)

	// The app's owner changes with the next request for the app, and the first may still be in flight.
	ida.UntilField("/api/app/readings", "state", "idle")
	s.FailRequests("/app", sandbox.BadGateway(502))
	world.Apps.SetOwner("ines")
	ines := s.LogIn("ines")
	ines.Get("/app").Status(http.StatusForbidden)
	s.GitHub.Fault(nil)
	ida.Post("/app/readings", nil).Status(http.StatusSeeOther)
	dbtest.Until(t, "the user who owns the App is an operator", func() bool { return ines.Get("/app").StatusCode == http.StatusOK })
}

func TestTheAppPageShowsGitHubsFacts(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	app := opal.Get("/api/app").Status(http.StatusOK).Object()
	handlerstest.WantField(t, app, "name", s.GitHub.App().Name)
	handlerstest.WantField(t, app, "visibility", "public")
	handlerstest.WantField(t, app, "installation_count", 1.0)
	handlerstest.WantTime(t, app, "read_at")
	page := opal.Get("/app").Status(http.StatusOK)
	for _, words := range []string{"neptun-makers", "metadata: read", "any account can install it"} {
		if !strings.Contains(page.Text("main"), words) {
			t.Errorf("the page doesn't show %q: %s", words, page.Text("main"))
		}
	}
	settings, _ := app["settings_url"].(string)
	if page.Page().Find(`a[href="`+settings+`"]`).Length() != 1 || !strings.Contains(settings, "/organizations/neptun-makers/settings/apps/") {
		t.Errorf("the settings are at %q", settings)
	}
}

// P24: the list of installations includes suspended ones, with their state.
func TestP24OperatorsSeeASuspendedInstallationAmongTheOthers(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Installations.Suspend(s.World.Installations.Install("ines", sandbox.SelectAll), "ines")
	opal.Post("/app/readings", nil).Status(http.StatusSeeOther)
	opal.UntilField("/api/app/readings", "state", "idle")
	list := opal.Get("/api/app/installations?sort=account").Status(http.StatusOK).List()
	if len(list) != 2 {
		t.Fatalf("%d installations", len(list))
	}
	handlerstest.WantTime(t, list[0], "suspended_at")
	handlerstest.WantField(t, list[0], "suspended_by", "ines")
	handlerstest.WantField(t, list[1], "suspended_at", nil)
	page := opal.Get("/app/installations").Status(http.StatusOK)
	if page.Page().Find("#installations .inst").Length() != 2 || page.Page().Find("#installations .off").Length() != 1 {
		t.Errorf("the page shows %s", page.Text("#installations"))
	}
	part := opal.Fragment("/app/installations?q=off", "installations").Status(http.StatusOK)
	if strings.Contains(part.Body, "<html") || part.Page().Find(".inst").Length() != 1 {
		t.Errorf("a search shows %s", part.Body)
	}
	id := list[0]["github_installation_id"].(string)
	if message := opal.Get("/api/app/installations/" + id + "/reach").Status(http.StatusConflict).Message(); !strings.Contains(message, "suspended") {
		t.Errorf("counting it returns %q", message)
	}
	paged := opal.Get("/api/app/installations?per_page=1").Status(http.StatusOK)
	if len(paged.List()) != 1 || paged.Header.Get("X-Total-Count") != "2" || !strings.Contains(paged.Header.Get("Link"), `rel="next"`) {
		t.Errorf("paged by one: %v", paged.Header)
	}
	if again := opal.Do(http.MethodGet, "/api/app/installations?per_page=1", "", "", http.Header{"If-None-Match": {paged.Header.Get("ETag")}}); again.StatusCode != http.StatusNotModified {
		t.Errorf("repeated request: %d", again.StatusCode)
	}
	for _, path := range []string{"/api/app/installations/7", "/api/app/installations/seven"} {
		opal.Get(path).Status(http.StatusNotFound).Message()
	}
}

// P25: missing permissions are shown with both links.
func TestP25DriftIsShownWithBothLinks(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	id := opal.GitHubID("office")
	s.World.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"}, "push")
	opal.Post("/app/readings", nil).Status(http.StatusSeeOther)
	opal.UntilField("/api/app/readings", "state", "idle")
	drift := opal.Get("/api/app/installations/" + id).Object()["drift"].(map[string]any)
	if permissions, _ := drift["permissions"].([]any); len(permissions) == 0 || !strings.Contains(opal.Get("/api/app/installations/"+id).Body, `"name":"contents","asked":"read","accepted":null`) {
		t.Errorf("the drift is %v", drift)
	}
	if list := opal.Get("/app/installations"); !strings.Contains(list.Text(".inst"), "Permissions pending") {
		t.Errorf("the list shows %s", list.Text(".inst"))
	}
	page := opal.Get("/app/installations/" + id)
	if !strings.Contains(page.Text(".notice"), "contents: read requested, not granted") ||
		page.Page().Find(`a[href*="/settings/installations/`+id+`"]`).Length() == 0 || page.Page().Find(`a[href*="/settings/apps/"]`).Length() == 0 {
		t.Errorf("the page shows %s", page.Text("main"))
	}
	gitHubID, err := strconv.ParseInt(id, 10, 64)
	handlerstest.Must(t, err)
	s.World.Installations.AcceptPermissions(gitHubID)
	opal.Post("/app/readings", nil).Status(http.StatusSeeOther)
	opal.UntilField("/api/app/readings", "state", "idle")
	if list := opal.Get("/app/installations"); strings.Contains(list.Text(".inst"), "Permissions pending") {
		t.Error("the permissions are still missing after they were accepted")
	}
}

// S11: the app sees private repositories, but operators don't learn their names from it.
func TestS11ALookUpRevealsNoPrivateNames(t *testing.T) {
	_, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	private, none := opal.Get("/api/app/installation?repository=office/secrets-of-omar"), opal.Get("/api/app/installation?repository=office/nothing")
	if private.Status(http.StatusNotFound).Body != none.Status(http.StatusNotFound).Body {
		t.Errorf("an existing repository gets %s, an unknown one %s", private.Body, none.Body)
	}
	private, none = opal.Fragment("/app?kind=repository&asked=office/secrets-of-omar", "lookup"), opal.Fragment("/app?kind=repository&asked=office/nothing", "lookup")
	if private.Text("#lookup .reason") != none.Text("#lookup .reason") || private.StatusCode != none.StatusCode {
		t.Errorf("the page shows a difference: %s, %s", private.Text("#lookup"), none.Text("#lookup"))
	}
}

// P26: the look-up follows a repository that was moved.
func TestP26OperatorsLookUpInstallations(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Installations.Install("ines", sandbox.SelectAll)
	s.World.Repositories.Transfer(41, "ines")
	s.World.Repositories.SetPrivate(41, false)
	s.World.Repositories.SetPermission(43, "opal", sandbox.Pull)
	for query, login := range map[string]string{"org=office": "office", "user=ines": "ines", "repository=office/kitchen": "office", "repository=office/payroll-of-ines": "ines"} {
		found := opal.Get("/api/app/installation?" + query).Status(http.StatusOK)
		handlerstest.WantField(t, found.Object(), "github_account_login", login)
		if found.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", query)
		}
		kind, value, _ := strings.Cut(query, "=")
		page := opal.Fragment("/app?kind="+kind+"&asked="+value, "lookup").Status(http.StatusOK)
		if got := page.Text("#lookup p a"); got != login || strings.Contains(page.Body, "<html") {
			t.Errorf("%s shows %q", query, got)
		}
	}
	for query, status := range map[string]int{
		"org=nowhere": http.StatusNotFound, "repository=office/nothing": http.StatusNotFound, "repository=office/secrets-of-omar": http.StatusNotFound, "": http.StatusUnprocessableEntity,
		"org=office&user=ines": http.StatusUnprocessableEntity, "repository=office": http.StatusUnprocessableEntity, "org=a/b": http.StatusUnprocessableEntity,
	} {
		opal.Get("/api/app/installation?" + query).Status(status).Message()
	}
	if page := opal.Get("/app?kind=org&asked=nowhere").Status(http.StatusOK); !strings.Contains(page.Text("#lookup"), "isn't installed there") {
		t.Errorf("the page shows %s", page.Text("#lookup"))
	}
	s.FailRequests("/installation", sandbox.BadGateway(http.StatusBadGateway))
	opal.Get("/api/app/installation?org=office").Status(http.StatusGatewayTimeout).Message()
	opal.Get("/app?kind=org&asked=office").Status(http.StatusGatewayTimeout)
	s.FailRequests("/installation", sandbox.PrimaryLimit(s.Clock.Now().Add(time.Hour)))
	if message := opal.Get("/api/app/installation?org=office").Status(http.StatusServiceUnavailable).Message(); !strings.Contains(message, "resets at") {
		t.Errorf("the rate limit gets %q", message)
	}
}

func TestManagingTheWebhook(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	if page := opal.Get("/app/hook").Status(http.StatusOK); !strings.Contains(page.Text("#hook"), "has no webhook") {
		t.Errorf("without one the page shows %s", page.Text("#hook"))
	}
	opal.Get("/api/app/hook").Status(http.StatusNotFound).Message()
	if page := opal.Get("/app/deliveries").Status(http.StatusOK); !strings.Contains(page.Text("#deliveries"), "has no webhook") {
		t.Errorf("without a webhook the deliveries are %s", page.Text("#deliveries"))
	}

	var status int
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(receiver.Close)
	s.World.Apps.SetHookURL(receiver.URL)
	const secret = "a-very-secret-secret"
	patch := func(body string) handlerstest.Answer {
		return opal.Do(http.MethodPatch, "/api/app/hook", "application/json", body, nil)
	}
	changed := patch(`{"content_type":"form","insecure_ssl":true,"secret":"` + secret + `"}`).Status(http.StatusOK)
	handlerstest.WantField(t, changed.Object(), "content_type", "form")
	handlerstest.WantField(t, changed.Object(), "insecure_ssl", true)
	handlerstest.WantField(t, changed.Object(), "has_secret", true)
	opal.Post("/app/hook", handlerstest.Form("url", receiver.URL, "content_type", "json", "secret", "")).Status(http.StatusSeeOther)
	handlerstest.WantField(t, opal.Get("/api/app/hook").Object(), "insecure_ssl", false)
	if s.GitHub.App().WebhookSecret != secret {
		t.Error("an empty field changed the secret")
	}
	for _, body := range []string{`{}`, `{"url":"ftp://a"}`, `{"url":"http://"}`, `{"url":"https://u:p@a.example"}`, `{"content_type":"xml"}`, `{"secret":"short"}`, `{"nothing":1}`} {
		patch(body).Status(http.StatusUnprocessableEntity).Message()
	}
	opal.Post("/app/hook", handlerstest.Form("url", "nowhere", "content_type", "json")).Status(http.StatusUnprocessableEntity)

	status = http.StatusInternalServerError
	s.World.Apps.Ping()
	handlerstest.Must(t, s.GitHub.WaitForDeliveries(context.Background()))
	list := opal.Get("/api/app/deliveries").Status(http.StatusOK).List()
	if len(list) != 1 {
		t.Fatalf("%d deliveries", len(list))
	}
	handlerstest.WantField(t, list[0], "event", "ping")
	handlerstest.WantField(t, list[0], "action", nil)
	handlerstest.WantField(t, list[0], "status_code", 500.0)
	handlerstest.WantTime(t, list[0], "delivered_at")
	id := strconv.FormatFloat(list[0]["id"].(float64), 'f', -1, 64)
	page := opal.Get("/app/deliveries/" + id).Status(http.StatusOK)
	if !strings.Contains(page.Text("main"), "500") || strings.Contains(page.Body, "logically awesome") {
		t.Errorf("the delivery is shown as %s", page.Text("main"))
	}
	status = http.StatusAccepted
	opal.Post("/app/deliveries/"+id+"/attempts", nil).Status(http.StatusSeeOther)
	opal.PostJSON("/api/app/deliveries/"+id+"/attempts", "").Status(http.StatusAccepted)
	handlerstest.Must(t, s.GitHub.WaitForDeliveries(context.Background()))
	part := opal.Fragment("/app/deliveries", "deliveries").Status(http.StatusOK)
	if n := part.Page().Find("tbody tr").Length(); n != 3 || strings.Count(part.Text("tbody"), "Redelivery") != 2 {
		t.Errorf("after two more attempts: %s", part.Text("tbody"))
	}
	for _, path := range []string{"/api/app/deliveries/1", "/api/app/deliveries/one"} {
		opal.Get(path).Status(http.StatusNotFound).Message()
	}
	opal.Post("/app/deliveries/1/attempts", nil).Status(http.StatusNotFound)
	opal.Get("/api/app/deliveries?cursor=none").Status(http.StatusUnprocessableEntity).Message()

	audit := opal.Get("/app/audit?login=opal").Status(http.StatusOK)
	if rows := audit.Page().Find("#audit tbody tr").Length(); rows < 2 || !strings.Contains(audit.Text("#audit"), "redeliver webhook "+id) {
		t.Errorf("audit log: %s", audit.Text("#audit"))
	}
	for _, path := range []string{"/app", "/app/hook", "/api/app/hook"} {
		if strings.Contains(opal.Get(path).Body, secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
	s.FailRequests("/hook/config", sandbox.BadGateway(http.StatusBadGateway))
	opal.Get("/app/hook").Status(http.StatusGatewayTimeout)
	opal.Get("/api/app/hook").Status(http.StatusGatewayTimeout).Message()
}

func TestTheSelfTestIsShown(t *testing.T) {
	s, opal := handlerstest.OpenRun(t, dbtest.SQLite(t))
	s.World.Apps.SetHookURL("https://elsewhere.example/hook")
	result := opal.Get("/api/app/self-test").Status(http.StatusOK)
	handlerstest.WantField(t, result.Object(), "ok", false)
	handlerstest.WantField(t, result.Object(), "callback_url", s.URL+"/auth/github/callback")
	if result.Header.Get("Cache-Control") != "no-store" || !strings.Contains(result.Body, "elsewhere.example") {
		t.Errorf("the self-test returns %s", result.Body)
	}
	part := opal.Fragment("/app/self-test", "self-test").Status(http.StatusOK)
	if part.Page().Find(".checks li").Length() != 7 || !strings.Contains(part.Text(".checks"), "elsewhere.example") || strings.Contains(part.Body, "<html") {
		t.Errorf("the fragment shows %s", part.Text("#self-test"))
	}
	if page := opal.Get("/app/self-test").Status(http.StatusOK); page.Page().Find(".checks li").Length() != 7 {
		t.Errorf("the page shows %s", page.Text("#self-test"))
	}
}
