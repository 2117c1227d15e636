// Package sessions knows who is asking: the sessions that people get by logging
// in, the tokens that they make for scripts, and the state of a login that is
// still under way at GitHub.
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

// CookieName is the cookie that carries a session, in browsers and in scripts.
const CookieName = "neptun-session"

// Lifetime is how long a session lasts after its login, used or not.
const Lifetime = 30 * 24 * time.Hour

// What a session holds besides its token. Values are strings only: the JSON
// codec would bring numbers back as floats.
const (
	keyUserID  = "user_id"
	keyBrowser = "browser" // the tag of the browser that it is bound to
	keyNotices = "notices"
)

// Sessions issues and recognises sessions.
type Sessions struct {
	manager *scs.SessionManager
	db      *db.DB
	keyring *seal.Keyring
	secure  bool
	now     func() time.Time
}

// Options are what New needs.
type Options struct {
	DB      *db.DB
	Keyring *seal.Keyring
	// Secure is true where people come by https: cookies then go nowhere else.
	Secure bool
	// Now is the clock that a login's time is told by.
	Now func() time.Time
}

// New makes Sessions. It keeps nothing in memory, so any number of instances
// can share a database.
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

// Load prepares the session that the request's cookie names, for the methods
// below to work on. data is what is stored of it, nil where there is no live
// session. Every change is written where it is made rather than on
// the way out, so that what can't be written is an error like any other.
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

// browserKey is where Load leaves the tag of the request's browser for SignIn.
type browserKey struct{}

// SignIn makes the session of this request the person's, under a new token.
// What another person left in it is gone.
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

// PageKey is what the session of a page is looked up by, empty for none. Pages
// accept no API tokens.
func (s *Sessions) PageKey(r *http.Request) string {
	token := s.cookieToken(r)
	if IsScript(token) {
		return ""
	}
	return Key(token)
}

// APIKey is what the credential behind a request for JSON is looked up by: the
// one in the Authorization header, for clients that handle headers better, or
// else the cookie. A Basic password counts where it is shaped like an API token.
func (s *Sessions) APIKey(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		if token != "" {
			return Key(strings.TrimSpace(token))
		}
	case "basic":
		if _, password, ok := r.BasicAuth(); ok && IsScript(password) {
			return Key(password)
		}
	}
	return Key(s.cookieToken(r))
}

// cookieToken is the token in a request's cookie, empty for none. Of several
// values the one bound to this browser counts. Over https, what a browser sends
// counts only if it is bound: Sec-Fetch-Site comes from browsers alone, and no
// page can set or remove it
// (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header). Clients without
// it send the bare cookie, of which there may be only one.
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

// Hash is how a token is stored.
func Hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// LeaveNotices keeps notices for the next page that this person is shown.
func (s *Sessions) LeaveNotices(ctx context.Context, notices any) error {
	encoded, err := json.Marshal(notices)
	if err != nil {
		return fmt.Errorf("sessions: encode notices: %w", err)
	}
	s.manager.Put(ctx, keyNotices, string(encoded))
	return s.commit(ctx)
}

// TakeNotices reads into notices what LeaveNotices left, once.
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
