package input

import (
	"net/url"
	"strconv"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

const (
	maxAuditPage = 1000
	// maxID is the largest id that JSON numbers of scripts hold.
	maxID = 1 << 53
)

// Audit is the part of the audit log that a request selects.
type Audit struct {
	Filter db.AuditFilter
	// Forward is true for the oldest first, after Filter.After.
	Forward bool
	PerPage int // 0 for all of them
	values  url.Values
}

// ReadAudit reads the parameters of the audit log. A file without a page is all of it.
func ReadAudit(c echo.Context) (Audit, error) {
	p := web.Query(c)
	audit := Audit{
		Filter: db.AuditFilter{
			Action: p.Text("action"), Login: p.Text("login"), IP: p.Text("ip"), RequestID: p.Text("request_id"),
			Since: p.Time("since"), Until: p.Time("until"), Before: p.ID("before"),
		},
		PerPage: PageSize, values: p.Values,
	}
	if !onPage(c) {
		audit.readAfter(&p)
		audit.PerPage = p.Number("per_page", APIPageSize, maxAuditPage)
		if c.Param("format") != "" && p.Values.Get("per_page") == "" {
			audit.PerPage = 0
		}
	}
	return audit, p.Err()
}

func (a *Audit) readAfter(p *web.Params) {
	after := p.Values.Get("after")
	if after == "" {
		return
	}
	id, err := strconv.ParseInt(after, 10, 64)
	switch {
	case err != nil || id < 0 || id > maxID:
		p.Add("after", "must be an id, or 0")
	case a.Filter.Before != 0:
		p.Add("after", "and before can't be given together")
	}
	a.Filter.After, a.Forward = id, true
}

// Next returns the query of the page that follows the given last entry.
func (a Audit) Next(last db.AuditEntry) url.Values {
	next := url.Values{}
	for name, values := range a.values {
		next[name] = values
	}
	name := "before"
	if a.Forward {
		name = "after"
	}
	next.Set(name, strconv.FormatInt(last.ID, 10))
	return next
}

// Export returns the query of a file with all entries that match the filter.
func (a Audit) Export() string {
	export := url.Values{}
	for _, name := range []string{"action", "login", "ip", "request_id", "since", "until"} {
		if value := a.values.Get(name); value != "" {
			export.Set(name, value)
		}
	}
	return export.Encode()
}
