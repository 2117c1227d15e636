package handlers

import (
	"neptun/db"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// AllRepositories lists the repositories that a user can import, of all installations.
func (s *Server) AllRepositories(c echo.Context) error {
	ctx, key := c.Request().Context(), s.auth.Key(c)
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	params, err := input.ReadList(c, input.AvailableSorts, db.SortName)
	if err != nil {
		return err
	}
	list := userList[db.Available]{
		name: "repositories", userID: versions.UserID, version: installationsVersion(versions), paging: params.Paging,
		cursor: func(row db.Available) string { return row.Cursor(params.Sort) },
		// Files have all rows, since they are used outside of Neptun.
		perPageJSON: input.APIPageSize,
		stream: func(page db.Page, use useRows[db.Available]) error {
			return s.DB.StreamAllAvailable(ctx, key, params.Filter, params.Sort, page, useChecked(c, installationsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.RepositoryRow, func(items []db.Available, total int64) error {
		facets, err := s.facets(c, "all repositories "+versions.UserID+" "+installationsVersion(versions), params.Filter, func() (*db.FacetIndex, error) {
			return s.DB.IndexAllFacets(ctx, versions.UserID)
		})
		if err != nil {
			return err
		}
		topics, err := s.DB.GetTopicVersions(ctx, versions.UserID)
		if err != nil {
			return err
		}
		page := views.AllRepositoriesPage{
			Facets:  facets,
			List:    views.RepositoryList{Items: items, List: params.View(total)},
			Version: topics[db.TopicImports],
		}
		if page.Views, err = s.DB.ListViews(ctx, versions.UserID); err != nil {
			return err
		}
		return s.respond.Show(c, respond.Page{
			Title: "Repositories", Nav: ui.NavRepositories, Notices: params.Notices(), Extra: counts(c, page.Filter()),
			Draw: func(frame ui.Frame) templ.Component {
				page.Frame = frame
				return views.AllRepositories(page)
			},
		})
	})
}
