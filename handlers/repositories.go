package handlers

import (
	"errors"
	"fmt"
	"iter"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// Repositories lists the repositories that a user can import through an installation.
func (s *Server) Repositories(c echo.Context) error {
	in, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	params, err := input.ReadList(c, input.AvailableSorts, db.SortName)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	list := userList[db.Available]{
		name: "repositories", userID: in.UserID, version: repositoriesVersion(in), paging: params.Paging,
		cursor: func(row db.Available) string { return row.Cursor(params.Sort) },
		// Files have all rows, since they are used outside of Neptun.
		perPageJSON: input.APIPageSize,
		stream: func(page db.Page, use useRows[db.Available]) error {
			return s.DB.StreamAvailable(ctx, in.UserID, auth.Credential(c).Restriction, in.ID, params.Filter, params.Sort, page,
				func(now db.InstallationRecord, total int64, rows iter.Seq2[db.Available, error]) error {
					in = now
					return use(repositoriesVersion(now), total, rows)
				})
		},
	}
	return respondList(s, c, list, openapi.RepositoryRow, func(items []db.Available, total int64) error {
		facets, err := s.facets(c, "repositories "+repositoriesVersion(in), params.Filter, func() (*db.FacetIndex, error) { return s.DB.IndexFacets(ctx, in) })
		if err != nil {
			return err
		}
		page := views.RepositoriesPage{
			App:          s.appView(c),
			Installation: in,
			Facets:       facets,
			List:         views.RepositoryList{Items: items, List: params.View(total)},
		}
		if page.Views, err = s.DB.ListViews(ctx, in.UserID); err != nil {
			return err
		}
		return s.respond.Show(c, respond.Page{
			Title: in.Account.Login, Nav: ui.NavInstallations, Notices: params.Notices(), Extra: counts(c, page.Filter()),
			Draw: func(frame ui.Frame) templ.Component {
				page.Frame = frame
				return views.Repositories(page)
			},
		})
	})
}

// RepositoriesPage is the page of Repositories. For an installation that was uninstalled it
// shows what is left.
func (s *Server) RepositoriesPage(c echo.Context) error {
	err := s.Repositories(c)
	if errors.Is(err, auth.ErrInstallationNotFound) {
		return s.Uninstalled(c)
	}
	return err
}

func repositoriesVersion(in db.InstallationRecord) string {
	return fmt.Sprint(in.ID, " ", in.RecordVersion, " ", in.AccountVersion)
}
