package signin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// StartInstall redirects to GitHub, to install the app on an account.
func (h *Handlers) StartInstall(c echo.Context) error {
	app, known := h.GitHub.AppFacts()
	target, err := url.Parse(app.InstallURL())
	if !known || err != nil || target.Host == "" {
		return &web.Error{Status: http.StatusServiceUnavailable, Message: "The app's installation page isn't known yet. Try again in a minute"}
	}
	attempt, err := h.Sessions.StartAttempt(c.Response(), c.Request(), sessions.OwnPath(c.QueryParam("return_to"), respond.Installations))
	if err != nil {
		return err
	}
	target.RawQuery = url.Values{"state": {attempt.State}}.Encode()
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, target.String())
}

// FinishInstall handles the return from GitHub (the app's setup URL). Its query can be forged,
// as GitHub's documentation warns: installation_id only selects which of the user's own
// installations to open.
// https://docs.github.com/apps/creating-github-apps/registering-a-github-app/about-the-setup-url
func (h *Handlers) FinishInstall(c echo.Context) error {
	ctx := c.Request().Context()
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	switch err := h.Auth.Identify(c); {
	case auth.IsSignedOut(err):
		return c.Redirect(http.StatusSeeOther, "/auth/github?"+url.Values{"return_to": {setupURL(c)}}.Encode())
	case err != nil:
		return err
	}
	user := auth.User(c)
	// A valid state says where the user was going, and nothing else.
	back := respond.Installations
	if attempt, err := h.Sessions.FinishAttempt(c.Response(), c.Request(), c.QueryParam("state")); err == nil {
		back = attempt.ReturnTo
	}
	if err := h.DB.QueueSync(ctx, db.SyncInstallations{UserID: user.ID}); err != nil {
		return err
	}
	if c.QueryParam("setup_action") == "request" {
		return h.requested(c, back)
	}
	id, err := strconv.ParseInt(c.QueryParam("installation_id"), 10, 64)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, back)
	}
	in, err := h.DB.FindInstallationByGitHubID(ctx, user.ID, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return c.Redirect(http.StatusSeeOther, views.NewInstallationPath(id))
	case err != nil:
		return err
	}
	// Its repositories may have changed: the page shows their sync.
	if err := h.DB.QueueSync(ctx, db.SyncRepositories{RecordID: in.ID}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, ui.InstallationPath(in.ID))
}

// setupURL is the requested URL without one-time parameters.
func setupURL(c echo.Context) string {
	query := url.Values{}
	for _, name := range []string{"installation_id", "setup_action"} {
		if value := c.QueryParam(name); value != "" {
			query.Set(name, value)
		}
	}
	return "/auth/github/setup?" + query.Encode()
}

// requested handles the return of a user who asked an organization's owners to install the app.
// GitHub redirects immediately; the owners decide later.
func (h *Handlers) requested(c echo.Context, back string) error {
	if err := h.Syncer.WatchRequests(c.Request().Context()); err != nil {
		return err
	}
	return h.Respond.Redirect(c, back, ui.Notice{
		Kind: ui.KindInfo,
		Text: "Your request was sent to the owners. It appears under Installations, together with their decision.",
	})
}

// NewInstallation waits until GitHub shows a new installation to the user, then redirects to it.
func (h *Handlers) NewInstallation(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	id, err := strconv.ParseInt(c.QueryParam("installation_id"), 10, 64)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, respond.Installations)
	}
	versions, err := h.DB.GetTopicVersions(ctx, user.ID)
	if err != nil {
		return err
	}
	in, err := h.DB.FindInstallationByGitHubID(ctx, user.ID, id)
	switch {
	case err == nil && web.IsFragment(c):
		c.Response().Header().Set("HX-Redirect", ui.InstallationPath(in.ID))
		return c.NoContent(http.StatusOK)
	case err == nil:
		return c.Redirect(http.StatusSeeOther, ui.InstallationPath(in.ID))
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	removed, err := h.DB.ListRemovedInstallations(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, r := range removed {
		if r.GitHubID == id && !web.IsFragment(c) {
			return h.Respond.Redirect(c, views.InstallationsPath, ui.Notice{
				Kind: ui.KindInfo, Text: "You removed " + r.Account.Login + " from Neptun. You can add it again here.",
			})
		}
	}
	status, err := h.DB.GetSync(ctx, db.SyncInstallations{UserID: user.ID})
	if err != nil {
		return err
	}
	return h.Respond.Show(c, respond.Page{Title: "Installing", Nav: ui.NavInstallations, Draw: func(frame ui.Frame) templ.Component {
		return views.NewInstallation(views.NewInstallationPage{
			Frame: frame, GitHubID: id, Sync: status.Sync, SyncedAt: status.SyncedAt, Version: versions[db.TopicInstallations],
		})
	}})
}
