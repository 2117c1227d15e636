package handlers

import (
	"context"
	"errors"
	"fmt"

	"neptun/db"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// Repositories shows what a person can import through an installation.
func (s *Server) Repositories(c echo.Context) error {
	ctx := c.Request().Context()
	api := isAPI(c.Request().URL.Path)
	installation, err := s.installation(c)
	if errors.Is(err, errInstallationNotFound) && !api {
		return s.Uninstalled(c)
	}
	if err != nil {
		return err
	}
	asked, err := readList(c.QueryParams(), api, availableSorts, db.SortName)
	if err != nil {
		return err
	}
	list := func() (items []db.Available, total int64, err error) {
		if total, err = s.DB.CountAvailable(ctx, installation, asked.Filter); err != nil {
			return nil, 0, err
		}
		items, err = s.DB.Available(ctx, installation, asked.Filter, asked.Sort, asked.window())
		return items, total, err
	}
	if api {
		return s.answerRepositories(c, installation, asked, list)
	}
	items, total, err := list()
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
	return s.answerPage(c, views.Repositories(views.RepositoriesPage{
		Frame:        frame,
		App:          s.appView(c),
		Installation: installation,
		Facets:       facets,
		List:         views.RepositoryList{Items: items, List: asked.view(total)},
	}), frame.Notices)
}

func (s *Server) answerRepositories(c echo.Context, in db.Installation, asked listParams, list func() ([]db.Available, int64, error)) error {
	version := fmt.Sprintf("repositories %s %d %d %d %+v", in.UserID, in.ID, in.RecordVersion, in.AccountVersion, asked)
	return s.answerStored(c, version, func() (body, string, error) {
		items, total, err := list()
		if err != nil {
			return body{}, "", err
		}
		encoded, err := encode(each(items, toAvailableJSON))
		return body{encoded, s.pageHeader(c, asked.Page, asked.PerPage, total)}, version, err
	})
}

// facetsKey names what the facets of an installation are a function of.
type facetsKey struct{ record, recordVersion, accountVersion int64 }

// facets are counted once for each version of the list: they cost as much as
// the list is long.
func (s *Server) facets(ctx context.Context, in db.Installation) (db.Facets, error) {
	key := facetsKey{in.ID, in.RecordVersion, in.AccountVersion}
	if facets, ok := s.facetsCache.GetIfPresent(key); ok {
		return facets, nil
	}
	facets, err := s.DB.Facets(ctx, in)
	if err != nil {
		return db.Facets{}, err
	}
	s.facetsCache.Set(key, facets)
	return facets, nil
}
