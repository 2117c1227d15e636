package setup

import (
	"errors"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var (
	errNotSetUpHere = &web.Error{Status: http.StatusForbidden, Message: "The app was not set up in this browser. Name yourself in NEPTUN_OPERATORS to become an operator"}
	errOtherAccount = &web.Error{Status: http.StatusConflict, Message: "You are signed in as another account than the page named. Reload it", Link: ui.Link{Text: "Reload", URL: "/setup"}}
)

// maxTries is how many wrong codes an origin may enter at once, and how many more per minute.
const maxTries = 5

// Setup leads through the setup: the code from the log, the description of the app, and the next
// steps.
func (h *Handlers) Setup(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	switch configured, err := h.Configured(c); {
	case err != nil:
		return err
	case configured:
		return h.setUp(c)
	}
	switch _, marked, err := h.setupBrowser(c); {
	case err != nil:
		return err
	case !marked:
		return h.askSetupCode(c, http.StatusOK, "")
	}
	form := SuggestApp(h.URL)
	if c.QueryParams().Has("name") { // to edit the description
		form, _ = readSetupForm(c)
	}
	return h.askApp(c, http.StatusOK, form, "")
}

// setUp shows the next steps in the browser that set up the app, until a user signs in there.
// Other browsers are redirected.
func (h *Handlers) setUp(c echo.Context) error {
	ctx := c.Request().Context()
	switch here, err := h.DB.IsSetUpBy(ctx, h.Sessions.SetupBrowser(c.Request())); {
	case err != nil:
		return err
	case !here:
		return c.Redirect(http.StatusSeeOther, "/")
	}
	app, err := h.DB.App(ctx)
	if err != nil {
		return err
	}
	switch err := h.Auth.Identify(c); {
	case err == nil:
		return web.Render(c, http.StatusOK, operators.SetupOperator(operators.SetupOperatorPage{Frame: h.Respond.Frame(c, "Setup"), AppName: app.Name}))
	case !auth.IsSignedOut(err):
		return err
	}
	return web.Render(c, http.StatusOK, operators.SetupDone(operators.SetupDonePage{
		Frame: h.Respond.Frame(c, "Setup"), AppName: app.Name, Owner: app.Owner, InstallURL: github.InstallURL(app.HTMLURL),
	}))
}

// BecomeOperator makes the account that the page named an operator, in the browser that set up
// the app.
func (h *Handlers) BecomeOperator(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	if c.FormValue("github_id") != strconv.FormatInt(user.GitHubID, 10) {
		return errOtherAccount
	}
	claimed, err := h.DB.ClaimSetup(ctx, user, h.Sessions.SetupBrowser(c.Request()))
	switch {
	case err != nil:
		return err
	case !claimed:
		return errNotSetUpHere
	}
	app, err := h.DB.App(ctx)
	if err != nil {
		return err
	}
	if err := h.Audit.Record(ctx, c, db.AuditSetUpApp, app.Name); err != nil {
		return err
	}
	return h.Respond.Redirect(c, respond.Installations, ui.Notice{Kind: ui.KindSuccess, Text: "You are now an operator of this server."})
}

// WrongCode is the message for an invalid setup code.
const WrongCode = "This code isn't valid or was already used. Restart Neptun to get a new code."

// EnterSetupCode marks the browser that has the code.
func (h *Handlers) EnterSetupCode(c echo.Context) error {
	switch configured, err := h.Configured(c); {
	case err != nil:
		return err
	case configured:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	browser, cookie := h.Sessions.NewSetupBrowser()
	err := h.DB.UseSetupCode(c.Request().Context(), sessions.HashSetupCode(c.FormValue("code")), browser)
	switch {
	case errors.Is(err, db.ErrNotFound):
		h.Audit.Unauthenticated(c, db.AuditRefuseSetupCode, "")
		// A valid code always works, so that nobody is locked out by others with the same IP address.
		// 130 bits can't be guessed.
		if wait := web.Take(h.tries.Of(h.Site.Origin(c)), h.Now()); wait > 0 {
			c.Response().Header().Set(echo.HeaderRetryAfter, web.Seconds(wait))
			return h.askSetupCode(c, http.StatusTooManyRequests, "Too many wrong codes. Wait a minute, then try again.")
		}
		return h.askSetupCode(c, http.StatusForbidden, WrongCode)
	case err != nil:
		return err
	}
	h.Audit.Unauthenticated(c, db.AuditAcceptSetupCode, "")
	http.SetCookie(c.Response(), cookie)
	return c.Redirect(http.StatusSeeOther, "/setup")
}

// setupBrowser identifies the browser, and whether it may set up the app.
func (h *Handlers) setupBrowser(c echo.Context) (browser string, marked bool, err error) {
	if browser = h.Sessions.SetupBrowser(c.Request()); browser == "" {
		return "", false, nil
	}
	marked, err = h.DB.IsSetupBrowser(c.Request().Context(), browser)
	return browser, marked, err
}

// askSetupCode shows the form for the code; wrong is the error of the last one.
func (h *Handlers) askSetupCode(c echo.Context, status int, wrong string) error {
	return web.Render(c, status, operators.Setup(operators.SetupPage{
		Frame: h.Respond.Frame(c, "Setup"), Error: wrong, CallbackURL: h.Respond.CallbackURL(),
	}))
}
