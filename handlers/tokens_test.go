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
	"neptun/sessions"
)

func tokenForm(more ...string) url.Values {
	form := url.Values{"request": {"one"}, "name": {"nightly report"}, "scope": {"read"}, "expires": {"30"}, "access": {"all"}}
	for i := 0; i < len(more); i += 2 {
		form[more[i]] = append(form[more[i]][:0:0], more[i+1])
	}
	return form
}

// From "I want this list in my script" to a line that works: log in, one form,
// and the line of shell that the page shows is run as it stands.
func TestFromThePageToALineOfShell(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, mira, quay, _ := moored(t, databaseURL)
		before := mira.get("/tokens").status(http.StatusOK)
		if before.page().Find(`nav a[href="/tokens"][aria-current=page]`).Length() != 1 {
			t.Error("the navigation doesn't light up")
		}
		if !strings.Contains(before.text("main"), "don't have any API tokens yet") {
			t.Errorf("without a token: %s", before.text("main"))
		}
		form := url.Values{}
		for _, field := range []string{"request", "expires_on"} {
			form.Set(field, before.page().Find(`[name=`+field+`]`).AttrOr("value", ""))
		}
		form.Set("name", "nightly report")
		form.Set("scope", before.page().Find(`[name=scope][checked]`).AttrOr("value", ""))
		form.Set("expires", before.page().Find(`[name=expires] option[selected]`).AttrOr("value", ""))
		form.Set("access", before.page().Find(`[name=access][checked]`).AttrOr("value", ""))
		made := mira.post("/tokens", form).status(http.StatusOK)
		if made.header("Cache-Control") != "no-store" {
			t.Errorf("the page with the token may be kept: %s", made.header("Cache-Control"))
		}
		secret := made.page().Find("#secret").AttrOr("value", "")
		if sessions.Key(secret) == "" {
			t.Fatalf("the page shows no token: %s", made.text("main"))
		}
		var lines []string
		for i := range 3 {
			lines = append(lines, made.page().Find(fmt.Sprintf("#line%d", i)).AttrOr("value", ""))
		}
		for i, wants := range []string{"/installations", "/imports", "/installations/" + quay + "/imports"} {
			if !strings.HasSuffix(lines[i], "/api/users/"+mira.me()+wants) {
				t.Errorf("line %d is %s", i, lines[i])
			}
		}
		for _, line := range lines {
			words := strings.Split(line, "'")
			if len(words) != 3 || words[1] != "Authorization: Bearer "+secret {
				t.Fatalf("the line is %s", line)
			}
			path := strings.TrimPrefix(strings.TrimSpace(words[2]), s.url)
			if list := s.bearer(secret).get(path).status(http.StatusOK).list(); len(list) < 2 {
				t.Errorf("%s answers %v", path, list)
			}
		}
		// Shown this once.
		for _, path := range []string{"/tokens", "/api/users/me/tokens"} {
			if a := mira.get(path).status(http.StatusOK); strings.Contains(a.body, secret) || !strings.Contains(a.body, "nightly report") {
				t.Errorf("%s afterwards: %s", path, a.body)
			}
		}
		if part := mira.fragment("/tokens", "tokens").status(http.StatusOK); strings.Contains(part.body, "<html") || !strings.Contains(part.body, "nightly report") {
			t.Errorf("the fragment: %.300s", part.body)
		}
		// The page loaded anew sends the form again.
		again := mira.post("/tokens", form).status(http.StatusSeeOther)
		if again.header("Location") != "/tokens" || !strings.Contains(mira.get("/tokens").text("#notices"), "already created") {
			t.Errorf("sent again, the form leads to %s", again.header("Location"))
		}
		if list := mira.get("/api/users/me/tokens").list(); len(list) != 1 {
			t.Errorf("there are %d tokens", len(list))
		}
		if !strings.Contains(s.audit(), "mira create API token token ") || strings.Contains(s.audit(), "nightly") || s.hasSecret(s.audit()) {
			t.Errorf("noted: %s", s.audit())
		}
	})
}

