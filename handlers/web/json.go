package web

import (
	"io"

	"github.com/labstack/echo/v4"
)

// StreamJSON responds with JSON that is written in parts, in constant memory, and must not be
// cached. A failure of write before a first chunk was sent is returned; after that the connection
// is aborted, since half a response must not look complete.
func (r *Responder) StreamJSON(c echo.Context, write func(io.Writer) error) error {
	response := c.Response()
	response.Before(func() { Unbound(c) }) // the client may read slowly
	response.Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	response.Header().Set(echo.HeaderCacheControl, "no-store")
	chunks := newChunks(response)
	err := write(chunks)
	if err == nil {
		err = chunks.Flush()
	}
	if err != nil && response.Committed {
		r.abort(c, err)
	}
	return err
}
