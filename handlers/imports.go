package handlers

import (
	"errors"
	"iter"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// Imports shows everything that a person imported, over all installations.
func (s *Server) Imports(c echo.Context) error {
	if web.IsAPI(c.Request().URL.Path) {
		return s.answerImports(c)
	}
	ctx, person := c.Request().Context(), currentUser(c)
	asked, err := readList(c, importSorts, db.SortIDDesc) // for people the newest first
	if err != nil {
		return err
	}
	versions, err := s.DB.GetTopicVersions(ctx, person.ID)
	if err != nil {
		return err
	}
	items, err := s.DB.ListImports(ctx, person.ID, asked.Filter, asked.Sort, asked.window())
	if err != nil {
		return err
	}
	total, err := asked.window().Total(len(items), func() (int64, error) {
		return s.DB.CountImports(ctx, person.ID, asked.Filter)
	})
	if err != nil {
		return err
	}
	frame, err := s.pageFrame(c, "Imports", views.NavImports)
	if err != nil {
		return err
	}
	return web.Page(c, views.Imports(views.ImportsPage{
		Frame: frame,
		List:  views.ImportList{Items: items, List: asked.view(total)},

		Version: versions[db.TopicImports],
	}), frame.Notices)
}

// answerImports answers with all imports as the published endpoints do with
// theirs: they change with what the person's list of installations changes with.
func (s *Server) answerImports(c echo.Context) error {
	ctx, key := c.Request().Context(), s.Sessions.APIKey(c.Request())
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.limits.Admit(key)
	s.noteUse(c, key)
	asked, err := readScriptList(c, importSorts, db.SortID)
	if err != nil {
		return err
	}
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	return s.respond.Stored(c, installationsVersion(c, versions, format), func(r *web.Reply) error {
		if err := s.shares.Enter(c, versions.UserID, web.LaneRead); err != nil {
			return err
		}
		defer web.LeaveShare(c)
		return published(s.DB.StreamAllImports(ctx, key, asked.Filter, asked.Sort, asked.window(),
			func(now db.Versions, total int64, rows iter.Seq2[db.Import, error]) error {
				if err := authorized(c, now, nil); err != nil {
					return err
				}
				r.Begin(installationsVersion(c, now, format), format.Header("imports", s.respond.Links(c, asked.Page, asked.PerPage, total)))
				return web.WriteRows(r, format, rows, openapi.ToImport)
			}))
	})
}

// CreateImports imports repositories through an installation.
func (s *Server) CreateImports(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	api := web.IsAPI(c.Request().URL.Path)
	read := readForm
	if api {
		read = readBody
	}
	chosen, err := read(c)
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
	if api {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.JSON(http.StatusOK, openapi.ToImportResults(results))
	}
	back := views.InstallationPath(installation.ID)
	return s.done(c, back, undoable(c, back, action, importNotices(results)...)...)
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
		back, record = views.InstallationPath(installation.ID), installation.ID
	}
	chosen, err := readForm(c)
	if err != nil {
		return err
	}
	removed, action, err := s.DB.RemoveImports(c.Request().Context(), currentUser(c).ID, record, chosen.ids)
	if err != nil {
		return err
	}
	return s.done(c, back, undoable(c, back, action, removalNotice(removed, len(chosen.ids)))...)
}
