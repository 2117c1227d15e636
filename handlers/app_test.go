package handlers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// run puts an office on stage that has an operator, opal, who belongs to it no
// more than the App does: GitHub shows her nothing of it.
func run(t *testing.T, databaseURL string) (s *stage, opal *visitor) {
	t.Helper()
	world := office()
	world.AddUser(sandbox.User{Login: "opal"})
	s = openRunBy(t, world, databaseURL, "", []string{"opal"})
	t.Cleanup(s.gitHub.Close)
	opal = s.logIn("opal")
	opal.untilField("/api/app/readings", "state", "idle")
	opal.post("/app/readings", nil).status(http.StatusSeeOther)
	opal.untilField("/api/app/readings", "state", "idle")
	return s, opal
}

// untilField asks again until a field of an answer has a value.
func (v *visitor) untilField(path, field string, want any) {
	v.s.t.Helper()
	dbtest.Until(v.s.t, fmt.Sprintf("%s of %s is %v", field, path, want), func() bool {
		answer := v.get(path)
		return answer.StatusCode == http.StatusOK && answer.object()[field] == want
	})
}

func (s *stage) breakDown(suffix string, fault *sandbox.Fault) {
	s.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, suffix) {
			return fault
		}
		return nil
	})
}

// operatorPaths are all that operators can ask for; {i} is an installation.
var operatorPaths = []string{
	"/app", "/app/self-test", "/app?kind=org&asked=office", "/app/installations", "/app/installations/{i}", "/app/installations/{i}/reach",
	"/app/requests", "/app/hook", "/app/deliveries", "/api/app/installation-requests",
	"/api/app", "/api/app/self-test", "/api/app/readings", "/api/app/installation?org=office", "/api/app/installations", "/api/app/installations/{i}",
	"/api/app/installations/{i}/reach", "/api/app/hook", "/api/app/deliveries",
	"/app/audit", "/app/audit?login=opal&since=2026-01-01", "/api/app/audit", "/api/app/audit.ndjson", "/api/app/audit?after=0",
	"/app/deliveries?outcome=missing", "/api/app/deliveries?outcome=any", "/api/app/catch-ups",
}

func TestOperatorsAlone(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	s.world.SetHookURL(s.url + "/webhooks/github")
	installation := opal.gitHubID("office")
	ines := s.logIn("ines")
	if ines.get("/installations").page().Find(`a[href="/app"]`).Length() != 0 || opal.get("/installations").page().Find(`a[href="/app"]`).Length() != 1 {
		t.Error("the link to the App is for operators alone")
	}
	s.gitHub.ResetRequests()
	for _, path := range operatorPaths {
		path = strings.ReplaceAll(path, "{i}", installation)
		refused := ines.get(path).status(http.StatusForbidden)
		if strings.HasPrefix(path, "/api/") {
			refused.message()
		} else {
			ines.fragment(path, "installations").status(http.StatusForbidden)
			s.visit().get(path).status(http.StatusUnauthorized)
		}
		opal.get(path).status(http.StatusOK)
		opal.do(http.MethodHead, path, "", "", nil).status(http.StatusOK)
	}
	for _, path := range []string{"/app/readings", "/app/hook", "/app/deliveries/1/attempts", "/app/catch-ups", "/api/app/catch-ups", "/api/app/readings", "/api/app/deliveries/1/attempts"} {
		ines.post(path, nil).status(http.StatusForbidden)
	}
	ines.do(http.MethodPatch, "/api/app/hook", "application/json", `{"content_type":"form"}`, nil).status(http.StatusForbidden)
}

// gitHubID is that of the App's installation on an account.
func (v *visitor) gitHubID(login string) string {
	v.s.t.Helper()
	list := v.get("/api/app/installations?q=" + login).status(http.StatusOK).list()
	if len(list) != 1 {
		v.s.t.Fatalf("%d installations on %s", len(list), login)
	}
	return list[0]["github_installation_id"].(string)
}

