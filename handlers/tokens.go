package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var (
	tokensLink             = ui.Link{Text: "Your tokens", URL: tokensPath}
	errTokenNotFound       = &web.Error{Code: "token_not_found", Status: http.StatusNotFound, Message: "Token not found", Link: tokensLink}
	errTooManyTokens       = &web.Error{Code: "too_many_tokens", Status: http.StatusConflict, Message: fmt.Sprintf("You can have up to %d tokens. Revoke one you no longer use", db.MaxAPITokens), Link: tokensLink}
	errAlreadyRotated      = &web.Error{Status: http.StatusConflict, Message: "This token was already rotated. Rotate its replacement", Link: tokensLink}
	errUnknownInstallation = web.InvalidField("installation_ids", "contains an unknown installation")
	errTokenExists         = &web.Error{Status: http.StatusConflict, Message: "This token was already created", Link: tokensLink}
)

// ListTokens lists the user's API tokens without their secrets.
func (s *Server) ListTokens(c echo.Context) error {
	list, err := s.DB.ListAPITokens(c.Request().Context(), auth.User(c).ID)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "tokens "+auth.User(c).ID, openapi.Each(list, present.ToAPIToken), nil)
}

// CreateToken creates an API token. Only this response has its secret, so the page that
// shows it has no URL of its own.
func (s *Server) CreateToken(c echo.Context) error {
	form, body, err := input.ReadToken(c)
	if err != nil {
		return err
	}
	token, err := body.Check(s.Now())
	var created views.CreatedToken
	if err == nil {
		token.Request = sessions.Hash(cmp.Or(form.Request, rand.Text()))
		created, err = s.generateToken(c, token)
	}
	switch {
	case errors.Is(err, errTokenExists):
		// The page was reloaded, and the browser sent the form again.
		return s.respond.Redirect(c, tokensPath, ui.Notice{
			Kind: ui.KindInfo, Text: "This token was already created, and is shown only once. If you didn't copy it, rotate it to get a new one.",
		})
	case err != nil:
		return respond.Redraw(c, err, func(invalid *web.Error) error {
			form.Errors = input.TokenErrors(invalid.Fields)
			return s.tokensPage(c, invalid.Status, views.TokensPage{Form: form})
		})
	}
	return s.showCreated(c, created)
}

// showCreated responds with a new token and its secret.
func (s *Server) showCreated(c echo.Context, created views.CreatedToken) error {
	return respond.Choose(c, func() error {
		return web.JSON(c, http.StatusCreated, present.ToCreatedToken(created))
	}, func() error {
		return s.tokensPage(c, 0, views.TokensPage{Form: s.blankForm(), Created: created})
	})
}

// generateToken stores a new token and records its creation. The audit log doesn't get its
// name, which may be that of a private repository.
func (s *Server) generateToken(c echo.Context, token db.NewAPIToken) (views.CreatedToken, error) {
	ctx := c.Request().Context()
	if err := s.auth.RequireTokenCreation(c, tokensPath); err != nil {
		return views.CreatedToken{}, err
	}
	secret, hash := sessions.NewAPIToken()
	token.UserID, token.Hash = auth.User(c).ID, hash
	id, err := s.DB.CreateAPIToken(ctx, token)
	if err != nil {
		return views.CreatedToken{}, tokenError(err)
	}
	if err := s.audit.Record(ctx, c, db.AuditCreateAPIToken, tokenSubject(id, token.Scope)); err != nil {
		return views.CreatedToken{}, err
	}
	return s.createdToken(ctx, token.UserID, id, secret)
}

// createdToken returns a token as it was stored, with its secret, which isn't stored.
func (s *Server) createdToken(ctx context.Context, userID string, id int64, secret string) (views.CreatedToken, error) {
	list, err := s.DB.ListAPITokens(ctx, userID)
	if err != nil {
		return views.CreatedToken{}, err
	}
	for _, token := range list {
		if token.ID == id {
			return views.CreatedToken{Token: token, Secret: secret}, nil
		}
	}
	return views.CreatedToken{}, errTokenNotFound // revoked in the meantime
}

func tokenSubject(id int64, scope db.Scope) string { return fmt.Sprintf("token %d, %s", id, scope) }

// tokenError maps the database's errors for a token to responses.
func tokenError(err error) error {
	switch {
	case errors.Is(err, db.ErrTooManyTokens):
		return errTooManyTokens
	case errors.Is(err, db.ErrUnknownInstallation):
		return errUnknownInstallation
	case errors.Is(err, db.ErrTokenExists):
		return errTokenExists
	case errors.Is(err, db.ErrRotated):
		return errAlreadyRotated
	case errors.Is(err, db.ErrNotFound):
		return errTokenNotFound
	}
	return err
}

// RotateToken replaces a token with a new one that has the same name, permissions and
// lifetime. The old token stays valid for a while, so that scripts keep working until they
// use the new secret.
func (s *Server) RotateToken(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	id, err := tokenID(c)
	if err != nil {
		return err
	}
	overlap, err := input.ReadOverlap(c)
	if err != nil {
		return err
	}
	if err := s.auth.RequireTokenCreation(c, tokensPath); err != nil {
		return err
	}
	secret, hash := sessions.NewAPIToken()
	newID, err := s.DB.RotateAPIToken(ctx, user.ID, id, hash, overlap)
	if err != nil {
		return tokenError(err)
	}
	created, err := s.createdToken(ctx, user.ID, newID, secret)
	if err != nil {
		return err
	}
	if err := s.audit.Record(ctx, c, db.AuditRotateAPIToken, fmt.Sprintf("token %d, now %s", id, tokenSubject(newID, created.Token.Scope))); err != nil {
		return err
	}
	created.Overlap = overlap
	return s.showCreated(c, created)
}

// AfterRotation redirects a reload of the page that showed a secret to the page of
// tokens.
func (s *Server) AfterRotation(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, tokensPath)
}

// RevokeToken revokes an API token immediately.
func (s *Server) RevokeToken(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := tokenID(c)
	if err != nil {
		return err
	}
	if err := s.DB.RevokeAPIToken(ctx, auth.User(c).ID, id); err != nil {
		return tokenError(err)
	}
	if err := s.audit.Record(ctx, c, db.AuditRevokeAPIToken, fmt.Sprintf("token %d", id)); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Next: tokensPath, Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Token revoked."}}})
}

// tokenID is the id of the API token in the path.
func tokenID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("token_id"), 10, 64)
	if err != nil {
		return 0, errTokenNotFound
	}
	return id, nil
}
