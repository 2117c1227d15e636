package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

var (
	errAttachmentsWithdrawn = &web.Error{Status: http.StatusGone, Message: "This GitHub server no longer supports content attachments"}
	errNoContentReference   = &web.Error{Status: http.StatusNotFound, Message: "GitHub has no such content reference in this repository. An attachment must be created within six hours of the content_reference event"}
	errMayNotAttach         = &web.Error{
		Status:  http.StatusForbidden,
		Message: "Content attachments require the write role on the repository",
	}
)

// The most characters that GitHub takes
// (https://docs.github.com/enterprise-server@3.3/rest/reference/apps#create-a-content-attachment).
const (
	maxAttachmentTitle = 1024
	maxAttachmentBody  = 262144
)

// mayPush are the permissions with which somebody may write to a repository.
var mayPush = []string{"admin", "maintain", "push"}

// attachmentBody is the body of POST …/content_attachments.
type attachmentBody openapi.ContentAttachmentBody

func (b attachmentBody) check() error {
	var p web.Params
	if b.RepositoryID <= 0 {
		p.Add("repository_id", "is needed")
	}
	if b.ContentReferenceID <= 0 {
		p.Add("content_reference_id", "is needed")
	}
	for _, field := range []struct {
		name, value string
		most        int
	}{{"title", b.Title, maxAttachmentTitle}, {"body", b.Body, maxAttachmentBody}} {
		if n := utf8.RuneCountInString(strings.TrimSpace(field.value)); n == 0 || n > field.most {
			p.Add(field.name, "must have 1 to "+strconv.Itoa(field.most)+" characters")
		}
	}
	return p.Err()
}

// CreateContentAttachment attaches to a link in a repository, on servers old
// enough to have content attachments.
func (s *Server) CreateContentAttachment(c echo.Context) error {
	ctx := c.Request().Context()
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	var asked attachmentBody
	if err := web.DecodeBody(c, &asked); err != nil {
		return err
	}
	if err := asked.check(); err != nil {
		return err
	}
	found, err := s.DB.ListNamedRepositories(ctx, installation, []int64{asked.RepositoryID}, nil)
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return errRepositoryNotFound
	}
	// GitHub takes the attachment from the app, so the user's right is asked for now:
	// the one that is stored may be that of yesterday.
	switch now, err := s.GitHub.AsUser(currentUser(c).ID).FindRepository(ctx, found[0].ID, found[0].Owner, found[0].Name); {
	case errors.Is(err, github.ErrNotFound):
		return errRepositoryNotFound
	case err != nil:
		return err
	case !slices.Contains(mayPush, now.Permission):
		return errMayNotAttach
	}
	attachment, err := s.attach(ctx, installation, found[0], asked)
	if err != nil {
		return err
	}
	subject := installation.Account.Login + ": " + strconv.FormatInt(asked.RepositoryID, 10)
	if err := s.noteAudit(ctx, c, "create content attachment", subject); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, attachment)
}

func (s *Server) attach(ctx context.Context, through db.InstallationRecord, in db.NamedRepository, asked attachmentBody) (github.ContentAttachment, error) {
	attachment, err := s.GitHub.AsInstallation(through.GitHubID).CreateContentAttachment(ctx, in, asked.ContentReferenceID, asked.Title, asked.Body)
	switch {
	case errors.Is(err, github.ErrWithdrawn), errors.Is(err, github.ErrUnsupported):
		return attachment, errAttachmentsWithdrawn
	case errors.Is(err, github.ErrNotFound):
		return attachment, errNoContentReference
	}
	return attachment, err
}
