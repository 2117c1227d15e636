package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

const (
	apiVersion       = "2022-11-28"
	enterpriseServer = "3.19.0"
)

// describe sets the headers that all responses of the API have.
func (s *api) describe(c *call) {
	id := make([]byte, 18)
	rand.Read(id)
	c.header.Set("X-GitHub-Request-Id", fmt.Sprintf("%X:%X:%X:%X:%X", id[:2], id[2:5], id[5:10], id[10:14], id[14:]))
	c.header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	c.header.Set("X-GitHub-Enterprise-Version", "enterprise-server@"+s.behavior.Load().version())
	c.header.Set("X-GitHub-Api-Version-Selected", apiVersion)
	c.header.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
	c.header.Set("X-Content-Type-Options", "nosniff")
	c.header.Set("Content-Security-Policy", "default-src 'none'")
}

// negotiate rejects unknown versions and media types of the API
// (https://docs.github.com/rest/about-the-rest-api/api-versions).
func (c *call) negotiate() error {
	if v := c.Header.Get("X-GitHub-Api-Version"); v != "" && v != apiVersion {
		return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf("%q is not a supported version. Please use one of: %s", v, apiVersion)}
	}
	accept := strings.Join(c.Header.Values("Accept"), ",")
	if accept == "" {
		return nil
	}
	for kind := range strings.SplitSeq(accept, ",") {
		if kind, _, err := mime.ParseMediaType(kind); err == nil && speaksJSON(kind) {
			return nil
		}
	}
	return &apiError{
		status:  http.StatusUnsupportedMediaType,
		message: fmt.Sprintf("Unsupported 'Accept' header: '%s'. Must accept 'application/json'.", accept),
	}
}

func speaksJSON(mediaType string) bool {
	switch mediaType {
	case "*/*", "application/*", "application/json", "application/vnd.github":
		return true
	}
	return strings.HasPrefix(mediaType, "application/vnd.github.") || strings.HasPrefix(mediaType, "application/vnd.github+") && strings.HasSuffix(mediaType, "json")
}

// etag depends on the caller, as GitHub's do: the same list has another ETag with a refreshed token. It doesn't depend on
// the Link header: a 304 has one too, and it may name a page that didn't exist before
// (https://github.com/app-sre/github-mirror/pull/113).
func (c *call) etag(body []byte) string {
	h := sha256.New()
	h.Write([]byte(c.Request.Header.Get("Authorization")))
	h.Write(body)
	return fmt.Sprintf(`W/"%x"`, h.Sum(nil))
}

// matches uses weak comparison, as If-None-Match requires (https://www.rfc-editor.org/rfc/rfc9110#field.if-none-match).
func matches(ifNoneMatch, etag string) bool {
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
