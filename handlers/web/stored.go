package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"neptun/static/coding"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"
)

// cachedBytes limits the size of all cached replies.
const cachedBytes = 8 << 20

// Responder responds with stored data: from its cache if that has the current version,
// otherwise row by row.
type Responder struct {
	url    *url.URL // the public address, for links to other pages
	build  string
	logger *slog.Logger
	// cache is keyed by versions, so its entries are never outdated.
	cache *otter.Cache[string, body]
	// longLists limits how many are read at the same time.
	longLists *semaphore.Weighted
	shares    *Shares
}

// NewResponder creates a Responder for the Neptun at an address. build identifies the build;
// longLists is how many lists may be read at the same time.
func NewResponder(address *url.URL, build string, longLists int64, shares *Shares, logger *slog.Logger) (*Responder, error) {
	cache, err := newCache()
	return &Responder{url: address, build: build, logger: logger, cache: cache, longLists: semaphore.NewWeighted(longLists), shares: shares}, err
}

// body is an encoded reply with the headers that depend on its content.
type body struct {
	bytes  []byte
	header http.Header // may be nil
}

// newCache caches recent replies to scripts by their ETag. It needs no invalidation: the ETag
// contains the versions of everything that the reply shows, and every write changes one.
func newCache() (*otter.Cache[string, body], error) {
	return otter.New(&otter.Options[string, body]{
		MaximumWeight: cachedBytes,
		Weigher:       func(key string, b body) uint32 { return uint32(len(key) + b.size()) },
	})
}

// size is the approximate memory of a reply, in bytes. The links of a page are as long as the
// requested URL.
func (b body) size() int {
	size := len(b.bytes)
	for name, values := range b.header {
		size += len(name)
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}

// ETag is a strong entity tag (RFC 9110, section 8.8.3) for a reply that depends only on
// parts.
func ETag(parts string) string {
	sum := sha256.Sum256([]byte(parts))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// storedHeader is the same for every reply of Stored.
var storedHeader = http.Header{
	"Cache-Control": {"private, no-cache"},
	"Vary":          {"Accept, Accept-Encoding, Authorization, Cookie"},
}

// Stored responds with stored data. version identifies everything that the reply depends on.
// build begins the reply with the version it finds, which may be newer, and writes it. It
// isn't called if the reply is cached, or if the client has it already, and is called twice if
// the reply has to wait for its turn (see errNoTurn).
func (r *Responder) Stored(c echo.Context, version string, build func(*Reply) error) error {
	h := c.Response().Header()
	maps.Copy(h, storedHeader)

	compressed := coding.Accepts(c.Request(), "gzip")
	tag := r.tag(version, compressed)
	if coding.Matches(c.Request().Header.Get("If-None-Match"), tag) {
		h.Set("ETag", `"`+tag+`"`)
		return c.NoContent(http.StatusNotModified)
	}
	if cached, ok := r.cache.GetIfPresent(tag); ok {
		return sendStored(c, tag, cached)
	}
	reply := &Reply{r: r, c: c, compressed: compressed, buffer: buffers.Get().(*bytes.Buffer)}
	reply.buffer.Reset()
	defer releaseBuffer(reply.buffer)
	err := build(reply)
	if errors.Is(err, errNoTurn) {
		if err := r.shares.Switch(c, LaneLongList); err != nil {
			return err
		}
		reply.buffer.Reset()
		reply.turn = true
		err = build(reply)
	}
	if reply.streaming {
		return reply.end(err)
	}
	if reply.whole {
		defer r.longLists.Release(1)
	}
	if err != nil {
		return err
	}
	encoded, err := reply.encoded()
	if err != nil {
		return err
	}
	if !reply.whole {
		encoded.bytes = bytes.Clone(encoded.bytes) // the buffer is pooled
		r.cache.Set(reply.tag, encoded)
	}
	return sendStored(c, reply.tag, encoded)
}

// Value responds with a stored value that was already read. The reply depends only on the
// kind, the value, and the headers of a list, which may be nil.
func (r *Responder) Value(c echo.Context, kind string, value any, header http.Header) error {
	encoded, err := encode(value)
	if err != nil {
		return err
	}
	version := versionOf(kind, encoded, header)
	return r.Stored(c, version, func(reply *Reply) error {
		reply.Begin(version, Formats[0].Header("", header))
		_, err := reply.Write(encoded)
		return err
	})
}

// versionOf is everything that a reply of Value depends on.
func versionOf(kind string, encoded []byte, header http.Header) string {
	return kind + " " + header.Get("Link") + " " + header.Get("X-Total-Count") + " " + string(encoded)
}

func sendStored(c echo.Context, tag string, b body) error {
	h := c.Response().Header()
	maps.Copy(h, b.header)
	h.Set("ETag", `"`+tag+`"`)
	// With a length, net/http doesn't send chunks.
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(b.bytes)))
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(b.bytes)
	return err
}

// tag returns the ETag of a version, which differs between builds and between compressed and
// plain replies.
func (r *Responder) tag(version string, compressed bool) string {
	if compressed {
		return ETag(r.build + " " + version + " gzip")
	}
	return ETag(r.build + " " + version)
}

// encode encodes a value as JSON and leaves <, > and & unescaped, since it is never put into a
// page.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
