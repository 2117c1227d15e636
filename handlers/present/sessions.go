package present

import (
	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/sessions"
	"neptun/views"
)

// TokenView is an API token on its page.
func TokenView(t db.APIToken) views.Token {
	return views.Token{APIToken: t, UsedBy: sessions.Browser(t.LastUsed.UserAgent)}
}

// ToAPIToken is an API token in JSON.
func ToAPIToken(t db.APIToken) openapi.APIToken {
	return openapi.ToAPIToken(t, sessions.Browser(t.LastUsed.UserAgent))
}

// ToCreatedToken is a new API token with its secret in JSON.
func ToCreatedToken(created views.CreatedToken) openapi.CreatedToken {
	return openapi.CreatedToken{Token: created.Secret, APIToken: ToAPIToken(created.Token)}
}

// SessionView is a session on its page; current is true for the one of the request.
func SessionView(s db.Session, current bool) views.Session {
	return views.Session{
		ID: s.ID, Current: current, Browser: sessions.Browser(s.Seen.UserAgent), IP: s.Seen.IP,
		CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, ExpiresAt: s.ExpiresAt,
	}
}

// ToSession is a session in JSON.
func ToSession(s views.Session) openapi.BrowserSession {
	return openapi.BrowserSession{
		ID: s.ID, Current: s.Current, Browser: openapi.OrNull(s.Browser), IP: openapi.OrNull(s.IP),
		CreatedAt: openapi.TimeOrNull(s.CreatedAt), LastSeenAt: openapi.TimeOrNull(s.SeenAt), ExpiresAt: openapi.TimeOrNull(s.ExpiresAt),
	}
}
