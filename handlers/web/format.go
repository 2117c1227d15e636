package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// Format is a format of lists for scripts.
type Format struct {
	Name      string // as in the suffix of the path
	mediaType string
	// download is true if the format is in the path. Then browsers save the list, and it has
	// all rows unless a page is requested.
	download bool
}

// Formats are the formats of lists. The first is the default.
var Formats = []Format{
	{Name: "json", mediaType: echo.MIMEApplicationJSON},
	// RFC 4180, section 3: the first line names the columns.
	{Name: "csv", mediaType: "text/csv; charset=utf-8; header=present"},
	{Name: "ndjson", mediaType: "application/x-ndjson"},
}

// ReadFormat reads the requested format of a list: from the suffix of the path, or from the
// Accept header.
func ReadFormat(c echo.Context) (Format, error) {
	if name := c.Param("format"); name != "" {
		for _, f := range Formats {
			if f.Name == name {
				f.download = true
				return f, nil
			}
		}
		return Format{}, echo.ErrNotFound
	}
	accept := c.Request().Header.Values(echo.HeaderAccept)
	if len(accept) == 0 || len(accept) == 1 && (accept[0] == "*/*" || accept[0] == echo.MIMEApplicationJSON) {
		return Formats[0], nil
	}
	return negotiate(strings.Join(accept, ","))
}

// negotiate chooses a format by RFC 9110, section 12.5.1: the one with the highest weight, or
// the first of several. The weight comes from the most specific range that matches.
func negotiate(accept string) (Format, error) {
	var (
		best   Format
		weight float64
	)
	for _, f := range Formats {
		if q := acceptance(accept, f.mediaType); q > weight {
			best, weight = f, q
		}
	}
	if weight == 0 {
		return Format{}, errNotAcceptable
	}
	return best, nil
}

// acceptance returns the weight of a media type in an Accept header.
func acceptance(accept, mediaType string) (weight float64) {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	kind, _, _ := strings.Cut(mediaType, "/")
	closest := 0
	for part := range strings.SplitSeq(accept, ",") {
		requested, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		var near int
		switch {
		case requested == mediaType, mediaType == echo.MIMEApplicationJSON && strings.HasSuffix(requested, "+json"),
			"application/x-"+strings.TrimPrefix(requested, "application/") == mediaType:
			near = 3
		case requested == kind+"/*":
			near = 2
		case requested == "*/*":
			near = 1
		}
		if near == 0 || near < closest {
			continue
		}
		q := 1.0
		if text, ok := parameters["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		if near > closest || q > weight {
			closest, weight = near, q
		}
	}
	return weight
}

// Header adds the format's headers to those of a list.
func (f Format) Header(list string, header http.Header) http.Header {
	if header == nil {
		header = http.Header{}
	}
	header.Set(echo.HeaderContentType, f.mediaType)
	if f.download {
		header.Set(echo.HeaderContentDisposition, `attachment; filename="`+list+"."+f.Name+`"`)
	}
	return header
}
