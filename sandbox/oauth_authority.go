package sandbox

import (
	"slices"
	"sync"
	"time"
)

// Lifetimes of what the web flow hands out, from "Generating a user access token for a GitHub App" and "Refreshing user
// access tokens" in GitHub's documentation.
const (
	codeLifetime    = 10 * time.Minute
	accessLifetime  = 8 * time.Hour
	refreshLifetime = 15_897_600 * time.Second // some six months
)

// tokensPerPerson is how many tokens a person can have from one App: the next one ends the oldest
// (https://docs.github.com/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation).
const tokensPerPerson = 10

// tokenLength is what GitHub's new tokens come to; clients must not expect the 40 characters of old.
const tokenLength = 520

// authority remembers who has authorized the App, and what was handed out on the strength of it.
type authority struct {
	mu     sync.Mutex
	grants map[int64]bool // by user id
	codes  map[string]*authorizationCode
	tokens []*userToken // live ones, oldest first
}

type authorizationCode struct {
	user        int64
	redirectURI string
	challenge   string // S256; "" when the client sent none
	expires     time.Time
}

// userToken is an access token with the refresh token that replaces it; both end together.
type userToken struct {
	user           int64
	access         string
	refresh        string
	expires        time.Time
	refreshExpires time.Time
}

func (a *authority) granted(user int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.grants[user]
}

// grant remembers the consent and returns a code that can be exchanged once.
func (a *authority) grant(code authorizationCode) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.grants == nil {
		a.grants, a.codes = map[int64]bool{}, map[string]*authorizationCode{}
	}
	a.grants[code.user] = true
	name := randomHex(10)
	a.codes[name] = &code
	return name
}

// redeem takes the code away, whatever then becomes of the exchange; nil if there is none or it is too old.
func (a *authority) redeem(name string, now time.Time) *authorizationCode {
	a.mu.Lock()
	defer a.mu.Unlock()
	code := a.codes[name]
	delete(a.codes, name)
	if code == nil || !now.Before(code.expires) {
		return nil
	}
	return code
}

// issue makes a new token for the person and ends their oldest beyond the tenth.
func (a *authority) issue(user int64, now time.Time) *userToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.add(user, now)
}

func (a *authority) add(user int64, now time.Time) *userToken {
	a.tokens = slices.DeleteFunc(a.tokens, func(t *userToken) bool { return !now.Before(t.refreshExpires) })
	theirs := 0
	for _, t := range slices.Backward(a.tokens) {
		if t.user != user {
			continue
		}
		if theirs++; theirs == tokensPerPerson {
			a.end(t)
			break
		}
	}
	token := &userToken{
		user:           user,
		access:         randomToken("ghu_", tokenLength),
		refresh:        randomToken("ghr_", tokenLength),
		expires:        now.Add(accessLifetime),
		refreshExpires: now.Add(refreshLifetime),
	}
	a.tokens = append(a.tokens, token)
	return token
}

func (a *authority) end(token *userToken) {
	a.tokens = slices.DeleteFunc(a.tokens, func(t *userToken) bool { return t == token })
}

// access is the live token with that access token, or nil.
func (a *authority) access(secret string, now time.Time) *userToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tokens {
		if t.access == secret && now.Before(t.expires) {
			return t
		}
	}
	return nil
}

// rotate ends the token with that refresh token and issues the next; nil if there is none or it is too old.
func (a *authority) rotate(refresh string, now time.Time) *userToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tokens {
		if t.refresh == refresh && now.Before(t.refreshExpires) {
			a.end(t)
			return a.add(t.user, now)
		}
	}
	return nil
}

// Revoke does what a person does who revokes the App's authorization in their settings: every token of theirs ends, and
// the App has to ask again.
func (s *Server) Revoke(login string) {
	s.world.mu.RLock()
	user := s.world.mustAccount(login).id
	s.world.mu.RUnlock()
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	delete(s.auth.grants, user)
	s.auth.tokens = slices.DeleteFunc(s.auth.tokens, func(t *userToken) bool { return t.user == user })
}
