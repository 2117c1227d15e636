package handlers

import (
	"net/http"

	"neptun/db"
	"neptun/sessions"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// scriptTokenJSON is a script token without its secret. installation_ids are
// what a restricted one reaches, and empty for any other.
type scriptTokenJSON struct {
	ID              int64    `json:"id"`
	Name            string   `json:"name"`
	Scope           db.Scope `json:"scope"`
	Restricted      bool     `json:"restricted"`
	InstallationIDs []int64  `json:"installation_ids"`
	CreatedAt       *string  `json:"created_at"`
	ExpiresAt       *string  `json:"expires_at"`
	ReplacedBy      *int64   `json:"replaced_by"`
	LastUsedAt      *string  `json:"last_used_at"`
	LastUsedIP      *string  `json:"last_used_ip"`
	LastUsedBy      *string  `json:"last_used_by"`
}

func toScriptTokenJSON(t db.APIToken) scriptTokenJSON {
	return scriptTokenJSON{
		ID: t.ID, Name: t.Name, Scope: t.Scope, Restricted: t.Restricted,
		InstallationIDs: each(t.Installations, func(i db.TokenInstallation) int64 { return i.ID }),
		CreatedAt:       moment(t.CreatedAt), ExpiresAt: moment(t.ExpiresAt), ReplacedBy: id(t.ReplacedBy),
		LastUsedAt: moment(t.LastUsedAt), LastUsedIP: text(t.LastUsed.IP), LastUsedBy: text(sessions.Browser(t.LastUsed.UserAgent)),
	}
}

// answerMade answers with a token and its secret.
func answerMade(c echo.Context, made views.CreatedToken) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(http.StatusCreated, struct {
		Token string `json:"token"`
		scriptTokenJSON
	}{made.Secret, toScriptTokenJSON(made.Token)})
}

// sessionJSON is a browser, or a script, that is logged in.
type sessionJSON struct {
	ID         string  `json:"id"`
	Current    bool    `json:"current"`
	Browser    *string `json:"browser"`
	IP         *string `json:"ip"`
	CreatedAt  *string `json:"created_at"`
	LastSeenAt *string `json:"last_seen_at"`
	ExpiresAt  *string `json:"expires_at"`
}

func toSessionJSON(s views.Session) sessionJSON {
	return sessionJSON{
		ID: s.ID, Current: s.Current, Browser: text(s.Browser), IP: text(s.IP),
		CreatedAt: moment(s.CreatedAt), LastSeenAt: moment(s.SeenAt), ExpiresAt: moment(s.ExpiresAt),
	}
}
