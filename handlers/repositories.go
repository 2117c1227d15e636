package handlers

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// Repositories shows what a person can import through an installation.
func (s *Server) Repositories(c echo.Context) error {
	ctx := c.Request().Context()
	api := web.IsAPI(c.Request().URL.Path)
	installation, err := s.installation(c)
	if errors.Is(err, errInstallationNotFound) && !api {
		return s.Uninstalled(c)
	}
	if err != nil {
		return err
	}
	if api {
		return s.answerRepositories(c, installation)
	}
	asked, err := readList(c, availableSorts, db.SortName)
	if err != nil {
		return err
	}
	items, err := s.DB.ListAvailable(ctx, installation, asked.Filter, asked.Sort, asked.window())
	if err != nil {
		return err
	}
	total, err := asked.window().Total(len(items), func() (int64, error) {
		return s.DB.CountAvailable(ctx, installation, asked.Filter)
	})
	if err != nil {
		return err
	}
	facets, err := s.facets(ctx, installation)
	if err != nil {
		return err
	}
	frame, err := s.pageFrame(c, installation.Account.Login, views.NavInstallations)
	if err != nil {
		return err
	}
	return web.Page(c, views.Repositories(views.RepositoriesPage{
		Frame:        frame,
		App:          s.appView(c),
		Installation: installation,
		Facets:       facets,
		List:         views.RepositoryList{Items: items, List: asked.view(total)},
	}), frame.Notices)
}

// answerRepositories answers with a page of what can be imported. What is to be
// worked on outside, in a table or line by line, comes whole unless a page is
// asked for.
func (s *Server) answerRepositories(c echo.Context, in db.InstallationRecord) error {
	asked, err := readScriptList(c, availableSorts, db.SortName)
	if err != nil {
		return err
	}
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	if asked.PerPage == 0 && format == web.Formats[0] {
		asked.PerPage = apiPageSize
	}
	ctx := c.Request().Context()
	return s.respond.Stored(c, repositoriesVersion(c, in, format), func(r *web.Reply) error {
		return published(s.DB.StreamAvailable(ctx, in.UserID, credential(c).Restriction, in.ID, asked.Filter, asked.Sort, asked.window(),
			func(now db.InstallationRecord, total int64, rows iter.Seq2[db.Available, error]) error {
				r.Begin(repositoriesVersion(c, now, format), format.Header("repositories", s.respond.Links(c, asked.Page, asked.PerPage, total)))
				return web.WriteRows(r, format, rows, openapi.ToRepository)
			}))
	})
}

func repositoriesVersion(c echo.Context, in db.InstallationRecord, format web.Format) string {
	return fmt.Sprint("repositories ", in.UserID, " ", in.ID, " ", in.RecordVersion, " ", in.AccountVersion, " ", asked(c, format))
}

// facetsKey names what the facets of an installation are a function of.
type facetsKey struct{ record, recordVersion, accountVersion int64 }

// facets are counted once for each version of the list: they cost as much as
// the list is long.
func (s *Server) facets(ctx context.Context, in db.InstallationRecord) (db.Facets, error) {
	key := facetsKey{in.ID, in.RecordVersion, in.AccountVersion}
	if facets, ok := s.facetsCache.GetIfPresent(key); ok {
		return facets, nil
	}
	facets, err := s.DB.CountFacets(ctx, in)
	if err != nil {
		return db.Facets{}, err
	}
	s.facetsCache.Set(key, facets)
	return facets, nil
}
