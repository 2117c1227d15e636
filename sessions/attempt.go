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
	attemptPath   = "/auth/github"
	// attemptLifetime is how long GitHub's page may stay open before its answer.
	attemptLifetime = 10 * time.Minute
	// maxAttempts bounds how many logins a browser has open at once, so that
	// their cookies never outgrow what servers accept.
	maxAttempts = 8
)

// ErrNoAttempt is the answer to a callback that belongs to no login of this
// browser: another browser's, too old, answered before, or forged.
var ErrNoAttempt = errors.New("sessions: no such login under way")

// Attempt is one login between its start and GitHub's answer. It rests in a
// sealed cookie of its own, so that two tabs don't collide and nobody anonymous
// writes to the database.
type Attempt struct {
	// State comes back from GitHub and proves that the answer belongs here.
	State string `json:"state"`
	// Verifier is the PKCE secret that goes with the code (RFC 7636).
	Verifier string `json:"verifier"`
	// ReturnTo is the own path where the person was going.
	ReturnTo  string    `json:"return_to"`
	ExpiresAt time.Time `json:"expires_at"`
}

// StartAttempt begins a login and puts its cookie on the response.
func (s *Sessions) StartAttempt(w http.ResponseWriter, r *http.Request, returnTo string) (Attempt, error) {
	s.dropOldAttempts(w, r)
	attempt := Attempt{
		State:     rand.Text(),
		Verifier:  oauth2.GenerateVerifier(),
		ReturnTo:  returnTo,
		ExpiresAt: s.now().Add(attemptLifetime),
	}
	plain, err := json.Marshal(attempt)
	if err != nil {
		return Attempt{}, err
	}
	sealed := s.keyring.Seal(plain, attemptCookie(attempt.State))
	http.SetCookie(w, s.attempt(attempt.State, base64.RawURLEncoding.EncodeToString(sealed), int(attemptLifetime.Seconds())))
	return attempt, nil
}

// FinishAttempt takes the attempt that a callback's state belongs to; its
// cookie goes. The error is ErrNoAttempt.
func (s *Sessions) FinishAttempt(w http.ResponseWriter, r *http.Request, state string) (Attempt, error) {
	cookie, err := r.Cookie(attemptCookie(state))
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	http.SetCookie(w, s.attempt(state, "", -1))
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	plain, err := s.keyring.Open(sealed, attemptCookie(state))
	if err != nil {
		return Attempt{}, ErrNoAttempt
	}
	var attempt Attempt
	if err := json.Unmarshal(plain, &attempt); err != nil || attempt.State != state || s.now().After(attempt.ExpiresAt) {
		return Attempt{}, ErrNoAttempt
	}
	return attempt, nil
}

// attemptCookie names the cookie of a state, which it is also sealed for.
func attemptCookie(state string) string { return attemptPrefix + state }

func (s *Sessions) attempt(state, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     attemptCookie(state),
		Value:    value,
		Path:     attemptPath,
		MaxAge:   maxAge,
		HttpOnly: true,
		Secure:   s.secure,
		SameSite: http.SameSiteLaxMode,
	}
}

// dropOldAttempts lets go of the oldest logins; browsers send the cookies of
// one path in the order of their making (RFC 6265, section 5.4).
func (s *Sessions) dropOldAttempts(w http.ResponseWriter, r *http.Request) {
	var states []string
	for _, cookie := range r.Cookies() {
		if state, ok := strings.CutPrefix(cookie.Name, attemptPrefix); ok {
			states = append(states, state)
		}
	}
	for len(states) >= maxAttempts {
		http.SetCookie(w, s.attempt(states[0], "", -1))
		states = states[1:]
	}
}
