package handlers

import (
	"net/http"

	"neptun/db"

	"github.com/labstack/echo/v4"
)

// Each route says which credentials it takes, by one of these. A script token is
// none on pages. Elsewhere it may do what its scope says, and no more: a route
// that names no scope takes sessions alone.

var (
	errSessionOnly = &problem{status: http.StatusForbidden, sentence: "This requires a browser session"}
	errWholeOnly   = &problem{status: http.StatusForbidden, sentence: "This requires a token with access to all installations"}

	// What a token lacks that may not do what a route is for.
	errScope = map[db.Scope]*problem{
		db.ScopeRead:         {status: http.StatusForbidden, sentence: "This requires a token with read permission"},
		db.ScopeWrite:        {status: http.StatusForbidden, sentence: "This requires a token with write permission"},
		db.ScopeAccessTokens: {status: http.StatusForbidden, sentence: "This requires a token with permission to create access tokens"},
	}
)

// needPerson lets nobody to a page but the holder of a live session, whose
// access GitHub confirmed recently enough.
func (s *Server) needPerson(next echo.HandlerFunc) echo.HandlerFunc {
	return s.need(s.Sessions.PageKey, func(db.Credential) *problem { return nil }, next)
}

// needSession is needPerson for JSON.
func (s *Server) needSession(next echo.HandlerFunc) echo.HandlerFunc {
	return s.need(s.Sessions.APIKey, func(c db.Credential) *problem {
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
			return s.need(s.Sessions.APIKey, func(credential db.Credential) *problem {
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
	return s.need(s.Sessions.APIKey, func(c db.Credential) *problem { return within(db.ScopeRead, c) }, next)
}

// within tells what keeps a credential from what needs a scope, nil for nothing.
func within(scope db.Scope, c db.Credential) *problem {
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

func (s *Server) need(keyOf func(*http.Request) string, refused func(db.Credential) *problem, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := keyOf(c.Request())
		credential, err := s.credentialOf(c.Request().Context(), key)
		if err != nil {
			return err
		}
		s.noteUse(c, key)
		if problem := refused(credential); problem != nil {
			return problem
		}
		c.Set(credentialKey, credential)
		return next(c)
	}
}
