package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/web"
	"neptun/views"
)

// onGitHub is the way to GitHub's own page of an installation.
func onGitHub(in db.InstallationRecord) views.Link {
	if in.HTMLURL == "" {
		return views.Link{Text: "Back to " + in.Account.Login, URL: views.InstallationPath(in.ID)}
	}
	return views.Link{Text: "Open it on GitHub", URL: in.HTMLURL}
}

func errNotManager(in db.InstallationRecord) *web.Error {
	if in.Suspended() && in.Account.Kind == db.KindOrganization {
		return &web.Error{
			Status:  http.StatusForbidden,
			Message: fmt.Sprintf("While the App is suspended there, GitHub doesn't tell it who owns %s, so this can be done only on GitHub, or once the suspension is lifted", in.Account.Login),
			Link:    onGitHub(in),
		}
	}
	return &web.Error{
		Status:  http.StatusForbidden,
		Message: fmt.Sprintf("Only an owner of %s can suspend or uninstall the App there, and GitHub doesn't say that you are one", in.Account.Login),
		Link:    onGitHub(in),
	}
}

func errNotLifter(in db.InstallationRecord) *web.Error {
	if in.SuspendedThrough == 0 {
		return errSuspendedOnGitHub(in)
	}
	return &web.Error{
		Status: http.StatusForbidden,
		Message: fmt.Sprintf("This installation was suspended through Neptun by %s, who can lift the suspension, as can the operators of this Neptun",
			in.SuspendedThroughLogin),
		Link: views.Link{Text: "Back to " + in.Account.Login, URL: views.InstallationPath(in.ID)},
	}
}

func errSuspendedOnGitHub(in db.InstallationRecord) *web.Error {
	return &web.Error{
		Status:  http.StatusConflict,
		Message: fmt.Sprintf("This installation was suspended on GitHub, and GitHub lets it be lifted only there, by an owner of %s. Once it is, sync", in.Account.Login),
		Link:    onGitHub(in),
	}
}

func errUninstalledMeanwhile(in db.InstallationRecord) *web.Error {
	return &web.Error{
		Status:  http.StatusNotFound,
		Message: "GitHub no longer has this installation: it was uninstalled meanwhile",
		Link:    views.Link{Text: "See what is left", URL: views.InstallationPath(in.ID)},
	}
}

// manageError says what GitHub's failure means for an action on an installation,
// after which one can't be sure that nothing happened.
func manageError(in db.InstallationRecord, err error) error {
	again := views.Link{Text: "Look again", URL: views.SettingsPath(in.ID)}
	var limited *github.RateLimitError
	switch {
	case errors.Is(err, github.ErrLogInAgain):
		return errUnconfirmed
	case errors.As(err, &limited):
		return &web.Error{Status: http.StatusServiceUnavailable, Message: github.Explain(err), Link: again}
	case errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrSuspended):
		return &web.Error{Status: http.StatusBadGateway, Message: "GitHub doesn't let the App do this. An owner of the account can do it on GitHub", Link: onGitHub(in)}
	case errors.Is(err, github.ErrNotFound):
		return errUninstalledMeanwhile(in)
	case errors.Is(err, github.ErrAppCredentials):
		return &web.Error{Status: http.StatusBadGateway, Message: github.Explain(err), Link: onGitHub(in)}
	case errors.Is(err, github.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &web.Error{
			Status:  http.StatusGatewayTimeout,
			Message: "GitHub did not answer properly in time, so what is shown stays as it was. Neptun looks again by itself; see what became of it in a minute, then try again",
			Link:    again,
		}
	}
	return err
}
