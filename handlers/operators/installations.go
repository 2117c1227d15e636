package operators

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errAppInstallationNotFound = &web.Error{
	Code:   "installation_not_found",
	Status: http.StatusNotFound, Message: "Installation not found",
	Link: ui.Link{Text: "All installations", URL: "/app/installations"},
}

// AppInstallations lists all installations of the app: accounts, states and granted
// permissions, but no repositories.
func (h *Handlers) AppInstallations(c echo.Context) error {
	ctx := c.Request().Context()
	params, err := input.ReadInstallations(c)
	if err != nil {
		return err
	}
	items, total, err := h.appInstallations(ctx, params)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		list := openapi.Each(items, func(i db.AppInstallation) openapi.AppInstallation { return openapi.ToAppInstallation(i, h.drift(i)) })
		if params.After == nil {
			return h.Respond.Value(c, "app installations", list, h.Respond.Links(c, params.Page, params.PerPage, total))
		}
		next := ""
		if len(items) == params.PerPage {
			next = items[len(items)-1].Cursor(params.Order)
		}
		return h.Respond.Value(c, "app installations", list, h.Respond.CursorLinks(c, next, params.PerPage, total))
	}, func() error {
		status, err := h.DB.GetSync(ctx, db.SyncAppInstallations{})
		if err != nil {
			return err
		}
		page := operators.AppInstallationsPage{
			Items: items, Drifts: openapi.Each(items, h.drift), List: params.View(total),
			Reading: status.Sync, ReadAt: status.SyncedAt, Error: h.GitHub.AppErrorMessage(),
		}
		return h.Respond.Show(c, respond.Page{Title: "Installations", Nav: ui.NavApp, Notices: params.Notices(), Draw: func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return operators.AppInstallations(page)
		}})
	})
}

// appInstallations returns a page of the installations and the total. A filter by missing
// permissions compares every installation.
func (h *Handlers) appInstallations(ctx context.Context, params input.Installations) ([]db.AppInstallation, int64, error) {
	if params.Outdated == db.Any && params.Drift == db.Any {
		items, err := h.DB.ListAppInstallations(ctx, params.Filter, params.Order, params.Window())
		if errors.Is(err, db.ErrCursor) {
			return nil, 0, input.ErrCursor
		}
		if err != nil || params.PerPage == 0 {
			return items, int64(len(items)), err
		}
		total, err := h.DB.CountAppInstallations(ctx, params.Filter)
		return items, total, err
	}
	items, err := h.DB.ListAppInstallations(ctx, params.Filter, params.Order, db.Page{After: params.Window().After})
	if errors.Is(err, db.ErrCursor) {
		return nil, 0, input.ErrCursor
	}
	if err != nil {
		return nil, 0, err
	}
	items = slices.DeleteFunc(items, func(i db.AppInstallation) bool {
		drift := h.drift(i)
		return !matches(params.Outdated, len(drift.Permissions) > 0) || !matches(params.Drift, len(drift.Permissions)+len(drift.Events) > 0)
	})
	total := int64(len(items))
	if params.After != nil {
		// The total includes those before the cursor.
		all := params
		all.After, all.PerPage = nil, 0
		if _, total, err = h.appInstallations(ctx, all); err != nil {
			return nil, 0, err
		}
		items = items[:min(params.PerPage, len(items))]
	} else if params.PerPage > 0 {
		begin := min((params.Page-1)*params.PerPage, len(items))
		items = items[begin:min(begin+params.PerPage, len(items))]
	}
	return items, total, nil
}

// matches reports whether a filter's choice includes a value.
func matches(choice db.Choice, is bool) bool { return choice == db.Any || (choice == db.Yes) == is }

// drift is what the app requests and the account hasn't granted, as far as it is known.
func (h *Handlers) drift(i db.AppInstallation) db.Drift {
	facts, known := h.GitHub.AppFacts()
	if !known {
		return db.Drift{}
	}
	return i.DriftFrom(facts.Permissions, facts.Events)
}

// GetAppSync returns the state of the sync of all installations.
func (h *Handlers) GetAppSync(c echo.Context) error {
	reading, err := h.DB.GetSync(c.Request().Context(), db.SyncAppInstallations{})
	if err != nil {
		return err
	}
	return h.Respond.Value(c, "reading", openapi.ToAppSync(reading), nil)
}

// StartAppSync starts a sync of all installations, or joins the one in progress.
func (h *Handlers) StartAppSync(c echo.Context) error {
	if err := h.DB.QueueSync(c.Request().Context(), db.SyncAppInstallations{}); err != nil {
		return err
	}
	reading, err := h.DB.GetSync(c.Request().Context(), db.SyncAppInstallations{})
	if err != nil {
		return err
	}
	return h.Respond.Finish(c, respond.Result{Status: http.StatusAccepted, Body: openapi.ToAppSync(reading), Next: "/app/installations"})
}

// AppInstallation shows one installation of the app.
func (h *Handlers) AppInstallation(c echo.Context) error {
	installation, err := h.appInstallation(c)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		return h.Respond.Value(c, "app installation", openapi.ToAppInstallation(installation, h.drift(installation)), nil)
	}, func() error {
		own, err := h.ownRecord(c, installation)
		if err != nil {
			return err
		}
		return h.showInstallation(c, installation, operators.Reach{OwnID: own.ID, OwnCount: own.RepositoryCount})
	})
}

// CountRepositories counts the repositories that an installation can access, by asking GitHub.
func (h *Handlers) CountRepositories(c echo.Context) error {
	installation, err := h.appInstallation(c)
	if err != nil {
		return err
	}
	count, err := h.GitHub.AsInstallation(installation.GitHubID).CountRepositories(c.Request().Context())
	if err != nil {
		return operatorError(err, errAppInstallationNotFound)
	}
	own, err := h.ownRecord(c, installation)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error {
		return c.JSON(http.StatusOK, openapi.RepositoryCount{RepositoryCount: count, InstallationID: openapi.OrNull(own.ID), VisibleCount: own.RepositoryCount})
	}, func() error {
		return h.showInstallation(c, installation, operators.Reach{Counted: true, Count: count, OwnID: own.ID, OwnCount: own.RepositoryCount})
	})
}

func (h *Handlers) showInstallation(c echo.Context, installation db.AppInstallation, reach operators.Reach) error {
	return h.show(c, installation.Account.Login, func(frame ui.Frame) templ.Component {
		return operators.AppInstallation(operators.AppInstallationPage{
			Frame: frame, Installation: installation, Drift: h.drift(installation), AppSettingsURL: h.settingsURL(), Reach: reach,
		})
	})
}

// ownRecord is the operator's own record of an installation; the zero value if there is none.
func (h *Handlers) ownRecord(c echo.Context, of db.AppInstallation) (db.InstallationRecord, error) {
	own, err := h.DB.FindInstallationByGitHubID(c.Request().Context(), auth.User(c).ID, of.GitHubID)
	if errors.Is(err, db.ErrNotFound) {
		return db.InstallationRecord{}, nil
	}
	return own, err
}

// appInstallation finds the installation in the path by GitHub's id.
func (h *Handlers) appInstallation(c echo.Context) (db.AppInstallation, error) {
	id, err := strconv.ParseInt(c.Param("github_installation_id"), 10, 64)
	if err != nil {
		return db.AppInstallation{}, errAppInstallationNotFound
	}
	installation, err := h.DB.FindAppInstallation(c.Request().Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return db.AppInstallation{}, errAppInstallationNotFound
	}
	return installation, err
}
