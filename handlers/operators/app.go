package operators

import (
	"context"
	"errors"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errAppUnread = &web.Error{Status: http.StatusServiceUnavailable, Message: "The app hasn't been loaded from GitHub yet. Try again in a moment"}

// App shows operators GitHub's facts about the app. The page can also look up an installation.
func (h *Handlers) App(c echo.Context) error {
	return respond.Choose(c, func() error { return h.writeApp(c) }, func() error { return h.overviewOfApp(c) })
}

func (h *Handlers) overviewOfApp(c echo.Context) error {
	lookup, err := h.lookup(c)
	if err != nil {
		return err
	}
	page := h.appPage()
	page.Lookup = lookup
	return h.showApp(c, page)
}

func (h *Handlers) writeApp(c echo.Context) error {
	facts, known := h.GitHub.AppFacts()
	if !known {
		unread := *errAppUnread
		if why := h.GitHub.AppErrorMessage(); why != "" {
			unread.Message = why
		}
		return &unread
	}
	return h.Respond.Value(c, "app", present.ToApp(facts, h.Host), nil)
}

// Findings returns what the latest syncs couldn't use.
func (h *Handlers) Findings(c echo.Context) error {
	findings, err := h.DB.ListFindings(c.Request().Context())
	if err != nil {
		return err
	}
	return h.Respond.Value(c, "findings", openapi.ToFindings(findings), nil)
}

// appPage is the page about the app, before a look-up and a self-test.
func (h *Handlers) appPage() operators.AppPage {
	return operators.AppPage{Facts: h.appFacts(), Error: h.GitHub.AppErrorMessage(), Test: h.addresses()}
}

// show responds with a page for operators.
func (h *Handlers) show(c echo.Context, title string, draw func(ui.Frame) templ.Component) error {
	return h.Respond.Show(c, respond.Page{Title: title, Nav: ui.NavApp, Draw: draw})
}

// showApp shows the page about the app.
func (h *Handlers) showApp(c echo.Context, page operators.AppPage) error {
	var err error
	if page.Findings, err = h.DB.ListFindings(c.Request().Context()); err != nil {
		return err
	}
	return h.show(c, "The App", func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return operators.AppOverview(page)
	})
}

// appFacts is what GitHub last reported about the app, nil before the first time.
func (h *Handlers) appFacts() *operators.AppFacts {
	facts, known := h.GitHub.AppFacts()
	if !known {
		return nil
	}
	return &operators.AppFacts{
		Name:          facts.Name,
		Slug:          facts.Slug,
		Description:   facts.Description,
		Owner:         facts.Owner,
		HTMLURL:       facts.HTMLURL,
		HomepageURL:   facts.HomepageURL,
		SettingsURL:   h.Host.AppSettingsURL(facts.Owner, facts.Slug),
		InstallURL:    facts.InstallURL(),
		Visibility:    facts.Visibility,
		Permissions:   facts.Permissions,
		Events:        facts.Events,
		Installations: facts.Installations,
		ReadAt:        facts.ReadAt,
	}
}

// settingsURL is the app's settings page on GitHub; empty while the app isn't known.
func (h *Handlers) settingsURL() string {
	if facts := h.appFacts(); facts != nil {
		return facts.SettingsURL
	}
	return ""
}

// operatorError maps GitHub's errors to messages for operators. missing is the message if
// something wasn't found.
func operatorError(err error, missing *web.Error) error {
	var httpErr *web.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		httpErr = respond.ErrTooSlow
	case errors.Is(err, github.ErrNoHook):
		httpErr = errNoHook
	case errors.Is(err, github.ErrNotFound) || errors.Is(err, db.ErrNotFound):
		httpErr = missing
	case errors.Is(err, github.ErrSuspended):
		httpErr = &web.Error{Status: http.StatusConflict, Message: "This installation is suspended, so it can't be read until it is unsuspended"}
	case errors.Is(err, github.ErrForbidden):
		httpErr = &web.Error{Status: http.StatusForbidden, Message: "The app doesn't have permission to do this. Check its permissions on GitHub"}
	case errors.Is(err, github.ErrAppCredentials):
		httpErr = &web.Error{Status: http.StatusBadGateway, Message: "GitHub rejected the app's private key. Run the self-test for details", Link: ui.Link{Text: "Self-test", URL: "/app/self-test"}}
	case errors.Is(err, github.ErrRefused):
		httpErr = &web.Error{Status: http.StatusUnprocessableEntity, Message: "GitHub rejected these values. Check them and try again"}
	default:
		return err
	}
	return &causedError{httpErr, err}
}

// causedError is an error with a cause for the log.
type causedError struct {
	httpErr *web.Error
	cause   error
}

// Error implements error.
func (p *causedError) Error() string { return p.httpErr.Message + ": " + p.cause.Error() }

// Unwrap lets ToHTTPError find the response.
func (p *causedError) Unwrap() error { return p.httpErr }
