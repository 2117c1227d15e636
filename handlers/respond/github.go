package respond

import (
	"context"
	"errors"
	"net/http"
	"time"

	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// GitHubTimeout is the longest time that a request waits for GitHub.
const GitHubTimeout = 10 * time.Second

// WithGitHubTimeout is the middleware of requests that need GitHub: they time out, and their
// responses aren't cached. While they wait, they don't use the user's share of this server.
func (r *Responder) WithGitHubTimeout(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		web.Unbound(c)
		request := c.Request()
		ctx, cancel := context.WithTimeout(request.Context(), GitHubTimeout)
		defer cancel()
		c.SetRequest(request.WithContext(ctx))
		defer c.SetRequest(request)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		if err := r.Shares.Switch(c, web.LaneGitHub); err != nil {
			return err
		}
		return next(c)
	}
}

// GitHubError maps an error of GitHub's to a response. It returns nil for other errors.
func GitHubError(err error) *web.Error {
	var (
		limited *github.RateLimitError
		sso     *github.SSOError
		list    *github.IPAllowListError
	)
	httpErr := &web.Error{Message: github.Explain(err)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return ErrTooSlow
	case errors.As(err, &limited):
		httpErr.Status = http.StatusServiceUnavailable
	case errors.Is(err, github.ErrAccountSuspended):
		return auth.ErrAccountSuspended
	case errors.Is(err, github.ErrSignInAgain):
		return auth.ErrUnconfirmed
	case errors.As(err, &sso):
		httpErr.Status = http.StatusForbidden
		if sso.URL != "" {
			httpErr.Link = ui.Link{Text: "Sign in on GitHub", URL: sso.URL}
		}
	case errors.As(err, &list):
		httpErr.Status = http.StatusForbidden
		if list.URL != "" {
			httpErr.Link = ui.Link{Text: "Read more on GitHub", URL: list.URL}
		}
	case errors.Is(err, github.ErrBlocked):
		httpErr.Status = http.StatusUnavailableForLegalReasons
	case errors.Is(err, github.ErrUnsupported):
		httpErr.Status = http.StatusNotImplemented
	case errors.Is(err, github.ErrForbidden):
		httpErr.Status = http.StatusForbidden
	case errors.Is(err, github.ErrSuspended):
		httpErr.Status = http.StatusConflict
	case errors.Is(err, github.ErrNotFound):
		httpErr.Status = http.StatusNotFound
	case errors.Is(err, github.ErrWithdrawn):
		httpErr.Status = http.StatusGone
	case errors.Is(err, github.ErrInvalid):
		httpErr.Status = http.StatusUnprocessableEntity
	case errors.Is(err, github.ErrAppCredentials):
		httpErr.Status = http.StatusBadGateway
	case errors.Is(err, github.ErrUnavailable):
		httpErr.Status = http.StatusGatewayTimeout
	default:
		return nil
	}
	return httpErr
}
