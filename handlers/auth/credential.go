package auth

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// credentialKey is the context key of a request's credential.
const credentialKey = "credential"

// Credential returns the credential of a request. It is the zero value for a request that has
// none or wasn't authorized.
func Credential(c echo.Context) db.Credential {
	found, _ := c.Get(credentialKey).(db.Credential)
	return found
}

// User returns the user of a request. Without a credential its ID is empty.
func User(c echo.Context) db.User { return Credential(c).User }

// IsOperator reports whether the user of a request is an operator.
func IsOperator(c echo.Context) bool { return Credential(c).Operator }

// Known reports whether the credential of a request was looked up.
func Known(c echo.Context) bool { return c.Get(credentialKey) != nil }

// Forget removes the credential of a request whose user has just signed out.
func Forget(c echo.Context) { c.Set(credentialKey, db.Credential{}) }

// requestKey is the context key of what Key returned.
const requestKey = "key"

// Key returns the key of the request's credential; empty for none. It is computed once per
// request.
func (a *Authorizer) Key(c echo.Context) string {
	if key, ok := c.Get(requestKey).(string); ok {
		return key
	}
	keyOf := a.Sessions.PageKey
	if web.IsAPI(c.Request().URL.Path) {
		keyOf = a.Sessions.APIKey
	}
	key := keyOf(c.Request())
	c.Set(requestKey, key)
	return key
}

// Find returns the valid credential with a key. If there is none, or GitHub no longer confirms
// its user's access, IsSignedOut reports true for the error.
func (a *Authorizer) Find(ctx context.Context, key string) (db.Credential, error) {
	if key == "" {
		return db.Credential{}, ErrSignedOut
	}
	credential, err := a.DB.FindCredential(ctx, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.Credential{}, ErrSignedOut
	case err != nil:
		return db.Credential{}, err
	case !credential.Confirmed:
		return credential, unconfirmed(credential.Refusal)
	}
	a.Limits.Admit(key)
	return credential, nil
}

// lookup is the result of looking up the key of a request.
type lookup struct {
	key        string
	credential db.Credential
	err        error
}

// lookupKey is the context key of a request's lookup.
const lookupKey = "lookup"

// find is Find, at most once per request and key.
func (a *Authorizer) find(c echo.Context, key string) (db.Credential, error) {
	found, ok := c.Get(lookupKey).(lookup)
	if !ok || found.key != key {
		found = lookup{key: key}
		found.credential, found.err = a.Find(c.Request().Context(), key)
		c.Set(lookupKey, found)
	}
	return found.credential, found.err
}

// Identify looks up the session of a page that doesn't require one, so that Credential returns
// it. If nobody is signed in, IsSignedOut reports true for the error.
func (a *Authorizer) Identify(c echo.Context) error {
	credential, err := a.find(c, a.Sessions.PageKey(c.Request()))
	if err == nil {
		c.Set(credentialKey, credential)
	}
	return err
}
