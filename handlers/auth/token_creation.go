package auth

import (
	"net/http"
	"time"

	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// maxCreatedTokens is how many tokens a user may create in an hour.
const maxCreatedTokens = 60

// RequireTokenCreation returns nil if the user may create a token now: they signed in recently
// and haven't created too many tokens. page is where they return to after signing in again.
func (a *Authorizer) RequireTokenCreation(c echo.Context, page string) error {
	if err := a.RequireRecentSignIn(c, page); err != nil {
		return err
	}
	created, err := a.DB.CountCreatedTokens(c.Request().Context(), User(c).GitHubID, a.Now().Add(-time.Hour))
	if err != nil || created < maxCreatedTokens {
		return err
	}
	return &web.Error{
		Status: http.StatusTooManyRequests, RetryAfter: 10 * time.Minute,
		Message: "You have created 60 tokens within an hour. Wait before you create another", Link: ui.Link{Text: "Your tokens", URL: "/tokens"},
	}
}
