package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"
)

// Links returns the headers of a page of a list. There are none if all rows were requested.
func (r *Responder) Links(c echo.Context, page, perPage int, total int64) http.Header {
	if perPage == 0 {
		return nil
	}
	return r.PageLinks(c, page, perPage, total)
}

// PageLinks returns headers with the links to other pages, in the format of GitHub's API (RFC
// 8288), and the total number of rows.
func (r *Responder) PageLinks(c echo.Context, page, perPage int, total int64) http.Header {
	header := http.Header{"X-Total-Count": {strconv.FormatInt(total, 10)}}
	last := max(1, int((total+int64(perPage)-1)/int64(perPage)))
	target := *r.url.JoinPath(c.Request().URL.Path)
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

// CursorLinks returns the headers of a page of a list with a cursor. next is the cursor of the
// next page, empty for the last page.
func (r *Responder) CursorLinks(c echo.Context, next string, perPage int, total int64) http.Header {
	header := http.Header{"X-Total-Count": {strconv.FormatInt(total, 10)}}
	if next != "" {
		query := c.QueryParams()
		query.Set("after", next)
		query.Set("per_page", strconv.Itoa(perPage))
		header.Set("Link", r.NextLink(c, query))
	}
	return header
}

// NextLink returns the Link header of a list whose next page has this query.
func (r *Responder) NextLink(c echo.Context, query url.Values) string {
	next := r.url.JoinPath(c.Request().URL.Path)
	next.RawQuery = query.Encode()
	return "<" + next.String() + `>; rel="next"`
}
