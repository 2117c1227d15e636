package present

import (
	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/sessions"
	"neptun/views"
)

// ToAPIToken is an API token in JSON.
func ToAPIToken(t db.APIToken) openapi.APIToken {
	return openapi.ToAPIToken(t, sessions.Browser(t.LastUsed.UserAgent))
}

// ToCreatedToken is a new API token with its secret in JSON.
func ToCreatedToken(created views.CreatedToken) openapi.CreatedToken {
	return openapi.CreatedToken{Token: created.Secret, APIToken: ToAPIToken(created.Token)}
}

// ToSession is a session in JSON.
func ToSession(s views.Session) openapi.BrowserSession {
	return openapi.BrowserSession{
		ID: s.ID, Current: s.Current, Browser: openapi.OrNull(s.Browser), IP: openapi.OrNull(s.IP),
		CreatedAt: openapi.TimeOrNull(s.CreatedAt), LastSeenAt: openapi.TimeOrNull(s.SeenAt), ExpiresAt: openapi.TimeOrNull(s.ExpiresAt),
	}
}
