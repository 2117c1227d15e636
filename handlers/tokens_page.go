package handlers

import (
	"crypto/rand"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

const tokensPath = "/tokens"

// Tokens shows the user's API tokens. Their JSON is ListTokens.
func (s *Server) Tokens(c echo.Context) error {
	action, values, err := s.Sessions.TakeForm(c.Request().Context(), tokensPath)
	if err != nil {
		return err
	}
	form, rotation := s.blankForm(), views.RotationForm{}
	switch {
	case action == tokensPath:
		form, _ = input.ParseTokenForm(values)
	case action != "":
		rotation = views.RotationForm{Action: action, Overlap: values.Get("overlap_hours")}
	}
	return s.tokensPage(c, 0, views.TokensPage{Form: form, Rotation: rotation})
}

// blankForm is the form for a new token with its default values. Its Request makes sure that
// submitting it twice creates one token.
func (s *Server) blankForm() views.TokenForm {
	return views.TokenForm{
		Request: rand.Text(), Scope: string(db.ScopeRead), Expiry: strconv.Itoa(input.TokenDays), Access: views.AccessAll,
	}
}

// tokensPage renders the page, given what it shows besides the existing tokens.
func (s *Server) tokensPage(c echo.Context, status int, page views.TokensPage) error {
	ctx, user := c.Request().Context(), auth.User(c)
	tokens, err := s.DB.ListAPITokens(ctx, user.ID)
	if err != nil {
		return err
	}
	installations, err := s.DB.ListAllInstallations(ctx, user.ID, db.OrderByLogin, db.Page{})
	if err != nil {
		return err
	}
	page.URL, page.AccessTokens = s.config.URL.JoinPath("/").String(), s.config.AllowAccessTokens
	page.Tokens = openapi.Each(tokens, func(t db.APIToken) views.Token {
		return views.Token{APIToken: t, UsedBy: sessions.Browser(t.LastUsed.UserAgent)}
	})
	page.Installations, page.MaxName = installations, input.MaxTokenName
	if page.Created.Secret != "" {
		web.ShowsSecret(c)
	}
	return s.respond.Show(c, respond.Page{Title: "API tokens", Nav: ui.NavTokens, Status: status, Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Tokens(page)
	}})
}
