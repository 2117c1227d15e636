package handlers

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// credentialKey is where authorize leaves the credential.
const credentialKey = "credential"

// currentUser is the person behind a request that passed authorize.
func currentUser(c echo.Context) db.User { return credential(c).User }

// isOperator tells whether the person behind a request that passed authorize
// may see and run the App as a whole.
func isOperator(c echo.Context) bool { return credential(c).Operator }

func credential(c echo.Context) db.Credential {
	found, _ := c.Get(credentialKey).(db.Credential)
	return found
}

// credentialOf tells whose a key of a credential is. The errors are errLoggedOut and
// errUnconfirmed.
func (s *Server) credentialOf(ctx context.Context, key string) (db.Credential, error) {
	if key == "" {
		return db.Credential{}, errLoggedOut
	}
	credential, err := s.DB.FindCredential(ctx, key)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return db.Credential{}, errLoggedOut
	case err != nil:
		return db.Credential{}, err
	case !credential.Confirmed:
		return db.Credential{}, unconfirmed(credential.Refusal)
	}
	s.limits.Admit(key)
	return credential, nil
}

// unconfirmed is the error for a user whose access GitHub no longer confirms.
func unconfirmed(why db.Refusal) *web.Error {
	if why == db.AccountSuspended {
		return errAccountSuspended
	}
	return errUnconfirmed
}

// isUnconfirmed reports whether the error is one of unconfirmed's.
func isUnconfirmed(err error) bool {
	return errors.Is(err, errUnconfirmed) || errors.Is(err, errAccountSuspended)
}

// isSelf tells whether the user_id in the path is the asker's own.
func isSelf(c echo.Context, id string) bool {
	asked := c.Param("user_id")
	return asked == "me" || asked == id
}
