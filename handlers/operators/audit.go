package operators

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"neptun/db"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/respond"
	"neptun/handlers/rows"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

const (
	// auditSettles is how long it may take until all entries with smaller ids are committed:
	// instances don't commit in the order of the ids.
	auditSettles = 5 * time.Second
	// auditBatch is how many entries of a long export are read at a time.
	auditBatch = 500
)

// AuditLog lists the audit log.
func (h *Handlers) AuditLog(c echo.Context) error {
	params, err := input.ReadAudit(c)
	if err != nil {
		return err
	}
	if params.PerPage == 0 {
		return h.exportAudit(c, params)
	}
	list, more, err := h.auditPage(c.Request().Context(), params)
	if err != nil {
		return err
	}
	return respond.Choose(c, func() error { return h.writeAudit(c, params, list, more) }, func() error { return h.drawAudit(c, params, list, more) })
}

// auditPage reads a page, and whether there is a next one.
func (h *Handlers) auditPage(ctx context.Context, params input.Audit) (list []db.AuditEntry, more bool, err error) {
	if params.Forward {
		list, err = h.DB.ExportAudit(ctx, h.settled(params.Filter), params.PerPage+1)
	} else {
		list, err = h.DB.ListAudit(ctx, params.Filter, params.PerPage+1)
	}
	if len(list) > params.PerPage {
		return list[:params.PerPage], true, err
	}
	return list, false, err
}

// settled removes entries before which others may still appear.
func (h *Handlers) settled(filter db.AuditFilter) db.AuditFilter {
	if until := h.Now().Add(-auditSettles); filter.Until.IsZero() || filter.Until.After(until) {
		filter.Until = until
	}
	return filter
}

func (h *Handlers) writeAudit(c echo.Context, params input.Audit, list []db.AuditEntry, more bool) error {
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	header := http.Header{}
	if more {
		header.Set("Link", h.Respond.NextLink(c, params.Next(list[len(list)-1])))
	}
	version := fmt.Sprint("audit ", format.Name, header.Get("Link"), list)
	return h.Respond.Stored(c, version, func(r *web.Reply) error {
		r.Begin(version, format.Header("audit", header))
		return rows.Write(r, format.Name, entries(list), openapi.AuditRow)
	})
}

func entries(list []db.AuditEntry) iter.Seq2[db.AuditEntry, error] {
	return func(yield func(db.AuditEntry, error) bool) {
		for _, entry := range list {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// exportAudit sends all entries that match the filter, oldest first.
func (h *Handlers) exportAudit(c echo.Context, params input.Audit) error {
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	filter, address := h.settled(params.Filter), c.Request().URL
	state, err := h.DB.AuditVersion(c.Request().Context(), filter.Until)
	if err != nil {
		return err
	}
	version := fmt.Sprint("audit file ", state, " ", address.Path, "?", address.RawQuery)
	return h.Respond.Stored(c, version, func(r *web.Reply) error {
		r.Begin(version, format.Header("audit", nil))
		return rows.Write(r, format.Name, h.allEntries(c.Request().Context(), filter), openapi.AuditRow)
	})
}

func (h *Handlers) allEntries(ctx context.Context, filter db.AuditFilter) iter.Seq2[db.AuditEntry, error] {
	return func(yield func(db.AuditEntry, error) bool) {
		for {
			list, err := h.DB.ExportAudit(ctx, filter, auditBatch)
			if err != nil {
				yield(db.AuditEntry{}, err)
				return
			}
			for _, entry := range list {
				if filter.Before != 0 && entry.ID >= filter.Before || !yield(entry, nil) {
					return
				}
			}
			if len(list) < auditBatch {
				return
			}
			filter.After = list[len(list)-1].ID
		}
	}
}

func (h *Handlers) drawAudit(c echo.Context, params input.Audit, list []db.AuditEntry, more bool) error {
	page := operators.AuditPage{Entries: list, Filter: params.Filter, Export: params.Export(), Newest: params.Filter.Before == 0}
	if more {
		page.Older = operators.AuditPath + "?" + params.Next(list[len(list)-1]).Encode()
	}
	return h.show(c, "Audit log", func(frame ui.Frame) templ.Component {
		page.Frame = frame
		return operators.AuditLog(page)
	})
}
