package operators

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"neptun/db"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

var errAppTokensOff = &web.Error{
	Code: "app_tokens_disabled", Status: http.StatusForbidden,
	Message: "Creating installation tokens as the app is turned off on this server. Its operator can turn it on with NEPTUN_ALLOW_APP_TOKENS=true",
}

// CreateAppToken creates an installation token by the operators' own authority. Only what the
// account granted limits its use.
func (h *Handlers) CreateAppToken(c echo.Context) error {
	ctx := c.Request().Context()
	var body openapi.AppTokenBody
	if err := web.DecodeBody(c, &body); err != nil {
		return err
	}
	if !h.AllowAppTokens {
		return errAppTokensOff
	}
	installation, err := h.appInstallation(c)
	if err != nil {
		return err
	}
	if err := h.Auth.RequireTokenCreation(c, "/app/installations"); err != nil {
		return err
	}
	if err := input.CheckAppToken(body); err != nil {
		return err
	}
	token, err := h.GitHub.AsApp().CreateToken(ctx, installation.GitHubID, body.RepositoryIDs, body.Permissions)
	if err != nil {
		return operatorError(err, errAppInstallationNotFound)
	}
	// A token whose creation can't be audited is revoked.
	after := context.WithoutCancel(ctx)
	if err := h.Audit.Record(after, c, db.AuditCreateAppToken, appTokenSubject(installation, body)); err != nil {
		return errors.Join(err, h.GitHub.RevokeInstallationToken(after, token.Token))
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return web.JSON(c, http.StatusCreated, openapi.AppToken{
		Token: token.Token, ExpiresAt: openapi.TimeOrNull(token.ExpiresAt), Permissions: openapi.Permissions(token.Permissions),
		RepositorySelection: openapi.OrNull(token.RepositorySelection), Repositories: openapi.ToTokenRepositories(token.Repositories),
	})
}

// appTokenSubject describes a token for the audit log: by GitHub's ids of repositories, since
// its readers may not have access to the names.
func appTokenSubject(in db.AppInstallation, body openapi.AppTokenBody) string {
	words := []string{"all repositories"}
	if len(body.RepositoryIDs) > 0 {
		words[0] = "repositories " + strings.Trim(fmt.Sprint(body.RepositoryIDs), "[]")
	}
	for _, name := range slices.Sorted(maps.Keys(body.Permissions)) {
		words = append(words, name+" "+body.Permissions[name])
	}
	if len(body.Permissions) == 0 {
		words = append(words, "all permissions")
	}
	return in.Account.Login + ": " + strings.Join(words, ", ")
}
