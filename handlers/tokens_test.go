package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sessions"
)

func tokenForm(more ...string) url.Values {
	form := url.Values{"request": {"one"}, "name": {"nightly report"}, "scope": {"read"}, "expires": {"30"}, "access": {"all"}}
	for i := 0; i < len(more); i += 2 {
		form[more[i]] = append(form[more[i]][:0:0], more[i+1])
	}
	return form
}

// From signing in to a working script: one form, and the shell command that the page shows is
// run unchanged.
func TestFromThePageToAShellCommand(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, mira, quay, _ := handlerstest.OpenTwoOrganizations(t, databaseURL)
		before := mira.Get("/tokens").Status(http.StatusOK)
		if before.Page().Find(`nav a[href="/tokens"][aria-current=page]`).Length() != 1 {
			t.Error("the current page isn't marked in the navigation")
		}
		if !strings.Contains(before.Text("main"), "don't have any API tokens yet") {
			t.Errorf("without a token the page shows %s", before.Text("main"))
		}
		form := url.Values{}
		for _, field := range []string{"request", "expires_on"} {
			form.Set(field, before.Page().Find(`[name=`+field+`]`).AttrOr("value", ""))
		}
		form.Set("name", "nightly report")
		form.Set("scope", before.Page().Find(`[name=scope][checked]`).AttrOr("value", ""))
		form.Set("expires", before.Page().Find(`[name=expires] option[selected]`).AttrOr("value", ""))
		form.Set("access", before.Page().Find(`[name=access][checked]`).AttrOr("value", ""))
		created := mira.Post("/tokens", form).Status(http.StatusOK)
		if created.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the page with the token may be cached: %s", created.Header.Get("Cache-Control"))
		}
		secret := created.Page().Find("#secret").AttrOr("value", "")
		if sessions.Key(secret) == "" {
			t.Fatalf("the page shows no token: %s", created.Text("main"))
		}
		var lines []string
		for i := range 3 {
			lines = append(lines, created.Page().Find(fmt.Sprintf("#line%d", i)).AttrOr("value", ""))
		}
		for i, wants := range []string{"/installations", "/imports", "/installations/" + quay + "/imports"} {
			if !strings.HasSuffix(lines[i], "/api/users/"+mira.Me()+wants) {
				t.Errorf("command %d is %s", i, lines[i])
			}
		}
		// Accounts of which nothing is imported are left out.
		with := 0
		for _, i := range mira.Get("/api/users/me/installations").List() {
			if i["import_count"].(float64) > 0 {
				with++
			}
		}
		if n := created.Page().Find(`[id^="line"]`).Length(); n != 2+with {
			t.Errorf("%d lines for %d accounts with imports", n, with)
		}
		for _, line := range lines {
			words := strings.Split(line, "'")
			if len(words) != 3 || words[1] != "Authorization: Bearer "+secret {
				t.Fatalf("the command is %s", line)
			}
			path := strings.TrimPrefix(strings.TrimSpace(words[2]), s.URL)
			if list := s.Bearer(secret).Get(path).Status(http.StatusOK).List(); len(list) < 2 {
				t.Errorf("%s returns %v", path, list)
			}
		}
		// It is shown only once.
		for _, path := range []string{"/tokens", "/api/users/me/tokens"} {
			if a := mira.Get(path).Status(http.StatusOK); strings.Contains(a.Body, secret) || !strings.Contains(a.Body, "nightly report") {
				t.Errorf("%s afterwards: %s", path, a.Body)
			}
		}
		if part := mira.Fragment("/tokens", "tokens").Status(http.StatusOK); strings.Contains(part.Body, "<html") || !strings.Contains(part.Body, "nightly report") {
			t.Errorf("the fragment: %.300s", part.Body)
		}
		// A reload submits the form again.
		again := mira.Post("/tokens", form).Status(http.StatusSeeOther)
		if again.Header.Get("Location") != "/tokens" || !strings.Contains(mira.Get("/tokens").Text("#notices"), "already created") {
			t.Errorf("submitted again, the form redirects to %s", again.Header.Get("Location"))
		}
		if list := mira.Get("/api/users/me/tokens").List(); len(list) != 1 {
			t.Errorf("there are %d tokens", len(list))
		}
		if !strings.Contains(s.Audit(), "mira create API token token ") || strings.Contains(s.Audit(), "nightly") || s.HasSecret(s.Audit()) {
			t.Errorf("audit log: %s", s.Audit())
		}
	})
}

