package sessions

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// NewSetupCode makes a code that opens the setup, of 130 random bits.
func NewSetupCode() string { return rand.Text() }

// HashSetupCode is how a setup code is stored and looked up, however it was
// typed.
func HashSetupCode(typed string) string {
	return Hash(strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(typed, "-", "")), "")))
}

// NewSetupBrowser makes a new value for a browser that is to set up, so that one
// planted there before marks nobody: the cookie for the browser, and the hash that
// it is stored by.
func (s *Sessions) NewSetupBrowser() (hash string, cookie *http.Cookie) {
	browser := rand.Text()
	return Hash(browser), s.newBrowserCookie(browser)
}

// SetupBrowser is the hash of the request's browser, empty for one without a
// cookie. Whether it may set up is for the database to say.
func (s *Sessions) SetupBrowser(r *http.Request) string {
	if browser := s.browser(r); browser != "" {
		return Hash(browser)
	}
	return ""
}
