package handlers

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
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

var errExclusionNotFound = &web.Error{Code: "exclusion_not_found", Status: http.StatusNotFound, Message: "Exclusion not found"}

// AutoImport shows the auto-import settings of an installation. The page can also preview a
// draft, which is in its URL.
func (s *Server) AutoImport(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	set, err := s.DB.GetAutoImport(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error { return s.writeAutoImport(c, in, set) }, func() error { return s.showDraft(c, in, set) })
}

// showDraft renders the page, with a preview of the draft in its URL.
func (s *Server) showDraft(c echo.Context, in db.InstallationRecord, set db.AutoImport) error {
	version, err := web.Version(openapi.ToAutoImportSettings(set, 0))
	if err != nil {
		return err
	}
	page := views.AutoImportPage{Installation: in, Set: set, Version: cmp.Or(c.QueryParam("version"), version)}
	if id := c.QueryParam("view"); id != "" {
		return s.showViewAsRule(c, page, id)
	}
	if !c.QueryParams().Has("mode") {
		return s.showAutoImport(c, 0, page)
	}
	draft, err := input.ReadRulesForm(c.QueryParams())
	if err != nil {
		return respond.Redraw(c, err, func(invalid *web.Error) error { return s.showInvalidRules(c, in, draft, invalid) })
	}
	preview, err := s.DB.PreviewAutoImport(c.Request().Context(), in, draft, db.Page{Limit: input.PageSize})
	if err != nil {
		return err
	}
	page.Set, page.Preview = draft, &preview
	return s.showAutoImport(c, 0, page)
}

// showViewAsRule renders the page with a saved view as an additional rule, and its preview.
func (s *Server) showViewAsRule(c echo.Context, page views.AutoImportPage, id string) error {
	ctx, in := c.Request().Context(), page.Installation
	list, err := s.DB.ListViews(ctx, in.UserID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(v db.View) bool { return strconv.FormatInt(v.ID, 10) == id })
	if at < 0 {
		return errViewNotFound
	}
	rule, noRule, err := viewRule(list[at], in.Account.Login)
	if err != nil {
		return err
	}
	if noRule != "" {
		page.NoRule = noRule
		return s.showAutoImport(c, 0, page)
	}
	page.Set.Mode = db.ImportRules
	page.Set.Rules = append(page.Set.Rules, rule)
	preview, err := s.DB.PreviewAutoImport(ctx, in, page.Set, db.Page{Limit: input.PageSize})
	if err != nil {
		return err
	}
	page.Preview = &preview
	return s.showAutoImport(c, 0, page)
}

// SetAutoImport changes the auto-import, and imports the repositories that already
// match.
func (s *Server) SetAutoImport(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	set, err := input.ReadRules(c)
	if err != nil {
		return respond.Redraw(c, err, func(invalid *web.Error) error { return s.showInvalidRules(c, in, set, invalid) })
	}
	imported, action, err := s.DB.SetAutoImport(c.Request().Context(), in, set, func(stored db.AutoImport, excluded int64) error {
		return s.checkRulesUnchanged(c, stored, excluded)
	})
	if errors.Is(err, web.ErrChanged) {
		return respond.Choose(c, func() error { return err }, func() error { return s.showChangedRules(c, in, set) })
	}
	if err != nil {
		return recordError(err)
	}
	back := views.AutoImportPath(in.ID)
	return s.respond.Finish(c, respond.Result{
		Status: http.StatusOK, Body: openapi.ToSetAutoImportResult(set, imported),
		Next: back, Notices: withUndo(c, back, action, present.AutoImportNotice(in, set, imported)),
	})
}

// checkRulesUnchanged returns web.ErrChanged if the stored settings aren't those that the
// user edited.
func (s *Server) checkRulesUnchanged(c echo.Context, stored db.AutoImport, excluded int64) error {
	form, err := web.Form(c)
	switch {
	case err != nil:
		return err
	case form != nil:
		return web.CheckVersion(form.Get("version"), openapi.ToAutoImportSettings(stored, 0))
	}
	return s.respond.CheckValue(c, autoImportKind, openapi.ToAutoImportSettings(stored, excluded))
}

// autoImportKind separates the ETags of the settings from those of other replies.
const autoImportKind = "automatic import"

