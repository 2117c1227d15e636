package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/github"
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

// setupTries are the wrong set-up codes that are taken from one address, and how
// many more after a minute.
const setupTries = 5

// Setup leads whoever runs this Neptun to an App: first the code from the log,
// then what the App shall be, and at last what to do with it.
func (s *Server) Setup(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	switch configured, err := s.configured(c); {
	case err != nil:
		return err
	case configured:
		return s.setUp(c)
	}
	switch _, marked, err := s.setupBrowser(c); {
	case err != nil:
		return err
	case !marked:
		return s.askSetupCode(c, http.StatusOK, "")
	}
	form := s.suggestApp()
	if c.QueryParams().Has("name") { // to be changed
		form, _ = readSetupForm(c)
	}
	return s.askApp(c, http.StatusOK, form, "")
}

// setUp says what comes after the set-up where it was made, until somebody logs
// in there. Everybody else is led on.
func (s *Server) setUp(c echo.Context) error {
	ctx := c.Request().Context()
	switch here, err := s.DB.IsSetUpBy(ctx, s.Sessions.SetupBrowser(c.Request())); {
	case err != nil:
		return err
	case !here:
		return c.Redirect(http.StatusSeeOther, "/")
	}
	app, err := s.DB.App(ctx)
	if err != nil {
		return err
	}
	credential, err := s.credentialOf(ctx, s.Sessions.PageKey(c.Request()))
	switch {
	case err == nil:
		c.Set(credentialKey, credential)
		return web.Render(c, http.StatusOK, operators.SetupOperator(operators.SetupOperatorPage{Frame: s.frame(c, "Setup"), AppName: app.Name}))
	case !errors.Is(err, errLoggedOut) && !isUnconfirmed(err):
		return err
	}
	return web.Render(c, http.StatusOK, operators.SetupDone(operators.SetupDonePage{
		Frame: s.frame(c, "Set-up"), AppName: app.Name, Owner: app.Owner, InstallURL: github.InstallURL(app.HTMLURL),
	}))
}

// BecomeOperator makes the account that the page named an operator, in the
// browser where the app was set up.
func (s *Server) BecomeOperator(c echo.Context) error {
	ctx, person := c.Request().Context(), currentUser(c)
	if c.FormValue("github_id") != strconv.FormatInt(person.GitHubID, 10) {
		return errOtherAccount
	}
	claimed, err := s.DB.ClaimSetup(ctx, person, s.Sessions.SetupBrowser(c.Request()))
	switch {
	case err != nil:
		return err
	case !claimed:
		return errNotSetUpHere
	}
	app, err := s.DB.App(ctx)
	if err != nil {
		return err
	}
	if err := s.noteAudit(ctx, c, "set up App", app.Name); err != nil {
		return err
	}
	return s.done(c, home, ui.Notice{Kind: ui.KindSuccess, Text: "You are now an operator of this server."})
}

// EnterSetupCode marks the browser that knows the code.
func (s *Server) EnterSetupCode(c echo.Context) error {
	switch configured, err := s.configured(c); {
	case err != nil:
		return err
	case configured:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	browser, cookie := s.Sessions.NewSetupBrowser()
	err := s.DB.UseSetupCode(c.Request().Context(), sessions.HashSetupCode(c.FormValue("code")), browser)
	switch {
	case errors.Is(err, db.ErrNotFound):
		s.noteStranger(c, "refuse setup code", "")
		// A right code is accepted whatever went before: nobody who shares an address
		// with others is kept out by their tries, and 130 bits can't be guessed.
		if wait := web.Take(s.setupTries.Of(s.site.Origin(c)), s.Now()); wait > 0 {
			c.Response().Header().Set(echo.HeaderRetryAfter, web.Seconds(wait))
			return s.askSetupCode(c, http.StatusTooManyRequests, "Too many wrong codes. Wait a minute, then try again.")
		}
		return s.askSetupCode(c, http.StatusForbidden, "This code isn't valid or was already used. Restart Neptun to get a new code.")
	case err != nil:
		return err
	}
	s.noteStranger(c, "accept setup code", "")
	http.SetCookie(c.Response(), cookie)
	return c.Redirect(http.StatusSeeOther, "/setup")
}

// setupBrowser tells which browser asks, and whether it may set up.
func (s *Server) setupBrowser(c echo.Context) (browser string, marked bool, err error) {
	if browser = s.Sessions.SetupBrowser(c.Request()); browser == "" {
		return "", false, nil
	}
	marked, err = s.DB.IsSetupBrowser(c.Request().Context(), browser)
	return browser, marked, err
}

// askSetupCode asks for the code; wrong says what was wrong with the last one.
func (s *Server) askSetupCode(c echo.Context, status int, wrong string) error {
	return web.Render(c, status, operators.Setup(operators.SetupPage{
		Frame: s.frame(c, "Set-up"), Wrong: wrong, CallbackURL: s.callbackURL(),
	}))
}
