package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// accessCheckTimeout is how long an access check waits for GitHub.
const accessCheckTimeout = respond.GitHubTimeout * 8 / 10

// CheckAccess explains why a user can or can't see a repository.
func (s *Server) CheckAccess(c echo.Context) error {
	repository := strings.TrimSpace(c.QueryParam("repository"))
	result, err := s.checkAccess(c, repository)
	return respond.Choose(c, func() error {
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, present.ToAccessCheck(result))
	}, func() error {
		page := views.AccessCheckPage{Repository: repository, Result: result}
		invalid := (*web.Error)(nil)
		switch {
		case repository == "": // the form alone
		case errors.As(err, &invalid) && len(invalid.Fields) > 0:
			page.Error = invalid.Text()
		case err != nil:
			return err
		}
		return s.respond.Show(c, respond.Page{Title: "Access check", Nav: ui.NavAccess, Draw: func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return views.AccessCheck(page)
		}})
	})
}

func (s *Server) checkAccess(c echo.Context, repository string) (views.AccessResult, error) {
	owner, name, err := input.Repository(s.config.GitHub, repository)
	if err != nil {
		return views.AccessResult{}, err
	}
	// Leave time to show that GitHub doesn't respond: that is a result as well.
	ctx, cancel := context.WithTimeout(c.Request().Context(), accessCheckTimeout)
	defer cancel()
	check, err := s.GitHub.AsUser(auth.User(c).ID).CheckAccess(ctx, owner, name)
	if err != nil {
		return views.AccessResult{}, err
	}
	app, _ := s.GitHub.AppFacts()
	return present.AccessResult(check, owner+"/"+name, app.InstallURL()), nil
}
