package sessions

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	attemptPrefix = "neptun-login-"
	// Browsers only accept a cookie of this name over https.
	secureAttemptPrefix = "__Secure-" + attemptPrefix
	attemptPath         = "/auth/github"
	// attemptLifetime is how long a user may take to sign in on GitHub.
	attemptLifetime = 10 * time.Minute
	// maxAttempts limits the open attempts of a browser, and maxAttemptCookie the bytes of
	// each cookie's name and value, so that the cookies never exceed what servers accept.
	maxAttempts      = 4
	maxAttemptCookie = 4000
	// maxDropped limits how many cookies one response deletes.
	maxDropped = 8
)

// ErrNoAttempt is the error for a callback without a sign-in attempt in this browser: it
// belongs to another browser, expired, was used before, or is forged.
var ErrNoAttempt = errors.New("sessions: no such sign-in attempt")

// Attempt is a sign-in between its start and GitHub's callback. It is stored in a sealed
// cookie of its own, so that two tabs don't collide and anonymous visitors don't write
// to the database.
type Attempt struct {
	// State is returned by GitHub and ties the callback to the attempt.
	State string `json:"state"`
	// Verifier is the PKCE verifier (RFC 7636).
	Verifier string `json:"verifier"`
	// ReturnTo is the path on this server that the user wanted to open.
	ReturnTo  string    `json:"return_to"`
	ExpiresAt time.Time `json:"expires_at"`
}

// StartAttempt starts a sign-in and sets its cookie.
func (s *Sessions) StartAttempt(w http.ResponseWriter, r *http.Request, returnTo string) (Attempt, error) {
	s.dropOldAttempts(w, r)
	browser := s.browserOrNew(r)
	attempt := Attempt{
		State:     rand.Text(),
		Verifier:  oauth2.GenerateVerifier(),
		ReturnTo:  returnTo,
		ExpiresAt: s.now().Add(attemptLifetime),
	}
	value, err := s.sealAttempt(attempt, browser)
	if err == nil && len(s.attemptCookie(attempt.State))+len(value) > maxAttemptCookie {
		attempt.ReturnTo = "/"
		value, err = s.sealAttempt(attempt, browser)
	}
	if err != nil {
		return Attempt{}, err
	}
	http.SetCookie(w, s.attempt(attempt.State, value, int(attemptLifetime.Seconds())))
	s.keepBrowser(w, browser)
	return attempt, nil
}

func (s *Sessions) sealAttempt(attempt Attempt, browser string) (string, error) {
	plain, err := json.Marshal(attempt)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.keyring.Seal(plain, s.attemptPlace(attempt.State, browser))), nil
}

// attemptPlace is the place that an attempt is sealed for: its cookie and, over https,
// the browser in which it started.
func (s *Sessions) attemptPlace(state, browser string) string {
	return s.attemptCookie(state) + " " + browser
}

// FinishAttempt returns the attempt that a callback's state belongs to, and deletes its
// cookie. The error is ErrNoAttempt.
func (s *Sessions) FinishAttempt(w http.ResponseWriter, r *http.Request, state string) (Attempt, error) {
	cookie, err := r.Cookie(s.attemptCookie(state))
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	var browser string
	if s.secure {
		if browser = s.browser(r); browser == "" {
			return Attempt{}, ErrNoAttempt
		}
	}
	http.SetCookie(w, s.attempt(state, "", -1))
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	plain, err := s.keyring.Open(sealed, s.attemptPlace(state, browser))
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	var attempt Attempt
	if err := json.Unmarshal(plain, &attempt); err != nil || attempt.State != state || s.now().After(attempt.ExpiresAt) {
		return Attempt{}, ErrNoAttempt
	}
	return attempt, nil
}

func (s *Sessions) attemptCookiePrefix() string {
	if s.secure {
		return secureAttemptPrefix
	}
	return attemptPrefix
}

// attemptCookie returns the name of a state's cookie.
func (s *Sessions) attemptCookie(state string) string { return s.attemptCookiePrefix() + state }

func (s *Sessions) attempt(state, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     s.attemptCookie(state),
		Value:    value,
		Path:     attemptPath,
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   s.secure,
		SameSite: http.SameSiteLaxMode,
	}
}

// dropOldAttempts deletes the oldest attempts; browsers send the cookies of one path in
// the order of their creation (RFC 6265, section 5.4).
func (s *Sessions) dropOldAttempts(w http.ResponseWriter, r *http.Request) {
	var states []string
	for _, cookie := range r.Cookies() {
		if state, ok := strings.CutPrefix(cookie.Name, s.attemptCookiePrefix()); ok {
			states = append(states, state)
		}
	}
	for range maxDropped {
		if len(states) < maxAttempts {
			return
		}
		http.SetCookie(w, s.attempt(states[0], "", -1))
		states = states[1:]
	}
}
