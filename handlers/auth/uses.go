package auth

import (
	"context"
	"log/slog"
	"time"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

const (
	// recordedUses limits how many last recorded uses are cached here. The database has the
	// others.
	recordedUses = 10_000
	// recordTimeout is the time limit of recording a use in the background.
	recordTimeout = 10 * time.Second
)

// recordUse records when and from where a valid credential was used: at most once per
// db.UseInterval, and without delaying the request.
func (a *Authorizer) recordUse(c echo.Context, key string) {
	now := a.Now()
	seen := key + " " + c.RealIP()
	if last, ok := a.uses.GetIfPresent(seen); ok && now.Sub(*last) < db.UseInterval {
		return
	}
	a.uses.Set(seen, &now)
	use := db.Client{IP: c.RealIP(), Network: web.NetworkOf(c.RealIP()).String(), UserAgent: c.Request().UserAgent(), RequestID: web.RequestID(c)}
	ctx := context.WithoutCancel(c.Request().Context())
	a.recording.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, recordTimeout)
		defer cancel()
		if err := a.DB.RecordUse(ctx, key, use); err != nil {
			a.Logger.LogAttrs(ctx, slog.LevelWarn, "the use of a credential couldn't be recorded", slog.String("error", err.Error()))
		}
	})
}

// Close waits until all uses are recorded. Call it before closing the database.
func (a *Authorizer) Close() { a.recording.Wait() }
