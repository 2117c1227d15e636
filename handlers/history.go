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
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// recentActions is how many of the user's own actions the history page shows.
const recentActions = 10

// History lists what syncs, webhooks and users changed in an installation, as far as the
// user can see it, newest first. It is paged by cursor, since new entries come first.
func (s *Server) History(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	before, perPage, err := input.ReadCursor(c)
	if err != nil {
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
	return respond.Choose(c, func() error {
		header := http.Header{}
		if older != "" {
			header.Set("Link", s.respond.NextLink(c, url.Values{"before": {older}, "per_page": {strconv.Itoa(perPage)}}))
		}
		return s.respond.Value(c, "history", openapi.Each(list, openapi.ToHistoryEntry), header)
	}, func() error {
		return s.showHistory(c, in, list, older, before == 0)
	})
}

func (s *Server) showHistory(c echo.Context, in db.InstallationRecord, list []db.HistoryEntry, older string, newest bool) error {
	page := views.HistoryPage{Installation: in, Entries: list, Newest: newest}
	if page.Newest {
		var err error
		if page.Actions, err = s.DB.ListActions(c.Request().Context(), in.UserID, db.ActionPage{RecordID: in.ID, Limit: recentActions}); err != nil {
			return err
		}
	}
	if older != "" {
		page.Older = views.HistoryPath(in.ID) + "?before=" + older
	}
	return s.respond.Show(c, respond.Page{Title: "History of " + in.Account.Login, Nav: ui.NavInstallations, Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.History(page)
	}})
}
