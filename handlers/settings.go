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

// owns reports whether the user may manage an installation without a check on GitHub:
// operators and the account's own user may.
func owns(c echo.Context, in db.InstallationRecord) bool {
	return auth.IsOperator(c) || in.Account.Kind == db.KindUser && in.Account.GitHubID == auth.User(c).GitHubID
}

// canManage reports whether the user may suspend or uninstall. It asks GitHub for the
// current role in an organization: the user may no longer be an admin.
func (s *Server) canManage(c echo.Context, in db.InstallationRecord) (bool, error) {
	if owns(c, in) || in.Account.Kind != db.KindOrganization {
		return owns(c, in), nil
	}
	membership, err := s.GitHub.AsUser(auth.User(c).ID).Membership(c.Request().Context(), in.Account)
	return membership == github.MembershipAdmin, err
}

// canUnsuspend reports whether the user may lift a suspension by the app. Operators, the
// account's own user, and the user who suspended it may. The latter may also if GitHub
// doesn't tell their role, as for an organization that doesn't let the app in, but not if
// GitHub says that they are no admin.
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

// suspendedByApp reports whether the app made the suspension. Then only the app can lift it.
func (s *Server) suspendedByApp(in db.InstallationRecord) bool {
	bot := s.GitHub.AppBot()
	return in.Suspended() && (in.SuspendedThrough != 0 || bot != "" && strings.EqualFold(in.SuspendedBy, bot))
}

// Settings shows what suspending or uninstalling would affect, and offers both to those who
// may.
func (s *Server) Settings(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	page := views.SettingsPage{Installation: in, ByApp: s.suspendedByApp(in)}
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

// Suspend suspends an installation in the app's name.
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
		return errCannotManage(in)
	}
	if err := input.ConfirmForm(c, in.Account.Login, views.SettingsPath(in.ID)); err != nil {
		return err
	}
	facts, err := s.currentFacts(ctx, in)
	if err != nil {
		return err
	}
	if !facts.SuspendedAt.IsZero() {
		return s.suspendedAlready(c, in, facts)
	}
	if err := s.GitHub.AsApp().Suspend(ctx, in.GitHubID); err != nil {
		return s.unconfirmed(c, in, err)
	}
	after, cancel := s.followUp(c)
	defer cancel()
	if now, err := s.GitHub.AsApp().Installation(after, in.GitHubID); err == nil {
		facts = now
	}
	if facts.SuspendedAt.IsZero() {
		// GitHub suspended it, but doesn't report it yet.
		facts.SuspendedAt, facts.SuspendedBy = s.Now(), s.GitHub.AppBot()
	}
	if err := s.DB.PutSuspended(after, facts, auth.User(c)); err != nil {
		return err
	}
	if err := s.audit.Record(after, c, db.AuditSuspend, in.Account.Login); err != nil {
		return err
	}
	return s.finishManaging(c, in, ui.Notice{Kind: ui.KindSuccess, Text: "The installation on " + in.Account.Login + " is suspended. It can only be unsuspended here."})
}

func (s *Server) suspendedAlready(c echo.Context, in db.InstallationRecord, facts db.Installation) error {
	// Another user suspended it.
	ctx := db.WithCause(c.Request().Context(), db.Cause{Kind: db.BySync})
	if err := s.DB.PutInstallation(ctx, facts); err != nil {
		return err
	}
	return s.finishManaging(c, in, ui.Notice{Kind: ui.KindInfo, Text: "The installation on " + in.Account.Login + " is already suspended."})
}

// Unsuspend lifts a suspension by the app. A suspension made on GitHub can only be lifted
// there.
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
		return errCannotUnsuspend(in)
	}
	facts, err := s.currentFacts(ctx, in)
	if err != nil {
		return err
	}
	if facts.SuspendedAt.IsZero() {
		return s.finishUnsuspend(c, in, facts)
	}
	in.SuspendedAt, in.SuspendedBy = facts.SuspendedAt, facts.SuspendedBy
	if !s.suspendedByApp(in) {
		return errSuspendedOnGitHub(in)
	}
	err = s.GitHub.AsApp().Unsuspend(ctx, in.GitHubID)
	if errors.Is(err, github.ErrNotFound) {
		return errSuspendedOnGitHub(in) // it exists, but not with a suspension by the app
	}
	if err != nil {
		return s.unconfirmed(c, in, err)
	}
	after, cancel := s.followUp(c)
	defer cancel()
	if err := s.audit.Record(after, c, db.AuditUnsuspend, in.Account.Login); err != nil {
		return err
	}
	now, err := s.GitHub.AsApp().Installation(after, in.GitHubID)
	switch {
	case err != nil:
		facts.SuspendedAt, facts.SuspendedBy = time.Time{}, ""
	case !now.SuspendedAt.IsZero():
		return errSuspendedOnGitHub(in) // GitHub accepted the request, but it is still suspended
	default:
		facts = now
	}
	return s.finishUnsuspend(c, in, facts)
}

// finishUnsuspend stores that an installation is active again, and syncs what was missed.
func (s *Server) finishUnsuspend(c echo.Context, in db.InstallationRecord, facts db.Installation) error {
	ctx := context.WithoutCancel(c.Request().Context())
	if err := s.DB.PutInstallation(ctx, facts); err != nil {
		return err
	}
	if err := s.DB.QueueSync(ctx, db.SyncRepositories{RecordID: in.ID}); err != nil {
		return err
	}
	return s.finishManaging(c, in, ui.Notice{Kind: ui.KindSuccess, Text: "The installation on " + in.Account.Login + " is unsuspended. Its repositories are being synced."})
}

// finishManaging responds after an action on an installation that still exists.
func (s *Server) finishManaging(c echo.Context, in db.InstallationRecord, notice ui.Notice) error {
	return s.respond.Finish(c, respond.Result{Next: views.SettingsPath(in.ID), Notices: []ui.Notice{notice}})
}

// currentFacts gets an installation from GitHub before it is changed. If GitHub no longer
// has it, it is removed from all lists.
func (s *Server) currentFacts(ctx context.Context, in db.InstallationRecord) (db.Installation, error) {
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

// followUp returns a context for work that must follow a change on GitHub, even if the
// client disconnects.
func (s *Server) followUp(c echo.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.Request().Context()), respond.GitHubTimeout/2)
}

// unconfirmed ends an action that GitHub didn't confirm. It may have happened, so a sync
// finds out, and until then nothing that is stored changes.
func (s *Server) unconfirmed(c echo.Context, in db.InstallationRecord, cause error) error {
	after, cancel := s.followUp(c)
	defer cancel()
	if err := s.DB.QueueSync(after, db.SyncInstallations{UserID: auth.User(c).ID}); err != nil {
		return errors.Join(cause, err)
	}
	return manageError(in, cause)
}
