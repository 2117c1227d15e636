package handlers

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"
)

// Authorization shows what GitHub knows of a person's authorization; its page
// shows their budget of requests as well.
func (s *Server) Authorization(c echo.Context) error {
	return choose(c, func() error { return s.writeAuthorization(c) }, func() error { return s.account(c) })
}

func (s *Server) writeAuthorization(c echo.Context) error {
	authorization, err := s.GitHub.AsUser(currentUser(c).ID).Authorization(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, toAuthorizationJSON(authorization))
}

// account draws the page, of which one half may fail without the other.
func (s *Server) account(c echo.Context) error {
	ctx, person := c.Request().Context(), currentUser(c)
	frame, err := s.pageFrame(c, "Account", ui.NavNone)
	if err != nil {
		return err
	}
	page := views.AccountPage{Frame: frame}
	var authorization github.Authorization
	var budget github.Budget
	var asking errgroup.Group
	asking.Go(func() (err error) {
		authorization, err = s.GitHub.AsUser(person.ID).Authorization(ctx)
		return failure(err, &page.AuthorizationFailed)
	})
	asking.Go(func() (err error) {
		budget, err = s.GitHub.AsUser(person.ID).Budget(ctx)
		return failure(err, &page.BudgetFailed)
	})
	asking.Go(func() (err error) {
		page.SyncCost, err = s.syncCost(ctx, person.ID)
		return err
	})
	if err := asking.Wait(); err != nil {
		return err
	}
	page.Authorization, page.Budget = toAuthorizationView(authorization), views.Budget(budget)
	return web.Page(c, views.Account(page), frame.Notices)
}

// failure leaves what GitHub answered instead as a sentence for the page. What
// concerns all of the page stays an error.
func failure(err error, sentence *string) error {
	if err == nil || errors.Is(err, github.ErrLogInAgain) || gitHubError(err) == nil {
		return err
	}
	*sentence = gitHubError(err).Sentence()
	return nil
}

// ResetAuthorization has GitHub replace the person's access token.
func (s *Server) ResetAuthorization(c echo.Context) error {
	ctx := c.Request().Context()
	authorization, err := s.GitHub.AsUser(currentUser(c).ID).ResetAuthorization(ctx)
	if err != nil {
		return err
	}
	if err := s.noteAudit(ctx, c, "reset authorization", currentUser(c).Login); err != nil {
		return err
	}
	return s.finish(c, result{
		status: http.StatusOK, body: toAuthorizationJSON(authorization),
		next: "/account", notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Token reset. The old token is no longer valid."}},
	})
}

// RevokeAuthorization revokes the person's authorization on GitHub and ends all of
// their sessions.
func (s *Server) RevokeAuthorization(c echo.Context) error {
	ctx, person := c.Request().Context(), currentUser(c)
	if err := s.GitHub.AsUser(person.ID).Disconnect(ctx); err != nil {
		return err
	}
	if err := s.noteAudit(ctx, c, "disconnect", person.Login); err != nil {
		return err
	}
	if web.IsAPI(c.Request().URL.Path) {
		return c.NoContent(http.StatusNoContent)
	}
	if err := s.Sessions.LogOut(ctx, c.Response()); err != nil {
		return err
	}
	c.Set(credentialKey, db.Credential{})
	return s.login(c, http.StatusOK, home,
		"Authorization revoked. You're signed out everywhere, and your tokens are deleted. Your imports are kept in case you come back.")
}

func toAuthorizationJSON(a github.Authorization) openapi.Authorization {
	return openapi.Authorization{
		ID:          a.ID,
		AppName:     openapi.OrNull(a.App),
		AppClientID: openapi.OrNull(a.ClientID),
		Permissions: openapi.Permissions(a.Permissions),
		URL:         openapi.URLOrNull(a.PageURL),
		CreatedAt:   openapi.TimeOrNull(a.CreatedAt),
		UpdatedAt:   openapi.TimeOrNull(a.UpdatedAt),
		ExpiresAt:   openapi.TimeOrNull(a.ExpiresAt),
	}
}

func toAuthorizationView(a github.Authorization) views.Authorization {
	view := views.Authorization{
		ID: a.ID, App: a.App, URL: a.PageURL, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, ExpiresAt: a.ExpiresAt,
	}
	for _, name := range slices.Sorted(maps.Keys(a.Permissions)) {
		view.Permissions = append(view.Permissions, views.Permission{Name: name, Level: a.Permissions[name]})
	}
	return view
}
