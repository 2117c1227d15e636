package operators

import (
	"net/http"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"

	"github.com/labstack/echo/v4"
)

// CatchUp returns the state of the recovery of missed deliveries.
func (h *Handlers) CatchUp(c echo.Context) error {
	state, missing, err := h.catchUp(c)
	if err != nil {
		return err
	}
	return h.Respond.Value(c, "catch-up", openapi.ToCatchUp(state, missing), nil)
}

// StartCatchUp starts a recovery of missed deliveries, or joins the one in progress.
func (h *Handlers) StartCatchUp(c echo.Context) error {
	ctx := c.Request().Context()
	if err := h.Syncer.RecoverDeliveries(ctx); err != nil {
		return operatorError(err, errNoHook)
	}
	if err := h.Audit.Record(ctx, c, db.AuditRecoverDeliveries, ""); err != nil {
		return err
	}
	state, missing, err := h.catchUp(c)
	if err != nil {
		return err
	}
	return h.Respond.Finish(c, respond.Result{Status: http.StatusAccepted, Body: openapi.ToCatchUp(state, missing), Next: "/app/deliveries"})
}

// catchUp is the state of the recovery, and how many deliveries were never received.
func (h *Handlers) catchUp(c echo.Context) (state db.Recovery, missing int64, err error) {
	ctx := c.Request().Context()
	if state, err = h.DB.GetRecovery(ctx); err != nil {
		return db.Recovery{}, 0, err
	}
	missing, err = h.DB.CountMissing(ctx)
	return state, missing, err
}
