package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

var errAppInstallationNotFound = &web.Error{
	Code:   "installation_not_found",
	Status: http.StatusNotFound, Message: "Installation not found",
	Link: ui.Link{Text: "All installations", URL: "/app/installations"},
}

// AppInstallations lists all installations of the App: accounts, how they
// stand, what they accepted, and no repository.
func (s *Server) AppInstallations(c echo.Context) error {
	ctx := c.Request().Context()
	api := web.IsAPI(c.Request().URL.Path)
	asked, err := readInstallations(c)
	if err != nil {
		return err
	}
	items, total, err := s.appInstallations(ctx, asked)
	if err != nil {
		return err
	}
	if api {
		list := openapi.Each(items, func(i db.AppInstallation) openapi.AppInstallation { return openapi.ToAppInstallation(i, s.drift(i)) })
		return s.respond.Value(c, "app installations", list, s.respond.Links(c, asked.Page, asked.PerPage, total))
	}
	reading, err := s.DB.GetSync(ctx, db.SyncAppInstallations{})
	if err != nil {
		return err
	}
	frame, err := s.appFrame(c, "Installations")
	if err != nil {
		return err
	}
	page := operators.AppInstallationsPage{
		Frame: frame, Items: items, List: asked.view(total), Reading: reading.Sync, ReadAt: reading.SyncedAt, Problem: s.GitHub.AppProblem(),
	}
	asked.explain(&page.Frame)
	for _, i := range items {
		page.Drifts = append(page.Drifts, s.drift(i))
	}
	return web.Page(c, operators.AppInstallations(page), page.Frame.Notices)
}

// appInstallations are those that are asked for, and how many there are on all
// pages. What they lack of what the App asks for is known only by comparing each.
func (s *Server) appInstallations(ctx context.Context, asked installationParams) ([]db.AppInstallation, int64, error) {
	if asked.Outdated == db.Any && asked.Drift == db.Any {
		items, err := s.DB.ListAppInstallations(ctx, asked.Filter, asked.Order, asked.window())
		if err != nil || asked.PerPage == 0 {
			return items, int64(len(items)), err
		}
		total, err := s.DB.CountAppInstallations(ctx, asked.Filter)
		return items, total, err
	}
	items, err := s.DB.ListAppInstallations(ctx, asked.Filter, asked.Order, db.Page{})
	if err != nil {
		return nil, 0, err
	}
	items = slices.DeleteFunc(items, func(i db.AppInstallation) bool {
		drift := s.drift(i)
		return !matches(asked.Outdated, len(drift.Permissions) > 0) || !matches(asked.Drift, len(drift.Permissions)+len(drift.Events) > 0)
	})
	total := int64(len(items))
	if asked.PerPage > 0 {
		begin := min((asked.Page-1)*asked.PerPage, len(items))
		items = items[begin:min(begin+asked.PerPage, len(items))]
	}
	return items, total, nil
}

// matches tells whether a choice lets something through.
func matches(choice db.Choice, is bool) bool { return choice == db.Any || (choice == db.Yes) == is }

// drift is what an account hasn't accepted of what the App asks for, as far as
// it is known.
func (s *Server) drift(i db.AppInstallation) db.Drift {
	facts, known := s.GitHub.AppFacts()
	if !known {
		return db.Drift{}
	}
	return i.DriftFrom(facts.Permissions, facts.Events)
}

// GetAppSync answers with how the reading of all installations stands.
func (s *Server) GetAppSync(c echo.Context) error {
	reading, err := s.DB.GetSync(c.Request().Context(), db.SyncAppInstallations{})
	if err != nil {
		return err
	}
	return s.respond.Value(c, "reading", openapi.ToAppSync(reading), nil)
}

// StartAppSync asks for a new reading of all installations, or joins the one that is
// under way.
func (s *Server) StartAppSync(c echo.Context) error {
	if err := s.DB.QueueSync(c.Request().Context(), db.SyncAppInstallations{}); err != nil {
		return err
	}
	reading, err := s.DB.GetSync(c.Request().Context(), db.SyncAppInstallations{})
	if err != nil {
		return err
	}
	return s.finish(c, result{status: http.StatusAccepted, body: openapi.ToAppSync(reading), next: "/app/installations"})
}

// AppInstallation shows one installation of the App.
func (s *Server) AppInstallation(c echo.Context) error {
	installation, err := s.appInstallation(c)
	if err != nil {
		return err
	}
	return choose(c, func() error {
		return s.respond.Value(c, "app installation", openapi.ToAppInstallation(installation, s.drift(installation)), nil)
	}, func() error { return s.writeAppInstallation(c, installation, operators.Reach{}) })
}

// CountRepositories counts what an installation reaches, as GitHub says now.
func (s *Server) CountRepositories(c echo.Context) error {
	installation, err := s.appInstallation(c)
	if err != nil {
		return err
	}
	count, err := s.GitHub.AsInstallation(installation.GitHubID).CountRepositories(c.Request().Context())
	if err != nil {
		return operatorError(err, errAppInstallationNotFound)
	}
	if !web.IsAPI(c.Request().URL.Path) {
		return s.writeAppInstallation(c, installation, operators.Reach{Asked: true, Count: count})
	}
	own, err := s.ownRecord(c, installation)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, openapi.RepositoryCount{RepositoryCount: count, InstallationID: openapi.OrNull(own.ID), VisibleCount: own.RepositoryCount})
}

func (s *Server) writeAppInstallation(c echo.Context, installation db.AppInstallation, reach operators.Reach) error {
	own, err := s.ownRecord(c, installation)
	if err != nil {
		return err
	}
	reach.OwnID, reach.OwnCount = own.ID, own.RepositoryCount
	frame, err := s.appFrame(c, installation.Account.Login)
	if err != nil {
		return err
	}
	return web.Page(c, operators.AppInstallation(operators.AppInstallationPage{
		Frame: frame, Installation: installation, Drift: s.drift(installation), AppSettingsURL: s.settingsURL(), Reach: reach,
	}), frame.Notices)
}

// ownRecord is what GitHub shows the operator themself of an installation: the
// zero value for nothing.
func (s *Server) ownRecord(c echo.Context, of db.AppInstallation) (db.InstallationRecord, error) {
	own, err := s.DB.FindInstallationByGitHubID(c.Request().Context(), currentUser(c).ID, of.GitHubID)
	if errors.Is(err, db.ErrNotFound) {
		return db.InstallationRecord{}, nil
	}
	return own, err
}

// appInstallation is the installation that the path names by GitHub's id.
func (s *Server) appInstallation(c echo.Context) (db.AppInstallation, error) {
	id, err := strconv.ParseInt(c.Param("github_installation_id"), 10, 64)
	if err != nil {
		return db.AppInstallation{}, errAppInstallationNotFound
	}
	installation, err := s.DB.FindAppInstallation(c.Request().Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return db.AppInstallation{}, errAppInstallationNotFound
	}
	return installation, err
}
