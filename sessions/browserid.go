package sessions

import (
	"crypto/rand"
	"net/http"
	"strings"
	"time"
)

// A cookie with the prefix __Host- can only be set by this host over https, so neither a
// sibling domain nor another port can plant one
// (https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-cookie-name-prefixes).
// It identifies the browser: sign-in attempts and sessions are bound to it.
const (
	browserCookie       = "neptun-browser"
	secureBrowserCookie = "__Host-" + browserCookie
	// browserLifetime is the maximum lifetime of a cookie in browsers.
	browserLifetime = 400 * 24 * time.Hour
)

// browserTagLength is how many characters of the browser's hash end a session token: 128 bits.
const browserTagLength = 22

func (s *Sessions) browserCookieName() string {
	if s.secure {
		return secureBrowserCookie
	}
	return browserCookie
}

// browser returns the value that identifies the request's browser, "" for none.
func (s *Sessions) browser(r *http.Request) string {
	cookie, err := r.Cookie(s.browserCookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// browserOrNew is browser with a new value if there is none. Without https it returns "":
// an attacker who can plant a bound cookie could plant both.
func (s *Sessions) browserOrNew(r *http.Request) string {
	switch value := s.browser(r); {
	case !s.secure:
		return ""
	case value != "":
		return value
	}
	return rand.Text()
}

// keepBrowser sets the cookie that identifies the browser.
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

// browserTag returns the tag of a browser in bound values, "" for none.
func browserTag(browser string) string {
	if browser == "" {
		return ""
	}
	return Hash(browser)[:browserTagLength]
}

// bound appends the browser's tag to a session token. The hash of the whole is stored.
func bound(token, tag string) string {
	if tag == "" || strings.HasSuffix(token, "."+tag) {
		return token
	}
	return token + "." + tag
}
