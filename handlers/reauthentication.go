package handlers

import (
	"net/http"
	"net/url"
	"time"

	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// recentSignIn is how old a sign-in may be for what somebody who found or stole a
// session mustn't do.
const recentSignIn = 15 * time.Minute

// requireRecentSignIn is an error unless the user came from GitHub lately. What they
// entered on the page is kept until they are back. An API token that may do this was
// created by somebody who had.
func (s *Server) requireRecentSignIn(c echo.Context, page string) error {
	found := credential(c)
	if found.Scope != "" || s.Now().Sub(found.SignedInAt) <= recentSignIn {
		return nil
	}
	again := "/auth/github?" + url.Values{"return_to": {page}}.Encode()
	if !web.IsAPI(c.Request().URL.Path) {
		values, err := c.FormParams()
		if err != nil {
			return web.BodyError(err)
		}
		if err := s.Sessions.KeepForm(c.Request().Context(), c.Request().URL.Path, values); err != nil {
			return err
		}
	}
	return &web.Error{
		Status: http.StatusForbidden, Code: "reauthentication_required", URL: s.config.URL.String() + again,
		Message: "Sign in again to confirm that it's you. This requires a sign-in within the last 15 minutes",
		Link:    ui.Link{Text: "Continue with GitHub", URL: again},
	}
}

// maxCreatedTokens is how many tokens a user may create in an hour.
const maxCreatedTokens = 60

// requireFewTokens is an error for who creates tokens in a loop.
func (s *Server) requireFewTokens(c echo.Context) error {
	created, err := s.DB.CountCreatedTokens(c.Request().Context(), currentUser(c).GitHubID, s.Now().Add(-time.Hour))
	if err != nil || created < maxCreatedTokens {
		return err
	}
	return &web.Error{
		Status: http.StatusTooManyRequests, RetryAfter: 10 * time.Minute,
		Message: "You have created 60 tokens within an hour. Wait before you create another", Link: tokensLink,
	}
}

// mayCreateToken is nil for who may create a token at this moment. page is where they
// come back to from GitHub.
func (s *Server) mayCreateToken(c echo.Context, page string) error {
	if err := s.requireRecentSignIn(c, page); err != nil {
		return err
	}
	return s.requireFewTokens(c)
}
