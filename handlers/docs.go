package handlers

import (
	"strconv"
	"strings"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/present"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Docs describes the API to everybody: with the user's own ids in the examples
// where somebody is signed in.
func (s *Server) Docs(c echo.Context) error {
	err := s.auth.Identify(c)
	if err != nil && !auth.IsSignedOut(err) {
		return err
	}
	var fill []string
	if err == nil {
		user := auth.User(c)
		fill = []string{"{user_id}", user.ID}
		first, err := s.DB.ListAllInstallations(c.Request().Context(), user.ID, db.OrderByID, db.Page{Limit: 1})
		if err != nil {
			return err
		}
		for _, in := range first {
			fill = append(fill, "{installation_id}", strconv.FormatInt(in.ID, 10), "{github_installation_id}", strconv.FormatInt(in.GitHubID, 10))
		}
	}
	page, err := present.Docs(s.operations, present.DocsReader{
		URL: s.config.URL.String(), Fill: strings.NewReplacer(fill...), SignedIn: err == nil, Operator: auth.IsOperator(c),
	})
	if err != nil {
		return err
	}
	page.Frame = s.respond.Frame(c, "API")
	page.Frame.Nav = ui.NavTokens
	return web.Page(c, views.Docs(page), nil)
}
