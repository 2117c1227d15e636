package handlers

import (
	"context"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// noteAudit writes what the request's user did into the audit log, also when they
// have gone meanwhile.
func (s *Server) noteAudit(ctx context.Context, c echo.Context, action, subject string) error {
	return s.noteAuditOf(ctx, c, currentUser(c), action, subject)
}

// noteAuditOf is noteAudit for a user who isn't signed in by this request.
func (s *Server) noteAuditOf(ctx context.Context, c echo.Context, user db.User, action, subject string) error {
	entry := db.AuditEntry{
		GitHubID: user.GitHubID, Login: user.Login, Action: action, Subject: subject,
		IP: c.RealIP(), RequestID: web.RequestID(c),
	}
	switch found := credential(c); {
	case found.User.ID == "":
	case found.TokenID != 0:
		entry.Via = db.ViaToken(found.TokenID)
	default:
		entry.Via = db.ViaSession
	}
	return s.DB.AddAudit(context.WithoutCancel(ctx), entry)
}
