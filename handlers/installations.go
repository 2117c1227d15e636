package handlers

import (
	"errors"
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// Installations shows where the App is installed for a person. Its JSON is
// PublishedInstallations.
func (s *Server) Installations(c echo.Context) error {
	ctx, person := c.Request().Context(), currentUser(c)
	asked, err := readInstallations(c)
	if err != nil {
		return err
	}
	versions, err := s.DB.GetTopicVersions(ctx, person.ID)
	if err != nil {
		return err
	}
	list, err := s.DB.ListInstallations(ctx, person.ID, asked.Filter, asked.Order, asked.window())
	if err != nil {
		return err
	}
	total, err := s.DB.CountInstallations(ctx, person.ID, asked.Filter)
	if err != nil {
		return err
	}
	status, err := s.DB.InstallationsSync(ctx, person.ID)
	if err != nil {
		return err
	}
	uninstalled, err := s.DB.ListUninstalled(ctx, person.ID)
	if err != nil {
		return err
	}
	requests, err := s.DB.ListUserInstallRequests(ctx, person)
	if err != nil {
		return err
	}
	frame, err := s.pageFrame(c, "Installations", views.NavInstallations)
	if err != nil {
		return err
	}
	return web.Page(c, views.Installations(views.InstallationsPage{
		Frame:         frame,
		App:           s.appView(c),
		Installations: list,
		Uninstalled:   uninstalled,
		Requests:      requests,
		List:          asked.view(total),
		Sync:          status.Sync,
		SyncedAt:      status.SyncedAt,
		Version:       versions[db.TopicInstallations],
	}), frame.Notices)
}

// appView is what pages tell of the App itself. Where its settings are is for
// operators.
func (s *Server) appView(c echo.Context) views.AppView {
	facts, _ := s.GitHub.AppFacts()
	app := views.AppView{Asked: facts.Permissions}
	if isOperator(c) {
		app.SettingsURL = s.GitHub.SettingsURL()
	}
	return app
}

// Installation answers with one of a person's installation records.
func (s *Server) Installation(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "installation", openapi.ToInstallation(installation), nil)
}

// installation is the person's own record that the path names, if the
// credential reaches it.
func (s *Server) installation(c echo.Context) (db.InstallationRecord, error) {
	record, err := recordID(c)
	if err != nil {
		return db.InstallationRecord{}, err
	}
	installation, err := s.DB.FindInstallation(c.Request().Context(), currentUser(c).ID, credential(c).Restriction, record)
	if errors.Is(err, db.ErrNotFound) {
		return db.InstallationRecord{}, errInstallationNotFound
	}
	return installation, err
}

// SyncInstallations asks for a new look at everything GitHub shows a person.
func (s *Server) SyncInstallations(c echo.Context) error {
	if err := s.DB.QueueInstallationsSync(c.Request().Context(), currentUser(c).ID); err != nil {
		return err
	}
	return s.done(c, home)
}

// Sync answers with how the sync of one installation stands.
func (s *Server) Sync(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "sync", openapi.ToSync(installation.Sync), nil)
}

// SyncRepositories asks for a sync of one installation's repositories, or joins
// the one that is under way.
func (s *Server) SyncRepositories(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	if installation.Suspended() {
		return errSyncSuspended
	}
	if err := s.DB.QueueSync(c.Request().Context(), installation.ID); err != nil {
		return err
	}
	if web.IsAPI(c.Request().URL.Path) {
		return s.acceptSync(c)
	}
	return s.done(c, views.InstallationPath(installation.ID))
}

var errSyncSuspended = &web.Error{
	Status:  http.StatusConflict,
	Message: "This installation is suspended. Unsuspend it to sync its repositories",
}

// acceptSync answers with how a sync stands that was asked for.
func (s *Server) acceptSync(c echo.Context) error {
	installation, err := s.installation(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusAccepted, openapi.ToSync(installation.Sync))
}
