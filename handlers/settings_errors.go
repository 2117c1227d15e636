package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"
)

// onGitHub links to GitHub's page of an installation.
func onGitHub(in db.InstallationRecord) ui.Link {
	if in.HTMLURL == "" {
		return ui.Link{Text: "Back to " + in.Account.Login, URL: ui.InstallationPath(in.ID)}
	}
	return ui.Link{Text: "View on GitHub", URL: in.HTMLURL}
}

func errCannotManage(in db.InstallationRecord) *web.Error {
	if in.Suspended() && in.Account.Kind == db.KindOrganization {
		return &web.Error{
			Status:  http.StatusForbidden,
			Message: fmt.Sprintf("Neptun can't check who owns %s while the app is suspended. Do this on GitHub, or unsuspend it first", in.Account.Login),
			Link:    onGitHub(in),
		}
	}
	return &web.Error{
		Status:  http.StatusForbidden,
		Message: fmt.Sprintf("Only an owner of %s can suspend or uninstall the app", in.Account.Login),
		Link:    onGitHub(in),
	}
}

func errCannotUnsuspend(in db.InstallationRecord) *web.Error {
	if in.SuspendedThrough == 0 {
		return errSuspendedOnGitHub(in)
	}
	return &web.Error{
		Status: http.StatusForbidden,
		Message: fmt.Sprintf("This installation was suspended through Neptun by %s. They or an operator of this server can unsuspend it",
			in.SuspendedThroughLogin),
		Link: ui.Link{Text: "Back to " + in.Account.Login, URL: ui.InstallationPath(in.ID)},
	}
}

func errSuspendedOnGitHub(in db.InstallationRecord) *web.Error {
	return &web.Error{
		Status:  http.StatusConflict,
		Message: fmt.Sprintf("This installation was suspended on GitHub. Only an owner of %s can unsuspend it, on GitHub. Then sync", in.Account.Login),
		Link:    onGitHub(in),
	}
}

func errUninstalledMeanwhile(in db.InstallationRecord) *web.Error {
	return &web.Error{
		Status:  http.StatusNotFound,
		Message: "The app was uninstalled from this account",
		Link:    ui.Link{Text: "View installation", URL: ui.InstallationPath(in.ID)},
	}
}

// manageError maps GitHub's error for an action on an installation to a response. The action
// may have happened nevertheless.
func manageError(in db.InstallationRecord, err error) error {
	again := ui.Link{Text: "Refresh", URL: views.SettingsPath(in.ID)}
	var limited *github.RateLimitError
	switch {
	case errors.Is(err, github.ErrSignInAgain):
		return respond.GitHubError(err)
	case errors.As(err, &limited):
		return &web.Error{Status: http.StatusServiceUnavailable, Message: github.Explain(err), Link: again}
	case errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrSuspended):
		return &web.Error{Status: http.StatusBadGateway, Message: "The app doesn't have permission to do this. An owner of the account can do it on GitHub", Link: onGitHub(in)}
	case errors.Is(err, github.ErrNotFound):
		return errUninstalledMeanwhile(in)
	case errors.Is(err, github.ErrAppCredentials):
		return &web.Error{Status: http.StatusBadGateway, Message: github.Explain(err), Link: onGitHub(in)}
	case errors.Is(err, github.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &web.Error{
			Status:  http.StatusGatewayTimeout,
			Message: "GitHub didn't respond properly in time. Neptun checks the result automatically. Refresh in a minute",
			Link:    again,
		}
	}
	return err
}
