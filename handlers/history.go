package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// recentActions is how many of the user's own actions the history shows.
const recentActions = 10

// History shows what syncs, webhooks and people changed in what a person sees
// of an installation, newest first. It is paged by the last entry seen: new
// ones come in at the front.
func (s *Server) History(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	p := web.Query(c)
	before, perPage := p.ID("before"), input.PageSize
	if web.IsAPI(c.Request().URL.Path) {
		perPage = p.Number("per_page", input.APIPageSize, input.MaxPerPage)
	}
	if err := p.Err(); err != nil {
		return err
	}
	list, err := s.DB.ListHistory(c.Request().Context(), in, auth.Credential(c).Restriction, before, perPage+1)
	if err != nil {
		return err
	}
	older := ""
	if len(list) > perPage {
		list = list[:perPage]
		older = strconv.FormatInt(list[perPage-1].ID, 10)
	}
	return respond.Choose(c, func() error { return s.writeHistory(c, list, older, perPage) }, func() error {
		return s.drawHistory(c, in, list, older, before == 0)
	})
}

func (s *Server) drawHistory(c echo.Context, in db.InstallationRecord, list []db.HistoryEntry, older string, newest bool) error {
	var err error
	page := views.HistoryPage{Installation: in, Entries: list, Newest: newest}
	if page.Newest {
		if page.Actions, err = s.DB.ListActions(c.Request().Context(), in.UserID, db.ActionPage{RecordID: in.ID, Most: recentActions}); err != nil {
			return err
		}
	}
	if older != "" {
		page.Older = views.HistoryPath(in.ID) + "?before=" + older
	}
	if page.Frame, err = s.respond.PageFrame(c, "History of "+in.Account.Login, ui.NavInstallations); err != nil {
		return err
	}
	return web.Page(c, views.History(page), page.Frame.Notices)
}

func (s *Server) writeHistory(c echo.Context, list []db.HistoryEntry, older string, perPage int) error {
	header := http.Header{}
	if older != "" {
		next := s.config.URL.JoinPath(c.Request().URL.Path)
		next.RawQuery = url.Values{"before": {older}, "per_page": {strconv.Itoa(perPage)}}.Encode()
		header.Set("Link", "<"+next.String()+`>; rel="next"`)
	}
	return s.respond.Value(c, "history", openapi.Each(list, openapi.ToHistoryEntry), header)
}
