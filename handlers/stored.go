package handlers

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/maypok86/otter/v2"
)

const (
	// cachedBytes bounds the encoded replies that are kept.
	cachedBytes = 8 << 20
	// worthCompressing is the size, in bytes, from which gzip pays.
	worthCompressing = 1024
)

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
		Weigher:       func(key string, b body) uint32 { return uint32(len(key) + len(b.bytes)) },
	})
}

// etag is a strong entity tag (RFC 9110, section 8.8.3) for the reply that the
// parts determine.
func etag(parts string) string {
	sum := sha256.Sum256([]byte(parts))
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// answerStored answers with what is stored. version names everything that the
// reply is a function of; build makes it, and is not called for bytes that are
// still at hand or that the client has. build may answer with another version
// than it was asked for, if that has changed meanwhile.
func (s *Server) answerStored(c echo.Context, version string, build func() (_ body, builtVersion string, err error)) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	h.Set(echo.HeaderVary, "Accept-Encoding, Authorization, Cookie")

	compressed := acceptsGzip(c.Request())
	tag := s.tag(version, compressed)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		h.Set("ETag", `"`+tag+`"`)
		return c.NoContent(http.StatusNotModified)
	}
	reply, ok := s.bodies.GetIfPresent(tag)
	if !ok {
		built, builtVersion, err := build()
		if err != nil {
			return err
		}
		if reply, err = packed(built, compressed); err != nil {
			return err
		}
		tag = s.tag(builtVersion, compressed)
		s.bodies.Set(tag, reply)
	}
	for name, values := range reply.header {
		h[name] = values
	}
	h.Set("ETag", `"`+tag+`"`)
	// Told the length, net/http doesn't send it in chunks.
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(reply.bytes)))
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, reply.bytes)
}

// tag tells apart what a version looks like from one build to another, and
// compressed from plain.
func (s *Server) tag(version string, compressed bool) string {
	if compressed {
		return etag(s.config.Build + " " + version + " gzip")
	}
	return etag(s.config.Build + " " + version)
}

// packed compresses a reply where that is wanted and pays.
func packed(plain body, compressed bool) (body, error) {
	if !compressed || len(plain.bytes) < worthCompressing {
		return plain, nil
	}
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := writer.Write(plain.bytes); err != nil {
		return body{}, err
	}
	if err := writer.Close(); err != nil {
		return body{}, err
	}
	header := plain.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set(echo.HeaderContentEncoding, "gzip")
	return body{buffer.Bytes(), header}, nil
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
