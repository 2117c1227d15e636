package sessions

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// NewSetupCode generates a code that opens the setup, with 130 random bits.
func NewSetupCode() string { return rand.Text() }

// HashSetupCode returns the stored form of a setup code, ignoring how it was typed.
func HashSetupCode(typed string) string {
	return Hash(strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(typed, "-", "")), "")))
}

// NewSetupBrowser generates a new value for the browser that runs the setup, so that a
// cookie planted before is worthless: the browser's cookie, and the hash that is stored.
func (s *Sessions) NewSetupBrowser() (hash string, cookie *http.Cookie) {
	browser := rand.Text()
	return Hash(browser), s.newBrowserCookie(browser)
}

// SetupBrowser returns the hash of the request's browser, "" for one without a cookie.
// The database decides whether it may run the setup.
func (s *Sessions) SetupBrowser(r *http.Request) string {
	if browser := s.browser(r); browser != "" {
		return Hash(browser)
	}
	return ""
}
