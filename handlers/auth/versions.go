package auth

import (
	"errors"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// RequireVersions is Require for a list that reads its credential and versions in one
// statement: versions and err are the result.
func (a *Authorizer) RequireVersions(c echo.Context, key string, versions db.Versions, err error) error {
	err = CheckVersions(c, versions, err)
	if err == nil || IsUnconfirmed(err) {
		a.recordUse(c, key)
	}
	if err != nil {
		return err
	}
	web.LogUser(c, versions.UserID)
	a.Limits.Admit(key)
	return nil
}

// CheckVersions returns nil if the credential behind versions is valid, and the path has its
// user's own id.
func CheckVersions(c echo.Context, versions db.Versions, err error) error {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return ErrSignedOut
	case err != nil:
		return err
	case !versions.Confirmed:
		return unconfirmed(versions.Refusal)
	case c.Param("user_id") != "" && !isSelf(c, versions.UserID):
		return errUserNotFound
	}
	return nil
}