// An operator sees no name of a repository that GitHub doesn't show to them,
// wherever they look, and the one who sees some gets there by their own list.
func TestAnOperatorSeesNoNameThatIsntTheirs(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, opal := run(t, databaseURL)
		s.world.SetHookURL(s.url + "/webhooks/github")
		s.world.RenameRepository(41, "payroll-anew")
		s.world.ArchiveRepository(43, true)
		must(t, s.gitHub.WaitForDeliveries(context.Background()))
		ines := s.logIn("ines")
		ines.postJSON("/api/users/me/installations/"+ines.record("office")+"/imports", `{"filter":{}}`).status(http.StatusOK)

		installation := opal.gitHubID("office")
		paths := append([]string{}, operatorPaths...)
		for _, d := range opal.get("/api/app/deliveries").status(http.StatusOK).list() {
			id := strconv.FormatFloat(d["id"].(float64), 'f', -1, 64)
			paths = append(paths, "/app/deliveries/"+id, "/api/app/deliveries/"+id)
		}
		if len(paths) == len(operatorPaths) {
			t.Fatal("nothing was delivered")
		}
		for _, path := range paths {
			path = strings.ReplaceAll(path, "{i}", installation)
			body := opal.get(path).status(http.StatusOK).body
			for _, secret := range []string{"payroll", "secrets-of", "kitchen"} {
				if strings.Contains(body, secret) {
					t.Errorf("%s names %s", path, secret)
				}
			}
		}
		reach := opal.get("/api/app/installations/" + installation + "/reach").status(http.StatusOK).object()
		is(t, reach, "repository_count", 3.0)
		is(t, reach, "installation_id", nil)
		is(t, reach, "visible_count", 0.0)
		if page := opal.get("/app/installations/" + installation + "/reach"); !strings.Contains(page.text("#reach"), "3 repositories") || !strings.Contains(page.text("#reach"), "don't have access") {
			t.Errorf("the page says %s", page.text("#reach"))
		}

		s.world.AddMember("office", "opal", sandbox.RoleMember)
		s.world.SetPermission(43, "opal", sandbox.Pull)
		opal.post("/installations/sync", nil)
		opal.settle()
		reach = opal.get("/api/app/installations/" + installation + "/reach").status(http.StatusOK).object()
		is(t, reach, "visible_count", 1.0)
		link, _ := opal.get("/app/installations/" + installation).page().Find(`#reach a`).Attr("href")
		if link != "/installations/"+opal.record("office") {
			t.Errorf("their own list is linked as %q", link)
		}
	})
}

func TestOperatorsByIDByLoginAndNotByALoginThatChangedHands(t *testing.T) {
	world := office()
	byID := world.AddUser(sandbox.User{Login: "ida"})
	world.AddUser(sandbox.User{Login: "opal"})
	s := openRunBy(t, world, dbtest.SQLite(t), "", []string{strconv.FormatInt(byID.ID, 10), "Opal"})
	ida, opal := s.logIn("ida"), s.logIn("opal")
	ida.get("/app").status(http.StatusOK)
	opal.get("/app").status(http.StatusOK)

	world.RenameAccount("opal", "opal-that-was")
	world.AddUser(sandbox.User{Login: "opal"})
	s.logIn("opal").get("/app").status(http.StatusForbidden)
	opal.get("/app").status(http.StatusOK)

	// Until GitHub is asked about the App again, its owner is who it was. What asks at the start may not have ended yet.
	ida.untilField("/api/app/readings", "state", "idle")
	s.breakDown("/app", sandbox.BadGateway(502))
	world.SetAppOwner("ines")
	ines := s.logIn("ines")
	ines.get("/app").status(http.StatusForbidden)
	s.gitHub.Fault(nil)
	ida.post("/app/readings", nil).status(http.StatusSeeOther)
	dbtest.Until(t, "the user who owns the App is an operator", func() bool { return ines.get("/app").StatusCode == http.StatusOK })
}

func TestTheAppAsGitHubKnowsIt(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	app := opal.get("/api/app").status(http.StatusOK).object()
	is(t, app, "name", s.gitHub.App().Name)
	is(t, app, "visibility", "public")
	is(t, app, "installation_count", 1.0)
	isTime(t, app, "read_at")
	page := opal.get("/app").status(http.StatusOK)
	for _, words := range []string{"neptun-makers", "metadata: read", "any account can install it"} {
		if !strings.Contains(page.text("main"), words) {
			t.Errorf("the page doesn't say %q: %s", words, page.text("main"))
		}
	}
	settings, _ := app["settings_url"].(string)
	if page.page().Find(`a[href="`+settings+`"]`).Length() != 1 || !strings.Contains(settings, "/organizations/neptun-makers/settings/apps/") {
		t.Errorf("the settings are at %q", settings)
	}
}

