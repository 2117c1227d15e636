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

// RequireTokenCreation is nil for a user who may create a token at this moment: they
// signed in recently, and don't create tokens in a loop. page is where they return to
// after they signed in again.
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
