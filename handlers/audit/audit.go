// Package audit writes the audit log.
package audit

import (
	"context"
	"log/slog"
	"time"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Log is the audit log.
type Log struct {
	DB     *db.DB
	Logger *slog.Logger
	Now    func() time.Time

	pending pending
}

// Record adds an action of the request's user, even if the client has disconnected.
func (l *Log) Record(ctx context.Context, c echo.Context, action, subject string) error {
	user := auth.User(c)
	entry := db.AuditEntry{
		GitHubID: user.GitHubID, Login: user.Login, Action: action, Subject: subject,
		IP: c.RealIP(), RequestID: web.RequestID(c), Via: via(c),
	}
	return l.DB.AddAudit(context.WithoutCancel(ctx), entry)
}

// via names the kind of credential of a request.
func via(c echo.Context) string {
	switch found := auth.Credential(c); {
	case found.User.ID == "":
		return ""
	case found.TokenID != 0:
		return db.ViaToken(found.TokenID)
	}
	return db.ViaSession
}

// Event is Record for actions that may be repeated often: identical events within an hour are
// one entry. If it can't be written, that is logged, and the request succeeds.
func (l *Log) Event(c echo.Context, user db.User, action, subject string) {
	l.add(c, db.AuditEntry{GitHubID: user.GitHubID, Login: user.Login, Action: action, Subject: subject, IP: c.RealIP(), Via: via(c)})
}

// Unauthenticated adds an action of a client that isn't signed in, by its network: once a
// minute per network, with the number of times since, so that a flood of requests isn't a
// flood of entries.
func (l *Log) Unauthenticated(c echo.Context, action, subject string) {
	if times := l.pending.count(action+" "+web.NetworkOf(c.RealIP()).String(), l.Now()); times > 0 {
		l.add(c, db.AuditEntry{Action: action, Subject: subject, IP: c.RealIP(), Count: times})
	}
}

// Frequent is Unauthenticated for a signed-in user, counted per user.
func (l *Log) Frequent(c echo.Context, action string) {
	user := auth.User(c)
	if times := l.pending.count(action+" "+user.ID, l.Now()); times > 0 {
		l.add(c, db.AuditEntry{GitHubID: user.GitHubID, Login: user.Login, Action: action, IP: c.RealIP(), Via: via(c), Count: times})
	}
}

func (l *Log) add(c echo.Context, entry db.AuditEntry) {
	entry.RequestID, entry.Grouped = web.RequestID(c), true
	ctx := context.WithoutCancel(c.Request().Context())
	if err := l.DB.AddAudit(ctx, entry); err != nil {
		l.Logger.LogAttrs(ctx, slog.LevelError, "an event couldn't be written to the audit log",
			slog.String("action", entry.Action), slog.String("id", entry.RequestID), slog.String("error", err.Error()))
	}
}
