package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"neptun/static/coding"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"
)

// cachedBytes bounds the encoded replies that are kept.
const cachedBytes = 8 << 20

// Responder answers with what is stored: from its cache where the bytes under
// the present versions are there, by row else.
type Responder struct {
	url    *url.URL // the public address, for links to other pages
	build  string
	logger *slog.Logger
	// cache is keyed by versions, so nothing in it is ever out of date.
	cache *otter.Cache[string, body]
	// longLists bounds those that are being read at once.
	longLists *semaphore.Weighted
	shares    *Shares
}

// NewResponder makes a Responder for the Neptun at an address. build tells one
// build of it from another; longLists bounds the lists read at once.
func NewResponder(address *url.URL, build string, longLists int64, shares *Shares, logger *slog.Logger) (*Responder, error) {
	cache, err := newCache()
	return &Responder{url: address, build: build, logger: logger, cache: cache, longLists: semaphore.NewWeighted(longLists), shares: shares}, err
}

// body is an encoded reply with the headers that depend on its content.
type body struct {
	bytes  []byte
	header http.Header // may be nil
}

// newCache keeps the last replies that scripts asked for, by their ETag. It
// needs no invalidation: an ETag names the versions that a reply shows, and
// every write that a reply can show changes one.
func newCache() (*otter.Cache[string, body], error) {
	return otter.New(&otter.Options[string, body]{
		MaximumWeight: cachedBytes,
		Weigher:       func(key string, b body) uint32 { return uint32(len(key) + b.size()) },
	})
}

// size is about how much memory a reply takes, in bytes. The links of a page are
// as long as the address that somebody asks for.
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

// ETag is a strong entity tag (RFC 9110, section 8.8.3) for the reply that the
// parts determine.
func ETag(parts string) string {
	sum := sha256.Sum256([]byte(parts))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// Stored answers with what is stored. version names everything that the
// reply is a function of; build begins the reply under the version that it
// found, which may be a newer one, and writes it. It is not called for bytes
// that are still at hand or that the client has.
func (r *Responder) Stored(c echo.Context, version string, build func(*Reply) error) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Set(echo.HeaderVary, "Accept, Accept-Encoding, Authorization, Cookie")

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
	defer giveBack(reply.buffer)
	err := build(reply)
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
		encoded.bytes = bytes.Clone(encoded.bytes) // the buffer is lent
		r.cache.Set(reply.tag, encoded)
	}
	return sendStored(c, reply.tag, encoded)
}

// Value answers with something stored that is at hand: its kind, its value
// and the headers of a list, or nil, are all that the reply is a function of.
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

// versionOf names all that a reply of Value is a function of.
func versionOf(kind string, encoded []byte, header http.Header) string {
	return kind + " " + header.Get("Link") + " " + header.Get("X-Total-Count") + " " + string(encoded)
}

func sendStored(c echo.Context, tag string, b body) error {
	h := c.Response().Header()
	for name, values := range b.header {
		h[name] = values
	}
	h.Set("ETag", `"`+tag+`"`)
	// Told the length, net/http doesn't send it in chunks.
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(b.bytes)))
	c.Response().WriteHeader(http.StatusOK)
	_, err := c.Response().Write(b.bytes)
	return err
}

// tag tells apart what a version looks like from one build to another, and
// compressed from plain.
func (r *Responder) tag(version string, compressed bool) string {
	if compressed {
		return ETag(r.build + " " + version + " gzip")
	}
	return ETag(r.build + " " + version)
}

// encode writes a value as JSON that leaves <, > and & as they are: it is never
// put into a page.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}