func TestTheTokenFormKeepsItsValues(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	quay := mira.Record("quay")
	tomorrow := s.Clock.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	for _, c := range []struct {
		name string
		form url.Values
		says string
	}{
		{"no name", tokenForm("name", "  "), "The name is required"},
		{"a long name", tokenForm("name", strings.Repeat("ü", 81)), "80 characters at most"},
		{"a name of two lines", tokenForm("name", "a\nb"), "a single line"},
		{"an invented scope", tokenForm("scope", "everything"), "Select the permissions"},
		{"no number of days", tokenForm("expires", "forever"), "Select an expiration"},
		{"too many days", tokenForm("expires", "9999"), "Select an expiration"},
		{"no date", tokenForm("expires", "date", "expires_on", ""), "The date must be a date such as"},
		{"a day that isn't", tokenForm("expires", "date", "expires_on", "2027-02-30"), "The date must be a date such as"},
		{"yesterday", tokenForm("expires", "date", "expires_on", s.Clock.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)), "at most one year from today"},
		{"in two years", tokenForm("expires", "date", "expires_on", s.Clock.Now().UTC().AddDate(2, 0, 0).Format(time.DateOnly)), "at most one year from today"},
		{"none chosen", tokenForm("access", "selected"), "Select at least one"},
		{"another's", tokenForm("access", "selected", "installation_ids", "99999"), "Select at least one"},
		{"no number", tokenForm("access", "selected", "installation_ids", "quay"), "Select at least one"},
	} {
		a := mira.Post("/tokens", c.form).Status(http.StatusUnprocessableEntity)
		page := a.Page()
		if !strings.Contains(a.Text(".problem"), c.says) || page.Find(`[name=name]`).AttrOr("value", "") != c.form.Get("name") {
			t.Errorf("%s: %s", c.name, a.Text("main"))
		}
		on := c.form.Get("expires_on")
		if _, err := time.Parse(time.DateOnly, on); err != nil {
			on = "" // a date field accepts nothing else
		}
		if value := page.Find(`[name=expires_on]`).AttrOr("value", ""); value != on {
			t.Errorf("%s: the date became %s", c.name, value)
		}
		if a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: may be cached", c.name)
		}
	}
	if list := mira.Get("/api/users/me/tokens").List(); len(list) != 0 {
		t.Errorf("tokens were created: %v", list)
	}
	valid := tokenForm("expires", "date", "expires_on", tomorrow, "access", "selected", "installation_ids", quay)
	if shown := mira.Post("/tokens", valid).Status(http.StatusOK).Text("#tokens .things"); !strings.Contains(shown, "Only quay") {
		t.Errorf("the restricted token: %s", shown)
	}
	token := mira.Get("/api/users/me/tokens").List()[0]
	if token["restricted"] != true || fmt.Sprint(token["installation_ids"]) != "["+quay+"]" {
		t.Errorf("its JSON: %v", token)
	}
	if end := s.Clock.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly) + "T00:00:00Z"; token["expires_at"] != end {
		t.Errorf("expires at %v, want the end of the day, %s", token["expires_at"], end)
	}
}

