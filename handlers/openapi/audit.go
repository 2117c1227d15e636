package openapi

import (
	"net/http"
	"slices"
	"time"

	"neptun/db"
	"neptun/handlers/rows"
)

var auditLog = Group{"Audit log", "Who did what, when and from where."}

// ListAudit lists the audit log of the server.
var ListAudit = Operation{
	Group: auditLog, Method: http.MethodGet, Path: appPath + "/audit", ID: "listAudit", Summary: "Get the audit log",
	Description: "Returns entries in pages of 100 unless `per_page` says otherwise: the latest first or, with `after`, the oldest after that entry first. " +
		"To export all of it, begin with `after=0` and continue with the `id` of the last entry of each response, also after an empty one. " +
		"With `after`, an entry appears 5 seconds after it was written. " +
		"Equal entries of an hour are one, whose `count`, `last_at` and `request_id` change until the hour is over. Entries are kept for `NEPTUN_AUDIT_DAYS`.",
	Caching:    Stored,
	Table:      true,
	Parameters: slices.Concat(queryOf[AuditFilter](), auditPages(1000), []Parameter{query("after", "Only entries newer than the one with this id, the oldest first", integer().from(0, 1<<53).like(99))}),
	Responses:  returns[[]AuditEntry](http.StatusOK, "A page of entries", "Link"),
}

// ListSecurityLog lists what a user did, from the audit log.
var ListSecurityLog = Operation{
	Group: auditLog, Method: http.MethodGet, Path: user + "/security_log", ID: "listSecurityLog", Summary: "Get the security log of the user",
	Description: "Returns the entries of the audit log about what the user did, newest first, in pages of 100 unless `per_page` says otherwise. Follow `Link` for the next page.",
	Caching:     Stored,
	Parameters:  auditPages(100),
	Responses:   returns[[]AuditEntry](http.StatusOK, "A page of entries", "Link"),
}

func auditPages(limit int) []Parameter {
	return []Parameter{
		query("before", "Only entries older than the one with this id", integer().from(1, 1<<53).like(99)),
		query("per_page", "The number of entries on a page", integer().from(1, limit).like(100)),
	}
}

// AuditFilter narrows the audit log.
type AuditFilter struct {
	Action    string `json:"action,omitempty" doc:"Only entries with this action" max:"256" example:"sign in"`
	Login     string `json:"login,omitempty" doc:"Only what the user with this login did" max:"256" example:"octocat"`
	IP        string `json:"ip,omitempty" doc:"Only actions from this IP address" max:"256" example:"192.0.2.1"`
	RequestID string `json:"request_id,omitempty" doc:"Only what this request did" max:"256" example:"B5T4Q2WX7N6J3K2M"`
	Since     Time   `json:"since,omitempty" doc:"Only entries at or after this time"`
	Until     Time   `json:"until,omitempty" doc:"Only entries before this time"`
}

// AuditEntry is an entry of the audit log.
type AuditEntry struct {
	ID          int64   `json:"id" doc:"The id of the entry" example:"99"`
	At          Time    `json:"at" doc:"When it happened; of several, the first time"`
	LastAt      *Time   `json:"last_at" doc:"Of several, the last time"`
	Count       int64   `json:"count" doc:"How often it happened within the hour" example:"1"`
	GitHubID    *int64  `json:"github_id" doc:"GitHub's id of the user; null if nobody was signed in" example:"583231"`
	GitHubLogin *string `json:"github_login" doc:"The login of the user at that time" example:"octocat"`
	Action      string  `json:"action" doc:"The action" example:"suspend installation"`
	Subject     *string `json:"subject" doc:"The target of the action" example:"octo-org"`
	IP          *string `json:"ip" doc:"The IP address it came from" example:"192.0.2.1"`
	Via         *string `json:"via" doc:"The credential: session, webhook, or token and the id of an API token" example:"session"`
	RequestID   *string `json:"request_id" doc:"The request, as in the X-Request-Id header, or the webhook, as in X-GitHub-Delivery; of several, the last one" example:"B5T4Q2WX7N6J3K2M"`
}

// AuditRow is an AuditEntry in a list.
func AuditRow(row *rows.Row, e db.AuditEntry) {
	row.Int("id", e.ID)
	row.Time("at", e.At)
	row.TimeOrNull("last_at", lastAt(e))
	row.Int("count", e.Count)
	row.IntOrNull("github_id", OrNull(e.GitHubID))
	row.TextOrNull("github_login", e.Login)
	row.Text("action", e.Action)
	row.TextOrNull("subject", e.Subject)
	row.TextOrNull("ip", e.IP)
	row.TextOrNull("via", e.Via)
	row.TextOrNull("request_id", e.RequestID)
}

// lastAt is when the last of several happened.
func lastAt(e db.AuditEntry) time.Time {
	if e.Count > 1 {
		return e.LastAt
	}
	return time.Time{}
}

// ToAuditEntry converts an entry.
func ToAuditEntry(e db.AuditEntry) AuditEntry {
	return AuditEntry{
		ID: e.ID, At: TimeOf(e.At), LastAt: TimeOrNull(lastAt(e)), Count: e.Count, GitHubID: OrNull(e.GitHubID), GitHubLogin: OrNull(e.Login), Action: e.Action,
		Subject: OrNull(e.Subject), IP: OrNull(e.IP), Via: OrNull(e.Via), RequestID: OrNull(e.RequestID),
	}
}
