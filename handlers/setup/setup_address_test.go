package setup_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
)

// P19: every URL in the manifest has the public address, whatever the host name of the machine
// behind the proxy.
func TestP19TheManifestHasOnlyThePublicAddress(t *testing.T) {
	t.Parallel()
	const public = "https://neptun.example"
	s := handlerstest.OpenEmptyAs(t, dbtest.SQLite(t), public)
	v := s.Visit()
	v.Client.Transport = &tlsProxy{host: "neptun.example"}
	v.Post("/setup", url.Values{"code": {s.SetupCode()}})
	if proposed := v.Get("/setup").Page().Find(`input[name="public_url"]`).AttrOr("value", ""); proposed != public {
		t.Errorf("the public address is suggested as %q", proposed)
	}
	_, manifest := v.Review(handlerstest.SetupForm("Tidal"))
	for _, want := range []string{
		`"url":"` + public + `"`, `"redirect_url":"` + public + `/setup/callback"`,
		`"setup_url":"` + public + `/auth/github/setup"`, `"callback_urls":["` + public + `/auth/github/callback"]`,
	} {
		if !strings.Contains(manifest, want) {
			t.Errorf("%s is not in %s", want, manifest)
		}
	}
	if strings.Contains(manifest, "127.0.0.1") || strings.Contains(manifest, "localhost") {
		t.Errorf("the internal address is in the manifest: %s", manifest)
	}
}

// tlsProxy terminates TLS for one browser: it has the public host, and keeps Secure cookies.
type tlsProxy struct {
	host    string
	cookies []*http.Cookie
}

// RoundTrip implements http.RoundTripper.
func (p *tlsProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Host = p.host
	for _, cookie := range p.cookies {
		r.AddCookie(cookie)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		p.cookies = append(p.cookies, response.Cookies()...)
	}
	return response, err
}
