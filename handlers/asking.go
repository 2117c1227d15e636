package handlers

import (
	"context"
	"errors"
	"net/http"

	"neptun/github"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// asksGitHub is for what can't be answered from what is stored: it gives up
// after a while, and nobody keeps the answer.
func (s *Server) asksGitHub(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		ctx, cancel := context.WithTimeout(request.Context(), askWithin)
		defer cancel()
		c.SetRequest(request.WithContext(ctx))
		defer c.SetRequest(request)
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return next(c)
	}
}

// explainGitHub turns what GitHub answers instead of what was asked into what
// people are told, and is nil for everything else.
func explainGitHub(err error) *problem {
	var (
		limited *github.RateLimitError
		sso     *github.SSOError
	)
	told := &problem{sentence: github.Explain(err)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errTooSlow
	case errors.As(err, &limited):
		told.status = http.StatusServiceUnavailable
	case errors.Is(err, github.ErrLogInAgain):
		return errUnconfirmed
	case errors.As(err, &sso):
		told.status = http.StatusForbidden
		if sso.URL != "" {
			told.link = views.Link{Text: "Sign in on GitHub", URL: sso.URL}
		}
	case errors.Is(err, github.ErrForbidden):
		told.status = http.StatusForbidden
	case errors.Is(err, github.ErrSuspended):
		told.status = http.StatusConflict
	case errors.Is(err, github.ErrNotFound):
		told.status = http.StatusNotFound
	case errors.Is(err, github.ErrWithdrawn):
		told.status = http.StatusGone
	case errors.Is(err, github.ErrInvalid):
		told.status = http.StatusUnprocessableEntity
	case errors.Is(err, github.ErrAppCredentials):
		told.status = http.StatusBadGateway
	case errors.Is(err, github.ErrUnavailable):
		told.status = http.StatusGatewayTimeout
	default:
		return nil
	}
	return told
}
