package handlers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

const (
	// overviewWeeks is how far back the overview counts pushes: half a year.
	overviewWeeks = 26
	// overviewAccounts limits the accounts that the overview lists and checks for problems.
	overviewAccounts = 100
	overviewActions  = 5
	// expiresSoon is how long before its expiration a token needs attention.
	expiresSoon = 7 * 24 * time.Hour
)

// Home shows the overview, or the landing page to visitors who aren't signed in.
func (s *Server) Home(c echo.Context) error {
	switch err := s.auth.Identify(c); {
	case err == nil:
		return s.overview(c)
	case auth.IsSignedOut(err):
		return web.Render(c, http.StatusOK, views.Landing(views.LandingPage{Frame: s.respond.Frame(c, "")}))
	default:
		return err
	}
}

func (s *Server) overview(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	versions, err := s.DB.GetTopicVersions(ctx, user.ID)
	if err != nil {
		return err
	}
	page := views.OverviewPage{App: s.appView(c), Version: versions[db.TopicInstallations], URL: s.config.URL.JoinPath("/").String()}
	if page.Overview, err = s.countImports(ctx, user.ID, versions[db.TopicImports]); err != nil {
		return err
	}
	if page.Installations, err = s.DB.ListInstallations(ctx, user.ID, db.InstallationFilter{}, db.OrderByLogin, db.Page{Limit: overviewAccounts}); err != nil {
		return err
	}
	status, err := s.DB.GetSync(ctx, db.SyncInstallations{UserID: user.ID})
	if err != nil {
		return err
	}
	page.Sync, page.SyncedAt = status.Sync, status.SyncedAt
	if page.Requests, err = s.DB.ListUserInstallRequests(ctx, user); err != nil {
		return err
	}
	tokens, err := s.DB.ListAPITokens(ctx, user.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, token := range tokens {
		if token.ReplacedBy == 0 && token.ExpiresAt.After(now) && token.ExpiresAt.Before(now.Add(expiresSoon)) {
			page.ExpiringTokens = append(page.ExpiringTokens, token)
		}
	}
	if page.Actions, err = s.DB.ListActions(ctx, user.ID, db.ActionPage{Limit: overviewActions}); err != nil {
		return err
	}
	return s.respond.Show(c, respond.Page{Title: "Overview", Nav: ui.NavOverview, Draw: func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return views.Overview(page)
	}})
}

// countImports counts a user's imports once a day for each version of them.
func (s *Server) countImports(ctx context.Context, userID, imports string) (db.Overview, error) {
	key := fmt.Sprint(userID, " ", imports, " ", s.Now().Unix()/int64((24*time.Hour).Seconds()))
	if overview, ok := s.overviews.GetIfPresent(key); ok {
		return *overview, nil
	}
	overview, err := s.DB.GetOverview(ctx, userID, overviewWeeks)
	if err != nil {
		return db.Overview{}, err
	}
	s.overviews.Set(key, &overview)
	return overview, nil
}
