package handlers_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sessions"
)

// When and from where a token and a session were used is noted, honouring the
// proxies that are trusted and no others.
func TestUseIsNotedFromWhereItCame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openAs(t, harbour(), databaseURL, "", func(c *handlers.Config) {
			c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		mira := s.logIn("mira")
		_, secret := mira.newToken(`{"name":"ci"}`)
		for i, path := range []string{"/api/users/me/installations", "/api/users/me"} {
			from := fmt.Sprintf("203.0.113.%d", i+1)
			s.bearer(secret).do(http.MethodGet, path, "", "", http.Header{"X-Forwarded-For": {"198.51.100.9, " + from}, "User-Agent": {"curl/8.14.1"}}).status(http.StatusOK)
			var token map[string]any
			for deadline := time.Now().Add(dbtest.Timeout); time.Now().Before(deadline) && token["last_used_ip"] != from; time.Sleep(5 * time.Millisecond) {
				token = mira.get("/api/users/me/tokens").list()[0]
			}
			if token["last_used_ip"] != from || token["last_used_by"] != "curl" || token["last_used_at"] == nil {
				t.Errorf("noted of %s: %v", path, token)
			}
			s.clock.advance(2 * time.Minute)
		}
		if text := mira.get("/tokens").text("#tokens .things"); !strings.Contains(text, "from 203.0.113.2 by curl") {
			t.Errorf("the page says %s", text)
		}
	})
}

func TestSessionsAreShownAndEnded(t *testing.T) {
	s := open(t, harbour())
	firefox := http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
	here, there, third := s.logIn("mira"), s.logIn("mira"), s.logIn("mira")
	page := here.do(http.MethodGet, "/account/sessions", "", "", firefox).status(http.StatusOK)
	rows := page.page().Find("#sessions .things > li")
	first := strings.Join(strings.Fields(rows.First().Find(".what").Text()), " ")
	if rows.Length() != 3 || !strings.HasPrefix(first, "Firefox on Linux This browser") || !strings.Contains(first, "127.0.0.1 · Last seen now") {
		t.Errorf("%d sessions: %s", rows.Length(), page.text("#sessions"))
	}
	list := there.get("/api/users/me/sessions").status(http.StatusOK).list()
	var own string
	for _, session := range list {
		if session["current"] == true {
			own, _ = session["id"].(string)
		}
	}
	if len(list) != 3 || own != db.SessionID(sessions.Hash(there.session())) || strings.Contains(fmt.Sprint(list), sessions.Hash(there.session())) {
		t.Errorf("in JSON: %v", list)
	}
	s.bearer(there.session()).get("/api/users/me/sessions").status(http.StatusOK)

	here.post("/account/sessions/"+own+"/revocation", nil).status(http.StatusSeeOther)
	there.get("/api/users/me").status(http.StatusUnauthorized)
	there.get("/account/sessions").status(http.StatusUnauthorized)
	here.post("/account/sessions/"+own+"/revocation", nil).status(http.StatusNotFound)
	here.do(http.MethodDelete, "/api/users/me/sessions/"+own, "", "", nil).status(http.StatusNotFound).message()

	_, secret := here.newToken(`{"name":"ci"}`)
	here.post("/account/sessions/revocation", nil).status(http.StatusSeeOther)
	third.get("/api/users/me").status(http.StatusUnauthorized)
	s.bearer(secret).get("/api/users/me").status(http.StatusOK)
	if page := here.get("/account/sessions"); !strings.Contains(page.text("#notices"), "Signed out of 1 other session") || page.page().Find("#sessions .things > li").Length() != 1 {
		t.Errorf("afterwards: %s", page.text("main"))
	}
	fourth := s.logIn("mira")
	here.do(http.MethodDelete, "/api/users/me/sessions", "", "", nil).status(http.StatusNoContent)
	fourth.get("/api/users/me").status(http.StatusUnauthorized)

	// Ending one's own logs out.
	mine := db.SessionID(sessions.Hash(here.session()))
	if to := here.post("/account/sessions/"+mine+"/revocation", nil).status(http.StatusSeeOther).header("Location"); to != "/" || here.session() != "" {
		t.Errorf("ending the own session leads to %s", to)
	}
	here.get("/account/sessions").status(http.StatusUnauthorized)
}
