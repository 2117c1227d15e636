package sandbox

import (
	"cmp"
	"crypto/subtle"
	"slices"
	"sync"
	"time"
)

// Lifetimes of the web flow's codes and tokens, from "Generating a user access token for a GitHub App" and "Refreshing user
// access tokens" in GitHub's documentation.
const (
	codeLifetime    = 10 * time.Minute
	accessLifetime  = 8 * time.Hour
	refreshLifetime = 15_897_600 * time.Second // some six months
)

// tokensPerUser is how many tokens a user can have from one App: the next one revokes the oldest
// (https://docs.github.com/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation). The
// limit applies to each scope separately, so scoped tokens don't revoke unscoped ones.
const tokensPerUser = 10

// tokenLength is the length of GitHub's new tokens; clients must not expect the former 40 characters.
const tokenLength = 520

// tokenStore stores users' authorizations of Apps, and the codes and tokens issued for them.
type tokenStore struct {
	mu     sync.Mutex
	grants map[grantKey]*grant
	codes  map[string]*authorizationCode
	tokens []*userAccessToken // valid ones, oldest first
	lastID int64

	lifetime  time.Duration // of access tokens
	neverEnds bool          // they don't expire, and can't be refreshed
}

type grantKey struct {
	app  *app
	user int64
}

// grant is a user's authorization of an App.
type grant struct {
	signedOn map[int64]bool // the organizations, by id, whose single sign-on the user had passed at the time
}

type authorizationCode struct {
	app         *app
	user        int64
	redirectURI string
	challenge   string // S256; "" when the client sent none
	expires     time.Time
}

// userAccessToken is an access token with its refresh token; both end together.
type userAccessToken struct {
	id             int64
	app            *app
	user           int64
	grant          *grant
	access         string
	refresh        string // "" for a scoped token
	expires        time.Time
	refreshExpires time.Time
	createdAt      time.Time
	updatedAt      time.Time
	restriction    *restriction
	requests       int // with the access token
}

// endsAt is when the token can no longer be used or refreshed.
func (t *userAccessToken) endsAt() time.Time {
	if t.refresh == "" {
		return t.expires
	}
	return t.refreshExpires
}

func (a *tokenStore) granted(of *app, user int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.grants[grantKey{of, user}] != nil
}

// grant stores the authorization, if it is new, and returns a code that can be exchanged once.
func (a *tokenStore) grant(code authorizationCode, signedOn map[int64]bool) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.grants == nil {
		a.grants, a.codes = map[grantKey]*grant{}, map[string]*authorizationCode{}
	}
	if key := (grantKey{code.app, code.user}); a.grants[key] == nil {
		a.grants[key] = &grant{signedOn}
	}
	name := randomHex(10)
	a.codes[name] = &code
	return name
}

// redeem removes the code, whether or not the exchange succeeds; nil if it doesn't exist or has expired.
func (a *tokenStore) redeem(name string, now time.Time) *authorizationCode {
	a.mu.Lock()
	defer a.mu.Unlock()
	code := a.codes[name]
	delete(a.codes, name)
	if code == nil || !now.Before(code.expires) || a.grants[grantKey{code.app, code.user}] == nil {
		return nil
	}
	return code
}

// issue creates a token for the user and revokes their oldest beyond the tenth.
func (a *tokenStore) issue(of *app, user int64, now time.Time) *userAccessToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.add(of, user, nil, now)
}

// issueRestricted creates a scoped token. It can't be refreshed.
func (a *tokenStore) issueRestricted(from *userAccessToken, n *restriction, now time.Time) *userAccessToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.add(from.app, from.user, n, now)
}

