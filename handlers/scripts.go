package handlers

import (
	"crypto/rand"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

const scriptsPath = "/scripts"

// Scripts shows a person's script tokens and sessions. Their JSON is
// ScriptTokens and BrowserSessions.
func (s *Server) Scripts(c echo.Context) error {
	return s.scripts(c, http.StatusOK, s.blankForm(), views.MadeToken{})
}

// blankForm is the form for a new token, filled in the way that fits most. It
// carries what makes one token of it however often it is sent.
func (s *Server) blankForm() views.ScriptTokenForm {
	return views.ScriptTokenForm{
		Request: rand.Text(), Scope: string(db.ScopeRead), Expiry: strconv.Itoa(tokenDays), Reach: views.ReachAll,
	}
}

// scripts draws the page: with a form, and with the token that was just made,
// where one was.
func (s *Server) scripts(c echo.Context, status int, form views.ScriptTokenForm, made views.MadeToken) error {
	ctx, person := c.Request().Context(), who(c)
	tokens, err := s.DB.ScriptTokens(ctx, person.ID)
	if err != nil {
		return err
	}
	browsers, err := s.browserSessions(c)
	if err != nil {
		return err
	}
	installations, err := s.DB.Installations(ctx, person.ID, db.OrderByLogin, db.Window{})
	if err != nil {
		return err
	}
	frame, err := s.pageFrame(c, "Scripts", views.NavScripts)
	if err != nil {
		return err
	}
	page := views.ScriptsPage{
		Frame: frame, URL: s.config.URL.JoinPath("/").String(), Made: made, Form: form, AccessTokens: s.config.AllowAccessTokens,
		Tokens: each(tokens, func(t db.ScriptToken) views.ScriptToken {
			return views.ScriptToken{ScriptToken: t, UsedBy: sessions.Browser(t.LastUsed.UserAgent)}
		}),
		Sessions: browsers, Installations: installations,
		MaxName: maxTokenName,
	}
	if status == http.StatusOK {
		return web.Page(c, views.Scripts(page), frame.Notices)
	}
	return web.Render(c, status, views.Scripts(page))
}
