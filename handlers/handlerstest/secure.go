package handlerstest

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// SecureJar is the cookie jar of a browser that uses https, through a proxy.
type SecureJar struct{ *cookiejar.Jar }

func secure(*url.URL) *url.URL { return &url.URL{Scheme: "https", Host: "neptun.example", Path: "/"} }

func (j SecureJar) at(u *url.URL) *url.URL { there := *secure(u); there.Path = u.Path; return &there }

// Cookies implements http.CookieJar.
func (j SecureJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(j.at(u)) }

// SetCookies implements http.CookieJar.
func (j SecureJar) SetCookies(u *url.URL, cookies []*http.Cookie) { j.Jar.SetCookies(j.at(u), cookies) }

// VisitSecurely creates a visitor who uses https, through a proxy.
func (s *Stage) VisitSecurely() *Visitor {
	v := s.Visit()
	jar, err := cookiejar.New(nil)
	Must(s.T, err)
	v.Client.Jar = SecureJar{jar}
	v.Client.Transport = RoundTrip(func(r *http.Request) (*http.Response, error) {
		r.Host = "neptun.example"
		return http.DefaultTransport.RoundTrip(r)
	})
	return v
}

// SignInSecurely signs a user in over https.
func (v *Visitor) SignInSecurely(login string) *Visitor {
	v.Stage.T.Helper()
	back, err := url.Parse(v.Approve(v.Get("/auth/github").Status(http.StatusSeeOther).Header.Get("Location"), login))
	Must(v.Stage.T, err)
	v.Get(back.RequestURI()).Status(http.StatusSeeOther)
	return v
}

// CookieValue returns the first cookie for a path whose name has a prefix.
func (v *Visitor) CookieValue(path, prefix string) *http.Cookie {
	for _, cookie := range v.Client.Jar.Cookies(&url.URL{Path: path}) {
		if strings.HasPrefix(cookie.Name, prefix) {
			return cookie
		}
	}
	v.Stage.T.Fatalf("there is no cookie %s", prefix)
	return nil
}

// RoundTrip is a function as an http.RoundTripper.
type RoundTrip func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f RoundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