func TestTokensInJSON(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	for body, want := range map[string]string{
		`{}`:                                                         "name",
		`{"name":"a","scope":"admin"}`:                               "scope",
		`{"name":"a","expires_in_days":0}`:                           "expires_in_days",
		`{"name":"a","expires_in_days":366}`:                         "expires_in_days",
		`{"name":"a","expires_on":"tomorrow"}`:                       "expires_on",
		`{"name":"a","installation_ids":[]}`:                         "installation_ids",
		`{"name":"a","installation_ids":[9999]}`:                     "installation_ids",
		`{"name":"a","secret":"mine"}`:                               "secret",
		`{"name":"a","expires_in_days":7,"expires_on":"2026-01-01"}`: "expires_on",
		`{"name":7}`:                                                 "name",
		`[]`:                                                         "body",
	} {
		a := mira.PostJSON("/api/users/me/tokens", body).Status(http.StatusUnprocessableEntity)
		if a.Message(); !strings.Contains(a.Body, `"field":"`+want+`"`) {
			t.Errorf("%s: %s", body, a.Body)
		}
	}
	id, secret := mira.NewToken(`{"name":"ci","expires_in_days":30,"scope":"write"}`)
	token := mira.Get("/api/users/me/tokens").Status(http.StatusOK).List()[0]
	if fmt.Sprint(token["id"]) != id || token["scope"] != "write" || token["restricted"] != false || token["last_used_at"] != nil || token["token"] != nil ||
		len(token["installation_ids"].([]any)) != 0 {
		t.Errorf("listed as %v", token)
	}
	// A mistyped token is rejected like a missing one.
	for _, wrong := range []string{secret[:len(secret)-1], secret + "0", secret[:10] + "0" + secret[11:] + "", "neptun_"} {
		if wrong == secret {
			continue
		}
		s.Bearer(wrong).Get("/api/users/me").Status(http.StatusUnauthorized)
		s.Cookie(wrong).Get("/api/users/me/installations").Status(http.StatusUnauthorized)
	}
	script := s.Bearer(secret)
	if a := script.Do(http.MethodHead, "/api/auth/check", "", "", nil); a.StatusCode != http.StatusNoContent {
		t.Errorf("the check responds with %d", a.StatusCode)
	}
	// A use is recorded after its response.
	dbtest.Until(t, "the use of the token is listed", func() bool {
		return mira.Get("/api/users/me/tokens").List()[0]["last_used_at"] != nil
	})
	tag := mira.Get("/api/users/me/tokens").Header.Get("ETag")
	mira.Do(http.MethodGet, "/api/users/me/tokens", "", "", http.Header{"If-None-Match": {tag}}).Status(http.StatusNotModified)

	rotated := mira.PostJSON("/api/users/me/tokens/"+id+"/rotation", `{"overlap_hours":1}`).Status(http.StatusCreated).Object()
	second, _ := rotated["token"].(string)
	for _, valid := range []string{secret, second} {
		s.Bearer(valid).Get("/api/users/me").Status(http.StatusOK)
	}
	mira.PostJSON("/api/users/me/tokens/"+id+"/rotation", ``).Status(http.StatusConflict).Message()
	mira.PostJSON("/api/users/me/tokens/"+id+"/rotation", `{"overlap_hours":169}`).Status(http.StatusUnprocessableEntity).Message()
	mira.PostJSON("/api/users/me/tokens/9999/rotation", ``).Status(http.StatusNotFound).Message()
	s.Clock.Advance(time.Hour)
	script.Get("/api/users/me").Status(http.StatusUnauthorized)
	s.Bearer(second).Get("/api/users/me").Status(http.StatusOK)
	path := "/api/users/me/tokens/" + fmt.Sprint(rotated["id"])
	mira.Do(http.MethodDelete, path, "", "", nil).Status(http.StatusNoContent)
	mira.Do(http.MethodDelete, path, "", "", nil).Status(http.StatusNotFound).Message()
	mira.Do(http.MethodDelete, "/api/users/me/tokens/abc", "", "", nil).Status(http.StatusNotFound).Message()
	s.Bearer(second).Get("/api/users/me").Status(http.StatusUnauthorized)
	if !strings.HasPrefix(s.Audit(), "mira revoke API token ") {
		t.Errorf("audit log: %s", s.Audit())
	}
}

func TestATokenIsRotatedAndRevokedOnThePage(t *testing.T) {
	s, mira, quay, _ := handlerstest.OpenTwoOrganizations(t, dbtest.SQLite(t))
	id, first := mira.NewToken(`{"name":"ci","installation_ids":[` + quay + `]}`)
	created := mira.Post("/tokens/"+id+"/rotation", url.Values{"overlap_hours": {"24"}}).Status(http.StatusOK)
	second := created.Page().Find("#secret").AttrOr("value", "")
	if second == first || created.Header.Get("Cache-Control") != "no-store" || !strings.Contains(created.Text("#created"), "old token expires") {
		t.Errorf("rotated: %s", created.Text("#created"))
	}
	if line := created.Page().Find("#line2").AttrOr("value", ""); !strings.HasSuffix(line, "/"+quay+"/imports") || created.Page().Find("#line3").Length() != 0 {
		t.Errorf("the commands name installations without access: %s", line)
	}
	for _, token := range []string{first, second} {
		if list := s.Bearer(token).Get("/api/users/me/installations").Status(http.StatusOK).List(); len(list) != 1 {
			t.Errorf("it sees %d installations", len(list))
		}
	}
	if text := created.Text("#token" + id); !strings.Contains(text, "Rotated") || strings.Contains(text, "Rotate…") {
		t.Errorf("the old token: %s", text)
	}
	mira.Post("/tokens/"+id+"/rotation", nil).Status(http.StatusConflict)
	if to := mira.Get("/tokens/" + id + "/rotation").Status(http.StatusSeeOther).Header.Get("Location"); to != "/tokens" {
		t.Errorf("a reload redirects to %s", to)
	}
	mira.Post("/tokens/"+id+"/revocation", nil).Status(http.StatusSeeOther)
	s.Bearer(first).Get("/api/users/me").Status(http.StatusUnauthorized)
	s.Bearer(second).Get("/api/users/me").Status(http.StatusOK)
	mira.Post("/tokens/"+id+"/revocation", nil).Status(http.StatusNotFound)
}

func TestPagesWarnBeforeATokenExpires(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	mira.NewToken(`{"name":"nightly","expires_in_days":10}`)
	if text := mira.Get("/tokens").Text("#tokens"); strings.Contains(text, "Expires soon") || strings.Contains(text, "within a week") {
		t.Errorf("ten days before: %s", text)
	}
	s.Clock.Advance(6 * 24 * time.Hour)
	if text := mira.Get("/tokens").Text("#tokens"); !strings.Contains(text, "Expires soon") || !strings.Contains(text, "The token nightly expires within a week") {
		t.Errorf("four days before: %s", text)
	}
}

