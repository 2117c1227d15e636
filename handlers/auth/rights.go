package auth

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Require rejects requests without a valid credential with a right, and those of users whose
// access GitHub hasn't confirmed recently enough.
func (a *Authorizer) Require(right openapi.Right) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			key := a.Key(c)
			credential, err := a.find(c, key)
			if err == nil || IsUnconfirmed(err) {
				a.recordUse(c, key)
			}
			if err != nil {
				return err
			}
			c.Set(credentialKey, credential)
			web.LogUser(c, credential.User.ID)
			if err := checkRight(right, credential, c.Param("installation_id") != ""); err != nil {
				if errors.Is(err, errOperatorsOnly) {
					a.OperatorRefused(c)
				}
				return err
			}
			lane := web.LaneRead
			if method := c.Request().Method; method != http.MethodGet && method != http.MethodHead {
				lane = web.LaneWrite
			}
			if err := a.Shares.Enter(c, credential.User.ID, lane); err != nil {
				return err
			}
			defer web.LeaveShare(c)
			return next(c)
		}
	}
}

// checkRight returns nil if a credential has a right. A token that is restricted to some
// installations passes if the path has an installation, which the look-up checks later.
func checkRight(right openapi.Right, credential db.Credential, oneInstallation bool) error {
	restricted := credential.Restriction != 0 && !oneInstallation
	switch right {
	case openapi.Anyone, openapi.Read: // each scope may read
		return nil
	case openapi.ReadAll:
		if restricted {
			return ErrWholeOnly
		}
		return nil
	case openapi.Write, openapi.AccessTokens:
		switch {
		case restricted:
			return ErrWholeOnly
		case credential.Scope != "" && string(credential.Scope) != string(right):
			return errScope[right]
		}
		return nil
	}
	switch {
	case credential.Scope != "":
		return errSessionOnly
	case right == openapi.Operator && !credential.Operator:
		return errOperatorsOnly
	}
	return nil
}

// LoadSession loads the session for handlers. The row is read together with the credential, once
// per request.
func (a *Authorizer) LoadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		credential, err := a.find(c, a.Sessions.PageKey(c.Request()))
		if err != nil && !IsSignedOut(err) {
			return err
		}
		r, err := a.Sessions.Load(c.Request(), credential.Session)
		if err != nil {
			return err
		}
		c.SetRequest(r)
		return next(c)
	}
}

// RequireOwnPath rejects paths with another user's id.
func (a *Authorizer) RequireOwnPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isSelf(c, User(c).ID) {
			return errUserNotFound
		}
		return next(c)
	}
}

// isSelf reports whether the user_id in the path is the id of the request's user.
func isSelf(c echo.Context, id string) bool {
	inPath := c.Param("user_id")
	return inPath == "me" || inPath == id
}
