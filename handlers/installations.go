package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// Installations lists a user's installations, for scripts.
func (s *Server) Installations(c echo.Context) error {
	ctx, key := c.Request().Context(), s.auth.Key(c)
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := s.authorizeList(c, key, versions, err); err != nil {
		return err
	}
	params, err := input.ReadInstallations(c)
	if err != nil {
		return err
	}
	list := userList[db.InstallationRecord]{
		name: "installations", userID: versions.UserID, version: installationsVersion(versions), paging: params.Paging,
		cursor: func(row db.InstallationRecord) string { return row.Cursor(params.Order) },
		stream: func(page db.Page, use useRows[db.InstallationRecord]) error {
			return s.DB.StreamInstallations(ctx, key, params.Filter, params.Order, page, useChecked(c, installationsVersion, use))
		},
	}
	return respondList(s, c, list, openapi.InstallationRow, nil)
}

// InstallationsPage is the page of Installations. It shows more of each: the state of its
// sync, and who suspended it.
func (s *Server) InstallationsPage(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	params, err := input.ReadInstallations(c)
	if err != nil {
		return err
	}
	page := views.InstallationsPage{App: s.appView(c)}
	if page.Installations, err = s.DB.ListInstallations(ctx, user.ID, params.Filter, params.Order, params.Window()); err != nil {
		return err
	}
	total, err := params.Window().Total(len(page.Installations), func() (int64, error) {
		return s.DB.CountInstallations(ctx, user.ID, params.Filter)
	})
	if err != nil {
		return err
	}
	page.List = params.View(total)
	if err := s.fillInstallations(c, &page); err != nil {
		return err
	}
	return s.respond.Show(c, respond.Page{Title: "Installations", Nav: ui.NavInstallations, Notices: params.Notices(), Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Installations(page)
	}})
}

func installationsVersion(v db.Versions) string {
	return versionOf(int64(v.Restriction), v.User, v.Records)
}

// fillInstallations adds what the page shows besides the list.
func (s *Server) fillInstallations(c echo.Context, page *views.InstallationsPage) error {
	ctx, user := c.Request().Context(), auth.User(c)
	topics, err := s.DB.GetTopicVersions(ctx, user.ID)
	if err != nil {
		return err
	}
	page.Version = topics[db.TopicInstallations]
	status, err := s.DB.GetSync(ctx, db.SyncInstallations{UserID: user.ID})
	if err != nil {
		return err
	}
	page.Sync, page.SyncedAt = status.Sync, status.SyncedAt
	if page.Uninstalled, err = s.DB.ListUninstalled(ctx, user.ID); err != nil {
		return err
	}
	if page.Removed, err = s.DB.ListRemovedInstallations(ctx, user.ID); err != nil {
		return err
	}
	if page.Withheld, err = s.DB.ListWithheldOrganizations(ctx, user.ID); err != nil {
		return err
	}
	page.Requests, err = s.DB.ListUserInstallRequests(ctx, user)
	return err
}

// appView is what pages show about the app. Only operators see where its settings are.
func (s *Server) appView(c echo.Context) views.AppView {
	facts, _ := s.GitHub.AppFacts()
	app := views.AppView{RequestedPermissions: facts.Permissions}
	if auth.IsOperator(c) {
		app.SettingsURL = s.GitHub.SettingsURL()
	}
	return app
}

// Installation returns one of the user's installation records.
func (s *Server) Installation(c echo.Context) error {
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "installation", openapi.ToInstallation(installation), nil)
}

// SyncInstallations queues a sync of the user's installations.
func (s *Server) SyncInstallations(c echo.Context) error {
	if err := s.DB.QueueSync(c.Request().Context(), db.SyncInstallations{UserID: auth.User(c).ID}); err != nil {
		return err
	}
	return s.respond.Redirect(c, respond.Installations)
}

// Sync returns the state of an installation's sync.
func (s *Server) Sync(c echo.Context) error {
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "sync", openapi.ToSync(installation.Sync), nil)
}

// SyncRepositories queues a sync of one installation's repositories, or joins the one in
// progress.
func (s *Server) SyncRepositories(c echo.Context) error {
	installation, err := s.auth.Installation(c)
	if err != nil {
		return err
	}
	if installation.Suspended() {
		return errSyncSuspended
	}
	if err := s.DB.QueueSync(c.Request().Context(), db.SyncRepositories{RecordID: installation.ID}); err != nil {
		return err
	}
	if installation, err = s.auth.Installation(c); err != nil {
		return err
	}
	return s.respond.Finish(c, respond.Result{Status: http.StatusAccepted, Body: openapi.ToSync(installation.Sync), Next: ui.InstallationPath(installation.ID)})
}

var errSyncSuspended = &web.Error{
	Code:    "installation_suspended",
	Status:  http.StatusConflict,
	Message: "This installation is suspended. Unsuspend it to sync its repositories",
}
