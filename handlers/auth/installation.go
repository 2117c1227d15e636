package auth

import (
	"errors"
	"strconv"

	"neptun/db"

	"github.com/labstack/echo/v4"
)

// RecordID is the id of the installation record in the path. A value that isn't a number is
// not found, like an unknown number.
func RecordID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("installation_id"), 10, 64)
	if err != nil {
		return 0, ErrInstallationNotFound
	}
	return id, nil
}

// Installation returns the user's installation record in the path, if the credential may
// access it.
func (a *Authorizer) Installation(c echo.Context) (db.InstallationRecord, error) {
	record, err := RecordID(c)
	if err != nil {
		return db.InstallationRecord{}, err
	}
	installation, err := a.DB.FindInstallation(c.Request().Context(), User(c).ID, Credential(c).Restriction, record)
	if errors.Is(err, db.ErrNotFound) {
		return db.InstallationRecord{}, ErrInstallationNotFound
	}
	return installation, err
}
