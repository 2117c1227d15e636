package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

const sessionsPath = "/account/sessions"

var errSessionNotFound = &web.Error{Code: "session_not_found", Status: http.StatusNotFound, Message: "Session not found", Link: ui.Link{Text: "Your sessions", URL: sessionsPath}}

// BrowserSessions lists the sessions of a user, as a page and as JSON.
func (s *Server) BrowserSessions(c echo.Context) error {
	list, err := s.browserSessions(c)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error { return web.JSON(c, http.StatusOK, openapi.Each(list, present.ToSession)) }, func() error {
		return s.respond.Show(c, respond.Page{Title: "Sessions", Draw: func(frame ui.Frame) templ.Component {
			return views.Sessions(views.SessionsPage{Frame: frame, Sessions: list})
		}})
	})
}

// browserSessions lists the user's sessions. The session of the request comes first, and
// was last seen now.
func (s *Server) browserSessions(c echo.Context) ([]views.Session, error) {
	list, err := s.DB.ListSessions(c.Request().Context(), auth.User(c).ID)
	if err != nil {
		return nil, err
	}
	current := db.SessionID(s.auth.Key(c))
	shown := openapi.Each(list, func(session db.Session) views.Session {
		if session.ID == current {
			session.SeenAt = s.Now()
			session.Seen = db.Client{IP: c.RealIP(), UserAgent: c.Request().UserAgent()}
		}
		return views.Session{
			ID: session.ID, Current: session.ID == current, Browser: sessions.Browser(session.Seen.UserAgent), IP: session.Seen.IP,
			CreatedAt: session.CreatedAt, SeenAt: session.SeenAt, ExpiresAt: session.ExpiresAt,
		}
	})
	slices.SortStableFunc(shown, func(a, b views.Session) int {
		switch {
		case a.Current:
			return -1
		case b.Current:
			return 1
		}
		return 0
	})
	return shown, nil
}

// RevokeSession ends one of the user's sessions, which may be the current one.
func (s *Server) RevokeSession(c echo.Context) error {
	if c.Param("session_id") == db.SessionID(s.auth.Key(c)) {
		return respond.Choose(c, func() error { return s.revokeSession(c) }, func() error { return s.signIn.LogOut(c) })
	}
	return s.revokeSession(c)
}

func (s *Server) revokeSession(c echo.Context) error {
	err := s.DB.EndSession(c.Request().Context(), auth.User(c).ID, c.Param("session_id"))
	if errors.Is(err, db.ErrNotFound) {
		return errSessionNotFound
	}
	if err != nil {
		return err
	}
	s.audit.Event(c, auth.User(c), db.AuditEndSession, "")
	return s.respond.Finish(c, respond.Result{Next: sessionsPath, Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Session ended."}}})
}

// RevokeOtherSessions ends the user's sessions in all other browsers. Their API tokens stay
// valid.
func (s *Server) RevokeOtherSessions(c echo.Context) error {
	ended, err := s.DB.EndOtherSessions(context.WithoutCancel(c.Request().Context()), auth.User(c).ID, s.auth.Key(c))
	if err != nil {
		return err
	}
	if ended > 0 {
		s.audit.Event(c, auth.User(c), db.AuditEndOtherSessions, "")
	}
	notice := ui.Notice{Kind: ui.KindSuccess, Text: "Signed out of " + ui.Counted(ended, "other session", "other sessions") + ". Your API tokens are still valid."}
	if ended == 0 {
		notice = ui.Notice{Kind: ui.KindInfo, Text: "You aren't signed in anywhere else."}
	}
	return s.respond.Finish(c, respond.Result{Next: sessionsPath, Notices: []ui.Notice{notice}})
}
