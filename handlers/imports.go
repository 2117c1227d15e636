package handlers

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errImportNotFound = &web.Error{Code: "import_not_found", Status: http.StatusNotFound, Message: "Import not found", Link: ui.Link{Text: "Your imports", URL: "/imports"}}

// Imports lists the user's imports of all installations.
func (s *Server) Imports(c echo.Context) error {
	ctx, key := c.Request().Context(), s.auth.Key(c)
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	params, err := input.ReadList(c, input.ImportSorts, db.SortIDDesc) // pages list the newest first
	if err != nil {
		return err
	}
	list := userList[db.Import]{
		name: "imports", userID: versions.UserID, version: installationsVersion(versions), paging: params.Paging,
		cursor: func(row db.Import) string { return row.Cursor(params.Sort) },
		stream: func(page db.Page, use useRows[db.Import]) error {
			return s.DB.StreamAllImports(ctx, key, params.Filter, params.Sort, page, useChecked(c, installationsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.ImportRow, func(items []db.Import, total int64) error {
		facets, err := s.facets(c, "imports "+versions.UserID+" "+installationsVersion(versions), params.Filter, func() (*db.FacetIndex, error) {
			return s.DB.IndexImportFacets(ctx, versions.UserID)
		})
		if err != nil {
			return err
		}
		topics, err := s.DB.GetTopicVersions(ctx, versions.UserID)
		if err != nil {
			return err
		}
		page := views.ImportsPage{
			Facets:  facets,
			List:    views.ImportList{Items: items, List: params.View(total)},
			Version: topics[db.TopicImports],
		}
		if page.Views, err = s.DB.ListViews(ctx, versions.UserID); err != nil {
			return err
		}
		return s.respond.Show(c, respond.Page{
			Title: "Imports", Nav: ui.NavImports, Notices: params.Notices(), Extra: counts(c, page.Filter()),
			Draw: func(frame ui.Frame) templ.Component {
				page.Frame = frame
				return views.Imports(page)
			},
		})
	})
}

// InstallationImports lists the user's imports of one installation. It has no page of its
// own: the page of Repositories filters by them.
func (s *Server) InstallationImports(c echo.Context) error {
	record, notANumber := auth.RecordID(c)
	ctx, key := c.Request().Context(), s.auth.Key(c)
	versions, err := s.DB.ImportsVersions(ctx, key, record)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	if notANumber != nil || versions.RecordID == 0 {
		return auth.ErrInstallationNotFound
	}
	params, err := input.ReadList(c, input.ImportSorts, db.SortID)
	if err != nil {
		return err
	}
	list := userList[db.Import]{
		name: "imports", userID: versions.UserID, version: importsVersion(versions), paging: params.Paging,
		cursor: func(row db.Import) string { return row.Cursor(params.Sort) },
		stream: func(page db.Page, use useRows[db.Import]) error {
			return s.DB.StreamImports(ctx, key, record, params.Filter, params.Sort, page, useChecked(c, importsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.ImportRow, nil)
}

func importsVersion(v db.Versions) string {
	return versionOf(int64(v.Restriction), v.RecordID, v.Records)
}

// ImportSelected is CreateImports for pages, with a preview of several imports.
func (s *Server) ImportSelected(c echo.Context) error {
	selection, err := input.ReadSelection(c)
	if err != nil {
		return err
	}
	if selection.Filter == nil && len(selection.IDs) <= 1 {
		return s.CreateImports(c)
	}
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	if selection.Filter != nil {
		if selection.IDs, err = s.DB.ListMatching(c.Request().Context(), installation, *selection.Filter); err != nil {
			return err
		}
	}
	return s.startBulkAction(c, installation.ID, db.ActionImport, selection.IDs)
}

// CreateImports imports repositories through an installation.
func (s *Server) CreateImports(c echo.Context) error {
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	selection, err := input.ReadSelection(c)
	if err != nil {
		return err
	}
	var (
		results []db.ImportResult
		action  int64
	)
	if selection.Filter != nil {
		results, action, err = s.DB.ImportMatching(c.Request().Context(), installation, *selection.Filter)
	} else {
		results, action, err = s.DB.ImportRepositories(c.Request().Context(), installation, selection.IDs)
	}
	if err != nil {
		return err
	}
	if len(results) > 1 {
		s.audit.Event(c, auth.User(c), db.AuditImport, fmt.Sprintf("%s: %d", installation.Account.Login, len(results)))
	}
	imports := s.DB.StreamImported(c.Request().Context(), installation, results)
	return respond.Choose(c, func() error {
		return s.respond.StreamJSON(c, func(w io.Writer) error { return openapi.WriteImportResults(w, results, imports) })
	}, func() error {
		notices, err := present.ImportNotices(results, imports)
		if err != nil {
			return err
		}
		back := ui.InstallationPath(installation.ID)
		return s.respond.Redirect(c, back, withUndo(c, back, action, notices...)...)
	})
}

// DeleteImport deletes an import.
func (s *Server) DeleteImport(c echo.Context) error {
	installation, err := s.auth.Installation(c)
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

// RemoveImports removes the imports that are selected on a page: that of one installation,
// or that of all imports.
func (s *Server) RemoveImports(c echo.Context) error {
	back, record := "/imports", int64(0)
	if c.Param("installation_id") != "" {
		installation, err := s.auth.Installation(c)
		if err != nil {
			return err
		}
		back, record = ui.InstallationPath(installation.ID), installation.ID
	}
	selection, err := input.ReadSelection(c)
	if err != nil {
		return err
	}
	if len(selection.IDs) > 1 {
		return s.startBulkAction(c, record, db.ActionRemove, selection.IDs)
	}
	removed, action, err := s.DB.RemoveImports(c.Request().Context(), auth.User(c).ID, record, selection.IDs)
	if err != nil {
		return err
	}
	return s.respond.Redirect(c, back, withUndo(c, back, action, present.RemovalNotice(removed, len(selection.IDs)))...)
}
