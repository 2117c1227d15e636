package handlers

import (
	"context"
	"errors"
	"net/http"
	"time"

	"neptun/github"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// gitHubTimeout is how long somebody waits for GitHub at most.
const gitHubTimeout = 10 * time.Second

// withGitHubTimeout is for what can't be answered from what is stored: it gives
// up after a while, and nobody stores the response. While GitHub works, the user's
// share of work here is free.
func (s *Server) withGitHubTimeout(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		web.Unbound(c)
		request := c.Request()
		ctx, cancel := context.WithTimeout(request.Context(), gitHubTimeout)
		defer cancel()
		c.SetRequest(request.WithContext(ctx))
		defer c.SetRequest(request)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		if err := s.shares.Switch(c, web.LaneGitHub); err != nil {
			return err
		}
		return next(c)
	}
}

// gitHubError turns what GitHub answers instead of what was asked into what
// people are told, and is nil for everything else.
func gitHubError(err error) *web.Error {
	var (
		limited *github.RateLimitError
		sso     *github.SSOError
		list    *github.IPAllowListError
	)
	told := &web.Error{Message: github.Explain(err)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errTooSlow
	case errors.As(err, &limited):
		told.Status = http.StatusServiceUnavailable
	case errors.Is(err, github.ErrAccountSuspended):
		return errAccountSuspended
	case errors.Is(err, github.ErrLogInAgain):
		return errUnconfirmed
	case errors.As(err, &sso):
		told.Status = http.StatusForbidden
		if sso.URL != "" {
			told.Link = ui.Link{Text: "Sign in on GitHub", URL: sso.URL}
		}
	case errors.As(err, &list):
		told.Status = http.StatusForbidden
		if list.URL != "" {
			told.Link = ui.Link{Text: "Read more on GitHub", URL: list.URL}
		}
	case errors.Is(err, github.ErrBlocked):
		told.Status = http.StatusUnavailableForLegalReasons
	case errors.Is(err, github.ErrUnsupported):
		told.Status = http.StatusNotImplemented
	case errors.Is(err, github.ErrForbidden):
		told.Status = http.StatusForbidden
	case errors.Is(err, github.ErrSuspended):
		told.Status = http.StatusConflict
	case errors.Is(err, github.ErrNotFound):
		told.Status = http.StatusNotFound
	case errors.Is(err, github.ErrWithdrawn):
		told.Status = http.StatusGone
	case errors.Is(err, github.ErrInvalid):
		told.Status = http.StatusUnprocessableEntity
	case errors.Is(err, github.ErrAppCredentials):
		told.Status = http.StatusBadGateway
	case errors.Is(err, github.ErrUnavailable):
		told.Status = http.StatusGatewayTimeout
	default:
		return nil
	}
	return told
}
