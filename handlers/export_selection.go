package handlers

import (
	"iter"
	"net/http"
	"strings"

	"neptun/db"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/rows"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// ExportSelection sends the repositories that are selected on a page as a file, sorted by
// name.
func (s *Server) ExportSelection(c echo.Context) error {
	selection, err := input.ReadSelection(c)
	if err != nil {
		return err
	}
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	filter := db.Filter{}.Among(selection.IDs)
	if strings.HasPrefix(c.Path(), "/imports") {
		list, err := s.listImports(c, input.List{Filter: filter, Sort: db.SortName})
		if err != nil {
			return err
		}
		return sendRows(c, "imports", format, list, openapi.ImportRow)
	}
	var in db.InstallationRecord
	if c.Param("installation_id") != "" {
		if in, err = s.auth.Installation(c); err != nil {
			return err
		}
	}
	list, err := s.listAvailable(c, in, input.List{Filter: filter, Sort: db.SortName})
	if err != nil {
		return err
	}
	return sendRows(c, "repositories", format, list, openapi.RepositoryRow)
}

func sendRows[Row any](c echo.Context, name string, format web.Format, list []Row, fill func(*rows.Row, Row)) error {
	h := c.Response().Header()
	for field, values := range format.Header(name, nil) {
		h[field] = values
	}
	h.Set(echo.HeaderCacheControl, "no-store")
	c.Response().WriteHeader(http.StatusOK)
	return rows.Write(c.Response(), format.Name, sequence(list), fill)
}

// sequence yields the items of a list that was read without an error.
func sequence[Row any](list []Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, row := range list {
			if !yield(row, nil) {
				return
			}
		}
	}
}
