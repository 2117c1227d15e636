package handlers

import (
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/docs"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Docs responds with a page of the API reference, which is the same for everybody.
func (s *Server) Docs(c echo.Context) error {
	if query := c.QueryParam("q"); query != "" && c.Param("noun") == "" {
		return web.Page(c, views.DocsIndex(s.docs.Index(query)), nil)
	}
	found, err := s.docs.Serve(c.Response(), c.Request(), c.Param("noun"))
	if err == nil && !found {
		return echo.ErrNotFound
	}
	return err
}

// DocsReader responds with what the API reference shows about its reader: the header, and
// the ids for examples. Visitors who aren't signed in get nothing.
func (s *Server) DocsReader(c echo.Context) error {
	if err := s.auth.Identify(c); auth.IsSignedOut(err) {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.NoContent(http.StatusNoContent)
	} else if err != nil {
		return err
	}
	reader := views.DocsReaderValues{Frame: s.respond.Frame(c, ""), UserID: auth.User(c).ID}
	reader.Frame.Nav = ui.NavTokens
	first, err := s.DB.ListAllInstallations(c.Request().Context(), reader.UserID, db.OrderByID, db.Page{Limit: 1})
	if err != nil {
		return err
	}
	for _, in := range first {
		reader.InstallationID, reader.GitHubInstallationID = strconv.FormatInt(in.ID, 10), strconv.FormatInt(in.GitHubID, 10)
	}
	return web.Render(c, http.StatusOK, views.DocsReader(reader))
}

// newDocs creates the API reference. Its pages contain nothing about their readers.
func (s *Server) newDocs() *docs.Docs {
	frame := ui.Frame{Now: s.Now(), GitHubURL: s.config.GitHub.WebURL(), Demo: s.config.Demo}
	return docs.New(frame, s.config.URL.String(), s.operations)
}
