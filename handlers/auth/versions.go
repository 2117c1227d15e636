package auth

import (
	"errors"

	"neptun/db"

	"github.com/labstack/echo/v4"
)

// RequireVersions is Require for a list whose credential is checked in the
// statement that reads the versions of the list: versions and err are its result.
func (a *Authorizer) RequireVersions(c echo.Context, key string, versions db.Versions, err error) error {
	if err := CheckVersions(c, versions, err); err != nil {
		return err
	}
	a.Limits.Admit(key)
	a.recordUse(c, key)
	return nil
}

// CheckVersions is nil where the credential behind versions is live, and the
// path is its user's own.
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
