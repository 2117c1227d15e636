package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
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

// Actions lists what a user did to their imports, newest first. It is paged by
// the last action seen: new ones come in at the front.
func (s *Server) Actions(c echo.Context) error {
	p := web.Query(c)
	before, perPage := p.ID("before"), p.Number("per_page", apiPageSize, maxPerPage)
	if err := p.Err(); err != nil {
		return err
	}
	list, err := s.DB.ListActions(c.Request().Context(), currentUser(c).ID, db.ActionPage{Before: before, Most: perPage + 1})
	if err != nil {
		return err
	}
	header := http.Header{}
	if len(list) > perPage {
		list = list[:perPage]
		next := s.config.URL.JoinPath(c.Request().URL.Path)
		next.RawQuery = url.Values{"before": {strconv.FormatInt(list[perPage-1].ID, 10)}, "per_page": {strconv.Itoa(perPage)}}.Encode()
		header.Set("Link", "<"+next.String()+`>; rel="next"`)
	}
	return s.respond.Value(c, "actions", openapi.Each(list, openapi.ToAction), header)
}

// UndoAction undoes what an action did, as far as nothing changed it since.
func (s *Server) UndoAction(c echo.Context) error {
	if credential(c).Restriction != 0 {
		return errWholeOnly
	}
	id, err := strconv.ParseInt(c.Param("action_id"), 10, 64)
	if err != nil {
		return errActionNotFound
	}
	results, err := s.DB.UndoAction(c.Request().Context(), currentUser(c).ID, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errActionNotFound
	case errors.Is(err, db.ErrUndoExpired):
		return errUndoExpired
	case err != nil:
		return err
	}
	return s.finish(c, result{
		status: http.StatusOK, body: openapi.ToUndoResults(results),
		next: "/imports", notices: undoNotices(results),
	})
}

// undoNotices say what an undo did.
func undoNotices(results []db.UndoResult) []ui.Notice {
	counts := map[db.UndoStatus]int{}
	for _, result := range results {
		counts[result.Status]++
	}
	var notices []ui.Notice
	add := func(kind ui.Kind, status db.UndoStatus, one, many string) {
		if n := counts[status]; n > 0 {
			notices = append(notices, ui.Notice{Kind: kind, Text: counted(n, one, many)})
		}
	}
	add(ui.KindSuccess, db.UndoRestored, "import restored.", "imports restored.")
	add(ui.KindSuccess, db.UndoRemoved, "import removed again.", "imports removed again.")
	add(ui.KindWarning, db.UndoChangedSince, "repository was changed since, and stays as it is.", "repositories were changed since, and stay as they are.")
	add(ui.KindWarning, db.UndoNotFound, "repository is no longer there.", "repositories are no longer there.")
	if len(notices) == 0 {
		return []ui.Notice{{Kind: ui.KindSuccess, Text: "Undone."}}
	}
	return notices
}

// undoable adds an Undo button to the first notice about an action, which leads
// back to the page that shows it.
func undoable(c echo.Context, fallback string, actionID int64, notices ...ui.Notice) []ui.Notice {
	if actionID != 0 && len(notices) > 0 {
		notices[0].Undo = views.UndoPath(actionID, sessions.OwnPath(c.FormValue("return_to"), fallback))
	}
	return notices
}
