package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

var errSessionNotFound = &web.Error{Status: http.StatusNotFound, Message: "Session not found", Link: scriptsLink}

// BrowserSessions answers GET …/sessions: where a person is logged in.
func (s *Server) BrowserSessions(c echo.Context) error {
	list, err := s.browserSessions(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusOK, each(list, toSessionJSON))
}

// browserSessions lists where a person is logged in. The session that asks comes
// first, and is seen now, whatever was noted of it.
func (s *Server) browserSessions(c echo.Context) ([]views.BrowserSession, error) {
	list, err := s.DB.Sessions(c.Request().Context(), who(c).ID)
	if err != nil {
		return nil, err
	}
	current := db.SessionID(s.ownKey(c))
	shown := each(list, func(session db.Session) views.BrowserSession {
		if session.ID == current {
			session.SeenAt = s.Now()
			session.Seen = db.Use{IP: c.RealIP(), UserAgent: c.Request().UserAgent()}
		}
		return views.BrowserSession{
			ID: session.ID, Current: session.ID == current, Browser: sessions.Browser(session.Seen.UserAgent), IP: session.Seen.IP,
			CreatedAt: session.CreatedAt, SeenAt: session.SeenAt, ExpiresAt: session.ExpiresAt,
		}
	})
	slices.SortStableFunc(shown, func(a, b views.BrowserSession) int {
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

// ownKey is the key of the session that asks.
func (s *Server) ownKey(c echo.Context) string {
	if web.IsAPI(c.Request().URL.Path) {
		return web.APIKey(c.Request())
	}
	return sessions.PageKey(c.Request())
}

// EndSession ends one session of a person: in another browser, or this one.
func (s *Server) EndSession(c echo.Context) error {
	ctx, asked := c.Request().Context(), c.Param("session_id")
	api := web.IsAPI(c.Request().URL.Path)
	if asked == db.SessionID(s.ownKey(c)) && !api {
		return s.LogOut(c)
	}
	err := s.DB.EndSession(ctx, who(c).ID, asked)
	if errors.Is(err, db.ErrNotFound) {
		return errSessionNotFound
	}
	if err != nil {
		return err
	}
	if api {
		return web.NoContent(c)
	}
	return s.done(c, scriptsPath, views.Notice{Kind: views.KindSuccess, Text: "That browser is logged out."})
}

// EndOtherSessions logs a person out everywhere but here. Their script tokens
// are good as before.
func (s *Server) EndOtherSessions(c echo.Context) error {
	ended, err := s.DB.EndOtherSessions(context.WithoutCancel(c.Request().Context()), who(c).ID, s.ownKey(c))
	if err != nil {
		return err
	}
	if web.IsAPI(c.Request().URL.Path) {
		return web.NoContent(c)
	}
	notice := views.Notice{Kind: views.KindSuccess, Text: counted(int(ended), "other browser is", "other browsers are") + " logged out. Your tokens are as they were."}
	if ended == 0 {
		notice = views.Notice{Kind: views.KindInfo, Text: "You were logged in nowhere else."}
	}
	return s.done(c, scriptsPath, notice)
}
