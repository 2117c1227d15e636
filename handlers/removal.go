package handlers

import (
	"errors"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// RemoveInstallation removes an installation and its imports from Neptun. The app stays
// installed on GitHub. On the page, the account's name confirms it.
func (s *Server) RemoveInstallation(c echo.Context) error {
	ctx := c.Request().Context()
	in, err := s.auth.Installation(c)
	if errors.Is(err, auth.ErrInstallationNotFound) {
		return s.removeUninstalled(c)
	}
	if err != nil {
		return err
	}
	if err := input.ConfirmForm(c, in.Account.Login, views.SettingsPath(in.ID)); err != nil {
		return err
	}
	err = s.DB.RemoveInstallation(ctx, in)
	if errors.Is(err, db.ErrNotFound) {
		return auth.ErrInstallationNotFound
	}
	if err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditRemoveInstallation, in.Account.Login); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: views.InstallationsPath, Notices: []ui.Notice{{
		Kind: ui.KindSuccess, Text: in.Account.Login + " and its imports were removed from Neptun. The app is still installed on GitHub.",
	}}})
}

// removeUninstalled removes a record whose installation GitHub no longer has.
func (s *Server) removeUninstalled(c echo.Context) error {
	record, err := s.uninstalled(c)
	if err != nil {
		return err
	}
	return s.deleteUninstalled(c, record)
}

// RemovedInstallations lists the installations that the user removed and can add again.
func (s *Server) RemovedInstallations(c echo.Context) error {
	removed, err := s.DB.ListRemovedInstallations(c.Request().Context(), auth.User(c).ID)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "removed installations", openapi.Each(removed, openapi.ToRemovedInstallation), nil)
}

// AddInstallation adds an installation that the user removed.
func (s *Server) AddInstallation(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	id, err := strconv.ParseInt(c.Param("github_installation_id"), 10, 64)
	if err != nil {
		return auth.ErrInstallationNotFound
	}
	err = s.DB.AddInstallation(ctx, user.ID, id)
	if errors.Is(err, db.ErrNotFound) {
		return auth.ErrInstallationNotFound
	}
	if err != nil {
		return err
	}
	in, err := s.DB.FindInstallationByGitHubID(ctx, user.ID, id)
	if err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditAddInstallation, in.Account.Login); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: ui.InstallationPath(in.ID), Notices: []ui.Notice{{
		Kind: ui.KindSuccess, Text: in.Account.Login + " was added to Neptun. Its repositories are being synced.",
	}}})
}
