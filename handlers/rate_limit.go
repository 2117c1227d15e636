package handlers

import (
	"context"
	"net/http"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/openapi"

	"github.com/labstack/echo/v4"
)

// RateLimit shows the user's rate limit at GitHub and how many requests a sync takes: of the
// installation in the path, or of all.
func (s *Server) RateLimit(c echo.Context) error {
	ctx, user := c.Request().Context(), auth.User(c)
	cost, err := s.rateLimitCost(c)
	if err != nil {
		return err
	}
	limit, err := s.GitHub.AsUser(user.ID).RateLimit(ctx)
	if err != nil {
		return err
	}
	limits := openapi.RateLimit{SyncCost: cost}
	if limit.Unlimited {
		limits.Message = openapi.OrNull("Rate limiting is turned off on this GitHub server")
	} else {
		limits.Limit, limits.Used, limits.Remaining = &limit.Limit, &limit.Used, &limit.Remaining
		limits.ResetAt = openapi.TimeOrNull(limit.ResetAt)
	}
	return c.JSON(http.StatusOK, limits)
}

func (s *Server) rateLimitCost(c echo.Context) (int64, error) {
	if c.Param("installation_id") == "" {
		return s.syncCost(c.Request().Context(), auth.User(c).ID)
	}
	installation, err := s.auth.Installation(c)
	return github.SyncCost(installation.RepositoryCount), err
}

// syncCost is how many requests a sync of all the user's installations takes.
func (s *Server) syncCost(ctx context.Context, userID string) (int64, error) {
	installations, err := s.DB.ListAllInstallations(ctx, userID, db.OrderByID, db.Page{})
	if err != nil {
		return 0, err
	}
	var cost int64
	for _, installation := range installations {
		cost += github.SyncCost(installation.RepositoryCount)
	}
	return cost, nil
}
