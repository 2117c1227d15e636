package auth

import (
	"net/http"
	"net/url"
	"time"

	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// recentSignIn is the maximum age of a sign-in for actions that a stolen session must not
// allow.
const recentSignIn = 15 * time.Minute

// RequireRecentSignIn returns an error unless the user signed in recently. The page's form is
// restored after they do. An API token passes: its user signed in recently when they created
// it.
func (a *Authorizer) RequireRecentSignIn(c echo.Context, page string) error {
	found := Credential(c)
	if found.Scope != "" || a.Now().Sub(found.SignedInAt) <= recentSignIn {
		return nil
	}
	again := "/auth/github?" + url.Values{"return_to": {page}}.Encode()
	switch form, err := web.Form(c); {
	case err != nil:
		return err
	case form != nil:
		if err := a.Sessions.KeepForm(c.Request().Context(), c.Request().URL.Path, form); err != nil {
			return err
		}
	}
	return &web.Error{
		Status: http.StatusForbidden, Code: "reauthentication_required", URL: a.URL.String() + again,
		Message: "Sign in again to confirm that it's you. This requires a sign-in within the last 15 minutes",
		Link:    ui.Link{Text: "Continue with GitHub", URL: again},
	}
}
