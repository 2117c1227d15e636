package auth_test

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
	"neptun/handlers/handlerstest"
	"neptun/sessions"
)

// Neptun records when and from where tokens and sessions are used, and trusts only the
// configured proxies.
func TestUsesAreRecordedWithTheirAddress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenAs(t, handlerstest.TwoOrganizations(), databaseURL, "", func(c *handlers.Config) {
			c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		})
		mira := s.LogIn("mira")
		_, secret := mira.NewToken(`{"name":"ci"}`)
		for i, path := range []string{"/api/users/me/installations", "/api/users/me"} {
			from := fmt.Sprintf("203.0.113.%d", i+1)
			s.Bearer(secret).Do(http.MethodGet, path, "", "", http.Header{"X-Forwarded-For": {"198.51.100.9, " + from}, "User-Agent": {"curl/8.14.1"}}).Status(http.StatusOK)
			var token map[string]any
			for deadline := time.Now().Add(dbtest.Timeout); time.Now().Before(deadline) && token["last_used_ip"] != from; time.Sleep(5 * time.Millisecond) {
				token = mira.Get("/api/users/me/tokens").List()[0]
			}
			if token["last_used_ip"] != from || token["last_used_by"] != "curl" || token["last_used_at"] == nil {
				t.Errorf("recorded for %s: %v", path, token)
			}
			s.Clock.Advance(2 * time.Minute)
		}
		if text := mira.Get("/tokens").Text("#tokens .things"); !strings.Contains(text, "from 203.0.113.2 by curl") {
			t.Errorf("the page shows %s", text)
		}
	})
}

func TestSessionsAreShownAndEnded(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.TwoOrganizations())
	firefox := http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}}
	here, there, third := s.LogIn("mira"), s.LogIn("mira"), s.LogIn("mira")
	page := here.Do(http.MethodGet, "/account/sessions", "", "", firefox).Status(http.StatusOK)
	rows := page.Page().Find("#sessions .things > li")
	first := strings.Join(strings.Fields(rows.First().Find(".what").Text()), " ")
	if rows.Length() != 3 || !strings.HasPrefix(first, "Firefox on Linux This browser") || !strings.Contains(first, "127.0.0.1 · Last seen now") {
		t.Errorf("%d sessions: %s", rows.Length(), page.Text("#sessions"))
	}
	list := there.Get("/api/users/me/sessions").Status(http.StatusOK).List()
	var own string
	for _, session := range list {
		if session["current"] == true {
			own, _ = session["id"].(string)
		}
	}
	if len(list) != 3 || own != db.SessionID(sessions.Hash(there.Session())) || strings.Contains(fmt.Sprint(list), sessions.Hash(there.Session())) {
		t.Errorf("in JSON: %v", list)
	}
	s.Bearer(there.Session()).Get("/api/users/me/sessions").Status(http.StatusOK)

	here.Post("/account/sessions/"+own+"/revocation", nil).Status(http.StatusSeeOther)
	there.Get("/api/users/me").Status(http.StatusUnauthorized)
	there.Get("/account/sessions").Status(http.StatusUnauthorized)
	here.Post("/account/sessions/"+own+"/revocation", nil).Status(http.StatusNotFound)
	here.Do(http.MethodDelete, "/api/users/me/sessions/"+own, "", "", nil).Status(http.StatusNotFound).Message()

	_, secret := here.NewToken(`{"name":"ci"}`)
	here.Post("/account/sessions/revocation", nil).Status(http.StatusSeeOther)
	third.Get("/api/users/me").Status(http.StatusUnauthorized)
	s.Bearer(secret).Get("/api/users/me").Status(http.StatusOK)
	if page := here.Get("/account/sessions"); !strings.Contains(page.Text("#notices"), "Signed out of 1 other session") || page.Page().Find("#sessions .things > li").Length() != 1 {
		t.Errorf("afterwards: %s", page.Text("main"))
	}
	fourth := s.LogIn("mira")
	here.Do(http.MethodDelete, "/api/users/me/sessions", "", "", nil).Status(http.StatusNoContent)
	fourth.Get("/api/users/me").Status(http.StatusUnauthorized)

	// Ending the current session signs out.
	current := db.SessionID(sessions.Hash(here.Session()))
	if to := here.Post("/account/sessions/"+current+"/revocation", nil).Status(http.StatusSeeOther).Header.Get("Location"); to != "/" || here.Session() != "" {
		t.Errorf("ending the current session redirects to %s", to)
	}
	here.Get("/account/sessions").Status(http.StatusUnauthorized)
}