// A token ends with the authorization it depends on, and not with a session.
func TestWhatEndsAToken(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	_, secret := mira.NewToken(`{"name":"ci"}`)
	script := s.Bearer(secret)
	mira.Post("/logout", nil).Status(http.StatusSeeOther)
	script.Get("/api/users/me/installations").Status(http.StatusOK)
	s.Clock.Advance(169 * time.Hour)
	if message := script.Get("/api/users/me/installations").Status(http.StatusUnauthorized).Message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("a week after GitHub last confirmed anything: %s", message)
	}
	if message := script.Get("/api/users/me").Status(http.StatusUnauthorized).Message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("a week after GitHub last confirmed anything: %s", message)
	}
	mira = s.LogIn("mira")
	script.Get("/api/users/me").Status(http.StatusOK)
	mira.Do(http.MethodDelete, "/api/users/me/authorization", "", "", nil).Status(http.StatusNoContent)
	s.LogIn("mira")
	script.Get("/api/users/me").Status(http.StatusUnauthorized)
}

// A browser that sends an API token isn't signed in on pages, and gets no session.
func TestATokenDoesNotSignInOnPages(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	_, secret := s.LogIn("mira").NewToken(`{"name":"ci","scope":"write"}`)
	script := s.Cookie(secret)
	for path, status := range map[string]int{
		"/": 200, "/login": 200, "/installations": 401, "/tokens": 401, "/nowhere": 404, "/account": 401, "/imports": 401,
	} {
		a := script.Get(path).Status(status)
		if strings.Contains(a.Body, "mira") || a.Page().Find("nav").Length() != 0 || len(a.Cookies()) != 0 {
			t.Errorf("%s shows a user: %s", path, a.Text("body"))
		}
	}
	script.Post("/tokens", tokenForm()).Status(http.StatusUnauthorized)
	script.Post("/logout", nil)
	script.Get("/api/users/me").Status(http.StatusUnauthorized) // the cookie was deleted, the token is still valid
	s.Bearer(secret).Get("/api/users/me").Status(http.StatusOK)
	again := s.Cookie(secret)
	again.LogIn("mira")
	if session := again.Session(); session == secret || session == "" {
		t.Errorf("the sign-in uses the session %q", session)
	}
	again.Get("/tokens").Status(http.StatusOK)
}

// No token is logged, wherever a script puts it.
func TestTokensStayOutOfTheLog(t *testing.T) {
	s := openEmptyLog(t)
	mira := s.LogIn("mira")
	id, secret := mira.NewToken(`{"name":"ci"}`)
	s.Bearer(secret).Get("/api/users/me/installations").Status(http.StatusOK)
	s.Cookie(secret).Get("/api/users/me").Status(http.StatusOK)
	s.Bearer(secret).Get("/api/users/me?token=" + secret)
	s.Bearer(secret).PostJSON("/api/users/me/installations/1/sync", ``)
	mira.Do(http.MethodDelete, "/api/users/me/tokens/"+id, "", "", nil).Status(http.StatusNoContent)
	s.Bearer(secret).Get("/api/users/me/installations").Status(http.StatusUnauthorized)
	if text := fmt.Sprint(s.Logs); strings.Contains(text, secret) || !strings.Contains(text, "/api/users/me/installations") {
		t.Errorf("the log has %s", text)
	}
}

func TestTooManyTokens(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	mira := s.LogIn("mira")
	for i := range db.MaxAPITokens {
		_, err := s.DB.CreateAPIToken(t.Context(), db.NewAPIToken{
			UserID: mira.Me(), Hash: fmt.Sprint(i), Request: fmt.Sprint(i), Name: "n", Scope: db.ScopeRead, ExpiresAt: s.Clock.Now().Add(time.Hour),
		})
		handlerstest.Must(t, err)
	}
	if message := mira.PostJSON("/api/users/me/tokens", `{"name":"more"}`).Status(http.StatusConflict).Message(); !strings.Contains(message, "up to 100 tokens") {
		t.Error(message)
	}
	mira.Post("/tokens", tokenForm()).Status(http.StatusConflict)
	if rows := mira.Get("/tokens").Status(http.StatusOK).Page().Find("#tokens .things > li").Length(); rows != db.MaxAPITokens {
		t.Errorf("the page lists %d", rows)
	}
}

// openEmptyLog opens a Neptun whose whole log is kept.
func openEmptyLog(t *testing.T) *handlerstest.Stage {
	t.Helper()
	s := &handlerstest.Stage{T: t, World: handlerstest.TwoOrganizations(), Clock: &handlerstest.Clock{}, Logs: &handlerstest.LogBook{}}
	s.Start(dbtest.SQLite(t), "")
	return s
}
