package sessions

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"

	"neptun/db"
)

// setupCookie marks the browser of whoever runs this Neptun. It goes to every
// path: the first login after the set-up is told by it too.
const setupCookie = "neptun-setup"

// NewSetupCode makes a code that opens the set-up, of 130 random bits.
func NewSetupCode() string { return rand.Text() }

// HashSetupCode is how a set-up code is stored and looked up, however it was
// typed.
func HashSetupCode(typed string) string {
	return Hash(strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(typed, "-", "")), "")))
}

// NewSetupBrowser makes the mark of a browser that sets up: the cookie for the
// browser, and the hash that it is stored by.
func (s *Sessions) NewSetupBrowser() (hash string, cookie *http.Cookie) {
	browser := rand.Text()
	sealed := s.keyring.Seal([]byte(browser), setupCookie)
	return Hash(browser), s.setup(base64.RawURLEncoding.EncodeToString(sealed), int(db.SetupLifetime.Seconds()))
}

// SetupBrowser is the hash of a browser with such a mark, empty for any other. Whether
// the mark still counts is for the database to say.
func (s *Sessions) SetupBrowser(r *http.Request) string {
	cookie, err := r.Cookie(setupCookie)
	if err != nil {
		return ""
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	browser, err := s.keyring.Open(sealed, setupCookie)
	if err != nil {
		return ""
	}
	return Hash(string(browser))
}

// ForgetSetupBrowser takes the mark away.
func (s *Sessions) ForgetSetupBrowser(w http.ResponseWriter) {
	http.SetCookie(w, s.setup("", -1))
}

func (s *Sessions) setup(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     setupCookie,
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   s.secure,
		SameSite: http.SameSiteLaxMode,
	}
}
