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

func TestNobodyWaitsLongForGitHub(t *testing.T) {
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
	told := ToHTTPError(err)
	if told.Status != http.StatusGatewayTimeout || told != ErrTooSlow {
		t.Errorf("told %d %q", told.Status, told.Message)
	}
	if c.Request() != before || recorder.Header().Get("Cache-Control") != "no-store" {
		t.Error("what comes after has no time left, or the answer may be kept")
	}
}

func TestSingleSignOnIsLinkedOnPages(t *testing.T) {
	told := ToHTTPError(&github.SSOError{URL: "https://github.com/orgs/acme/sso"})
	if told.Status != http.StatusForbidden || told.Link.URL != "https://github.com/orgs/acme/sso" {
		t.Errorf("told %+v", told)
	}
}
