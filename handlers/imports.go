package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Imports lists everything that a user imported, over all installations.
func (s *Server) Imports(c echo.Context) error {
	ctx, key := c.Request().Context(), s.ownKey(c)
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	params, err := readList(c, importSorts, db.SortIDDesc) // on the page the newest first
	if err != nil {
		return err
	}
	list := userList[db.Import]{
		name: "imports", userID: versions.UserID, version: installationsVersion(versions), page: params.Page, perPage: params.PerPage,
		stream: func(page db.Page, use useRows[db.Import]) error {
			return s.DB.StreamAllImports(ctx, key, params.Filter, params.Sort, page, useChecked(c, installationsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.ImportRow, func(items []db.Import, total int64) error {
		topics, err := s.DB.GetTopicVersions(ctx, versions.UserID)
		if err != nil {
			return err
		}
		frame, err := s.pageFrame(c, "Imports", ui.NavImports)
		if err != nil {
			return err
		}
		params.explain(&frame)
		return web.Page(c, views.Imports(views.ImportsPage{
			Frame:   frame,
			List:    views.ImportList{Items: items, List: params.view(total)},
			Version: topics[db.TopicImports],
		}), frame.Notices)
	})
}

// InstallationImports lists what a user imported through one installation. Its
// page is a filter of Repositories.
func (s *Server) InstallationImports(c echo.Context) error {
	record, notANumber := recordID(c)
	ctx, key := c.Request().Context(), s.ownKey(c)
	versions, err := s.DB.ImportsVersions(ctx, key, record)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	if notANumber != nil || versions.RecordID == 0 {
		return errInstallationNotFound
	}
	params, err := readList(c, importSorts, db.SortID)
	if err != nil {
		return err
	}
	list := userList[db.Import]{
		name: "imports", userID: versions.UserID, version: importsVersion(versions), page: params.Page, perPage: params.PerPage,
		stream: func(page db.Page, use useRows[db.Import]) error {
			return s.DB.StreamImports(ctx, key, record, params.Filter, params.Sort, page, useChecked(c, importsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.ImportRow, nil)
}

func importsVersion(v db.Versions) string {
	return fmt.Sprint(v.Restriction, " ", v.RecordID, " ", v.Records)
}

// CreateImports imports repositories through an installation.
func (s *Server) CreateImports(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	chosen, err := readSelection(c)
	if err != nil {
		return err
	}
	var (
		results []db.ImportResult
		action  int64
	)
	if chosen.filter != nil {
		results, action, err = s.DB.ImportMatching(c.Request().Context(), installation, *chosen.filter)
	} else {
		results, action, err = s.DB.ImportRepositories(c.Request().Context(), installation, chosen.ids)
	}
	if err != nil {
		return err
	}
	if len(results) > 1 {
		s.noteEvent(c, currentUser(c), "import repositories", fmt.Sprintf("%s: %d", installation.Account.Login, len(results)))
	}
	back := ui.InstallationPath(installation.ID)
	return s.finish(c, result{
		status: http.StatusOK, body: openapi.ToImportResults(results),
		next: back, notices: undoable(c, back, action, importNotices(results)...),
	})
}

// DeleteImport answers DELETE …/imports/{import_id}.
func (s *Server) DeleteImport(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	importID, err := strconv.ParseInt(c.Param("import_id"), 10, 64)
	if err != nil {
		return errImportNotFound
	}
	err = s.DB.RemoveImport(c.Request().Context(), installation, importID)
	if errors.Is(err, db.ErrNotFound) {
		return errImportNotFound
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// RemoveImports removes the imports that were chosen on a page: that of one
// installation, or that of all imports.
func (s *Server) RemoveImports(c echo.Context) error {
	back, record := "/imports", int64(0)
	if c.Param("installation_id") != "" {
		installation, err := s.installation(c)
		if err != nil {
			return err
		}
		back, record = ui.InstallationPath(installation.ID), installation.ID
	}
	chosen, err := readForm(c)
	if err != nil {
		return err
	}
	removed, action, err := s.DB.RemoveImports(c.Request().Context(), currentUser(c).ID, record, chosen.ids)
	if err != nil {
		return err
	}
	if removed > 1 {
		s.noteEvent(c, currentUser(c), "remove imports", strconv.Itoa(removed))
	}
	return s.done(c, back, undoable(c, back, action, removalNotice(removed, len(chosen.ids)))...)
}
