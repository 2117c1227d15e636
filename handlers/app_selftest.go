package handlers

import (
	"net/http"

	"neptun/github"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// SelfTest tells operators whether the App and this Neptun fit together.
func (s *Server) SelfTest(c echo.Context) error {
	ctx, cancel := asking(c)
	defer cancel()
	checks, err := s.GitHub.SelfTest(ctx, s.config.URL.String(), s.webhookURL())
	if err != nil {
		return err
	}
	if isAPI(c.Request().URL.Path) {
		return c.JSON(http.StatusOK, toSelfTestJSON(checks, s.addresses()))
	}
	page, err := s.appPage(c)
	if err != nil {
		return err
	}
	page.Test.Checks = each(checks, func(c github.Check) views.Check {
		return views.Check{Title: c.Title, Result: c.Result, Message: c.Message, Advice: c.Advice}
	})
	return s.answerPage(c, views.AppOverview(page), page.Frame.Notices)
}

// addresses are those to give to GitHub.
func (s *Server) addresses() views.SelfTest {
	return views.SelfTest{
		CallbackURL: s.config.URL.JoinPath("/auth/github/callback").String(),
		SetupURL:    s.config.URL.JoinPath("/auth/github/setup").String(),
		WebhookURL:  s.webhookURL(),
	}
}
