package sandbox

import (
	"net"
	"net/url"
	"path"
	"strings"
)

// permitsRedirect reports whether a client may redirect its user to the URL: it has the registered callback URL's
// scheme, host and port, and its path or one below it. Only an IP address of the loopback interface may differ in
// port, "localhost" may not
// (https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#redirect-urls). Additional query
// parameters aren't permitted ("Generating a user access token for a GitHub App").
func permitsRedirect(registered, requested string) bool {
	want, err := url.Parse(registered)
	if err != nil {
		return false
	}
	got, err := url.Parse(requested)
	if err != nil || got.User != nil || got.Fragment != "" || got.RawQuery != "" {
		return false
	}
	if got.Scheme != want.Scheme || !strings.EqualFold(got.Hostname(), want.Hostname()) {
		return false
	}
	if port(got) != port(want) && !isLoopbackLiteral(got.Hostname()) {
		return false
	}
	return isBelow(got.Path, want.Path)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

func isLoopbackLiteral(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// isBelow compares cleaned paths, so "/callback/../elsewhere" isn't below "/callback".
func isBelow(requested, registered string) bool {
	requested, registered = path.Clean("/"+requested), path.Clean("/"+registered)
	return requested == registered || strings.HasPrefix(requested, strings.TrimSuffix(registered, "/")+"/")
}

// redirectTo is the URL to redirect the user to: the requested one, if it is permitted, or the first registered one if
// none is requested; "" otherwise.
func (a *app) redirectTo(requested string) string {
	if requested == "" && len(a.callbackURLs) > 0 {
		return a.callbackURLs[0]
	}
	for _, registered := range a.callbackURLs {
		if permitsRedirect(registered, requested) {
			return requested
		}
	}
	return ""
}

// withQuery adds parameters to a URL, without empty ones.
func withQuery(address string, parameters ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	for i := 0; i < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			query.Set(parameters[i], parameters[i+1])
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}
