package operators

import (
	"net/http"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/web"
	"neptun/views"

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
	page.Test.Checks = openapi.Each(checks, func(c github.Check) views.Check {
		return views.Check{Title: c.Title, Result: c.Result, Message: c.Message, Advice: c.Advice}
	})
	return web.Page(c, views.AppOverview(page), page.Frame.Notices)
}

func (h *Handlers) selfTest(c echo.Context) ([]github.Check, error) {
	return h.GitHub.SelfTest(c.Request().Context(), h.URL.String(), h.webhookURL())
}

// addresses are those to give to GitHub.
func (h *Handlers) addresses() views.SelfTest {
	return views.SelfTest{
		CallbackURL: h.URL.JoinPath("/auth/github/callback").String(),
		SetupURL:    h.URL.JoinPath("/auth/github/setup").String(),
		WebhookURL:  h.webhookURL(),
	}
}
