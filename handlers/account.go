package handlers

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// Authorization shows the user's authorization on GitHub; its page shows their rate
// limit as well.
func (s *Server) Authorization(c echo.Context) error {
	return respond.Choose(c, func() error { return s.writeAuthorization(c) }, func() error { return s.account(c) })
}

func (s *Server) writeAuthorization(c echo.Context) error {
	authorization, err := s.GitHub.AsUser(auth.User(c).ID).Authorization(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, present.ToAuthorization(authorization))
}

// account renders the page. The authorization and the rate limit may fail separately.
func (s *Server) account(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	var page views.AccountPage
	var authorization github.Authorization
	var limit github.RateLimit
	var group errgroup.Group
	group.Go(func() (err error) {
		authorization, err = s.GitHub.AsUser(user.ID).Authorization(ctx)
		return failure(err, &page.AuthorizationFailed)
	})
	group.Go(func() (err error) {
		limit, err = s.GitHub.AsUser(user.ID).RateLimit(ctx)
		return failure(err, &page.RateLimitFailed)
	})
	group.Go(func() (err error) {
		page.SyncCost, err = s.syncCost(ctx, user.ID)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	page.Authorization, page.RateLimit = present.AuthorizationView(authorization), views.RateLimit(limit)
	return s.respond.Show(c, respond.Page{Title: "Account", Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Account(page)
	}})
}

// failure turns an error of GitHub into a message for a part of the page. Errors that
// concern the whole page are returned.
func failure(err error, message *string) error {
	if err == nil || errors.Is(err, github.ErrSignInAgain) || respond.GitHubError(err) == nil {
		return err
	}
	*message = respond.GitHubError(err).Text()
	return nil
}

// ResetAuthorization has GitHub replace the user's access token.
func (s *Server) ResetAuthorization(c echo.Context) error {
	ctx := c.Request().Context()
	authorization, err := s.GitHub.AsUser(auth.User(c).ID).ResetAuthorization(ctx)
	if err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditResetAuthorization, auth.User(c).Login); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{
		Status: http.StatusOK, Body: present.ToAuthorization(authorization),
		Next: "/account", Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Token reset. The old token is no longer valid."}},
	})
}

// RevokeAuthorization revokes the user's authorization on GitHub and ends all of
// their sessions.
func (s *Server) RevokeAuthorization(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	if err := s.GitHub.AsUser(user.ID).RevokeAuthorization(ctx); err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditDisconnect, user.Login); err != nil {
		return err
	}
	return s.respond.SignedOut(c,
		"Authorization revoked. You're signed out everywhere, and your tokens are deleted. Your imports are kept in case you come back.")
}
