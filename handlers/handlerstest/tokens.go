package handlerstest

import (
	"fmt"
	"net/http"
	"net/url"

	"neptun/sessions"
)

// NewToken creates an API token with this body.
func (v *Visitor) NewToken(body string) (id, secret string) {
	v.Stage.T.Helper()
	created := v.PostJSON("/api/users/me/tokens", body).Status(http.StatusCreated).Object()
	return fmt.Sprint(created["id"]), created["token"].(string)
}

// Cookie is a visitor who sends a token in the cookie, as the published examples do.
func (s *Stage) Cookie(token string) *Visitor {
	s.T.Helper()
	v := s.Visit()
	address, err := url.Parse(s.URL)
	Must(s.T, err)
	v.Client.Jar.SetCookies(address, []*http.Cookie{{Name: sessions.CookieName, Value: token}})
	return v
}

// Bearer is a visitor who sends a token in the Authorization header.
func (s *Stage) Bearer(token string) *Visitor {
	v := s.Visit()
	v.Client.Transport = authorization(token)
	return v
}

type authorization string

// RoundTrip implements http.RoundTripper.
func (a authorization) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(a))
	return http.DefaultTransport.RoundTrip(r)
}