func TestTheFormKeepsWhatWasFilledIn(t *testing.T) {
	s := open(t, harbour())
	mira := s.logIn("mira")
	quay := mira.record("quay")
	tomorrow := s.clock.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
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
		{"yesterday", tokenForm("expires", "date", "expires_on", s.clock.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)), "at most one year from today"},
		{"in two years", tokenForm("expires", "date", "expires_on", s.clock.Now().UTC().AddDate(2, 0, 0).Format(time.DateOnly)), "at most one year from today"},
		{"none chosen", tokenForm("access", "selected"), "Select at least one"},
		{"another's", tokenForm("access", "selected", "installation_ids", "99999"), "Select at least one"},
		{"no number", tokenForm("access", "selected", "installation_ids", "quay"), "Select at least one"},
	} {
		a := mira.post("/tokens", c.form).status(http.StatusUnprocessableEntity)
		page := a.page()
		if !strings.Contains(a.text(".problem"), c.says) || page.Find(`[name=name]`).AttrOr("value", "") != c.form.Get("name") {
			t.Errorf("%s: %s", c.name, a.text("main"))
		}
		on := c.form.Get("expires_on")
		if _, err := time.Parse(time.DateOnly, on); err != nil {
			on = "" // a field for a date takes nothing else
		}
		if kept := page.Find(`[name=expires_on]`).AttrOr("value", ""); kept != on {
			t.Errorf("%s: the date became %s", c.name, kept)
		}
		if a.header("Cache-Control") != "no-store" {
			t.Errorf("%s: may be kept", c.name)
		}
	}
	if list := mira.get("/api/users/me/tokens").list(); len(list) != 0 {
		t.Errorf("made all the same: %v", list)
	}
	good := tokenForm("expires", "date", "expires_on", tomorrow, "access", "selected", "installation_ids", quay)
	if shown := mira.post("/tokens", good).status(http.StatusOK).text("#tokens .things"); !strings.Contains(shown, "Only quay") {
		t.Errorf("the restricted token: %s", shown)
	}
	token := mira.get("/api/users/me/tokens").list()[0]
	if token["restricted"] != true || fmt.Sprint(token["installation_ids"]) != "["+quay+"]" {
		t.Errorf("its JSON: %v", token)
	}
	if end := s.clock.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly) + "T00:00:00Z"; token["expires_at"] != end {
		t.Errorf("good until %v, want the end of the day, %s", token["expires_at"], end)
	}
}

func TestTokensInJSON(t *testing.T) {
	s := open(t, harbour())
	mira := s.logIn("mira")
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
		a := mira.postJSON("/api/users/me/tokens", body).status(http.StatusUnprocessableEntity)
		if a.message(); !strings.Contains(a.body, `"field":"`+want+`"`) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	id, secret := mira.newToken(`{"name":"ci","expires_in_days":30,"scope":"write"}`)
	token := mira.get("/api/users/me/tokens").status(http.StatusOK).list()[0]
	if fmt.Sprint(token["id"]) != id || token["scope"] != "write" || token["restricted"] != false || token["last_used_at"] != nil || token["token"] != nil ||
		len(token["installation_ids"].([]any)) != 0 {
		t.Errorf("listed as %v", token)
	}
	// A mistyped one is refused like none.
	for _, wrong := range []string{secret[:len(secret)-1], secret + "0", secret[:10] + "0" + secret[11:] + "", "neptun_"} {
		if wrong == secret {
			continue
		}
		s.bearer(wrong).get("/api/users/me").status(http.StatusUnauthorized)
		s.script(wrong).get("/api/users/me/installations").status(http.StatusUnauthorized)
	}
	script := s.bearer(secret)
	if a := script.do(http.MethodHead, "/api/auth/check", "", "", nil); a.StatusCode != http.StatusNoContent {
		t.Errorf("the check answers %d", a.StatusCode)
	}
	tag := mira.get("/api/users/me/tokens").header("ETag")
	mira.do(http.MethodGet, "/api/users/me/tokens", "", "", http.Header{"If-None-Match": {tag}}).status(http.StatusNotModified)

	rotated := mira.postJSON("/api/users/me/tokens/"+id+"/rotation", `{"overlap_hours":1}`).status(http.StatusCreated).object()
	second, _ := rotated["token"].(string)
	for _, good := range []string{secret, second} {
		s.bearer(good).get("/api/users/me").status(http.StatusOK)
	}
	mira.postJSON("/api/users/me/tokens/"+id+"/rotation", ``).status(http.StatusConflict).message()
	mira.postJSON("/api/users/me/tokens/"+id+"/rotation", `{"overlap_hours":169}`).status(http.StatusUnprocessableEntity).message()
	mira.postJSON("/api/users/me/tokens/9999/rotation", ``).status(http.StatusNotFound).message()
	s.clock.advance(time.Hour)
	script.get("/api/users/me").status(http.StatusUnauthorized)
	s.bearer(second).get("/api/users/me").status(http.StatusOK)
	path := "/api/users/me/tokens/" + fmt.Sprint(rotated["id"])
	mira.do(http.MethodDelete, path, "", "", nil).status(http.StatusNoContent)
	mira.do(http.MethodDelete, path, "", "", nil).status(http.StatusNotFound).message()
	mira.do(http.MethodDelete, "/api/users/me/tokens/abc", "", "", nil).status(http.StatusNotFound).message()
	s.bearer(second).get("/api/users/me").status(http.StatusUnauthorized)
	if !strings.HasPrefix(s.audit(), "mira revoke API token ") {
		t.Errorf("noted: %s", s.audit())
	}
}

