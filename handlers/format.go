package handlers

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// format is how a list is written for scripts.
type format struct {
	name      string // as in the suffix of a path
	mediaType string
	// download is true where the path names the format: then browsers save the
	// list, and all of it is meant unless a page is asked for.
	download bool
}

// formats are what lists are written in; the first is for those to whom it's
// all the same.
var formats = []format{
	{name: "json", mediaType: echo.MIMEApplicationJSON},
	// RFC 4180, section 3: the first line names the columns.
	{name: "csv", mediaType: "text/csv; charset=utf-8; header=present"},
	{name: "ndjson", mediaType: "application/x-ndjson"},
}

var errNotAcceptable = &problem{
	status:   http.StatusNotAcceptable,
	sentence: "Accept must allow application/json, text/csv or application/x-ndjson",
}

// readFormat is the format that a list is asked for in: by the suffix of its
// path, or by Accept.
func readFormat(c echo.Context) (format, error) {
	if name := c.Param("format"); name != "" {
		for _, f := range formats {
			if f.name == name {
				f.download = true
				return f, nil
			}
		}
		return format{}, echo.ErrNotFound
	}
	accept := c.Request().Header.Values(echo.HeaderAccept)
	if len(accept) == 0 || len(accept) == 1 && (accept[0] == "*/*" || accept[0] == echo.MIMEApplicationJSON) {
		return formats[0], nil
	}
	return negotiate(strings.Join(accept, ","))
}

// negotiate chooses among formats as RFC 9110, section 12.5.1 has it: the one
// with the highest weight, and of several the first. The most specific range
// that a format falls under tells its weight.
func negotiate(accept string) (format, error) {
	var (
		best   format
		weight float64
	)
	for _, f := range formats {
		if q := acceptance(accept, f.mediaType); q > weight {
			best, weight = f, q
		}
	}
	if weight == 0 {
		return format{}, errNotAcceptable
	}
	return best, nil
}

// acceptance is the weight that an Accept header gives a media type.
func acceptance(accept, mediaType string) (weight float64) {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	kind, _, _ := strings.Cut(mediaType, "/")
	closest := 0
	for part := range strings.SplitSeq(accept, ",") {
		asked, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		var near int
		switch {
		case asked == mediaType, mediaType == echo.MIMEApplicationJSON && strings.HasSuffix(asked, "+json"),
			"application/x-"+strings.TrimPrefix(asked, "application/") == mediaType:
			near = 3
		case asked == kind+"/*":
			near = 2
		case asked == "*/*":
			near = 1
		}
		if near == 0 || near < closest {
			continue
		}
		q := 1.0
		if given, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(given, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		if near > closest || q > weight {
			closest, weight = near, q
		}
	}
	return weight
}

// header adds what the format says of itself to the headers of a list.
func (f format) header(list string, header http.Header) http.Header {
	if header == nil {
		header = http.Header{}
	}
	header.Set(echo.HeaderContentType, f.mediaType)
	if f.download {
		header.Set(echo.HeaderContentDisposition, `attachment; filename="`+list+"."+f.name+`"`)
	}
	return header
}
