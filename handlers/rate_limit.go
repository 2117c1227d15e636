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

// RateLimit shows the person's own budget of requests, and what of it a sync
// costs: of one installation, where the path names one, or of all.
func (s *Server) RateLimit(c echo.Context) error {
	ctx, person := c.Request().Context(), auth.User(c)
	cost, err := s.rateLimitCost(c)
	if err != nil {
		return err
	}
	budget, err := s.GitHub.AsUser(person.ID).Budget(ctx)
	if err != nil {
		return err
	}
	answer := openapi.RateLimit{SyncCost: cost}
	if budget.Unlimited {
		answer.Message = openapi.OrNull("Rate limiting is turned off on this GitHub server")
	} else {
		answer.Limit, answer.Used, answer.Remaining = &budget.Limit, &budget.Used, &budget.Remaining
		answer.ResetAt = openapi.TimeOrNull(budget.ResetAt)
	}
	return c.JSON(http.StatusOK, answer)
}

func (s *Server) rateLimitCost(c echo.Context) (int64, error) {
	if c.Param("installation_id") == "" {
		return s.syncCost(c.Request().Context(), auth.User(c).ID)
	}
	installation, err := s.auth.Installation(c)
	return github.SyncCost(installation.RepositoryCount), err
}

// syncCost is how many requests a sync of everything takes.
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
