package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"neptun/db"
)

// auditStart records the configuration in the audit log. Starts with the same configuration
// within an hour are one entry.
func (s settings) auditStart(ctx context.Context, database *db.DB, address *url.URL) error {
	return database.AddAudit(ctx, db.AuditEntry{Action: db.AuditStart, Subject: s.summary(address), Grouped: true})
}

// summary describes the configuration without secrets: the audit log only has the settings
// listed here.
func (s settings) summary(address *url.URL) string {
	engine := "postgres"
	if _, ok := db.SQLiteFile(s.DatabaseURL); ok {
		engine = "sqlite"
	}
	app := "setup page"
	if s.app.ClientID != "" {
		app = s.app.ClientID
	}
	return fmt.Sprintf("version %s, URL %s, GitHub %s, app %s, database %s, access %s, session idle %s, audit %d days, rate limit %d, "+
		"access tokens %t, app tokens %t, personal tokens %t, metrics %t, HSTS subdomains %t, operators %s, trusted proxies %s",
		version(), address, s.host.WebURL(), app, engine, s.AccessMaxAge, s.SessionIdle, s.AuditDays, s.RateLimit,
		s.AllowAccessTokens, s.AllowAppTokens, s.AllowPersonalTokens, s.MetricsAddr != "", s.HSTSSubdomains, listed(s.Operators), listed(s.TrustedProxies))
}

func listed[T any](values []T) string {
	if len(values) == 0 {
		return "none"
	}
	return strings.Trim(fmt.Sprint(values), "[]")
}
