package operators

import (
	"context"
	"fmt"
	"net/http"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/web"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

// SelfTest tells operators whether the App and this Neptun fit together.
func (h *Handlers) SelfTest(c echo.Context) error {
	if web.IsAPI(c.Request().URL.Path) {
		checks, err := h.selfTest(c)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, present.ToSelfTest(checks, h.addresses()))
	}
	// What is stored is read first: the test may use up the time there is, and
	// says so in its lines.
	page, err := h.appPage(c)
	if err != nil {
		return err
	}
	checks, err := h.selfTest(c)
	if err != nil {
		return err
	}
	page.Test.Checks = openapi.Each(checks, func(c github.Check) operators.Check {
		return operators.Check{Title: c.Title, Result: c.Result, Message: c.Message, Advice: c.Advice}
	})
	return web.Page(c, operators.AppOverview(page), page.Frame.Notices)
}

func (h *Handlers) selfTest(c echo.Context) ([]github.Check, error) {
	ctx := c.Request().Context()
	sealed, err := h.testSeals(ctx)
	if err != nil {
		return nil, err
	}
	checks, err := h.GitHub.SelfTest(ctx, h.URL.String(), h.webhookURL())
	return append(checks, sealed), err
}

// testSeals says whether a secret that was replaced is still needed.
func (h *Handlers) testSeals(ctx context.Context) (github.Check, error) {
	check := github.Check{Name: "encryption_key", Title: "Encryption key", Result: github.CheckOK, Message: "Everything is sealed with the present secret."}
	old, err := h.DB.CountOldSeals(ctx)
	switch {
	case err != nil || old == 0:
	case h.DB.HasOldKeys():
		check.Result, check.Message = github.CheckWarning, fmt.Sprintf("Values that still need an older secret: %d.", old)
		check.Advice = "Keep the older secret in NEPTUN_SECRET. Neptun seals these values again within the hour; then it can go."
	default:
		check.Result, check.Message = github.CheckWarning, fmt.Sprintf("Values that no secret opens: %d.", old)
		check.Advice = "Add the secret that sealed them to NEPTUN_SECRET, after the present one. Without it, the users concerned have to sign in again."
	}
	return check, err
}

// addresses are those to give to GitHub.
func (h *Handlers) addresses() operators.SelfTest {
	return operators.SelfTest{
		CallbackURL: h.URL.JoinPath("/auth/github/callback").String(),
		SetupURL:    h.URL.JoinPath("/auth/github/setup").String(),
		WebhookURL:  h.webhookURL(),
	}
}
