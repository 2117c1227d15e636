package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var (
	errAccessTokensOff = &web.Error{
		Code:    "access_tokens_disabled",
		Status:  http.StatusForbidden,
		Message: "Creating GitHub tokens is turned off on this server. Its operator can turn it on with NEPTUN_ALLOW_ACCESS_TOKENS=true",
	}
	errAccessTokenNotFound = &web.Error{Code: "access_token_not_found", Status: http.StatusNotFound, Message: "Access token not found"}
	errNotAdmin            = &web.Error{
		Status:  http.StatusForbidden,
		Message: "An installation token requires the admin role on all its repositories. Use the kind \"user\" for other repositories",
	}
	errTokenRefused = &web.Error{
		Status:  http.StatusUnprocessableEntity,
		Message: "GitHub refused to create this token. The installation must have access to these repositories and be granted these permissions",
	}
	errSuspendedToken = &web.Error{
		Code:    "installation_suspended",
		Status:  http.StatusConflict,
		Message: "This installation is suspended. Unsuspend it to create tokens",
	}
)

// CreateAccessToken creates a short-lived GitHub token for a user, limited to the
// repositories in the body. Only this response has the token.
func (s *Server) CreateAccessToken(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.config.AllowAccessTokens {
		return errAccessTokensOff
	}
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	if err := s.auth.RequireTokenCreation(c, ui.InstallationPath(installation.ID)); err != nil {
		return err
	}
	var body input.AccessToken
	if err := web.DecodeBody(c, &body); err != nil {
		return err
	}
	if err := body.Check(); err != nil {
		return err
	}
	repositories, err := s.findRepositories(ctx, installation, body)
	if err != nil {
		return err
	}
	if installation.Suspended() {
		return errSuspendedToken
	}
	token, err := s.requestToken(ctx, installation, body, repositories)
	if errors.Is(err, github.ErrInvalid) {
		return errTokenRefused
	}
	if err != nil {
		return err
	}
	if err := s.recordToken(ctx, c, installation, body, token); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, openapi.AccessToken{
		Token: token.Token, Kind: body.Kind, ExpiresAt: openapi.TimeOrNull(token.ExpiresAt),
		Permissions:   openapi.Permissions(token.Permissions),
		RepositoryIDs: openapi.Each(repositories, func(r db.NamedRepository) int64 { return r.ID }),
		// GitHub doesn't return these for every kind of token.
		RepositorySelection: cmp.Or(token.RepositorySelection, db.SelectionSelected),
		Repositories:        openapi.ToTokenRepositories(repositories),
	})
}

// findRepositories returns the repositories that a body names. A repository that doesn't
// exist and one that the user can't access give the same error.
func (s *Server) findRepositories(ctx context.Context, through db.InstallationRecord, body input.AccessToken) ([]db.NamedRepository, error) {
	names := openapi.Each(body.Repositories, strings.ToLower)
	found, err := s.DB.ListNamedRepositories(ctx, through, body.RepositoryIDs, names)
	if err != nil {
		return nil, err
	}
	for _, id := range body.RepositoryIDs {
		if !slices.ContainsFunc(found, func(r db.NamedRepository) bool { return r.ID == id }) {
			return nil, web.InvalidField("repository_ids", fmt.Sprintf("names %d, which isn't a repository you can access here", id))
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(found, func(r db.NamedRepository) bool { return strings.ToLower(r.Name) == name }) {
			return nil, web.InvalidField("repositories", "names "+name+", which isn't a repository you can access here")
		}
	}
	return found, nil
}

func (s *Server) requestToken(ctx context.Context, through db.InstallationRecord, body input.AccessToken, repositories []db.NamedRepository) (github.AccessToken, error) {
	ids := openapi.Each(repositories, func(r db.NamedRepository) int64 { return r.ID })
	if body.Kind == db.AccessTokenUser {
		return s.GitHub.AsUser(through.UserID).CreateScopedToken(ctx, through.Account, ids, body.Permissions)
	}
	// GitHub limits the app's token by the app's permissions, not by the user's. An admin of
	// all the repositories gets no access that they don't have already.
	if slices.ContainsFunc(repositories, func(r db.NamedRepository) bool { return r.Permission != "admin" }) {
		return github.AccessToken{}, errNotAdmin
	}
	admin, err := s.GitHub.AsUser(through.UserID).Administers(ctx, repositories)
	if err != nil {
		return github.AccessToken{}, err
	}
	if !admin {
		return github.AccessToken{}, errNotAdmin
	}
	return s.GitHub.AsApp().CreateToken(ctx, through.GitHubID, ids, body.Permissions)
}

// recordToken stores a token's hash and writes the audit log. If either fails, the token
// is revoked.
func (s *Server) recordToken(ctx context.Context, c echo.Context, through db.InstallationRecord, body input.AccessToken, token github.AccessToken) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.DB.StoreAccessToken(ctx, through, body.Kind, token.Token, token.ExpiresAt); err != nil {
		return errors.Join(err, s.revokeToken(ctx, body.Kind, token.Token))
	}
	if err := s.audit.Record(ctx, c, db.AuditCreateAccessToken, through.Account.Login+": "+summary(body)); err != nil {
		return errors.Join(err, s.revokeToken(ctx, body.Kind, token.Token))
	}
	return nil
}

// RevokeAccessToken revokes a token that CreateAccessToken created for this user.
func (s *Server) RevokeAccessToken(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.config.AllowAccessTokens {
		return errAccessTokensOff
	}
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	var body openapi.RevokeAccessTokenBody
	if err := web.DecodeBody(c, &body); err != nil {
		return err
	}
	if body.Token == "" {
		return web.InvalidField("token", "is required")
	}
	kind, err := s.DB.AccessTokenKind(ctx, installation, body.Token)
	if errors.Is(err, db.ErrNotFound) {
		return errAccessTokenNotFound
	}
	if err != nil {
		return err
	}
	if err := s.revokeToken(ctx, kind, body.Token); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.DB.DeleteAccessToken(ctx, body.Token); err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditRevokeAccessToken, installation.Account.Login+": "+kind); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) revokeToken(ctx context.Context, kind, token string) error {
	if kind == db.AccessTokenInstallation {
		return s.GitHub.RevokeInstallationToken(ctx, token)
	}
	return s.GitHub.RevokeUserToken(ctx, token)
}

// summary describes a token for the audit log. It has no repository names, since
// operators may not have access to them.
func summary(b input.AccessToken) string {
	words := []string{b.Kind, ui.Counted(int64(len(b.RepositoryIDs)+len(b.Repositories)), "repository", "repositories")}
	for _, name := range slices.Sorted(maps.Keys(b.Permissions)) {
		words = append(words, name+" "+b.Permissions[name])
	}
	return strings.Join(words, ", ")
}
