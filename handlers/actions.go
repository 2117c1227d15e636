package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var (
	errActionNotFound = &web.Error{Status: http.StatusNotFound, Message: "Action not found"}
	errUndoExpired    = &web.Error{Status: http.StatusConflict, Message: "This can no longer be undone. An action can be undone for 24 hours"}
)

// Actions lists what a user did to their imports, newest first. It is paged by cursor,
// since new actions come first.
func (s *Server) Actions(c echo.Context) error {
	before, perPage, err := input.ReadCursor(c)
	if err != nil {
		return err
	}
	list, err := s.DB.ListActions(c.Request().Context(), auth.User(c).ID, db.ActionPage{Before: before, Limit: perPage + 1})
	if err != nil {
		return err
	}
	header := http.Header{}
	if len(list) > perPage {
		list = list[:perPage]
		header.Set("Link", s.respond.NextLink(c, url.Values{"before": {strconv.FormatInt(list[perPage-1].ID, 10)}, "per_page": {strconv.Itoa(perPage)}}))
	}
	return s.respond.Value(c, "actions", openapi.Each(list, openapi.ToAction), header)
}

// UndoAction undoes an action. Imports that changed since stay as they are.
func (s *Server) UndoAction(c echo.Context) error {
	if auth.Credential(c).Restriction != 0 {
		return auth.ErrWholeOnly
	}
	id, err := strconv.ParseInt(c.Param("action_id"), 10, 64)
	if err != nil {
		return errActionNotFound
	}
	results, err := s.DB.UndoAction(c.Request().Context(), auth.User(c).ID, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errActionNotFound
	case errors.Is(err, db.ErrUndoExpired):
		return errUndoExpired
	case err != nil:
		return err
	}
	// Undoing an action again changes nothing, and isn't audited.
	if len(results) > 1 && slices.ContainsFunc(results, db.UndoResult.Changed) {
		s.audit.Event(c, auth.User(c), db.AuditUndo, strconv.Itoa(len(results)))
	}
	return s.respond.Finish(c, respond.Result{
		Status: http.StatusOK, Body: openapi.ToUndoResults(results),
		Next: "/imports", Notices: present.UndoNotices(results),
	})
}

// withUndo adds an Undo button to the first notice about an action. Undoing returns to the
// page that shows the notice.
func withUndo(c echo.Context, fallback string, actionID int64, notices ...ui.Notice) []ui.Notice {
	if actionID != 0 && len(notices) > 0 {
		notices[0].Undo = views.UndoPath(actionID, sessions.OwnPath(c.FormValue("return_to"), fallback))
	}
	return notices
}
