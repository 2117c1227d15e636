// Package sessions identifies clients: it has the sessions of browsers, API tokens, and the
// state of sign-ins that are in progress on GitHub.
package sessions

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"neptun/db"
	"neptun/db/seal"

	"github.com/alexedwards/scs/v2"
)

// CookieName is the cookie that carries a session, for browsers and scripts.
const CookieName = "neptun-session"

// Lifetime is how long a session lasts after the sign-in, used or not.
const Lifetime = 30 * 24 * time.Hour

// Keys of a session's values. The values are strings, since the JSON codec would return
// numbers as floats.
const (
	keyUserID  = "user_id"
	keyBrowser = "browser" // the tag of the browser it is bound to
	keyNotices = "notices"
)

// Sessions creates and recognizes sessions.
type Sessions struct {
	manager *scs.SessionManager
	db      *db.DB
	keyring *seal.Keyring
	secure  bool
	now     func() time.Time
}

// Options configure New.
type Options struct {
	DB      *db.DB
	Keyring *seal.Keyring
	// Secure restricts cookies to https. Set it if the public URL is https.
	Secure bool
	// Now is the clock.
	Now func() time.Time
}

// New creates Sessions. It keeps no state in memory, so any number of instances can share
// a database.
func New(options Options) *Sessions {
	manager := scs.New()
	manager.Store = store{options.DB}
	manager.Codec = codec{}
	manager.Lifetime = Lifetime
	manager.Cookie.Name = CookieName
	manager.Cookie.HttpOnly = true
	manager.Cookie.SameSite = http.SameSiteLaxMode
	manager.Cookie.Secure = options.Secure
	return &Sessions{
		manager: manager,
		db:      options.DB,
		keyring: options.Keyring,
		secure:  options.Secure,
		now:     options.Now,
	}
}

// Load prepares the session that the request's cookie names, for the methods below. data
// is the stored session, nil if there is none. Each change is written right away and not
// after the response, so that a failed write is an error like any other.
func (s *Sessions) Load(r *http.Request, data []byte) (*http.Request, error) {
	ctx, err := s.manager.Load(context.WithValue(r.Context(), dataKey{}, data), s.cookieToken(r))
	if err != nil {
		return nil, fmt.Errorf("sessions: load: %w", err)
	}
	if s.secure {
		ctx = context.WithValue(ctx, browserKey{}, browserTag(s.browser(r)))
	}
	return r.WithContext(ctx), nil
}

// browserKey is the context key of the browser's tag, which Load stores for SignIn.
type browserKey struct{}

// SignIn makes the request's session the user's, with a new token. It discards what
// another user left in it.
func (s *Sessions) SignIn(ctx context.Context, w http.ResponseWriter, userID string) error {
	if s.manager.GetString(ctx, keyUserID) != userID {
		if err := s.manager.Clear(ctx); err != nil {
			return fmt.Errorf("sessions: clear: %w", err)
		}
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("sessions: renew token: %w", err)
	}
	s.manager.Put(ctx, keyUserID, userID)
	tag, _ := ctx.Value(browserKey{}).(string)
	s.manager.Put(ctx, keyBrowser, tag)
	token, expiry, err := s.manager.Commit(ctx)
	if err != nil {
		return fmt.Errorf("sessions: commit: %w", err)
	}
	s.manager.WriteSessionCookie(ctx, w, bound(token, tag), expiry)
	return nil
}

// LogOut ends the session of this request in the store and in the browser.
func (s *Sessions) LogOut(ctx context.Context, w http.ResponseWriter) error {
	if err := s.manager.Destroy(ctx); err != nil {
		return fmt.Errorf("sessions: destroy: %w", err)
	}
	s.manager.WriteSessionCookie(ctx, w, "", time.Time{})
	return nil
}

// PageKey returns the key of a page request's session, "" for none. Pages accept no API
// tokens.
func (s *Sessions) PageKey(r *http.Request) string {
	token := s.cookieToken(r)
	if IsAPIToken(token) {
		return ""
	}
	return Key(token)
}

// APIKey returns the key of an API request's credential: that of the Authorization header
// or else of the cookie. A Basic password is accepted if it has the format of an API token.
func (s *Sessions) APIKey(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		if token != "" {
			return Key(strings.TrimSpace(token))
		}
	case "basic":
		if _, password, ok := r.BasicAuth(); ok && IsAPIToken(password) {
			return Key(password)
		}
	}
	return Key(s.cookieToken(r))
}

// cookieToken returns the token in a request's cookie, "" for none. Of several values, the
// one bound to this browser is used. Over https, a browser's token is only accepted if it
// is bound. Browsers are recognized by Sec-Fetch-Site, which pages can neither set nor
// remove (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header). Clients without it
// send the unbound cookie, which must be the only one.
func (s *Sessions) cookieToken(r *http.Request) string {
	var first string
	different := false
	tag := ""
	if s.secure {
		tag = browserTag(s.browser(r))
	}
	for _, cookie := range r.Cookies() {
		switch {
		case cookie.Name != CookieName || cookie.Value == "":
		case tag != "" && bound(cookie.Value, tag) == cookie.Value:
			return cookie.Value
		case first == "":
			first = cookie.Value
		case first != cookie.Value:
			different = true
		}
	}
	if different || (s.secure && r.Header.Get("Sec-Fetch-Site") != "") {
		return ""
	}
	return first
}

// Hash returns the stored form of a token.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// LeaveNotices stores notices for the next page that the user opens.
func (s *Sessions) LeaveNotices(ctx context.Context, notices any) error {
	encoded, err := json.Marshal(notices)
	if err != nil {
		return fmt.Errorf("sessions: encode notices: %w", err)
	}
	s.manager.Put(ctx, keyNotices, string(encoded))
	return s.commit(ctx)
}

// TakeNotices decodes and deletes the notices that LeaveNotices stored.
func (s *Sessions) TakeNotices(ctx context.Context, notices any) error {
	encoded := s.manager.PopString(ctx, keyNotices)
	if encoded == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(encoded), notices); err != nil {
		return fmt.Errorf("sessions: decode notices: %w", err)
	}
	return s.commit(ctx)
}

func (s *Sessions) commit(ctx context.Context) error {
	if _, _, err := s.manager.Commit(ctx); err != nil {
		return fmt.Errorf("sessions: commit: %w", err)
	}
	return nil
}
