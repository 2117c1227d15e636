package handlers

import (
	"context"
	"errors"
	"strings"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// owns reports whether the user may manage an installation without a check on
// GitHub: operators, and the account's own user.
func owns(c echo.Context, in db.InstallationRecord) bool {
	return auth.IsOperator(c) || in.Account.Kind == db.KindUser && in.Account.GitHubID == auth.User(c).GitHubID
}

// canManage reports whether the user may suspend or uninstall. What an
// organization's admin may is GitHub's to say, now: yesterday's admin may not.
func (s *Server) canManage(c echo.Context, in db.InstallationRecord) (bool, error) {
	if owns(c, in) || in.Account.Kind != db.KindOrganization {
		return owns(c, in), nil
	}
	membership, err := s.GitHub.AsUser(auth.User(c).ID).Membership(c.Request().Context(), in.Account)
	return membership == github.MembershipAdmin, err
}

// canUnsuspend reports whether somebody may lift a suspension that the App made: those
// who own the installation here, and the user who made it. That GitHub tells nothing
// of an organization which keeps the App out isn't held against the latter; that
// it calls them no admin is.
func (s *Server) canUnsuspend(c echo.Context, in db.InstallationRecord) (bool, error) {
	if owns(c, in) {
		return true, nil
	}
	if in.SuspendedThrough != auth.User(c).GitHubID || in.Account.Kind != db.KindOrganization {
		return false, nil
	}
	membership, err := s.GitHub.AsUser(auth.User(c).ID).Membership(c.Request().Context(), in.Account)
	return err == nil && membership != github.MembershipLess, err
}

// madeByApp reports whether a suspension was made in the App's name, so that only
// the App can lift it.
func (s *Server) madeByApp(in db.InstallationRecord) bool {
	bot := s.GitHub.AppBot()
	return in.Suspended() && (in.SuspendedThrough != 0 || bot != "" && strings.EqualFold(in.SuspendedBy, bot))
}

// Settings shows what suspending or uninstalling would take away, and offers it
// to those who may.
func (s *Server) Settings(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	page := views.SettingsPage{Installation: in, ByApp: s.madeByApp(in)}
	if page.May, err = s.canManage(c, in); err != nil {
		return manageError(in, err)
	}
	if page.ByApp {
		if page.MayUnsuspend, err = s.canUnsuspend(c, in); err != nil {
			return manageError(in, err)
		}
	}
	if page.May {
		if page.Affects, err = s.DB.CountUsage(c.Request().Context(), in); err != nil {
			return err
		}
		_, entered, err := s.Sessions.TakeForm(c.Request().Context(), views.UninstallPath(in.ID))
		if err != nil {
			return err
		}
		page.Confirmation = entered.Get("account")
	}
	return s.respond.Show(c, respond.Page{Title: "Manage " + in.Account.Login, Nav: ui.NavInstallations, Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Settings(page)
	}})
}

// Suspend keeps the App out of an account for now, in the App's name.
func (s *Server) Suspend(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	switch may, err := s.canManage(c, in); {
	case err != nil:
		return manageError(in, err)
	case !may:
		return errNotManager(in)
	}
	if err := input.ConfirmForm(c, in.Account.Login, views.SettingsPath(in.ID)); err != nil {
		return err
	}
	facts, err := s.present(ctx, in)
	if err != nil {
		return err
	}
	if !facts.SuspendedAt.IsZero() {
		return s.suspendedAlready(c, in, facts)
	}
	if err := s.GitHub.AsApp().Suspend(ctx, in.GitHubID); err != nil {
		return s.halfway(c, in, err)
	}
	after, cancel := s.afterwards(c)
	defer cancel()
	if now, err := s.GitHub.AsApp().Installation(after, in.GitHubID); err == nil {
		facts = now
	}
	if facts.SuspendedAt.IsZero() {
		// GitHub did it, and hasn't said so yet.
		facts.SuspendedAt, facts.SuspendedBy = s.Now(), s.GitHub.AppBot()
	}
	if err := s.DB.PutSuspended(after, facts, auth.User(c)); err != nil {
		return err
	}
	if err := s.audit.Record(after, c, db.AuditSuspend, in.Account.Login); err != nil {
		return err
	}
	return s.writeManaged(c, in, ui.Notice{Kind: ui.KindSuccess, Text: "The installation on " + in.Account.Login + " is suspended. It can only be unsuspended here."})
}

