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
	// minCompressed is the size, in bytes, from which gzip pays.
	minCompressed = 1024
	// maxCachedReply is the size, before compression, up to which a reply is made
	// whole and kept; what is longer is sent as it is made.
	maxCachedReply = 1 << 20
	// streamChunk is how much of a long reply goes out at once, in bytes.
	streamChunk = 64 << 10
	// A list must be read at readSpeed, in bytes a second, once readGrace is over,
	// and within streamTimeout: while it is read it holds a database connection.
	readSpeed     = 64 << 10
	readGrace     = 15 * time.Second
	streamTimeout = 10 * time.Minute
)

// errLongLists is the answer while as many long lists are being read as there may be.
var errLongLists = &Error{
	Status: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second,
	Message: "Too many long lists are being read at once. Try again in a few seconds, or use per_page",
}

// errNoBody ends the making of a reply to HEAD, which has no body.
var errNoBody = errors.New("web: HEAD wants no body")

// Reply is the body of something stored, in the making. A short one is kept
// whole until its end, so that it is sent with its length, can be kept for the
// next who asks, and a failure can still become an error. A long one is sent as
// it is made, in constant memory; after a failure its connection is broken off,
// since half a list must not pass for a whole one.
type Reply struct {
	r          *Responder
	c          echo.Context
	compressed bool

	tag    string
	header http.Header
	buffer *bytes.Buffer // all of it, until it is streaming
	// whole is true for a long reply that is built before it is sent: HTTP/1.0 has
	// no chunks, so that half a reply would look like all of it.
	whole bool

	streaming bool
	out       io.Writer
	gzip      *gzip.Writer  // nil for a plain reply
	chunks    *bufio.Writer // what goes out next
}

// Begin says which version the reply shows, and which headers are part of it.
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

// acquire makes the reply one of the long ones.
func (r *Reply) acquire() error {
	// A slow reader holds their own slot, and not the work of others.
	if err := r.r.shares.Switch(r.c, LaneLongList); err != nil {
		return err
	}
	if !r.r.longLists.TryAcquire(1) {
		return errLongLists
	}
	return nil
}

// stream sends what there is, and lets the rest follow as it comes.
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
	r.chunks = bufio.NewWriterSize(&deadlineWriter{
		w: r.c.Response(), controller: http.NewResponseController(r.c.Response()), start: time.Now(),
	}, streamChunk)
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

// end ends a reply that was sent as it was made; err is what went wrong.
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
	if err == nil {
		return nil
	}
	if ctx := r.c.Request().Context(); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
		r.r.logger.LogAttrs(ctx, slog.LevelError, "reply broken off", slog.String("id", RequestID(r.c)), slog.String("error", err.Error()))
	}
	panic(http.ErrAbortHandler) // net/http's way to break the connection off
}

// giveBack gives a buffer back, unless it became a large one, as it does for a
// client of HTTP/1.0.
func giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= 2*maxCachedReply {
		buffers.Put(buffer)
	}
}

// encoded is a reply that was kept whole, compressed where that is wanted and pays.
func (r *Reply) encoded() (body, error) {
	plain := r.buffer.Bytes()
	if !r.compressed || len(plain) < minCompressed {
		return body{plain, r.header}, nil
	}
	compressed, err := compress(plain)
	header := r.header.Clone()
	header.Set(echo.HeaderContentEncoding, "gzip")
	return body{compressed, header}, err
}

// Replies are built and compressed in memory that is lent: a list takes up to a
// megabyte while it grows, and a compressor as much.
var (
	buffers     = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
)

// compress is gzip.
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

// deadlineWriter breaks off a long reply whose reader is too slow.
type deadlineWriter struct {
	w          io.Writer
	controller *http.ResponseController
	start      time.Time
	written    int64
}

// Write implements io.Writer.
func (p *deadlineWriter) Write(chunk []byte) (int, error) {
	soon := readGrace + time.Duration(float64(p.written)/readSpeed*float64(time.Second))
	deadline := p.start.Add(min(soon, streamTimeout))
	if err := p.controller.SetWriteDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := p.w.Write(chunk)
	p.written += int64(n)
	return n, err
}
