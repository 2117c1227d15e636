package auth

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// credentialKey is where a request's credential is stored.
const credentialKey = "credential"

// Credential is the credential of a request: the zero value for a request that
// has none, or that wasn't authorized.
func Credential(c echo.Context) db.Credential {
	found, _ := c.Get(credentialKey).(db.Credential)
	return found
}

// User is the user of a request; one without an id for a request that has none.
func User(c echo.Context) db.User { return Credential(c).User }

// IsOperator reports whether the user of a request may see and run the app as a
// whole.
func IsOperator(c echo.Context) bool { return Credential(c).Operator }

// Known reports whether the credential of a request was looked up.
func Known(c echo.Context) bool { return c.Get(credentialKey) != nil }

// Forget has a request be nobody's: the user has just signed out.
func Forget(c echo.Context) { c.Set(credentialKey, db.Credential{}) }

// Key is the key of the credential that a request carries, empty for none.
func (a *Authorizer) Key(c echo.Context) string {
	if web.IsAPI(c.Request().URL.Path) {
		return a.Sessions.APIKey(c.Request())
	}
	return a.Sessions.PageKey(c.Request())
}

// Find returns the live credential with a key. The error is one that IsSignedOut
// reports where there is none, or GitHub no longer confirms its user's access.
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

// lookupKey is where a request's lookup is stored.
const lookupKey = "lookup"

// find is Find, once a request for each key.
func (a *Authorizer) find(c echo.Context, key string) (db.Credential, error) {
	found, ok := c.Get(lookupKey).(lookup)
	if !ok || found.key != key {
		found = lookup{key: key}
		found.credential, found.err = a.Find(c.Request().Context(), key)
		c.Set(lookupKey, found)
	}
	return found.credential, found.err
}

// Identify looks up the session of a page that everybody may open, so that
// Credential returns it. The error is one that IsSignedOut reports where nobody
// is signed in.
func (a *Authorizer) Identify(c echo.Context) error {
	credential, err := a.find(c, a.Sessions.PageKey(c.Request()))
	if err == nil {
		c.Set(credentialKey, credential)
	}
	return err
}
