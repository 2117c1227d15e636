package sessions

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"
)

// A cookie with the prefix __Host- can be set by this host alone and only over
// https, so neither a sibling domain nor another port can plant one
// (https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-cookie-name-prefixes).
// It stands for the browser: attempts to sign in and sessions are bound to it.
const (
	browserCookie       = "neptun-browser"
	secureBrowserCookie = "__Host-" + browserCookie
	// browserLifetime is the longest that browsers keep a cookie.
	browserLifetime = 400 * 24 * time.Hour
)

// browserTagLength is how much of a browser's hash ends a session token: 128 bits.
const browserTagLength = 22

func (s *Sessions) browserCookieName() string {
	if s.secure {
		return secureBrowserCookie
	}
	return browserCookie
}

// browser is the value that stands for the request's browser, empty for none.
func (s *Sessions) browser(r *http.Request) string {
	cookie, err := r.Cookie(s.browserCookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// browserOrNew is browser, with a new value for a browser that has none. Without
// https it is empty: whoever could plant what is bound could plant both.
func (s *Sessions) browserOrNew(r *http.Request) string {
	switch value := s.browser(r); {
	case !s.secure:
		return ""
	case value != "":
		return value
	}
	return rand.Text()
}

// keepBrowser has a browser keep the value that stands for it.
func (s *Sessions) keepBrowser(w http.ResponseWriter, value string) {
	if value != "" {
		http.SetCookie(w, s.newBrowserCookie(value))
	}
}

func (s *Sessions) newBrowserCookie(value string) *http.Cookie {
	return &http.Cookie{
		Name:     s.browserCookieName(),
		Value:    value,
		Path:     "/",
		MaxAge:   int(browserLifetime.Seconds()),
		HttpOnly: true,
		Secure:   s.secure,
		SameSite: http.SameSiteLaxMode,
	}
}

// browserTag is how a browser is named in what is bound to it, empty for none.
func browserTag(browser string) string {
	if browser == "" {
		return ""
	}
	return Hash(browser)[:browserTagLength]
}

// bound is a session token that ends with the tag of its browser. The token is
// stored by the hash of all of it.
func bound(token, tag string) string {
	if tag == "" || strings.HasSuffix(token, "."+tag) {
		return token
	}
	return token + "." + tag
}
