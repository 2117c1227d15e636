package operators

import (
	"context"
	"fmt"
	"net/http"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

// SelfTest checks that the settings of the app and of this server fit together.
func (h *Handlers) SelfTest(c echo.Context) error {
	checks, err := h.selfTest(c.Request().Context())
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		return c.JSON(http.StatusOK, present.ToSelfTest(checks, h.addresses()))
	}, func() error {
		page := h.appPage()
		page.Test.Checks = openapi.Each(checks, present.CheckView)
		return h.showApp(c, page)
	})
}

func (h *Handlers) selfTest(ctx context.Context) ([]github.Check, error) {
	sealed, err := h.testSeals(ctx)
	if err != nil {
		return nil, err
	}
	gitHubCtx, cancel := context.WithTimeout(ctx, gitHubPart)
	defer cancel()
	checks, err := h.GitHub.SelfTest(gitHubCtx, h.URL.String(), h.webhookURL())
	return append(checks, sealed), err
}

// testSeals checks whether a replaced secret is still needed.
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

// addresses are the URLs for the app's settings on GitHub.
func (h *Handlers) addresses() operators.SelfTest {
	return operators.SelfTest{
		CallbackURL: h.URL.JoinPath("/auth/github/callback").String(),
		SetupURL:    h.URL.JoinPath("/auth/github/setup").String(),
		WebhookURL:  h.webhookURL(),
	}
}
