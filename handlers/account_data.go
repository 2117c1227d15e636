package handlers

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/input"

	"github.com/labstack/echo/v4"
)

// ExportUser sends everything that is stored about the user, as a file.
func (s *Server) ExportUser(c echo.Context) error {
	data, err := s.DB.ExportUser(c.Request().Context(), auth.User(c))
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="neptun-export.json"`)
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSONPretty(http.StatusOK, data, "  ")
}

// DeleteUser revokes the user's authorization on GitHub and deletes everything that is
// stored about them. Their login confirms it.
func (s *Server) DeleteUser(c echo.Context) error {
	user := auth.User(c)
	if err := input.Confirm(c, user.Login, "/account"); err != nil {
		return err
	}
	if err := s.GitHub.AsUser(user.ID).RevokeAuthorization(c.Request().Context()); err != nil && !errors.Is(err, github.ErrSignInAgain) {
		return err
	}
	// GitHub has revoked the authorization, so this must finish even if the client disconnects.
	ctx, cancel := s.followUp(c)
	defer cancel()
	if err := s.audit.Record(ctx, c, db.AuditDeleteAccount, user.Login); err != nil {
		return err
	}
	if err := s.DB.DeleteUser(ctx, user); err != nil {
		return err
	}
	return s.respond.SignedOut(c, "Your account is deleted, and your authorization revoked on GitHub.")
}