// PreviewAutoImport returns what settings would import, and changes nothing. The page gets
// the same from AutoImport.
func (s *Server) PreviewAutoImport(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	set, err := input.ReadRules(c)
	if err != nil {
		return err
	}
	preview, err := s.DB.PreviewAutoImport(c.Request().Context(), in, set, db.Page{Limit: input.APIPageSize})
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, openapi.ToAutoImportPreview(preview))
}

// ListExclusions lists the repositories that rules don't import, because the user removed
// their import.
func (s *Server) ListExclusions(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	params, err := input.ReadList(c, nil, "")
	if err != nil {
		return err
	}
	list, total, err := s.DB.ListExclusions(c.Request().Context(), in, params.Window())
	if err != nil {
		return err
	}
	return s.respond.Value(c, "exclusions", openapi.Each(list, openapi.ToExclusion), s.respond.Links(c, params.Page, params.PerPage, total))
}

// RemoveExclusion lets rules import a repository again.
func (s *Server) RemoveExclusion(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	// The API has it in the path, the page in the value of a button.
	id, err := strconv.ParseInt(cmp.Or(c.Param("repository_id"), c.FormValue("only")), 10, 64)
	if err != nil {
		return errExclusionNotFound
	}
	imported, err := s.DB.RemoveExclusion(c.Request().Context(), in, id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errExclusionNotFound
	case err != nil:
		return err
	}
	notice := ui.Notice{Kind: ui.KindSuccess, Text: "Exclusion removed. No rule matches the repository, so it isn't imported."}
	if imported {
		notice.Text = "Exclusion removed. The repository is imported again."
	}
	return s.respond.Finish(c, respond.Result{Next: views.AutoImportPath(in.ID), Notices: []ui.Notice{notice}})
}

// recordError maps the error for a record that was deleted during the request to that for
// one that doesn't exist.
func recordError(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return auth.ErrInstallationNotFound
	}
	return err
}

func (s *Server) writeAutoImport(c echo.Context, in db.InstallationRecord, set db.AutoImport) error {
	_, excluded, err := s.DB.ListExclusions(c.Request().Context(), in, db.Page{Limit: 1})
	if err != nil {
		return err
	}
	return s.respond.Value(c, autoImportKind, openapi.ToAutoImportSettings(set, excluded), nil)
}

// showInvalidRules shows the submitted form with its errors.
func (s *Server) showInvalidRules(c echo.Context, in db.InstallationRecord, draft db.AutoImport, invalid *web.Error) error {
	page := views.AutoImportPage{Installation: in, Set: draft, Version: c.FormValue("version")}
	for _, field := range invalid.Fields {
		page.Errors = append(page.Errors, field.Text())
	}
	return s.showAutoImport(c, invalid.Status, page)
}

// showChangedRules shows the submitted form after another window changed the settings.
// Saving it again replaces them.
func (s *Server) showChangedRules(c echo.Context, in db.InstallationRecord, draft db.AutoImport) error {
	stored, err := s.DB.GetAutoImport(c.Request().Context(), in)
	if err != nil {
		return recordError(err)
	}
	page := views.AutoImportPage{Installation: in, Set: draft, Errors: []string{
		"The settings were changed in another window or by a script. Save again to replace them, or reload this page to see them.",
	}}
	if page.Version, err = web.Version(openapi.ToAutoImportSettings(stored, 0)); err != nil {
		return err
	}
	return s.showAutoImport(c, web.ErrChanged.Status, page)
}

func (s *Server) showAutoImport(c echo.Context, status int, page views.AutoImportPage) error {
	ctx := c.Request().Context()
	var err error
	page.MaxRules = input.MaxRules
	if page.Exclusions, page.Excluded, err = s.DB.ListExclusions(ctx, page.Installation, db.Page{Limit: input.PageSize}); err != nil {
		return err
	}
	if page.Facets, err = s.facets(c, "repositories "+repositoriesVersion(page.Installation), db.Filter{}, func() (*db.FacetIndex, error) { return s.DB.IndexFacets(ctx, page.Installation) }); err != nil {
		return err
	}
	return s.respond.Show(c, respond.Page{
		Title: "Auto-import for " + page.Installation.Account.Login, Nav: ui.NavInstallations, Status: status,
		Draw: func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return views.AutoImport(page)
		},
	})
}
