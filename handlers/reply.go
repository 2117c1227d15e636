package handlers

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// worthCompressing is the size, in bytes, from which gzip pays.
	worthCompressing = 1024
	// keptBytes is the size, before compression, up to which a reply is made
	// whole and kept; what is longer is sent as it is made.
	keptBytes = 1 << 20
	// streamChunk is how much of a long reply goes out at once, in bytes.
	streamChunk = 64 << 10
	// chunkPatience is how long a reader may take for one chunk, and
	// streamPatience for all of them: a list that is being read holds a database
	// connection.
	chunkPatience  = 30 * time.Second
	streamPatience = 10 * time.Minute
)

// errLongLists is the answer while as many long lists are being read as there may be.
var errLongLists = &problem{
	status: http.StatusServiceUnavailable, retryAfter: 5 * time.Second,
	sentence: "Too many long lists are being read at once. Try again in a few seconds, or use per_page",
}

// errNoBody ends the making of a reply to HEAD, which has no body.
var errNoBody = errors.New("handlers: HEAD wants no body")

// reply is the body of something stored, in the making. A short one is kept
// whole until its end, so that it is sent with its length, can be kept for the
// next who asks, and a failure can still become an error. A long one is sent as
// it is made, in constant memory; after a failure its connection is broken off,
// since half a list must not pass for a whole one.
type reply struct {
	s          *Server
	c          echo.Context
	compressed bool

	tag    string
	header http.Header
	buffer bytes.Buffer // all of it, until it is streaming

	streaming bool
	out       io.Writer
	gzip      *gzip.Writer  // nil for a plain reply
	chunks    *bufio.Writer // what goes out next
}

// begin says which version the reply shows, and which headers are part of it.
func (r *reply) begin(version string, header http.Header) {
	r.tag, r.header = r.s.tag(version, r.compressed), header
}

// Write implements io.Writer.
func (r *reply) Write(p []byte) (int, error) {
	if !r.streaming {
		if r.buffer.Len()+len(p) <= keptBytes {
			return r.buffer.Write(p)
		}
		if err := r.stream(); err != nil {
			return 0, err
		}
	}
	return r.out.Write(p)
}

// stream sends what there is, and lets the rest follow as it comes.
func (r *reply) stream() error {
	if !r.s.longLists.TryAcquire(1) {
		return errLongLists
	}
	r.streaming = true
	h := r.c.Response().Header()
	for name, values := range r.header {
		h[name] = values
	}
	h.Set("ETag", `"`+r.tag+`"`)
	if r.compressed {
		h.Set(echo.HeaderContentEncoding, "gzip")
	}
	r.c.Response().WriteHeader(http.StatusOK)
	if r.c.Request().Method == http.MethodHead {
		return errNoBody
	}
	r.chunks = bufio.NewWriterSize(&patientWriter{
		w: r.c.Response(), controller: http.NewResponseController(r.c.Response()), until: time.Now().Add(streamPatience),
	}, streamChunk)
	r.out = r.chunks
	if r.compressed {
		r.gzip = gzip.NewWriter(r.chunks)
		r.out = r.gzip
	}
	_, err := r.out.Write(r.buffer.Bytes())
	r.buffer = bytes.Buffer{}
	return err
}

// end ends a reply that was sent as it was made; err is what went wrong.
func (r *reply) end(err error) error {
	defer r.s.longLists.Release(1)
	if errors.Is(err, errNoBody) {
		return nil
	}
	if err == nil && r.gzip != nil {
		err = r.gzip.Close()
	}
	if err == nil {
		err = r.chunks.Flush()
	}
	if err == nil {
		return nil
	}
	if ctx := r.c.Request().Context(); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
		r.s.Logger.LogAttrs(ctx, slog.LevelError, "reply broken off", slog.String("id", requestID(r.c)), slog.String("error", err.Error()))
	}
	panic(http.ErrAbortHandler) // net/http's way to break the connection off
}

// packed is a reply that was kept whole, compressed where that is wanted and pays.
func (r *reply) packed() (body, error) {
	plain := r.buffer.Bytes()
	if !r.compressed || len(plain) < worthCompressing {
		return body{plain, r.header}, nil
	}
	compressed, err := compress(plain)
	header := r.header.Clone()
	header.Set(echo.HeaderContentEncoding, "gzip")
	return body{compressed, header}, err
}

func compress(plain []byte) ([]byte, error) {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	err := writer.Close()
	return buffer.Bytes(), err
}

// patientWriter gives the reader of a long reply time for each chunk, as long as
// all of it doesn't take too long.
type patientWriter struct {
	w          io.Writer
	controller *http.ResponseController
	until      time.Time
}

// Write implements io.Writer.
func (p *patientWriter) Write(chunk []byte) (int, error) {
	deadline := time.Now().Add(chunkPatience)
	if deadline.After(p.until) {
		deadline = p.until
	}
	if err := p.controller.SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(chunk)
}
