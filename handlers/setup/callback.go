package setup

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// FinishSetup exchanges the code with which GitHub redirects after it created the app. It
// requires a state of this browser, since the result includes the app's private key.
func (h *Handlers) FinishSetup(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	switch configured, err := h.Configured(c); {
	case err != nil:
		return err
	case configured:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	browser, marked, err := h.setupBrowser(c)
	switch {
	case err != nil:
		return err
	case !marked:
		return h.askSetupCode(c, http.StatusForbidden, errSetupElsewhere)
	}
	code, state := c.QueryParam("code"), sessions.Hash(c.QueryParam("state"))
	if code == "" {
		return h.askApp(c, http.StatusBadRequest, SuggestApp(h.URL), "GitHub didn't send a code, so no app was registered.")
	}
	// From here on nothing may interrupt the setup: GitHub returns the private key only
	// once.
	ctx := context.WithoutCancel(c.Request().Context())
	switch err := h.DB.UseSetupState(ctx, state, browser); {
	case errors.Is(err, db.ErrNotFound):
		return h.askApp(c, http.StatusBadRequest, SuggestApp(h.URL),
			"This response from GitHub has expired or belongs to another browser. If an app was registered, you can delete it.")
	case err != nil:
		return err
	}
	app, err := h.convertManifest(ctx, code)
	if err != nil {
		return h.conversionFailed(c, err, state, browser)
	}
	return h.storeApp(ctx, c, app, browser)
}

func (h *Handlers) convertManifest(ctx context.Context, code string) (db.App, error) {
	ctx, cancel := context.WithTimeout(ctx, respond.GitHubTimeout)
	defer cancel()
	return h.GitHub.ConvertManifest(ctx, code)
}

// ExpiredResponse is the message for a code that GitHub no longer accepts.
const ExpiredResponse = "This response from GitHub has expired. If an app was registered, you can delete it."

// conversionFailed handles an exchange that returned no app. If GitHub is unavailable the code
// may still be valid, so the URL can be opened again.
func (h *Handlers) conversionFailed(c echo.Context, err error, state, browser string) error {
	var limited *github.RateLimitError
	switch {
	case errors.Is(err, github.ErrManifestCode):
		return h.askApp(c, http.StatusBadRequest, SuggestApp(h.URL),
			ExpiredResponse)
	case errors.Is(err, github.ErrManifestRefused):
		return h.askApp(c, http.StatusBadGateway, SuggestApp(h.URL),
			"GitHub didn't return the app's credentials. If an app was registered, you can delete it.")
	case errors.As(err, &limited), errors.Is(err, github.ErrUnavailable):
		h.Logger.Warn("setup: no App for the code", "id", web.RequestID(c), "error", err)
		if err := h.DB.AddSetupState(context.WithoutCancel(c.Request().Context()), state, browser); err != nil {
			return err
		}
		httpErr := *respond.ToHTTPError(err)
		httpErr.Message = github.Explain(err) + " Reload this page within an hour to try again"
		return &httpErr
	}
	return err
}

// storeApp stores the app and starts using it.
func (h *Handlers) storeApp(ctx context.Context, c echo.Context, app db.App, browser string) error {
	unused := ui.Link{Text: "Delete it on GitHub", URL: h.Host.AppsURL("")}
	if app.HTMLURL != "" {
		unused.URL = app.HTMLURL
	}
	switch err := h.DB.StoreApp(ctx, app, browser); {
	case errors.Is(err, db.ErrAppExists):
		return &web.Error{
			Status:  http.StatusConflict,
			Message: "Someone else completed the setup with another app. Your app " + app.Name + " isn't used",
			Link:    unused,
		}
	case err != nil:
		h.Logger.Error("setup: the App can't be stored", "id", web.RequestID(c), "error", err)
		return &web.Error{
			Status:  http.StatusInternalServerError,
			Message: "The app " + app.Name + " was registered, but couldn't be saved. Delete it on GitHub and start the setup again",
			Link:    unused,
		}
	}
	h.Logger.LogAttrs(ctx, slog.LevelInfo, "the App is set up", slog.Int64("app_id", app.ID), slog.String("name", app.Name))
	if err := h.GitHub.LoadApp(ctx); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/setup")
}
