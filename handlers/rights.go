package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

var (
	errSessionOnly = &web.Error{Code: "session_required", Status: http.StatusForbidden, Message: "This requires a browser session"}
	errWholeOnly   = &web.Error{Code: "unrestricted_token_required", Status: http.StatusForbidden, Message: "This requires a token with access to all installations"}

	// What a token lacks that may not do what a route is for.
	errScope = map[openapi.Right]*web.Error{
		openapi.Write:        {Code: "insufficient_scope", Status: http.StatusForbidden, Message: "This requires a token with write permission"},
		openapi.AccessTokens: {Code: "insufficient_scope", Status: http.StatusForbidden, Message: "This requires a token with permission to create access tokens"},
	}
)

// authorize lets only holders of a live credential through that has a right, and
// whose access GitHub confirmed recently enough.
func (s *Server) authorize(right openapi.Right) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			key := s.ownKey(c)
			credential, err := s.credentialOf(c.Request().Context(), key)
			if err == nil || isUnconfirmed(err) {
				s.noteUse(c, key)
			}
			if err != nil {
				return err
			}
			if err := checkRight(right, credential, c.Param("installation_id") != ""); err != nil {
				return err
			}
			c.Set(credentialKey, credential)
			web.LogUser(c, credential.User.ID)
			lane := web.LaneRead
			if method := c.Request().Method; method != http.MethodGet && method != http.MethodHead {
				lane = web.LaneWrite
			}
			if err := s.shares.Enter(c, credential.User.ID, lane); err != nil {
				return err
			}
			defer web.LeaveShare(c)
			if !web.IsAPI(c.Request().URL.Path) {
				if err := web.ParseForm(c); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}

// checkRight is nil where a credential has a right. A token that is restricted
// to some installations has it where the path names one, which the look-up then
// holds against it.
func checkRight(right openapi.Right, credential db.Credential, oneInstallation bool) error {
	restricted := credential.Restriction != 0 && !oneInstallation
	switch right {
	case openapi.Anyone, openapi.Read: // each scope may read
		return nil
	case openapi.ReadAll:
		if restricted {
			return errWholeOnly
		}
		return nil
	case openapi.Write, openapi.AccessTokens:
		switch {
		case restricted:
			return errWholeOnly
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

// loadSession lets a handler change the session.
func (s *Server) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := s.Sessions.Load(c.Request())
		if err != nil {
			return err
		}
		c.SetRequest(r)
		return next(c)
	}
}

// requireApp leads to the set-up while there is no App to log in through.
func (s *Server) requireApp(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch configured, err := s.configured(c); {
		case err != nil:
			return err
		case !configured:
			return c.Redirect(http.StatusSeeOther, "/setup")
		}
		return next(c)
	}
}

// configured tells whether there is an App. While there is none, the database
// is asked whether it was set up on another instance.
func (s *Server) configured(c echo.Context) (bool, error) {
	if !s.GitHub.Configured() {
		if err := s.GitHub.LoadApp(c.Request().Context()); err != nil {
			return false, err
		}
	}
	return s.GitHub.Configured(), nil
}

// requireOwnPath lets a person see what is under their own id, and nobody else's.
func (s *Server) requireOwnPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isSelf(c, currentUser(c).ID) {
			return errUserNotFound
		}
		return next(c)
	}
}
