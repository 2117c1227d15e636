package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// personalTokenHeader has the user's personal access token, which GitHub requires here.
const personalTokenHeader = "X-GitHub-Token"

var (
	errRepositoryNotFound = &web.Error{Code: "repository_not_found", Status: http.StatusNotFound, Message: "Repository not found"}
	errPersonalToken      = &web.Error{
		Status:  http.StatusUnprocessableEntity,
		Message: "GitHub rejected the token in " + personalTokenHeader + ". It must be a classic personal access token with the repo scope",
	}
	errOthersToken = &web.Error{
		Status:  http.StatusForbidden,
		Message: "The token in " + personalTokenHeader + " belongs to another GitHub account than the one you are signed in with",
	}
	errAllSelected = &web.Error{
		Status:  http.StatusUnprocessableEntity,
		Message: "This installation has access to all repositories, so you can't add or remove single ones",
	}
)

// AddToInstallation gives an installation access to a repository.
func (s *Server) AddToInstallation(c echo.Context) error {
	return s.changeInstallation(c, db.AuditAddRepository, github.PersonalToken.AddRepository)
}

// RemoveFromInstallation removes an installation's access to a repository.
func (s *Server) RemoveFromInstallation(c echo.Context) error {
	return s.changeInstallation(c, db.AuditRemoveRepository, github.PersonalToken.RemoveRepository)
}

// changeInstallation uses the user's classic personal token for this one change, since
// GitHub accepts no other, and doesn't store it.
func (s *Server) changeInstallation(c echo.Context, action string, change func(_ github.PersonalToken, _ context.Context, installationID, repositoryID int64) error) error {
	ctx := c.Request().Context()
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	if !s.config.AllowPersonalTokens {
		return changeOnGitHub(installation)
	}
	repositoryID, err := strconv.ParseInt(c.Param("repository_id"), 10, 64)
	if err != nil || repositoryID <= 0 {
		return errRepositoryNotFound
	}
	personalToken := c.Request().Header.Get(personalTokenHeader)
	if personalToken == "" {
		return web.InvalidField(personalTokenHeader, "is required: a classic personal access token with the repo scope")
	}
	if installation.RepositorySelection != db.SelectionSelected {
		return errAllSelected
	}
	token := s.GitHub.WithPersonalToken(personalToken)
	switch owner, err := token.Owner(ctx); {
	case errors.Is(err, github.ErrPersonalToken), errors.Is(err, github.ErrForbidden):
		return errPersonalToken
	case err != nil:
		return err
	case owner != auth.User(c).GitHubID:
		return errOthersToken
	}
	if err := change(token, ctx, installation.GitHubID, repositoryID); err != nil {
		return changeFailed(err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.audit.Record(ctx, c, action, installation.Account.Login+": "+strconv.FormatInt(repositoryID, 10)); err != nil {
		return err
	}
	if err := s.DB.QueueSync(ctx, db.SyncRepositories{RecordID: installation.ID}); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// changeOnGitHub is the error if personal tokens aren't accepted.
func changeOnGitHub(installation db.InstallationRecord) *web.Error {
	where := "the installation's settings on GitHub"
	if installation.HTMLURL != "" {
		where = installation.HTMLURL
	}
	return &web.Error{
		Status:  http.StatusForbidden,
		Message: "Personal access tokens are turned off on this server. Change the repository access on GitHub: " + where,
	}
}

// changeFailed maps GitHub's errors for a change to messages.
func changeFailed(err error) error {
	switch {
	case errors.Is(err, github.ErrPersonalToken):
		return errPersonalToken
	case errors.Is(err, github.ErrForbidden):
		return &web.Error{Status: http.StatusForbidden, Message: "GitHub requires a classic personal access token with the repo scope, of an admin of the repository"}
	case errors.Is(err, github.ErrNotFound):
		return errRepositoryNotFound
	case errors.Is(err, github.ErrInvalid):
		return &web.Error{Status: http.StatusUnprocessableEntity, Message: "GitHub can't remove this repository: it isn't selected, or it is the only selected one"}
	}
	return err
}