// P24: a suspended installation is listed among the others, with what it is.
func TestP24OperatorsSeeASuspendedInstallationAmongTheOthers(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	s.world.Suspend(s.world.Install("ines", sandbox.SelectAll), "ines")
	opal.post("/app/readings", nil).status(http.StatusSeeOther)
	opal.untilField("/api/app/readings", "state", "idle")
	list := opal.get("/api/app/installations?sort=account").status(http.StatusOK).list()
	if len(list) != 2 {
		t.Fatalf("%d installations", len(list))
	}
	isTime(t, list[0], "suspended_at")
	is(t, list[0], "suspended_by", "ines")
	is(t, list[1], "suspended_at", nil)
	page := opal.get("/app/installations").status(http.StatusOK)
	if page.page().Find("#installations .inst").Length() != 2 || page.page().Find("#installations .off").Length() != 1 {
		t.Errorf("the page shows %s", page.text("#installations"))
	}
	part := opal.fragment("/app/installations?q=off", "installations").status(http.StatusOK)
	if strings.Contains(part.body, "<html") || part.page().Find(".inst").Length() != 1 {
		t.Errorf("a search shows %s", part.body)
	}
	id := list[0]["github_installation_id"].(string)
	if message := opal.get("/api/app/installations/" + id + "/reach").status(http.StatusConflict).message(); !strings.Contains(message, "suspended") {
		t.Errorf("counting it says %q", message)
	}
	paged := opal.get("/api/app/installations?per_page=1").status(http.StatusOK)
	if len(paged.list()) != 1 || paged.header("X-Total-Count") != "2" || !strings.Contains(paged.header("Link"), `rel="next"`) {
		t.Errorf("paged by one: %v", paged.Header)
	}
	if again := opal.do(http.MethodGet, "/api/app/installations?per_page=1", "", "", http.Header{"If-None-Match": {paged.header("ETag")}}); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d", again.StatusCode)
	}
	for _, path := range []string{"/api/app/installations/7", "/api/app/installations/seven"} {
		opal.get(path).status(http.StatusNotFound).message()
	}
}

// P25: what an account hasn't accepted is told, with both links.
func TestP25DriftIsShownWithBothLinks(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	id := opal.gitHubID("office")
	s.world.SetAppPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "read"}, "push")
	opal.post("/app/readings", nil).status(http.StatusSeeOther)
	opal.untilField("/api/app/readings", "state", "idle")
	drift := opal.get("/api/app/installations/" + id).object()["drift"].(map[string]any)
	if permissions, _ := drift["permissions"].([]any); len(permissions) == 0 || !strings.Contains(opal.get("/api/app/installations/"+id).body, `"name":"contents","asked":"read","accepted":null`) {
		t.Errorf("the drift is %v", drift)
	}
	if list := opal.get("/app/installations"); !strings.Contains(list.text(".inst"), "Permissions pending") {
		t.Errorf("the list says %s", list.text(".inst"))
	}
	page := opal.get("/app/installations/" + id)
	if !strings.Contains(page.text(".notice"), "contents: read requested, not granted") ||
		page.page().Find(`a[href*="/settings/installations/`+id+`"]`).Length() == 0 || page.page().Find(`a[href*="/settings/apps/"]`).Length() == 0 {
		t.Errorf("the page says %s", page.text("main"))
	}
	gitHubID, err := strconv.ParseInt(id, 10, 64)
	must(t, err)
	s.world.AcceptPermissions(gitHubID)
	opal.post("/app/readings", nil).status(http.StatusSeeOther)
	opal.untilField("/api/app/readings", "state", "idle")
	if list := opal.get("/app/installations"); strings.Contains(list.text(".inst"), "Permissions pending") {
		t.Error("the drift stays after it was accepted")
	}
}

