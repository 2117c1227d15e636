package handlers

import (
	"net/http"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

// SelfTest tells operators whether the App and this Neptun fit together.
func (s *Server) SelfTest(c echo.Context) error {
	if web.IsAPI(c.Request().URL.Path) {
		checks, err := s.selfTest(c)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, toSelfTestJSON(checks, s.addresses()))
	}
	// What is stored is read first: the test may use up the time there is, and
	// says so in its lines.
	page, err := s.appPage(c)
	if err != nil {
		return err
	}
	checks, err := s.selfTest(c)
	if err != nil {
		return err
	}
	page.Test.Checks = openapi.Each(checks, func(c github.Check) operators.Check {
		return operators.Check{Title: c.Title, Result: c.Result, Message: c.Message, Advice: c.Advice}
	})
	return web.Page(c, operators.AppOverview(page), page.Frame.Notices)
}

func (s *Server) selfTest(c echo.Context) ([]github.Check, error) {
	return s.GitHub.SelfTest(c.Request().Context(), s.config.URL.String(), s.webhookURL())
}

// addresses are those to give to GitHub.
func (s *Server) addresses() operators.SelfTest {
	return operators.SelfTest{
		CallbackURL: s.config.URL.JoinPath("/auth/github/callback").String(),
		SetupURL:    s.config.URL.JoinPath("/auth/github/setup").String(),
		WebhookURL:  s.webhookURL(),
	}
}
