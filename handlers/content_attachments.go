package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

var (
	errAttachmentsRemoved = &web.Error{Status: http.StatusGone, Message: "This GitHub server no longer supports content attachments"}
	errNoContentReference = &web.Error{Status: http.StatusNotFound, Message: "GitHub has no such content reference in this repository. An attachment must be created within six hours of the content_reference event"}
	errCannotAttach       = &web.Error{
		Status:  http.StatusForbidden,
		Message: "Content attachments require the write role on the repository",
	}
)

// writeRoles are the permissions that allow writing to a repository.
var writeRoles = []string{"admin", "maintain", "push"}

// CreateContentAttachment attaches content to a link in a repository. Only old GitHub
// servers have content attachments.
func (s *Server) CreateContentAttachment(c echo.Context) error {
	ctx := c.Request().Context()
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	var body input.ContentAttachment
	if err := web.DecodeBody(c, &body); err != nil {
		return err
	}
	if err := body.Check(); err != nil {
		return err
	}
	found, err := s.DB.ListNamedRepositories(ctx, installation, []int64{body.RepositoryID}, nil)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return errRepositoryNotFound
	}
	// The app creates the attachment, so the user's permission is checked on GitHub: the stored
	// one may be outdated.
	switch now, err := s.GitHub.AsUser(auth.User(c).ID).FindRepository(ctx, found[0].ID, found[0].Owner, found[0].Name); {
	case errors.Is(err, github.ErrNotFound):
		return errRepositoryNotFound
	case err != nil:
		return err
	case !slices.Contains(writeRoles, now.Permission):
		return errCannotAttach
	}
	attachment, err := s.attach(ctx, installation, found[0], body)
	if err != nil {
		return err
	}
	subject := installation.Account.Login + ": " + strconv.FormatInt(body.RepositoryID, 10)
	if err := s.audit.Record(ctx, c, db.AuditCreateAttachment, subject); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, attachment)
}

func (s *Server) attach(ctx context.Context, through db.InstallationRecord, in db.NamedRepository, body input.ContentAttachment) (github.ContentAttachment, error) {
	attachment, err := s.GitHub.AsInstallation(through.GitHubID).CreateContentAttachment(ctx, in, body.ContentReferenceID, body.Title, body.Body)
	switch {
	case errors.Is(err, github.ErrWithdrawn), errors.Is(err, github.ErrUnsupported):
		return attachment, errAttachmentsRemoved
	case errors.Is(err, github.ErrNotFound):
		return attachment, errNoContentReference
	}
	return attachment, err
}
