package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errBulkActionNotFound = &web.Error{Status: http.StatusNotFound, Message: "This preview has expired. Select the repositories again"}

// bulkRows is how many rows a page of a bulk action has.
const bulkRows = 100

// startBulkAction redirects to the preview of an action on several repositories. The
// selection is stored until it is confirmed.
func (s *Server) startBulkAction(c echo.Context, record int64, kind db.ActionKind, ids []int64) error {
	id, err := s.DB.CreateBulkAction(c.Request().Context(), auth.User(c).ID, record, kind, ids)
	if err != nil {
		return err
	}
	return redirectBrowser(c, views.BulkActionPath(id, sessions.OwnPath(c.FormValue("return_to"), "/repositories")))
}

// redirectBrowser sends the browser to another page, even if htmx requested a fragment of
// the current one.
func redirectBrowser(c echo.Context, path string) error {
	if web.IsFragment(c) {
		c.Response().Header().Set("HX-Redirect", path)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, path)
}

// CreateAllImports imports through any installation: one repository immediately, several
// after a preview.
func (s *Server) CreateAllImports(c echo.Context) error {
	selection, err := input.ReadSelection(c)
	if err != nil {
		return err
	}
	ctx, user := c.Request().Context(), auth.User(c)
	if selection.Filter != nil {
		if selection.IDs, err = s.DB.ListAllMatching(ctx, user.ID, *selection.Filter); err != nil {
			return err
		}
	}
	switch len(selection.IDs) {
	case 0:
		return s.respond.Redirect(c, "/repositories", present.NothingSelected)
	case 1:
	default:
		return s.startBulkAction(c, 0, db.ActionImport, selection.IDs)
	}
	id, err := s.DB.CreateBulkAction(ctx, user.ID, 0, db.ActionImport, selection.IDs)
	if err != nil {
		return err
	}
	bulk, err := s.DB.ConfirmBulkAction(ctx, user.ID, id)
	if err != nil {
		return err
	}
	return s.respond.Redirect(c, "/repositories", withUndo(c, "/repositories", bulk.ActionID, bulkNotices(bulk)...)...)
}

// BulkAction previews a bulk action, and shows its results once it is confirmed.
func (s *Server) BulkAction(c echo.Context) error {
	bulk, err := s.bulkAction(c, s.DB.GetBulkAction)
	if err != nil {
		return err
	}
	p := web.Query(c)
	page := views.BulkActionPage{
		Bulk: bulk, Page: p.Number("page", 1, input.MaxPage), PerPage: bulkRows,
		ReturnTo: sessions.OwnPath(c.QueryParam("return_to"), "/repositories"),
	}
	if err := p.Err(); err != nil {
		return err
	}
	if bulk.ActionID != 0 {
		page.Undo = views.UndoPath(bulk.ActionID, page.ReturnTo)
	}
	return s.respond.Show(c, respond.Page{Title: views.BulkActionTitle(bulk), Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.BulkAction(page)
	}})
}

// ConfirmBulkAction runs the previewed action and summarizes its results.
func (s *Server) ConfirmBulkAction(c echo.Context) error {
	bulk, err := s.bulkAction(c, s.DB.ConfirmBulkAction)
	if err != nil {
		return err
	}
	if bulk.ActionID != 0 && !bulk.Repeated {
		event := db.AuditImport
		if bulk.Kind == db.ActionRemove {
			event = db.AuditRemoveImports
		}
		s.audit.Event(c, auth.User(c), event, strconv.Itoa(len(bulk.Rows)))
	}
	back := sessions.OwnPath(c.FormValue("return_to"), "/repositories")
	notices := withUndo(c, back, bulk.ActionID, bulkNotices(bulk)...)
	notices[0].More = views.BulkActionPath(bulk.ID, back)
	notices[0].Used, _, _ = strings.Cut(back, "?")
	return s.respond.Redirect(c, back, notices...)
}

func (s *Server) bulkAction(c echo.Context, get func(ctx context.Context, userID string, id int64) (db.BulkAction, error)) (db.BulkAction, error) {
	id, err := strconv.ParseInt(c.Param("bulk_action_id"), 10, 64)
	if err != nil {
		return db.BulkAction{}, errBulkActionNotFound
	}
	bulk, err := get(c.Request().Context(), auth.User(c).ID, id)
	if errors.Is(err, db.ErrNotFound) {
		return db.BulkAction{}, errBulkActionNotFound
	}
	return bulk, err
}

// bulkNotices summarizes the results of a bulk action.
func bulkNotices(bulk db.BulkAction) []ui.Notice {
	counts := map[db.BulkStatus]int{}
	for _, row := range bulk.Rows {
		counts[row.Status]++
	}
	var notices []ui.Notice
	add := func(kind ui.Kind, status db.BulkStatus, one, many string) {
		if n := counts[status]; n > 0 {
			notices = append(notices, ui.Notice{Kind: kind, Text: ui.Counted(int64(n), one, many)})
		}
	}
	add(ui.KindSuccess, db.BulkImported, "repository imported.", "repositories imported.")
	add(ui.KindSuccess, db.BulkRemoved, "import removed.", "imports removed.")
	add(ui.KindInfo, db.BulkAlreadyImported, "repository was already imported.", "repositories were already imported.")
	add(ui.KindInfo, db.BulkNotImported, "repository wasn't imported.", "repositories weren't imported.")
	add(ui.KindWarning, db.BulkSuspended, "repository belongs to a suspended installation, and wasn't imported.", "repositories belong to suspended installations, and weren't imported.")
	add(ui.KindWarning, db.BulkNotFound, "repository is no longer accessible. Sync to update the list.", "repositories are no longer accessible. Sync to update the list.")
	if len(notices) == 0 {
		return []ui.Notice{present.NothingSelected}
	}
	return notices
}