func (a *tokenStore) add(of *app, user int64, n *restriction, now time.Time) *userAccessToken {
	a.tokens = slices.DeleteFunc(a.tokens, func(t *userAccessToken) bool { return !now.Before(t.endsAt()) })
	alike := 0
	for _, t := range slices.Backward(a.tokens) {
		if t.user != user || t.app != of || (t.restriction == nil) != (n == nil) {
			continue
		}
		if alike++; alike == tokensPerUser {
			a.remove(t)
			break
		}
	}
	a.lastID += 3
	token := &userAccessToken{
		id:             1_820_044_000 + a.lastID,
		app:            of,
		user:           user,
		grant:          a.grants[grantKey{of, user}],
		access:         randomToken("ghu_", tokenLength),
		expires:        now.Add(a.lifetime),
		refreshExpires: now.Add(refreshLifetime),
		createdAt:      now,
		updatedAt:      now,
		restriction:    n,
	}
	switch {
	case a.neverEnds:
		token.expires = now.AddDate(100, 0, 0)
	case n == nil:
		token.refresh = randomToken("ghr_", tokenLength)
	}
	a.tokens = append(a.tokens, token)
	return token
}

func (a *tokenStore) remove(token *userAccessToken) {
	a.tokens = slices.DeleteFunc(a.tokens, func(t *userAccessToken) bool { return t == token })
}

// revoke revokes one token.
func (a *tokenStore) revoke(token *userAccessToken) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.remove(token)
}

// byAccessToken is the valid token with that value, or nil.
func (a *tokenStore) byAccessToken(secret string, now time.Time) *userAccessToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tokens {
		if t.access == secret && now.Before(t.expires) {
			return t
		}
	}
	return nil
}

// configure sets how long access tokens are valid from now on; 0 is GitHub's 8 hours.
func (a *tokenStore) configure(lifetime time.Duration, neverEnds bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lifetime, a.neverEnds = cmp.Or(lifetime, accessLifetime), neverEnds
}

// unknown counts a request with the token and reports whether the replica that serves it doesn't know the token yet.
func (a *tokenStore) unknown(t *userAccessToken, b *Behavior, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	t.requests++
	return t.requests <= b.TokenRefusals || now.Sub(t.updatedAt) < b.TokenDelay
}

// reset replaces an access token. The refresh token doesn't change, or is revoked too.
func (a *tokenStore) reset(old *userAccessToken, endRefresh bool, now time.Time) *userAccessToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	fresh := *old
	fresh.requests = 0
	fresh.access, fresh.expires, fresh.updatedAt = randomToken("ghu_", tokenLength), now.Add(a.lifetime), now
	if endRefresh {
		fresh.refresh = ""
	}
	a.remove(old)
	a.tokens = append(a.tokens, &fresh)
	return &fresh
}

// rotate revokes the App's token with that refresh token and issues the next; nil if it doesn't exist or has expired.
func (a *tokenStore) rotate(of *app, refresh string, now time.Time) *userAccessToken {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range a.tokens {
		if t.app == of && t.refresh != "" && t.refresh == refresh && now.Before(t.refreshExpires) {
			a.remove(t)
			return a.add(t.app, t.user, nil, now)
		}
	}
	return nil
}

// revokeGrant removes the user's authorization and all of their tokens. It reports whether there was one.
func (a *tokenStore) revokeGrant(of *app, user int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := grantKey{of, user}
	existed := a.grants[key] != nil
	delete(a.grants, key)
	a.tokens = slices.DeleteFunc(a.tokens, func(t *userAccessToken) bool { return t.app == of && t.user == user })
	return existed
}

// Revoke revokes the App's authorization as the user does in their settings: all of their tokens are revoked, and they have to
// authorize the App again.
func (s *Server) Revoke(login string) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	s.revoke(s.world.Apps.must(), s.world.Accounts.must(login))
}

func (s *site) revoke(of *app, u *account) {
	if s.auth.revokeGrant(of, u.id) {
		s.world.webhooks.deliverRevoked(of, u)
	}
}

// EndRefreshTokensOnReset makes the reset of an access token revoke its refresh token too; GitHub doesn't document it.
func (aps *Apps) EndRefreshTokensOnReset(end bool) {
	aps.world.mu.Lock()
	defer aps.world.mu.Unlock()
	aps.resetEndsRefresh = end
}

func sameSecret(sent, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(sent), []byte(secret)) == 1
}
