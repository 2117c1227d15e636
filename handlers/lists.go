package handlers

import (
	"errors"
	"iter"
	"strconv"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/respond"
	"neptun/handlers/rows"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// userList is a list of rows that a user can see. Its content depends only on the version
// and the URL.
type userList[Row any] struct {
	name    string // of exported files
	userID  string
	version string
	paging  input.Paging
	// cursor returns the position after a row, for the link to the next page.
	cursor func(Row) string
	// perPageJSON is the default page size in JSON; 0 for all rows.
	perPageJSON int
	// stream reads the rows in one snapshot, together with the version of the snapshot.
	stream func(page db.Page, use useRows[Row]) error
}

// useRows receives the rows of a list, the total over all pages, and the version of the
// rows.
type useRows[Row any] func(version string, total int64, rows iter.Seq2[Row, error]) error

// respondList responds with a list: as a page, or to scripts in the format they request.
// fill writes the fields of a row.
func respondList[Row any](s *Server, c echo.Context, list userList[Row], fill func(*rows.Row, Row), page func(items []Row, total int64) error) error {
	return respond.Choose(c, func() error { return writeList(s, c, list, fill) }, func() error {
		items, total, err := list.read()
		if err != nil {
			return err
		}
		return page(items, total)
	})
}

// read returns the rows of a page, and the total over all pages.
func (l userList[Row]) read() (items []Row, total int64, err error) {
	window := l.paging.Window()
	window.Shown = true
	err = l.stream(window, func(_ string, n int64, rows iter.Seq2[Row, error]) error {
		total = n
		for row, err := range rows {
			if err != nil {
				return err
			}
			items = append(items, row)
		}
		return nil
	})
	return items, total, listError(err)
}

// writeList writes a list for scripts. Scripts poll, so rows are read only if the reply for
// this version isn't cached.
func writeList[Row any](s *Server, c echo.Context, list userList[Row], fill func(*rows.Row, Row)) error {
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	if list.paging.PerPage == 0 && format == web.Formats[0] {
		list.paging.PerPage = list.perPageJSON
	}
	address := c.Request().URL
	cacheKey := func(version string) string {
		return list.name + " " + list.userID + " " + version + " " + format.Name + " " + address.Path + "?" + address.RawQuery
	}
	return s.respond.Stored(c, cacheKey(list.version), func(r *web.Reply) error {
		if err := s.shares.Enter(c, list.userID, web.LaneRead); err != nil {
			return err
		}
		defer web.LeaveShare(c)
		return listError(list.stream(list.paging.Window(), func(version string, total int64, items iter.Seq2[Row, error]) error {
			if list.paging.After == nil {
				r.Begin(cacheKey(version), format.Header(list.name, s.respond.Links(c, list.paging.Page, list.paging.PerPage, total)))
				return rows.Write(r, format.Name, items, fill)
			}
			// The link to the next page depends on the last row, so read the rows first.
			page, next := make([]Row, 0, list.paging.PerPage), ""
			for row, err := range items {
				if err != nil {
					return err
				}
				page = append(page, row)
			}
			if len(page) == list.paging.PerPage {
				next = list.cursor(page[len(page)-1])
			}
			r.Begin(cacheKey(version), format.Header(list.name, s.respond.CursorLinks(c, next, list.paging.PerPage, total)))
			return rows.Write(r, format.Name, func(yield func(Row, error) bool) {
				for _, row := range page {
					if !yield(row, nil) {
						return
					}
				}
			}, fill)
		}))
	})
}

// versionOf is the version of a list that depends on these numbers.
func versionOf(numbers ...int64) string {
	var version []byte
	for _, n := range numbers {
		version = append(strconv.AppendInt(version, n, 10), ' ')
	}
	return string(version)
}

// authorizeList authorizes a list by the versions that were read with its credential. It
// comes before all other checks: a request without a valid credential gets no other error.
func (s *Server) authorizeList(c echo.Context, key string, versions db.Versions, err error) error {
	if err := s.auth.RequireVersions(c, key, versions, err); err != nil {
		return err
	}
	known, ok := c.Get(queryKey).([]string)
	if !ok {
		return nil // pages ignore unknown parameters
	}
	return web.CheckQuery(c, known)
}

// useChecked checks the credential again before it passes rows on: it may have ended since
// the request was authorized.
func useChecked[Row any](c echo.Context, version func(db.Versions) string, use useRows[Row]) func(db.Versions, int64, iter.Seq2[Row, error]) error {
	return func(now db.Versions, total int64, rows iter.Seq2[Row, error]) error {
		if err := auth.CheckVersions(c, now, nil); err != nil {
			return err
		}
		return use(version(now), total, rows)
	}
}

// listError maps the errors of a list that is read together with its credential.
func listError(err error) error {
	switch {
	case errors.Is(err, db.ErrRecordNotFound):
		return auth.ErrInstallationNotFound
	case errors.Is(err, db.ErrNotFound):
		return auth.ErrSignedOut
	case errors.Is(err, db.ErrCursor):
		return input.ErrCursor
	}
	return err
}