func (s *Server) suspendedAlready(c echo.Context, in db.InstallationRecord, facts db.Installation) error {
	// Whoever came too late didn't do it.
	ctx := db.WithCause(c.Request().Context(), db.Cause{Kind: db.BySync})
	if err := s.DB.PutInstallation(ctx, facts); err != nil {
		return err
	}
	return s.writeManaged(c, in, ui.Notice{Kind: ui.KindInfo, Text: "The installation on " + in.Account.Login + " is already suspended."})
}

// Unsuspend lifts a suspension that was made in the App's name. Of one made on
// GitHub it says where it can be lifted.
func (s *Server) Unsuspend(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	switch may, err := s.canUnsuspend(c, in); {
	case err != nil:
		return manageError(in, err)
	case !may:
		return errNotLifter(in)
	}
	facts, err := s.present(ctx, in)
	if err != nil {
		return err
	}
	if facts.SuspendedAt.IsZero() {
		return s.unsuspended(c, in, facts)
	}
	in.SuspendedAt, in.SuspendedBy = facts.SuspendedAt, facts.SuspendedBy
	if !s.madeByApp(in) {
		return errSuspendedOnGitHub(in)
	}
	err = s.GitHub.AsApp().Unsuspend(ctx, in.GitHubID)
	if errors.Is(err, github.ErrNotFound) {
		return errSuspendedOnGitHub(in) // it is there, and has nothing for the App to lift
	}
	if err != nil {
		return s.halfway(c, in, err)
	}
	after, cancel := s.afterwards(c)
	defer cancel()
	if err := s.audit.Record(after, c, db.AuditUnsuspend, in.Account.Login); err != nil {
		return err
	}
	now, err := s.GitHub.AsApp().Installation(after, in.GitHubID)
	switch {
	case err != nil:
		facts.SuspendedAt, facts.SuspendedBy = time.Time{}, ""
	case !now.SuspendedAt.IsZero():
		return errSuspendedOnGitHub(in) // GitHub took the request, and let it be
	default:
		facts = now
	}
	return s.unsuspended(c, in, facts)
}

// unsuspended stores that an installation works, and has read what was not read
// meanwhile.
func (s *Server) unsuspended(c echo.Context, in db.InstallationRecord, facts db.Installation) error {
	ctx := context.WithoutCancel(c.Request().Context())
	if err := s.DB.PutInstallation(ctx, facts); err != nil {
		return err
	}
	if err := s.DB.QueueSync(ctx, db.SyncRepositories{RecordID: in.ID}); err != nil {
		return err
	}
	return s.writeManaged(c, in, ui.Notice{Kind: ui.KindSuccess, Text: "The installation on " + in.Account.Login + " is unsuspended. Its repositories are being synced."})
}

// writeManaged ends what was done to an installation that is still there.
func (s *Server) writeManaged(c echo.Context, in db.InstallationRecord, notice ui.Notice) error {
	return s.respond.Finish(c, respond.Result{Next: views.SettingsPath(in.ID), Notices: []ui.Notice{notice}})
}

// present asks GitHub how an installation stands before anything is done to it.
// One that GitHub no longer has goes out of everybody's sight.
func (s *Server) present(ctx context.Context, in db.InstallationRecord) (db.Installation, error) {
	facts, err := s.GitHub.AsApp().Installation(ctx, in.GitHubID)
	if errors.Is(err, github.ErrNotFound) {
		if err := s.DB.MarkInstallationDeleted(ctx, in.GitHubID); err != nil {
			return db.Installation{}, err
		}
		return db.Installation{}, errUninstalledMeanwhile(in)
	}
	if err != nil {
		return db.Installation{}, manageError(in, err)
	}
	return facts, nil
}

// afterwards is the time for what follows from something that GitHub has done,
// whether or not whoever asked for it is still there.
func (s *Server) afterwards(c echo.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.Request().Context()), respond.GitHubTimeout/2)
}

// halfway ends an action that GitHub didn't confirm. It may have happened: what
// is stored stays as it is, and a look at GitHub will tell.
func (s *Server) halfway(c echo.Context, in db.InstallationRecord, cause error) error {
	after, cancel := s.afterwards(c)
	defer cancel()
	if err := s.DB.QueueSync(after, db.SyncInstallations{UserID: auth.User(c).ID}); err != nil {
		return errors.Join(cause, err)
	}
	return manageError(in, cause)
}
