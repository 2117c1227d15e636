package handlers

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// DeleteInstallation uninstalls the app from an account. If GitHub no longer has the
// installation, it deletes the record and its imports. In both cases the account's name
// confirms it.
func (s *Server) DeleteInstallation(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if errors.Is(err, auth.ErrInstallationNotFound) {
		return s.deleteRecord(c)
	}
	if err != nil {
		return err
	}
	if err := input.Confirm(c, in.Account.Login, views.SettingsPath(in.ID)); err != nil {
		return err
	}
	if err := s.auth.RequireRecentSignIn(c, views.SettingsPath(in.ID)); err != nil {
		return err
	}
	switch may, err := s.canManage(c, in); {
	case err != nil:
		return manageError(in, err)
	case !may:
		return errCannotManage(in)
	}
	err = s.GitHub.AsApp().Uninstall(c.Request().Context(), in.GitHubID)
	uninstalled := errors.Is(err, github.ErrNotFound) // already uninstalled
	if err != nil && !uninstalled {
		return s.unconfirmed(c, in, err)
	}
	after, cancel := s.followUp(c)
	defer cancel()
	if !uninstalled {
		if err := s.audit.Record(after, c, db.AuditUninstall, in.Account.Login); err != nil {
			return err
		}
	}
	if err := s.DB.MarkInstallationDeleted(after, in.GitHubID); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: ui.InstallationPath(in.ID), Notices: []ui.Notice{{
		Kind: ui.KindSuccess, Text: "The app was uninstalled from " + in.Account.Login + ".",
	}}})
}

func (s *Server) deleteRecord(c echo.Context) error {
	record, err := s.uninstalled(c)
	if err != nil {
		return err
	}
	if err := input.Confirm(c, record.Account.Login, ui.InstallationPath(record.ID)); err != nil {
		return err
	}
	return s.deleteUninstalled(c, record)
}

func (s *Server) deleteUninstalled(c echo.Context, record db.Uninstalled) error {
	err := s.DB.DeleteUninstalled(c.Request().Context(), auth.User(c).ID, record.ID)
	if errors.Is(err, db.ErrNotFound) {
		return auth.ErrInstallationNotFound
	}
	if err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: respond.Installations, Notices: []ui.Notice{{
		Kind: ui.KindSuccess, Text: record.Account.Login + " and its imports were removed from Neptun.",
	}}})
}

// uninstalled finds the user's record in the path, whose installation GitHub no longer has.
func (s *Server) uninstalled(c echo.Context) (db.Uninstalled, error) {
	record, err := auth.RecordID(c)
	if err != nil {
		return db.Uninstalled{}, err
	}
	found, err := s.DB.FindUninstalled(c.Request().Context(), auth.User(c).ID, record)
	if errors.Is(err, db.ErrNotFound) {
		return db.Uninstalled{}, auth.ErrInstallationNotFound
	}
	return found, err
}

// Uninstalled shows what is left of an installation that GitHub no longer has.
func (s *Server) Uninstalled(c echo.Context) error {
	record, err := s.uninstalled(c)
	if err != nil {
		return err
	}
	if web.IsFragment(c) {
		// The page of the fragment no longer exists.
		c.Response().Header().Set("HX-Redirect", ui.InstallationPath(record.ID))
		return c.NoContent(http.StatusOK)
	}
	return s.respond.Show(c, respond.Page{Title: record.Account.Login, Nav: ui.NavInstallations, Draw: func(frame ui.Frame) templ.Component {
		return views.Uninstalled(views.UninstalledPage{Frame: frame, Record: record})
	}})
}
