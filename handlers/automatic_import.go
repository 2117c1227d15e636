package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// AutomaticImport shows what is imported by itself through an installation. On
// the page a draft can be tried: it stands in the address, and its dry run
// below the form.
func (s *Server) AutomaticImport(c echo.Context) error {
	in, err := s.installation(c)
	if err != nil {
		return err
	}
	set, err := s.DB.GetAutoImport(c.Request().Context(), in)
	if err != nil {
		return err
	}
	if web.IsAPI(c.Request().URL.Path) {
		return s.answerAutomaticImport(c, in, set)
	}
	page := views.AutoImportPage{Installation: in, Set: set}
	if !c.QueryParams().Has("mode") {
		return s.drawAutomaticImport(c, http.StatusOK, page)
	}
	draft, err := readRulesForm(c.QueryParams())
	if told := (*web.Error)(nil); errors.As(err, &told) {
		return s.drawWrongRules(c, in, draft, told)
	}
	preview, err := s.DB.PreviewAutoImport(c.Request().Context(), in, draft, db.Page{Limit: pageSize})
	if err != nil {
		return err
	}
	page.Set, page.Preview = draft, &preview
	return s.drawAutomaticImport(c, http.StatusOK, page)
}

// SetAutomaticImport changes what is imported by itself, and imports what that
// takes of what is there.
func (s *Server) SetAutomaticImport(c echo.Context) error {
	in, err := s.installation(c)
	if err != nil {
		return err
	}
	if web.IsAPI(c.Request().URL.Path) {
		set, err := readRulesBody(c)
		if err != nil {
			return err
		}
		imported, _, err := s.DB.SetAutoImport(c.Request().Context(), in, set)
		if err != nil {
			return gone(err)
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return c.JSON(http.StatusOK, openapi.ToSetAutoImportResult(set, imported))
	}
	form, err := c.FormParams()
	if err != nil {
		return web.BodyError(err)
	}
	set, err := readRulesForm(form)
	if told := (*web.Error)(nil); errors.As(err, &told) {
		return s.drawWrongRules(c, in, set, told)
	}
	imported, action, err := s.DB.SetAutoImport(c.Request().Context(), in, set)
	if err != nil {
		return gone(err)
	}
	back := views.AutoImportPath(in.ID)
	return s.done(c, back, undoable(c, back, action, automaticImportNotice(in, set, imported))...)
}

// PreviewAutomaticImport answers what a setting would import, and changes
// nothing. On the page AutomaticImport does the same.
func (s *Server) PreviewAutomaticImport(c echo.Context) error {
	in, err := s.installation(c)
	if err != nil {
		return err
	}
	set, err := readRulesBody(c)
	if err != nil {
		return err
	}
	preview, err := s.DB.PreviewAutoImport(c.Request().Context(), in, set, db.Page{Limit: apiPageSize})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, openapi.ToAutoImportPreview(preview))
}

// Exclusions answers with what was removed by hand, so that it stays out.
func (s *Server) Exclusions(c echo.Context) error {
	in, err := s.installation(c)
	if err != nil {
		return err
	}
	asked, err := readList(c, nil, "")
	if err != nil {
		return err
	}
	list, total, err := s.DB.ListExclusions(c.Request().Context(), in, asked.window())
	if err != nil {
		return err
	}
	return s.respond.Value(c, "exclusions", openapi.Each(list, openapi.ToExclusion), s.respond.Links(c, asked.Page, asked.PerPage, total))
}

// LiftExclusion lets what was removed by hand be imported by itself again.
func (s *Server) LiftExclusion(c echo.Context) error {
	in, err := s.installation(c)
	if err != nil {
		return err
	}
	api := web.IsAPI(c.Request().URL.Path)
	asked := c.FormValue("only")
	if api {
		asked = c.Param("repository_id")
	}
	id, err := strconv.ParseInt(asked, 10, 64)
	if err != nil {
		return errExclusionNotFound
	}
	imported, err := s.DB.RemoveExclusion(c.Request().Context(), in, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errExclusionNotFound
	case err != nil:
		return err
	case api:
		return web.NoContent(c)
	}
	notice := views.Notice{Kind: views.KindSuccess, Text: "Exclusion removed. No rule matches the repository, so it isn't imported."}
	if imported {
		notice.Text = "Exclusion removed. The repository is imported again."
	}
	return s.done(c, views.AutoImportPath(in.ID), notice)
}

// gone says of a record that went while it was being changed what is said of
// one that isn't there.
func gone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return errInstallationNotFound
	}
	return err
}

func (s *Server) answerAutomaticImport(c echo.Context, in db.InstallationRecord, set db.AutoImport) error {
	_, excluded, err := s.DB.ListExclusions(c.Request().Context(), in, db.Page{Limit: 1})
	if err != nil {
		return err
	}
	return s.respond.Value(c, "automatic import", openapi.ToAutoImportSettings(set, excluded), nil)
}

// drawWrongRules shows the form as it was sent, with what is wrong with it.
func (s *Server) drawWrongRules(c echo.Context, in db.InstallationRecord, draft db.AutoImport, told *web.Error) error {
	page := views.AutoImportPage{Installation: in, Set: draft}
	for _, field := range told.Fields {
		page.Wrong = append(page.Wrong, field.Field+" "+field.Message+".")
	}
	return s.drawAutomaticImport(c, told.Status, page)
}

func (s *Server) drawAutomaticImport(c echo.Context, status int, page views.AutoImportPage) error {
	ctx := c.Request().Context()
	var err error
	page.Most = maxRules
	if page.Exclusions, page.Excluded, err = s.DB.ListExclusions(ctx, page.Installation, db.Page{Limit: pageSize}); err != nil {
		return err
	}
	if page.Facets, err = s.facets(ctx, page.Installation, db.Filter{}); err != nil {
		return err
	}
	if page.Frame, err = s.pageFrame(c, "Auto-import for "+page.Installation.Account.Login, views.NavInstallations); err != nil {
		return err
	}
	if status == http.StatusOK {
		return web.Page(c, views.AutoImport(page), page.Frame.Notices)
	}
	return web.Render(c, status, views.AutoImport(page))
}

func automaticImportNotice(in db.InstallationRecord, set db.AutoImport, imported int64) views.Notice {
	notice := views.Notice{Kind: views.KindSuccess, Text: "Auto-import is off. Existing imports are kept."}
	switch {
	case set.Mode != db.ImportOff && in.Suspended():
		notice.Text = "Auto-import is on. It starts when the installation is unsuspended."
	case set.Mode != db.ImportOff && imported == 0:
		notice.Text = "Auto-import is on. All matching repositories are already imported."
	case set.Mode != db.ImportOff:
		notice.Text = "Auto-import is on. " + counted(int(imported), "repository", "repositories") + " imported."
	}
	return notice
}
