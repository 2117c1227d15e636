package handlers

import (
	"context"
	"log/slog"
	"time"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
)

const (
	// notedUses bounds the credentials and addresses of which it is remembered when their use
	// was last noted. Of those beyond it, the database remembers.
	notedUses = 10_000
	// noteWithin is how long noting a use may take, in the background.
	noteWithin = 10 * time.Second
)

func newUses() (*otter.Cache[string, time.Time], error) {
	return otter.New(&otter.Options[string, time.Time]{MaximumSize: notedUses})
}

// noteUse notes when and from where a live credential was used: once in a while,
// and without anybody waiting for it.
func (s *Server) noteUse(c echo.Context, key string) {
	now := s.Now()
	seen := key + " " + c.RealIP()
	if last, ok := s.uses.GetIfPresent(seen); ok && now.Sub(last) < db.UseInterval {
		return
	}
	s.uses.Set(seen, now)
	use := db.Client{IP: c.RealIP(), Network: web.NetworkOf(c.RealIP()).String(), UserAgent: c.Request().UserAgent(), RequestID: web.RequestID(c)}
	ctx := context.WithoutCancel(c.Request().Context())
	s.noting.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, noteWithin)
		defer cancel()
		if err := s.DB.RecordUse(ctx, key, use); err != nil {
			s.Logger.LogAttrs(ctx, slog.LevelWarn, "the use of a credential was not noted", slog.String("error", err.Error()))
		}
	})
}

// Close waits for what goes on after the last answer. Call it before the
// database is closed.
func (s *Server) Close() { s.noting.Wait() }
