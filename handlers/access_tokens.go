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

// CreateAccessToken creates a short-lived GitHub token for a user, for the
// repositories that they name. Only this response shows it.
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
	repositories, err := s.named(ctx, installation, body)
	if err != nil {
		return err
	}
	if installation.Suspended() {
		return errSuspendedToken
	}
	token, err := s.makeToken(ctx, installation, body, repositories)
	if errors.Is(err, github.ErrInvalid) {
		return errTokenRefused
	}
	if err != nil {
		return err
	}
	if err := s.noteToken(ctx, c, installation, body, token); err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, openapi.AccessToken{
		Token: token.Token, Kind: body.Kind, ExpiresAt: openapi.TimeOrNull(token.ExpiresAt),
		Permissions:   openapi.Permissions(token.Permissions),
		RepositoryIDs: openapi.Each(repositories, func(r db.NamedRepository) int64 { return r.ID }),
		// What was asked for by name: GitHub doesn't repeat it for each kind.
		RepositorySelection: cmp.Or(token.RepositorySelection, db.SelectionSelected),
		Repositories:        openapi.ToTokenRepositories(repositories),
	})
}

// named are the requested repositories. The error is the same for one that isn't
// there and one that the user can't see.
func (s *Server) named(ctx context.Context, through db.InstallationRecord, body input.AccessToken) ([]db.NamedRepository, error) {
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

func (s *Server) makeToken(ctx context.Context, through db.InstallationRecord, body input.AccessToken, repositories []db.NamedRepository) (github.AccessToken, error) {
	ids := openapi.Each(repositories, func(r db.NamedRepository) int64 { return r.ID })
	if body.Kind == db.AccessTokenUser {
		return s.GitHub.AsUser(through.UserID).CreateScopedToken(ctx, through.Account, ids, body.Permissions)
	}
	// GitHub bounds the App's token by the app's permissions and not by the user's:
	// who has all rights on a repository gets nothing that they hadn't.
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

// noteToken remembers a token by its hash, and notes who got what. A token that
// can't be remembered is revoked, and not handed out.
func (s *Server) noteToken(ctx context.Context, c echo.Context, through db.InstallationRecord, body input.AccessToken, token github.AccessToken) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.DB.StoreAccessToken(ctx, through, body.Kind, token.Token, token.ExpiresAt); err != nil {
		return errors.Join(err, s.revokeToken(ctx, body.Kind, token.Token))
	}
	if err := s.audit.Record(ctx, c, db.AuditCreateAccessToken, through.Account.Login+": "+summary(body)); err != nil {
		return errors.Join(err, s.revokeToken(ctx, body.Kind, token.Token))
	}
	return nil
}

// RevokeAccessToken ends a token that CreateAccessToken created for this user.
func (s *Server) RevokeAccessToken(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.config.AllowAccessTokens {
		return errAccessTokensOff
	}
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	var given openapi.RevokeAccessTokenBody
	if err := web.DecodeBody(c, &given); err != nil {
		return err
	}
	if given.Token == "" {
		return web.InvalidField("token", "is needed")
	}
	kind, err := s.DB.AccessTokenKind(ctx, installation, given.Token)
	if errors.Is(err, db.ErrNotFound) {
		return errAccessTokenNotFound
	}
	if err != nil {
		return err
	}
	if err := s.revokeToken(ctx, kind, given.Token); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.DB.DeleteAccessToken(ctx, given.Token); err != nil {
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

// summary is what the audit says of a token: never the names of repositories,
// which its readers may not have access to.
func summary(b input.AccessToken) string {
	words := []string{b.Kind, ui.Counted(int64(len(b.RepositoryIDs)+len(b.Repositories)), "repository", "repositories")}
	for _, name := range slices.Sorted(maps.Keys(b.Permissions)) {
		words = append(words, name+" "+b.Permissions[name])
	}
	return strings.Join(words, ", ")
}
