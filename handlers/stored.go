package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
)

// cachedBytes bounds the encoded replies that are kept.
const cachedBytes = 8 << 20

// body is an encoded reply with the headers that depend on its content.
type body struct {
	bytes  []byte
	header http.Header // may be nil
}

// newBodyCache keeps the last replies that scripts asked for, by their ETag. It
// needs no invalidation: an ETag names the versions that a reply shows, and
// every write that a reply can show changes one.
func newBodyCache() (*otter.Cache[string, body], error) {
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

// etag is a strong entity tag (RFC 9110, section 8.8.3) for the reply that the
// parts determine.
func etag(parts string) string {
	sum := sha256.Sum256([]byte(parts))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// answerStored answers with what is stored. version names everything that the
// reply is a function of; build begins the reply under the version that it
// found, which may be a newer one, and writes it. It is not called for bytes
// that are still at hand or that the client has.
func (s *Server) answerStored(c echo.Context, version string, build func(*reply) error) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Set(echo.HeaderVary, "Accept, Accept-Encoding, Authorization, Cookie")

	compressed := acceptsGzip(c.Request())
	tag := s.tag(version, compressed)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		h.Set("ETag", `"`+tag+`"`)
		return c.NoContent(http.StatusNotModified)
	}
	if kept, ok := s.bodies.GetIfPresent(tag); ok {
		return sendStored(c, tag, kept)
	}
	made := &reply{s: s, c: c, compressed: compressed}
	err := build(made)
	if made.streaming {
		return made.end(err)
	}
	if err != nil {
		return err
	}
	packed, err := made.packed()
	if err != nil {
		return err
	}
	s.bodies.Set(made.tag, packed)
	return sendStored(c, made.tag, packed)
}

// answerValue answers with something stored that is at hand: its kind, its value
// and the headers of a list, or nil, are all that the reply is a function of.
func (s *Server) answerValue(c echo.Context, kind string, value any, header http.Header) error {
	encoded, err := encode(value)
	if err != nil {
		return err
	}
	version := kind + " " + header.Get("Link") + " " + header.Get("X-Total-Count") + " " + string(encoded)
	return s.answerStored(c, version, func(r *reply) error {
		r.begin(version, formats[0].header("", header))
		_, err := r.Write(encoded)
		return err
	})
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
func (s *Server) tag(version string, compressed bool) string {
	if compressed {
		return etag(s.config.Build + " " + version + " gzip")
	}
	return etag(s.config.Build + " " + version)
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3) as far as it
// concerns gzip.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get(echo.HeaderAcceptEncoding), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

// matches tells whether an If-None-Match lists a tag. The comparison is the
// weak one (RFC 9110, section 13.1.2): proxies that compress weaken tags.
func matches(ifNoneMatch, tag string) bool {
	for part := range strings.SplitSeq(ifNoneMatch, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" || part == `"`+tag+`"` {
			return true
		}
	}
	return false
}
