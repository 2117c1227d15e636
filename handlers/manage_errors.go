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
	return views.Link{Text: "Open it on GitHub", URL: in.HTMLURL}
}

func errNotManager(in db.InstallationRecord) *problem {
	if in.Suspended() && in.Account.Kind == db.KindOrganization {
		return &problem{
			status:   http.StatusForbidden,
			sentence: fmt.Sprintf("While the App is suspended there, GitHub doesn't tell it who owns %s, so this can be done only on GitHub, or once the suspension is lifted", in.Account.Login),
			link:     onGitHub(in),
		}
	}
	return &problem{
		status:   http.StatusForbidden,
		sentence: fmt.Sprintf("Only an owner of %s can suspend or uninstall the App there, and GitHub doesn't say that you are one", in.Account.Login),
		link:     onGitHub(in),
	}
}

func errNotLifter(in db.InstallationRecord) *problem {
	if in.SuspendedThrough == 0 {
		return errSuspendedOnGitHub(in)
	}
	return &problem{
		status: http.StatusForbidden,
		sentence: fmt.Sprintf("This installation was suspended through Neptun by %s, who can lift the suspension, as can the operators of this Neptun",
			in.SuspendedThroughLogin),
		link: views.Link{Text: "Back to " + in.Account.Login, URL: views.InstallationPath(in.ID)},
	}
}

func errSuspendedOnGitHub(in db.InstallationRecord) *problem {
	return &problem{
		status:   http.StatusConflict,
		sentence: fmt.Sprintf("This installation was suspended on GitHub, and GitHub lets it be lifted only there, by an owner of %s. Once it is, sync", in.Account.Login),
		link:     onGitHub(in),
	}
}

func errUninstalledMeanwhile(in db.InstallationRecord) *problem {
	return &problem{
		status:   http.StatusNotFound,
		sentence: "GitHub no longer has this installation: it was uninstalled meanwhile",
		link:     views.Link{Text: "See what is left", URL: views.InstallationPath(in.ID)},
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
		return &problem{status: http.StatusServiceUnavailable, sentence: github.Explain(err), link: again}
	case errors.Is(err, github.ErrForbidden), errors.Is(err, github.ErrSuspended):
		return &problem{status: http.StatusBadGateway, sentence: "GitHub doesn't let the App do this. An owner of the account can do it on GitHub", link: onGitHub(in)}
	case errors.Is(err, github.ErrNotFound):
		return errUninstalledMeanwhile(in)
	case errors.Is(err, github.ErrAppCredentials):
		return &problem{status: http.StatusBadGateway, sentence: github.Explain(err), link: onGitHub(in)}
	case errors.Is(err, github.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &problem{
			status:   http.StatusGatewayTimeout,
			sentence: "GitHub did not answer properly in time, so what is shown stays as it was. Neptun looks again by itself; see what became of it in a minute, then try again",
			link:     again,
		}
	}
	return err
}
