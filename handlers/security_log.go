package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// SecurityLog lists the user's own entries of the audit log, newest first.
func (s *Server) SecurityLog(c echo.Context) error {
	before, perPage, err := input.ReadCursor(c)
	if err != nil {
		return err
	}
	list, err := s.DB.ListAuditOfUser(c.Request().Context(), auth.User(c).GitHubID, before, perPage+1)
	if err != nil {
		return err
	}
	older := url.Values{}
	if len(list) > perPage {
		list = list[:perPage]
		older.Set("before", strconv.FormatInt(list[perPage-1].ID, 10))
	}
	return respond.Choose(c, func() error {
		header := http.Header{}
		if len(older) > 0 {
			older.Set("per_page", strconv.Itoa(perPage))
			header.Set("Link", s.respond.NextLink(c, older))
		}
		return s.respond.Value(c, "security log", openapi.Each(list, openapi.ToAuditEntry), header)
	}, func() error {
		page := views.SecurityLogPage{Entries: list, Newest: before == 0}
		if len(older) > 0 {
			page.Older = views.SecurityLogPath + "?" + older.Encode()
		}
		return s.respond.Show(c, respond.Page{Title: "Security log", Draw: func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return views.SecurityLog(page)
		}})
	})
}
