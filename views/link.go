package views

import "net/url"

// webURL returns a URL that came from GitHub if it is safe to link to or to
// load, and nothing otherwise: only absolute http and https ones are.
func webURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return u.String()
}
