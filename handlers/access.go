package handlers

import (
	"context"
	"net/http"
	"strings"

	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// accessCheckTimeout is how long an access check waits for GitHub.
const accessCheckTimeout = respond.GitHubTimeout * 8 / 10

// CheckAccess tells why a person can or can't see a repository.
func (s *Server) CheckAccess(c echo.Context) error {
	api := web.IsAPI(c.Request().URL.Path)
	asked := strings.TrimSpace(c.QueryParam("repository"))
	page := views.AccessCheckPage{Asked: asked}
	if asked == "" && !api {
		return s.writeAccessCheck(c, page)
	}
	owner, name, err := input.Repository(s.config.GitHub, asked)
	if err != nil {
		if api {
			return err
		}
		page.Problem = err.Error()
		return s.writeAccessCheck(c, page)
	}
	// That GitHub doesn't respond is a result, which is still to be shown in time.
	soon, cancel := context.WithTimeout(c.Request().Context(), accessCheckTimeout)
	defer cancel()
	diagnosis, err := s.GitHub.AsUser(auth.User(c).ID).Diagnose(soon, owner, name)
	if err != nil {
		return err
	}
	app, _ := s.GitHub.AppFacts()
	page.Result = present.AccessResult(diagnosis, owner+"/"+name, app.InstallURL())
	if api {
		return c.JSON(http.StatusOK, present.ToAccessCheck(page.Result))
	}
	return s.writeAccessCheck(c, page)
}

func (s *Server) writeAccessCheck(c echo.Context, page views.AccessCheckPage) error {
	frame, err := s.respond.PageFrame(c, "Access check", ui.NavAccess)
	if err != nil {
		return err
	}
	page.Frame = frame
	return web.Page(c, views.AccessCheck(page), frame.Notices)
}