func TestATokenIsRotatedAndRevokedOnThePage(t *testing.T) {
	s, mira, quay, _ := moored(t, dbtest.SQLite(t))
	id, first := mira.newToken(`{"name":"ci","installation_ids":[` + quay + `]}`)
	made := mira.post("/tokens/"+id+"/rotation", url.Values{"overlap_hours": {"24"}}).status(http.StatusOK)
	second := made.page().Find("#secret").AttrOr("value", "")
	if second == first || made.header("Cache-Control") != "no-store" || !strings.Contains(made.text("#created"), "old token expires") {
		t.Errorf("rotated: %s", made.text("#created"))
	}
	if line := made.page().Find("#line2").AttrOr("value", ""); !strings.HasSuffix(line, "/"+quay+"/imports") || made.page().Find("#line3").Length() != 0 {
		t.Errorf("the lines name what it doesn't reach: %s", line)
	}
	for _, token := range []string{first, second} {
		if list := s.bearer(token).get("/api/users/me/installations").status(http.StatusOK).list(); len(list) != 1 {
			t.Errorf("it sees %d installations", len(list))
		}
	}
	if text := made.text("#token" + id); !strings.Contains(text, "Rotated") || strings.Contains(text, "Rotate…") {
		t.Errorf("the former: %s", text)
	}
	mira.post("/tokens/"+id+"/rotation", nil).status(http.StatusConflict)
	if to := mira.get("/tokens/" + id + "/rotation").status(http.StatusSeeOther).header("Location"); to != "/tokens" {
		t.Errorf("asked anew, the address leads to %s", to)
	}
	mira.post("/tokens/"+id+"/revocation", nil).status(http.StatusSeeOther)
	s.bearer(first).get("/api/users/me").status(http.StatusUnauthorized)
	s.bearer(second).get("/api/users/me").status(http.StatusOK)
	mira.post("/tokens/"+id+"/revocation", nil).status(http.StatusNotFound)
}

func TestTheEndOfATokenIsWarnedOf(t *testing.T) {
	s := open(t, harbour())
	mira := s.logIn("mira")
	mira.newToken(`{"name":"nightly","expires_in_days":10}`)
	if text := mira.get("/tokens").text("#tokens"); strings.Contains(text, "Expires soon") || strings.Contains(text, "within a week") {
		t.Errorf("ten days before: %s", text)
	}
	s.clock.advance(6 * 24 * time.Hour)
	if text := mira.get("/tokens").text("#tokens"); !strings.Contains(text, "Expires soon") || !strings.Contains(text, "The token nightly expires within a week") {
		t.Errorf("four days before: %s", text)
	}
}

