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

// Load reads the session that the request's cookie names, for the methods
// below to work on. Every change is written where it is made rather than on
// the way out, so that what can't be written is an error like any other.
func (s *Sessions) Load(r *http.Request) (*http.Request, error) {
	ctx, err := s.manager.Load(r.Context(), CookieToken(r))
	if err != nil {
		return nil, fmt.Errorf("sessions: load: %w", err)
	}
	return r.WithContext(ctx), nil
}

// SignIn makes the session of this request the person's, under a new token.
// What another person left in it is gone.
func (s *Sessions) LogIn(ctx context.Context, w http.ResponseWriter, userID string) error {
	if s.manager.GetString(ctx, keyUserID) != userID {
		if err := s.manager.Clear(ctx); err != nil {
			return fmt.Errorf("sessions: clear: %w", err)
		}
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return fmt.Errorf("sessions: renew token: %w", err)
	}
	s.manager.Put(ctx, keyUserID, userID)
	token, expiry, err := s.manager.Commit(ctx)
	if err != nil {
		return fmt.Errorf("sessions: commit: %w", err)
	}
	s.manager.WriteSessionCookie(ctx, w, token, expiry)
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
// know no script tokens.
func PageKey(r *http.Request) string {
	token := CookieToken(r)
	if IsScript(token) {
		return ""
	}
	return Key(token)
}

// CookieToken is the token in a request's cookie, empty for none.
func CookieToken(r *http.Request) string {
	if cookie, err := r.Cookie(CookieName); err == nil {
		return cookie.Value
	}
	return ""
}

// Token is the token that a script's request carries: as a Bearer
// token, for clients that handle headers better, or else in the cookie.
func Token(r *http.Request) string {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return CookieToken(r)
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
