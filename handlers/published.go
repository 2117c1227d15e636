package handlers

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strconv"

	"neptun/db"

	"github.com/labstack/echo/v4"
)

// The two published endpoints. Scripts poll them, so one statement tells who
// asks and which versions the reply stands under; the reply itself is built
// only where its bytes are not at hand.

// PublishedInstallations answers GET /api/users/{user_id}/installations.
func (s *Server) PublishedInstallations(c echo.Context) error {
	ctx, key := c.Request().Context(), s.Sessions.APIKey(c.Request())
	versions, err := s.DB.InstallationsVersions(ctx, key)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.limits.admit(key)
	s.noteUse(c, key)
	asked, err := readScriptInstallations(c)
	if err != nil {
		return err
	}
	as, err := readFormat(c)
	if err != nil {
		return err
	}
	return s.answerStored(c, installationsVersion(c, versions, as), func(r *reply) error {
		return published(s.DB.StreamInstallations(ctx, key, asked.Filter, asked.Order, asked.window(),
			func(now db.Versions, total int64, rows iter.Seq2[db.InstallationRecord, error]) error {
				if err := authorized(c, now, nil); err != nil {
					return err
				}
				r.begin(installationsVersion(c, now, as), as.header("installations", s.links(c, asked.Page, asked.PerPage, total)))
				return writeRows(r, as, rows, toInstallationJSON)
			}))
	})
}

func installationsVersion(c echo.Context, v db.Versions, as format) string {
	return fmt.Sprint("installations ", v.UserID, " ", v.Restriction, " ", v.User, " ", v.Records, " ", asked(c, as))
}

// PublishedImports answers GET
// /api/users/{user_id}/installations/{installation_id}/imports.
func (s *Server) PublishedImports(c echo.Context) error {
	// Who asks comes first: whoever isn't logged in hears of nothing else.
	record, notANumber := recordID(c)
	ctx, key := c.Request().Context(), s.Sessions.APIKey(c.Request())
	versions, err := s.DB.ImportsVersions(ctx, key, record)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.noteUse(c, key)
	if notANumber != nil || versions.RecordID == 0 {
		return errInstallationNotFound
	}
	s.limits.admit(key)
	asked, err := readScriptList(c, importSorts, db.SortID)
	if err != nil {
		return err
	}
	as, err := readFormat(c)
	if err != nil {
		return err
	}
	return s.answerStored(c, importsVersion(c, versions, as), func(r *reply) error {
		return published(s.DB.StreamImports(ctx, key, record, asked.Filter, asked.Sort, asked.window(),
			func(now db.Versions, total int64, rows iter.Seq2[db.Import, error]) error {
				if err := authorized(c, now, nil); err != nil {
					return err
				}
				r.begin(importsVersion(c, now, as), as.header("imports", s.links(c, asked.Page, asked.PerPage, total)))
				return writeRows(r, as, rows, toImportJSON)
			}))
	})
}

func importsVersion(c echo.Context, v db.Versions, as format) string {
	return fmt.Sprint("imports ", v.UserID, " ", v.Restriction, " ", v.RecordID, " ", v.Records, " ", asked(c, as))
}

// asked is what a list is asked for with, as far as the reply is a function of
// it: the address, which the links of a page repeat, and the format.
func asked(c echo.Context, as format) string {
	address := c.Request().URL
	return as.name + " " + address.Path + "?" + address.RawQuery
}

// published turns the errors of a list that is read with its credential into
// ours.
func published(err error) error {
	switch {
	case errors.Is(err, db.ErrRecordNotFound):
		return errInstallationNotFound
	case errors.Is(err, db.ErrNotFound):
		return errLoggedOut
	}
	return err
}

// authorized is what needPerson and ownPath ask, of a credential that came with
// its versions.
func authorized(c echo.Context, versions db.Versions, err error) error {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return errLoggedOut
	case err != nil:
		return err
	case !versions.Confirmed:
		return errUnconfirmed
	case !isSelf(c, versions.UserID):
		return errUserNotFound
	}
	return nil
}

// links are the headers of a page of a list: none where all of it was asked for.
func (s *Server) links(c echo.Context, page, perPage int, total int64) http.Header {
	if perPage == 0 {
		return nil
	}
	return s.pageHeader(c, page, perPage, total)
}

// pageHeader says in headers where the other pages of a list are, the way
// GitHub's own API writes it (RFC 8288), and how many rows there are.
func (s *Server) pageHeader(c echo.Context, page, perPage int, total int64) http.Header {
	header := http.Header{"X-Total-Count": {strconv.FormatInt(total, 10)}}
	last := max(1, int((total+int64(perPage)-1)/int64(perPage)))
	target := *s.config.URL.JoinPath(c.Request().URL.Path)
	query := c.QueryParams()
	query.Set("per_page", strconv.Itoa(perPage))
	var links string
	link := func(page int, rel string) {
		query.Set("page", strconv.Itoa(page))
		target.RawQuery = query.Encode()
		if links != "" {
			links += ", "
		}
		links += "<" + target.String() + `>; rel="` + rel + `"`
	}
	if page > 1 {
		link(min(page-1, last), "prev")
	}
	if page < last {
		link(page+1, "next")
		link(last, "last")
	}
	if page > 1 {
		link(1, "first")
	}
	if links != "" {
		header.Set("Link", links)
	}
	return header
}
