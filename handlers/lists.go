package handlers

import (
	"errors"
	"fmt"
	"iter"

	"neptun/db"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/respond"
	"neptun/handlers/rows"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// userList is a list of what a user sees: its rows, and the version of the
// database that they are a function of besides the address.
type userList[Row any] struct {
	name    string // of its files
	userID  string
	version string
	paging  input.Paging
	// cursor is the After of the page that follows a row.
	cursor func(Row) string
	// perPageJSON is the size of a page in JSON where none is asked for; 0 for all.
	perPageJSON int
	// stream reads the rows in one snapshot, under the version that is there then.
	stream func(page db.Page, use useRows[Row]) error
}

// useRows is what is done with the rows of a list, how many there are on all
// pages, and the version they stand under.
type useRows[Row any] func(version string, total int64, rows iter.Seq2[Row, error]) error

// respondList responds with a list: on a page with its rows, to scripts in the
// format they ask for, where fill is what a row consists of.
func respondList[Row any](s *Server, c echo.Context, list userList[Row], fill func(*rows.Row, Row), page func(items []Row, total int64) error) error {
	return respond.Choose(c, func() error { return writeList(s, c, list, fill) }, func() error {
		items, total, err := list.read()
		if err != nil {
			return err
		}
		return page(items, total)
	})
}

// read reads the rows of a page, and how many there are on all pages.
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

// writeList writes a list for scripts. They poll it, so its rows are read only
// where the bytes under this version aren't cached.
func writeList[Row any](s *Server, c echo.Context, list userList[Row], fill func(*rows.Row, Row)) error {
	format, err := web.ReadFormat(c)
	if err != nil {
		return err
	}
	if list.paging.PerPage == 0 && format == web.Formats[0] {
		list.paging.PerPage = list.perPageJSON
	}
	address := c.Request().URL
	under := func(version string) string {
		return fmt.Sprint(list.name, " ", list.userID, " ", version, " ", format.Name, " ", address.Path, "?", address.RawQuery)
	}
	return s.respond.Stored(c, under(list.version), func(r *web.Reply) error {
		if err := s.shares.Enter(c, list.userID, web.LaneRead); err != nil {
			return err
		}
		defer web.LeaveShare(c)
		return listError(list.stream(list.paging.Window(), func(version string, total int64, items iter.Seq2[Row, error]) error {
			if list.paging.After == nil {
				r.Begin(under(version), format.Header(list.name, s.respond.Links(c, list.paging.Page, list.paging.PerPage, total)))
				return rows.Write(r, format.Name, items, fill)
			}
			// Where the next page begins is known with the last row of this one.
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
			r.Begin(under(version), format.Header(list.name, s.respond.CursorLinks(c, next, list.paging.PerPage, total)))
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

// authorizeList authorizes a list by the versions that were read with its
// credential. Requests without one get no other error.
func (s *Server) authorizeList(c echo.Context, key string, versions db.Versions, err error) error {
	if err := s.auth.RequireVersions(c, key, versions, err); err != nil {
		return err
	}
	known, ok := c.Get(queryKey).([]string)
	if !ok {
		return nil // a page, which ignores what it doesn't know
	}
	return web.CheckQuery(c, known)
}

// useChecked is use for rows that come with the versions they stand under: the
// credential may have ended since the request was authorized.
func useChecked[Row any](c echo.Context, version func(db.Versions) string, use useRows[Row]) func(db.Versions, int64, iter.Seq2[Row, error]) error {
	return func(now db.Versions, total int64, rows iter.Seq2[Row, error]) error {
		if err := auth.CheckVersions(c, now, nil); err != nil {
			return err
		}
		return use(version(now), total, rows)
	}
}

// listError is what the error of a list that is read with its credential means.
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
