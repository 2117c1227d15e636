package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// minCompressed is the size, in bytes, from which compression is worthwhile.
	minCompressed = 1024
	// maxCachedReply is the size, before compression, up to which a reply is buffered and
	// cached; longer replies are streamed.
	maxCachedReply = 1 << 20
	// streamChunk is how many bytes of a long reply are sent at a time.
	streamChunk = 64 << 10
	// After readGrace, a client must read a list at readSpeed, in bytes per second, and
	// within streamTimeout: meanwhile the list holds a database connection.
	readSpeed     = 64 << 10
	readGrace     = 15 * time.Second
	streamTimeout = 10 * time.Minute
)

// errLongLists is the error if the maximum number of long lists is being read.
var errLongLists = &Error{
	Status: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second,
	Message: "Too many long lists are being read at once. Try again in a few seconds, or use per_page",
}

// errNoTurn ends the building of a reply that turned out long while its user reads
// another long list. It is built again once that one has been read: waiting midway
// would hold a database connection.
var errNoTurn = errors.New("web: the user reads another long list")

// errNoBody ends the building of a reply to HEAD, which has no body.
var errNoBody = errors.New("web: HEAD has no body")

// Reply is the body of stored data that is being built. A short one is buffered, so that it
// is sent with its length, can be cached, and a failure can still become an error. A long one
// is streamed in constant memory; after a failure its connection is aborted, since half a
// list must not look complete.
type Reply struct {
	r          *Responder
	c          echo.Context
	compressed bool
	turn       bool // it has the user's slot for a long list

	tag    string
	header http.Header
	buffer *bytes.Buffer // the whole reply, until it is streamed
	// whole is true for a long reply that is buffered because HTTP/1.0 has no chunks: an
	// incomplete reply would look complete.
	whole bool

	streaming bool
	out       io.Writer
	gzip      *gzip.Writer  // nil for a plain reply
	chunks    *bufio.Writer // the next chunk
}

// Begin sets the version of the reply, and the headers that belong to it.
func (r *Reply) Begin(version string, header http.Header) {
	r.tag, r.header = r.r.tag(version, r.compressed), header
}

// Write implements io.Writer.
func (r *Reply) Write(p []byte) (int, error) {
	if !r.streaming {
		if r.whole || r.buffer.Len()+len(p) <= maxCachedReply {
			return r.buffer.Write(p)
		}
		if err := r.acquire(); err != nil {
			return 0, err
		}
		if r.whole = !r.c.Request().ProtoAtLeast(1, 1); r.whole {
			return r.buffer.Write(p)
		}
		if err := r.stream(); err != nil {
			return 0, err
		}
	}
	return r.out.Write(p)
}

// acquire takes a slot for a long reply.
func (r *Reply) acquire() error {
	// A slow client holds its user's slot for long lists, and no other.
	if !r.turn && !r.r.shares.SwitchNow(r.c, LaneLongList) {
		return errNoTurn
	}
	if !r.r.longLists.TryAcquire(1) {
		return errLongLists
	}
	return nil
}

// stream sends what is buffered, and streams the rest.
func (r *Reply) stream() error {
	Unbound(r.c)
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
	r.chunks = newChunks(r.c.Response())
	r.out = r.chunks
	if r.compressed {
		r.gzip = compressors.Get().(*gzip.Writer)
		r.gzip.Reset(r.chunks)
		r.out = r.gzip
	}
	_, err := r.out.Write(r.buffer.Bytes())
	r.buffer.Reset()
	return err
}

// end ends a streamed reply; err is what went wrong.
func (r *Reply) end(err error) error {
	defer r.r.longLists.Release(1)
	if errors.Is(err, errNoBody) {
		return nil
	}
	if r.gzip != nil {
		defer compressors.Put(r.gzip)
		if err == nil {
			err = r.gzip.Close()
		}
	}
	if err == nil {
		err = r.chunks.Flush()
	}
	if err != nil {
		r.r.abort(r.c, err)
	}
	return nil
}

// abort aborts the connection of a response of which a part was sent.
func (r *Responder) abort(c echo.Context, err error) {
	if ctx := c.Request().Context(); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
		r.logger.LogAttrs(ctx, slog.LevelError, "reply aborted", slog.String("id", RequestID(c)), slog.String("error", err.Error()))
	}
	panic(http.ErrAbortHandler) // see net/http
}

// releaseBuffer returns a buffer to the pool, unless an HTTP/1.0 client made it large.
func releaseBuffer(buffer *bytes.Buffer) {
	if buffer.Cap() <= 2*maxCachedReply {
		buffers.Put(buffer)
	}
}

// encoded returns a buffered reply, compressed if that is accepted and worthwhile.
func (r *Reply) encoded() (*body, error) {
	plain := r.buffer.Bytes()
	if !r.compressed || len(plain) < minCompressed {
		return &body{plain, r.header}, nil
	}
	compressed, err := compress(plain)
	header := r.header.Clone()
	header.Set(echo.HeaderContentEncoding, "gzip")
	return &body{compressed, header}, err
}

// Buffers and compressors are pooled: a list takes up to a megabyte while it grows, and a
// compressor as much.
var (
	buffers     = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
)

// compress compresses by gzip.
func compress(plain []byte) ([]byte, error) {
	var buffer bytes.Buffer
	writer := compressors.Get().(*gzip.Writer)
	defer compressors.Put(writer)
	writer.Reset(&buffer)
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	err := writer.Close()
	return buffer.Bytes(), err
}

// newChunks returns a writer that sends a long reply in chunks.
func newChunks(response *echo.Response) *bufio.Writer {
	return bufio.NewWriterSize(&deadlineWriter{
		w: response, controller: http.NewResponseController(response), start: time.Now(),
	}, streamChunk)
}

// deadlineWriter aborts a long reply if the client reads too slowly.
type deadlineWriter struct {
	w          io.Writer
	controller *http.ResponseController
	start      time.Time
	written    int64
}

// Write implements io.Writer.
func (p *deadlineWriter) Write(chunk []byte) (int, error) {
	allowed := readGrace + time.Duration(float64(p.written)/readSpeed*float64(time.Second))
	deadline := p.start.Add(min(allowed, streamTimeout))
	if err := p.controller.SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := p.w.Write(chunk)
	p.written += int64(n)
	return n, err
}
