package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"neptun/sandbox"
	"neptun/sessions"
)

// newToken has a person's browser make a script token of this body.
func (v *visitor) newToken(body string) (id, secret string) {
	v.s.t.Helper()
	made := v.postJSON("/api/users/me/tokens", body).status(http.StatusCreated).object()
	return fmt.Sprint(made["id"]), made["token"].(string)
}

// script is a visitor without a browser, who sends a token as the published
// examples do: in the cookie.
func (s *stage) script(token string) *visitor {
	s.t.Helper()
	v := s.visit()
	address, err := url.Parse(s.url)
	must(s.t, err)
	v.client.Jar.SetCookies(address, []*http.Cookie{{Name: sessions.CookieName, Value: token}})
	return v
}

// bearer is a visitor who sends a token in the header Authorization.
func (s *stage) bearer(token string) *visitor {
	v := s.visit()
	v.client.Transport = authorization(token)
	return v
}

type authorization string

// RoundTrip implements http.RoundTripper.
func (a authorization) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(a))
	return http.DefaultTransport.RoundTrip(r)
}

// harbour are two organizations with a member, mira, and what each has.
func harbour() *sandbox.World {
	w := sandbox.NewWorld()
	w.AddUser(sandbox.User{Login: "mira"})
	for id, org := range map[int64]string{1: "quay", 2: "vault"} {
		w.AddOrganization(sandbox.Organization{Login: org})
		w.AddMember(org, "mira", sandbox.RoleMember)
		for n := range int64(3) {
			w.AddRepository(org, sandbox.Repository{ID: id*100 + n, Name: fmt.Sprintf("%s-%d", org, n), Private: true})
			w.SetPermission(id*100+n, "mira", sandbox.Push)
		}
		w.Install(org, sandbox.SelectAll)
	}
	return w
}

// moored is mira with everything imported.
func moored(t *testing.T, databaseURL string) (s *stage, mira *visitor, quay, vault string) {
	t.Helper()
	s = openOn(t, harbour(), databaseURL)
	mira = s.logIn("mira")
	quay, vault = mira.record("quay"), mira.record("vault")
	for _, record := range []string{quay, vault} {
		mira.postJSON("/api/users/me/installations/"+record+"/imports", `{"filter":{}}`).status(http.StatusOK)
	}
	return s, mira, quay, vault
}
