package handlers

import (
	"context"
	"log/slog"
	"sync"
	"time"

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
		IP: c.RealIP(), RequestID: web.RequestID(c), Via: via(c),
	}
	return s.DB.AddAudit(context.WithoutCancel(ctx), entry)
}

// via names the credential of a request.
func via(c echo.Context) string {
	switch found := credential(c); {
	case found.User.ID == "":
		return ""
	case found.TokenID != 0:
		return db.ViaToken(found.TokenID)
	}
	return db.ViaSession
}

// noteEvent is noteAuditOf for what can be done in any number: equal events of an
// hour are one entry. That nothing was noted stops nobody.
func (s *Server) noteEvent(c echo.Context, user db.User, action, subject string) {
	s.addEvent(c, db.AuditEntry{GitHubID: user.GitHubID, Login: user.Login, Action: action, Subject: subject, IP: c.RealIP(), Via: via(c)})
}

// noteStranger notes what somebody did who isn't known, by the network they come
// from: once a minute for each, with the number since, so that no flood of requests
// becomes one of entries.
func (s *Server) noteStranger(c echo.Context, action, subject string) {
	if times := s.strangers.count(action+" "+web.NetworkOf(c.RealIP()).String(), s.Now()); times > 0 {
		s.addEvent(c, db.AuditEntry{Action: action, Subject: subject, IP: c.RealIP(), Count: times})
	}
}

func (s *Server) addEvent(c echo.Context, entry db.AuditEntry) {
	entry.RequestID, entry.Grouped = web.RequestID(c), true
	ctx := context.WithoutCancel(c.Request().Context())
	if err := s.DB.AddAudit(ctx, entry); err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelError, "the audit log lacks an event",
			slog.String("action", entry.Action), slog.String("id", entry.RequestID), slog.String("error", err.Error()))
	}
}

// strangers count events that wait to be noted.
type strangers struct {
	mu    sync.Mutex
	since time.Time
	times map[string]int64 // since each was last noted
	noted int              // networks and actions, in this minute
}

// maxStrangers bounds the entries of a minute, and what is remembered.
const maxStrangers = 60

// count counts an event, and returns how many are to be noted now.
func (s *strangers) count(key string, now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= time.Minute || s.times == nil {
		waiting := s.times
		s.since, s.noted, s.times = now, 0, map[string]int64{}
		if n := waiting[key]; n > 0 {
			s.noted, s.times[key] = 1, 0
			return n + 1
		}
	}
	waiting, known := s.times[key]
	if known {
		s.times[key] = waiting + 1
		return 0
	}
	if s.noted >= maxStrangers {
		return 0
	}
	s.noted, s.times[key] = s.noted+1, 0
	return 1
}
