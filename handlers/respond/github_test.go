package respond

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"neptun/github"

	"github.com/labstack/echo/v4"
)

func TestRequestsToGitHubTimeOut(t *testing.T) {
	recorder := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/account", nil), recorder)
	before := c.Request()
	err := (&Responder{}).WithGitHubTimeout(func(c echo.Context) error {
		deadline, ok := c.Request().Context().Deadline()
		if left := time.Until(deadline); !ok || left > 10*time.Second || left < 9*time.Second {
			t.Errorf("the request has %v left", left)
		}
		return context.DeadlineExceeded
	})(c)
	got := ToHTTPError(err)
	if got.Status != http.StatusGatewayTimeout || got != ErrTooSlow {
		t.Errorf("got %d %q", got.Status, got.Message)
	}
	if c.Request() != before || recorder.Header().Get("Cache-Control") != "no-store" {
		t.Error("the context has no time left, or the response may be cached")
	}
}

func TestSingleSignOnIsLinkedOnPages(t *testing.T) {
	got := ToHTTPError(&github.SSOError{URL: "https://github.com/orgs/acme/sso"})
	if got.Status != http.StatusForbidden || got.Link.URL != "https://github.com/orgs/acme/sso" {
		t.Errorf("got %+v", got)
	}
}