// A token ends with what it stands on, and not with a session.
func TestWhatEndsAToken(t *testing.T) {
	s := open(t, harbour())
	mira := s.logIn("mira")
	_, secret := mira.newToken(`{"name":"ci"}`)
	script := s.bearer(secret)
	mira.post("/logout", nil).status(http.StatusSeeOther)
	script.get("/api/users/me/installations").status(http.StatusOK)
	s.clock.advance(169 * time.Hour)
	if message := script.get("/api/users/me/installations").status(http.StatusUnauthorized).message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("a week after GitHub last confirmed anything: %s", message)
	}
	if message := script.get("/api/users/me").status(http.StatusUnauthorized).message(); !strings.Contains(message, "Sign in again") {
		t.Errorf("a week after GitHub last confirmed anything: %s", message)
	}
	mira = s.logIn("mira")
	script.get("/api/users/me").status(http.StatusOK)
	mira.do(http.MethodDelete, "/api/users/me/authorization", "", "", nil).status(http.StatusNoContent)
	s.logIn("mira")
	script.get("/api/users/me").status(http.StatusUnauthorized)
}

// A script's token sent by a browser is nobody on pages, and becomes no session.
func TestATokenIsNobodyOnPages(t *testing.T) {
	s := open(t, harbour())
	_, secret := s.logIn("mira").newToken(`{"name":"ci","scope":"write"}`)
	script := s.script(secret)
	for path, status := range map[string]int{
		"/": 200, "/login": 200, "/installations": 401, "/tokens": 401, "/nowhere": 404, "/account": 401, "/imports": 401,
	} {
		a := script.get(path).status(status)
		if strings.Contains(a.body, "mira") || a.page().Find("nav").Length() != 0 || len(a.Cookies()) != 0 {
			t.Errorf("%s knows somebody: %s", path, a.text("body"))
		}
	}
	script.post("/tokens", tokenForm()).status(http.StatusUnauthorized)
	script.post("/logout", nil)
	script.get("/api/users/me").status(http.StatusUnauthorized) // the cookie is gone, the token is not
	s.bearer(secret).get("/api/users/me").status(http.StatusOK)
	again := s.script(secret)
	again.logIn("mira")
	if session := again.session(); session == secret || session == "" {
		t.Errorf("the login went into %q", session)
	}
	again.get("/tokens").status(http.StatusOK)
}

// Nothing that is logged tells a token, wherever a script put it.
func TestTokensStayOutOfTheLog(t *testing.T) {
	s := openEmptyLog(t)
	mira := s.logIn("mira")
	id, secret := mira.newToken(`{"name":"ci"}`)
	s.bearer(secret).get("/api/users/me/installations").status(http.StatusOK)
	s.script(secret).get("/api/users/me").status(http.StatusOK)
	s.bearer(secret).get("/api/users/me?token=" + secret)
	s.bearer(secret).postJSON("/api/users/me/installations/1/sync", ``)
	mira.do(http.MethodDelete, "/api/users/me/tokens/"+id, "", "", nil).status(http.StatusNoContent)
	s.bearer(secret).get("/api/users/me/installations").status(http.StatusUnauthorized)
	if text := fmt.Sprint(s.logs); strings.Contains(text, secret) || !strings.Contains(text, "/api/users/me/installations") {
		t.Errorf("the log says %s", text)
	}
}

func TestTooManyTokensAreRefusedInWords(t *testing.T) {
	s := open(t, harbour())
	mira := s.logIn("mira")
	for i := range db.MaxAPITokens {
		_, err := s.db.CreateAPIToken(t.Context(), db.NewAPIToken{
			UserID: mira.me(), Hash: fmt.Sprint(i), Request: fmt.Sprint(i), Name: "n", Scope: db.ScopeRead, ExpiresAt: s.clock.Now().Add(time.Hour),
		})
		must(t, err)
	}
	if message := mira.postJSON("/api/users/me/tokens", `{"name":"more"}`).status(http.StatusConflict).message(); !strings.Contains(message, "up to 100 tokens") {
		t.Error(message)
	}
	mira.post("/tokens", tokenForm()).status(http.StatusConflict)
	if rows := mira.get("/tokens").status(http.StatusOK).page().Find("#tokens .things > li").Length(); rows != db.MaxAPITokens {
		t.Errorf("the page lists %d", rows)
	}
}

// openEmptyLog is a harbour whose whole log is kept.
func openEmptyLog(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, world: harbour(), clock: &clock{}, logs: &logBook{}}
	s.start(dbtest.SQLite(t), "")
	return s
}
