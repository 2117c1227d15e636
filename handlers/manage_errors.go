package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/views"
)

// onGitHub is the way to GitHub's own page of an installation.
func onGitHub(in db.InstallationRecord) views.Link {
	if in.HTMLURL == "" {
		return views.Link{Text: "Back to " + in.Account.Login, URL: views.InstallationPath(in.ID)}
	}
	return views.Link{Text: "View on GitHub", URL: in.HTMLURL}
}

func errNotManager(in db.InstallationRecord) *problem {
	if in.Suspended() && in.Account.Kind == db.KindOrganization {
		return &problem{
			status:   http.StatusForbidden,
			sentence: fmt.Sprintf("Neptun can't check who owns %s while the app is suspended. Do this on GitHub, or unsuspend it first", in.Account.Login),
			link:     onGitHub(in),
		}
	}
	return &problem{
		status:   http.StatusForbidden,
		sentence: fmt.Sprintf("Only an owner of %s can suspend or uninstall the app", in.Account.Login),
		link:     onGitHub(in),
	}
}

func errNotLifter(in db.InstallationRecord) *problem {
	if in.SuspendedThrough == 0 {
		return errSuspendedOnGitHub(in)
	}
	return &problem{
		status: http.StatusForbidden,
		sentence: fmt.Sprintf("This installation was suspended through Neptun by %s. They or an operator of this server can unsuspend it",
			in.SuspendedThroughLogin),
		link: views.Link{Text: "Back to " + in.Account.Login, URL: views.InstallationPath(in.ID)},
	}
}

func errSuspendedOnGitHub(in db.InstallationRecord) *problem {
	return &problem{
		status:   http.StatusConflict,
		sentence: fmt.Sprintf("This installation was suspended on GitHub. Only an owner of %s can unsuspend it, on GitHub. Then sync", in.Account.Login),
		link:     onGitHub(in),
	}
}

func errUninstalledMeanwhile(in db.InstallationRecord) *problem {
	return &problem{
		status:   http.StatusNotFound,
		sentence: "The app was uninstalled from this account",
		link:     views.Link{Text: "View installation", URL: views.InstallationPath(in.ID)},
	}
}

// manageError says what GitHub's failure means for an action on an installation,
// after which one can't be sure that nothing happened.
func manageError(in db.InstallationRecord, err error) error {
	again := views.Link{Text: "Refresh", URL: views.SettingsPath(in.ID)}
	var limited *github.RateLimitError
	switch {
	case errors.Is(err, github.ErrLogInAgain):
		return errUnconfirmed
	case errors.As(err, &limited):
		return &problem{status: http.StatusServiceUnavailable, sentence: github.Explain(err), link: again}
	case errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrSuspended):
		return &problem{status: http.StatusBadGateway, sentence: "The app doesn't have permission to do this. An owner of the account can do it on GitHub", link: onGitHub(in)}
	case errors.Is(err, github.ErrNotFound):
		return errUninstalledMeanwhile(in)
	case errors.Is(err, github.ErrAppCredentials):
		return &problem{status: http.StatusBadGateway, sentence: github.Explain(err), link: onGitHub(in)}
	case errors.Is(err, github.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &problem{
			status:   http.StatusGatewayTimeout,
			sentence: "GitHub didn't respond properly in time. Neptun checks the result automatically. Refresh in a minute",
			link:     again,
		}
	}
	return err
}
