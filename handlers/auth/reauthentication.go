package auth

import (
	"net/http"
	"net/url"
	"time"

	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// recentSignIn is how old a sign-in may be for what a stolen session mustn't be
// enough for.
const recentSignIn = 15 * time.Minute

// RequireRecentSignIn is an error unless the user signed in recently. The form of
// the page is kept until they are back. An API token may do what its user could
// do when they created it, after a recent sign-in.
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
