package handlers

import (
	"errors"
	"fmt"
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
	key := apiKey(c.Request())
	versions, err := s.DB.InstallationsVersions(c.Request().Context(), key)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.noteUse(c, key)
	asked, err := readPublished(c)
	if err != nil {
		return err
	}
	return s.answerStored(c, installationsVersion(versions, asked), func() (body, string, error) {
		now, list, err := s.DB.InstallationsSnapshot(c.Request().Context(), key, asked.window())
		if err := authorized(c, now, err); err != nil {
			return body{}, "", err
		}
		total := int64(len(list))
		if asked.paged() {
			if total, err = s.DB.CountInstallationsWithin(c.Request().Context(), now.UserID, now.Restriction); err != nil {
				return body{}, "", err
			}
		}
		encoded, err := encode(each(list, toInstallationJSON))
		return body{encoded, s.links(c, asked, total)}, installationsVersion(now, asked), err
	})
}

func installationsVersion(v db.Versions, asked publishedParams) string {
	return fmt.Sprint("installations ", v.UserID, " ", v.Restriction, " ", v.Person, " ", v.Records, " ", asked)
}

// PublishedImports answers GET
// /api/users/{user_id}/installations/{installation_id}/imports.
func (s *Server) PublishedImports(c echo.Context) error {
	// Who asks comes first: whoever isn't logged in hears of nothing else.
	record, notANumber := recordID(c)
	key := apiKey(c.Request())
	versions, err := s.DB.ImportsVersions(c.Request().Context(), key, record)
	if err := authorized(c, versions, err); err != nil {
		return err
	}
	s.noteUse(c, key)
	if notANumber != nil || versions.RecordID == 0 {
		return errInstallationNotFound
	}
	asked, err := readPublished(c)
	if err != nil {
		return err
	}
	return s.answerStored(c, importsVersion(versions, asked), func() (body, string, error) {
		now, list, total, err := s.DB.ImportsSnapshot(c.Request().Context(), key, record, asked.window())
		if now.UserID != "" && errors.Is(err, db.ErrNotFound) {
			return body{}, "", errInstallationNotFound
		}
		if err := authorized(c, now, err); err != nil {
			return body{}, "", err
		}
		encoded, err := encode(each(list, toImportJSON))
		return body{encoded, s.links(c, asked, total)}, importsVersion(now, asked), err
	})
}

func importsVersion(v db.Versions, asked publishedParams) string {
	return fmt.Sprint("imports ", v.UserID, " ", v.Restriction, " ", v.RecordID, " ", v.Records, " ", asked)
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

// publishedParams are the page asked for, where one is: the published pages
// promise the whole array to whoever asks for none.
type publishedParams struct {
	Page, PerPage int
}

func (p publishedParams) paged() bool { return p.PerPage > 0 }

func (p publishedParams) window() db.Window {
	if !p.paged() {
		return db.Window{}
	}
	return db.Window{Limit: p.PerPage, Offset: (p.Page - 1) * p.PerPage}
}

func readPublished(c echo.Context) (publishedParams, error) {
	if c.Request().URL.RawQuery == "" {
		return publishedParams{}, nil
	}
	p := params{values: c.QueryParams()}
	if p.values.Get("page") == "" && p.values.Get("per_page") == "" {
		return publishedParams{}, nil
	}
	asked := publishedParams{Page: p.number("page", 1, maxPage), PerPage: p.number("per_page", apiPageSize, maxPerPage)}
	return asked, p.err()
}

func (s *Server) links(c echo.Context, asked publishedParams, total int64) http.Header {
	if !asked.paged() {
		return nil
	}
	return s.pageHeader(c, asked.Page, asked.PerPage, total)
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
