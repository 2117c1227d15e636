package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Each route says which credentials it takes, by one of these. A script token is
// none on pages. Elsewhere it may do what its scope says, and no more: a route
// that names no scope takes sessions alone.

var (
	errSessionOnly = &web.Error{Status: http.StatusForbidden, Message: "This requires a browser session"}
	errWholeOnly   = &web.Error{Status: http.StatusForbidden, Message: "This requires a token with access to all installations"}

	// What a token lacks that may not do what a route is for.
	errScope = map[db.Scope]*web.Error{
		db.ScopeRead:         {Status: http.StatusForbidden, Message: "This requires a token with read permission"},
		db.ScopeWrite:        {Status: http.StatusForbidden, Message: "This requires a token with write permission"},
		db.ScopeAccessTokens: {Status: http.StatusForbidden, Message: "This requires a token with permission to create access tokens"},
	}
)

// needPerson lets nobody to a page but the holder of a live session, whose
// access GitHub confirmed recently enough.
func (s *Server) needPerson(next echo.HandlerFunc) echo.HandlerFunc {
	return s.need(s.Sessions.PageKey, func(db.Credential) *web.Error { return nil }, next)
}

// needSession is needPerson for JSON.
func (s *Server) needSession(next echo.HandlerFunc) echo.HandlerFunc {
	return s.need(s.Sessions.APIKey, func(c db.Credential) *web.Error {
		if c.Scope != "" {
			return errSessionOnly
		}
		return nil
	}, next)
}

// needScope lets through the holder of a session, and of a script token with a
// scope; each scope may read. A token that is restricted to some installations
// passes where the path names one, which the look-up then holds against it.
func (s *Server) needScope(scope db.Scope) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			return s.need(s.Sessions.APIKey, func(credential db.Credential) *web.Error {
				if credential.Restriction != 0 && c.Param("installation_id") == "" {
					return errWholeOnly
				}
				return within(scope, credential)
			}, next)(c)
		}
	}
}

// needReadPart is needScope for reading what takes care of the restriction by
// itself, or tells of no installation.
func (s *Server) needReadPart(next echo.HandlerFunc) echo.HandlerFunc {
	return s.need(s.Sessions.APIKey, func(c db.Credential) *web.Error { return within(db.ScopeRead, c) }, next)
}

// within tells what keeps a credential from what needs a scope, nil for nothing.
func within(scope db.Scope, c db.Credential) *web.Error {
	switch c.Scope {
	case "", scope: // a session may do everything
		return nil
	case db.ScopeRead, db.ScopeWrite, db.ScopeAccessTokens:
		if scope == db.ScopeRead {
			return nil
		}
	}
	return errScope[scope]
}

func (s *Server) need(keyOf func(*http.Request) string, refused func(db.Credential) *web.Error, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := keyOf(c.Request())
		credential, err := s.credentialOf(c.Request().Context(), key)
		if err != nil {
			return err
		}
		s.noteUse(c, key)
		if err := refused(credential); err != nil {
			return err
		}
		c.Set(credentialKey, credential)
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

// needApp leads to the set-up while there is no App to log in through.
func (s *Server) needApp(next echo.HandlerFunc) echo.HandlerFunc {
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

// needOperator lets only operators through.
func (s *Server) needOperator(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isOperator(c) {
			return errOperatorsOnly
		}
		return next(c)
	}
}

// ownPath lets a person see what is under their own id, and nobody else's.
func (s *Server) ownPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isSelf(c, who(c).ID) {
			return errUserNotFound
		}
		return next(c)
	}
}
