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

// account draws the page, of which one half may fail without the other.
func (s *Server) account(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	var page views.AccountPage
	var authorization github.Authorization
	var budget github.Budget
	var asking errgroup.Group
	asking.Go(func() (err error) {
		authorization, err = s.GitHub.AsUser(user.ID).Authorization(ctx)
		return failure(err, &page.AuthorizationFailed)
	})
	asking.Go(func() (err error) {
		budget, err = s.GitHub.AsUser(user.ID).Budget(ctx)
		return failure(err, &page.BudgetFailed)
	})
	asking.Go(func() (err error) {
		page.SyncCost, err = s.syncCost(ctx, user.ID)
		return err
	})
	if err := asking.Wait(); err != nil {
		return err
	}
	page.Authorization, page.Budget = present.AuthorizationView(authorization), views.Budget(budget)
	return s.respond.Show(c, respond.Page{Title: "Account", Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Account(page)
	}})
}

// failure leaves what GitHub answered instead as a sentence for the page. What
// concerns all of the page stays an error.
func failure(err error, sentence *string) error {
	if err == nil || errors.Is(err, github.ErrSignInAgain) || respond.GitHubError(err) == nil {
		return err
	}
	*sentence = respond.GitHubError(err).Sentence()
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