// S11: the app sees private repositories, and an operator doesn't hear from it
// which names there are.
func TestS11ALookUpTellsNoPrivateNames(t *testing.T) {
	_, opal := run(t, dbtest.SQLite(t))
	private, none := opal.get("/api/app/installation?repository=office/secrets-of-omar"), opal.get("/api/app/installation?repository=office/nothing")
	if private.status(http.StatusNotFound).body != none.status(http.StatusNotFound).body {
		t.Errorf("what is there answers %s, and what isn't %s", private.body, none.body)
	}
	private, none = opal.fragment("/app?kind=repository&asked=office/secrets-of-omar", "lookup"), opal.fragment("/app?kind=repository&asked=office/nothing", "lookup")
	if private.text("#lookup .reason") != none.text("#lookup .reason") || private.StatusCode != none.StatusCode {
		t.Errorf("the page tells them apart: %s, %s", private.text("#lookup"), none.text("#lookup"))
	}
}

// P26: the look-up follows a repository to where it has gone.
func TestP26OperatorsLookUpInstallations(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	s.world.Install("ines", sandbox.SelectAll)
	s.world.TransferRepository(41, "ines")
	s.world.SetPrivate(41, false)
	s.world.SetPermission(43, "opal", sandbox.Pull)
	for query, login := range map[string]string{"org=office": "office", "user=ines": "ines", "repository=office/kitchen": "office", "repository=office/payroll-of-ines": "ines"} {
		found := opal.get("/api/app/installation?" + query).status(http.StatusOK)
		is(t, found.object(), "github_account_login", login)
		if found.header("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", query)
		}
		kind, asked, _ := strings.Cut(query, "=")
		page := opal.fragment("/app?kind="+kind+"&asked="+asked, "lookup").status(http.StatusOK)
		if got := page.text("#lookup p a"); got != login || strings.Contains(page.body, "<html") {
			t.Errorf("%s shows %q", query, got)
		}
	}
	for query, status := range map[string]int{
		"org=nowhere": http.StatusNotFound, "repository=office/nothing": http.StatusNotFound, "repository=office/secrets-of-omar": http.StatusNotFound, "": http.StatusUnprocessableEntity,
		"org=office&user=ines": http.StatusUnprocessableEntity, "repository=office": http.StatusUnprocessableEntity, "org=a/b": http.StatusUnprocessableEntity,
	} {
		opal.get("/api/app/installation?" + query).status(status).message()
	}
	if page := opal.get("/app?kind=org&asked=nowhere").status(http.StatusOK); !strings.Contains(page.text("#lookup"), "isn't installed there") {
		t.Errorf("the page says %s", page.text("#lookup"))
	}
	s.breakDown("/installation", sandbox.BadGateway(http.StatusBadGateway))
	opal.get("/api/app/installation?org=office").status(http.StatusGatewayTimeout).message()
	opal.get("/app?kind=org&asked=office").status(http.StatusGatewayTimeout)
	s.breakDown("/installation", sandbox.PrimaryLimit(s.clock.Now().Add(time.Hour)))
	if message := opal.get("/api/app/installation?org=office").status(http.StatusServiceUnavailable).message(); !strings.Contains(message, "resets at") {
		t.Errorf("a limit is told as %q", message)
	}
}

