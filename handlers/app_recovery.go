package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"

	"github.com/labstack/echo/v4"
)

// CatchUp answers with how the looking for missed deliveries stands.
func (s *Server) CatchUp(c echo.Context) error {
	state, missing, err := s.catchUp(c)
	if err != nil {
		return err
	}
	return s.respond.Value(c, "catch-up", openapi.ToCatchUp(state, missing), nil)
}

// StartCatchUp has missed deliveries looked for right away, or joins a look that
// is under way.
func (s *Server) StartCatchUp(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.Syncer.RecoverDeliveries(ctx); err != nil {
		return operatorError(err, errNoHook)
	}
	if err := s.noteAudit(ctx, c, "fetch missed webhooks", ""); err != nil {
		return err
	}
	state, missing, err := s.catchUp(c)
	if err != nil {
		return err
	}
	return s.finish(c, result{status: http.StatusAccepted, body: openapi.ToCatchUp(state, missing), next: "/app/deliveries"})
}

// catchUp is how the looking for missed deliveries stands, and how many never
// came.
func (s *Server) catchUp(c echo.Context) (state db.Recovery, missing int64, err error) {
	ctx := c.Request().Context()
	if state, err = s.DB.GetRecovery(ctx); err != nil {
		return db.Recovery{}, 0, err
	}
	missing, err = s.DB.CountMissing(ctx)
	return state, missing, err
}
