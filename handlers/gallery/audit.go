package gallery

import (
	"time"

	"neptun/db"
	"neptun/views"
	"neptun/views/operators"
	"neptun/views/ui"
)

func (g gallery) auditEntries() []db.AuditEntry {
	return []db.AuditEntry{
		{ID: 4, At: g.ago(50 * time.Minute), LastAt: g.ago(2 * time.Minute), Count: 1_204, Action: db.AuditRefuseSignature, IP: "2001:db8:85a3:1234:5678:8a2e:370:7334", RequestID: "B5T4Q2WX7N6J3K2M"},
		{ID: 3, At: g.ago(time.Hour), LastAt: g.ago(time.Hour), Count: 1, GitHubID: 1, Login: "octavia", Action: db.AuditSuspend, Subject: longName(39), IP: "192.0.2.17", Via: db.ViaSession, RequestID: "K3JH8XW2C4N6B5T4"},
		{ID: 2, At: g.ago(3 * time.Hour), LastAt: g.ago(3 * time.Hour), Count: 1, GitHubID: 1, Login: "octavia", Action: db.AuditUseAPIToken, Subject: "192.0.2.0/24", IP: "192.0.2.17", Via: db.ViaToken(7), RequestID: "Z7N6J3K2MB5T4Q2W"},
		{ID: 1, At: g.ago(50 * time.Hour), LastAt: g.ago(50 * time.Hour), Count: 1, Action: db.AuditStart, Subject: "version 1.4.0, URL https://neptun.example.com, database postgres"},
	}
}

func (g gallery) auditLog(frame ui.Frame) []State {
	return []State{
		{"app-audit", operators.AuditLog(operators.AuditPage{Frame: frame, Entries: g.auditEntries(), Older: "/app/audit?before=1", Newest: true})},
		{"app-audit-none", operators.AuditLog(operators.AuditPage{Frame: frame, Filter: db.AuditFilter{Login: "nobody"}, Newest: true})},
	}
}

func (g gallery) securityLog() []State {
	frame := g.frame("Security log", ui.NavNone)
	return []State{
		{"security-log", views.SecurityLog(views.SecurityLogPage{Frame: frame, Entries: g.auditEntries()[1:3], Older: "/account/security-log?before=1"})},
		{"security-log-none", views.SecurityLog(views.SecurityLogPage{Frame: frame, Newest: true})},
	}
}