func TestTheWebhookIsRunFromHere(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	if page := opal.get("/app/hook").status(http.StatusOK); !strings.Contains(page.text("#hook"), "has no webhook") {
		t.Errorf("without one the page says %s", page.text("#hook"))
	}
	opal.get("/api/app/hook").status(http.StatusNotFound).message()
	if page := opal.get("/app/deliveries").status(http.StatusOK); !strings.Contains(page.text("#deliveries"), "has no webhook") {
		t.Errorf("without one the deliveries are %s", page.text("#deliveries"))
	}

	var status int
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(receiver.Close)
	s.world.SetHookURL(receiver.URL)
	const secret = "a-very-secret-secret"
	patch := func(body string) answer {
		return opal.do(http.MethodPatch, "/api/app/hook", "application/json", body, nil)
	}
	changed := patch(`{"content_type":"form","insecure_ssl":true,"secret":"` + secret + `"}`).status(http.StatusOK)
	is(t, changed.object(), "content_type", "form")
	is(t, changed.object(), "insecure_ssl", true)
	is(t, changed.object(), "has_secret", true)
	opal.post("/app/hook", form("url", receiver.URL, "content_type", "json", "secret", "")).status(http.StatusSeeOther)
	is(t, opal.get("/api/app/hook").object(), "insecure_ssl", false)
	if s.gitHub.App().WebhookSecret != secret {
		t.Error("an empty field changed the secret")
	}
	for _, body := range []string{`{}`, `{"url":"ftp://a"}`, `{"url":"http://"}`, `{"url":"https://u:p@a.example"}`, `{"content_type":"xml"}`, `{"secret":"short"}`, `{"nothing":1}`} {
		patch(body).status(http.StatusUnprocessableEntity).message()
	}
	opal.post("/app/hook", form("url", "nowhere", "content_type", "json")).status(http.StatusUnprocessableEntity)

	status = http.StatusInternalServerError
	s.world.Ping()
	must(t, s.gitHub.WaitForDeliveries(context.Background()))
	list := opal.get("/api/app/deliveries").status(http.StatusOK).list()
	if len(list) != 1 {
		t.Fatalf("%d deliveries", len(list))
	}
	is(t, list[0], "event", "ping")
	is(t, list[0], "action", nil)
	is(t, list[0], "status_code", 500.0)
	isTime(t, list[0], "delivered_at")
	id := strconv.FormatFloat(list[0]["id"].(float64), 'f', -1, 64)
	page := opal.get("/app/deliveries/" + id).status(http.StatusOK)
	if !strings.Contains(page.text("main"), "500") || strings.Contains(page.body, "logically awesome") {
		t.Errorf("the delivery is shown as %s", page.text("main"))
	}
	status = http.StatusAccepted
	opal.post("/app/deliveries/"+id+"/attempts", nil).status(http.StatusSeeOther)
	opal.postJSON("/api/app/deliveries/"+id+"/attempts", "").status(http.StatusAccepted)
	must(t, s.gitHub.WaitForDeliveries(context.Background()))
	part := opal.fragment("/app/deliveries", "deliveries").status(http.StatusOK)
	if n := part.page().Find("tbody tr").Length(); n != 3 || strings.Count(part.text("tbody"), "Redelivery") != 2 {
		t.Errorf("after two more attempts: %s", part.text("tbody"))
	}
	for _, path := range []string{"/api/app/deliveries/1", "/api/app/deliveries/one"} {
		opal.get(path).status(http.StatusNotFound).message()
	}
	opal.post("/app/deliveries/1/attempts", nil).status(http.StatusNotFound)
	opal.get("/api/app/deliveries?cursor=none").status(http.StatusUnprocessableEntity).message()

	audit := opal.get("/app/audit?login=opal").status(http.StatusOK)
	if rows := audit.page().Find("#audit tbody tr").Length(); rows < 2 || !strings.Contains(audit.text("#audit"), "redeliver webhook "+id) {
		t.Errorf("the audit says %s", audit.text("#audit"))
	}
	for _, path := range []string{"/app", "/app/hook", "/api/app/hook"} {
		if strings.Contains(opal.get(path).body, secret) {
			t.Errorf("%s shows the secret", path)
		}
	}
	s.breakDown("/hook/config", sandbox.BadGateway(http.StatusBadGateway))
	opal.get("/app/hook").status(http.StatusGatewayTimeout)
	opal.get("/api/app/hook").status(http.StatusGatewayTimeout).message()
}

func TestTheSelfTestIsShown(t *testing.T) {
	s, opal := run(t, dbtest.SQLite(t))
	s.world.SetHookURL("https://elsewhere.example/hook")
	result := opal.get("/api/app/self-test").status(http.StatusOK)
	is(t, result.object(), "ok", false)
	is(t, result.object(), "callback_url", s.url+"/auth/github/callback")
	if result.header("Cache-Control") != "no-store" || !strings.Contains(result.body, "elsewhere.example") {
		t.Errorf("the test says %s", result.body)
	}
	part := opal.fragment("/app/self-test", "self-test").status(http.StatusOK)
	if part.page().Find(".checks li").Length() != 7 || !strings.Contains(part.text(".checks"), "elsewhere.example") || strings.Contains(part.body, "<html") {
		t.Errorf("the part says %s", part.text("#self-test"))
	}
	if page := opal.get("/app/self-test").status(http.StatusOK); page.page().Find(".checks li").Length() != 7 {
		t.Errorf("the page says %s", page.text("#self-test"))
	}
}
