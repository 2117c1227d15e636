package github

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// Timeouts of requests to GitHub.
const (
	connectTimeout     = 5 * time.Second
	headerTimeout      = 20 * time.Second
	interactiveTimeout = 10 * time.Second // a whole request that a user waits for
	backgroundTimeout  = 60 * time.Second // a whole page of a long list
)

// idleConnections is how many connections are kept open for reuse.
const idleConnections = 4 * Parallel

// maxBody is the maximum size of a response in bytes, more than a page of a hundred repositories has.
const maxBody = 16 << 20

// maxRedirects is the maximum number of redirects, as for renamed repositories.
const maxRedirects = 5

// transport sends all requests to GitHub.
type transport struct {
	base      http.RoundTripper
	userAgent string
	// previewPath is the path prefix of an API that may require previews, "" if it
	// doesn't.
	previewPath string
}

// previews are media types that older Enterprise Servers require for some operations and
// fields: Apps, topics, and the visibility of repositories. Others ignore them
// (https://docs.github.com/enterprise-server@2.22/rest/overview/api-previews).
const previews = "application/vnd.github.machine-man-preview+json, application/vnd.github.mercy-preview+json, application/vnd.github.nebula-preview+json"

func newTransport(userAgent string, host Host) *transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	base.TLSHandshakeTimeout = connectTimeout
	base.ResponseHeaderTimeout = headerTimeout
	base.MaxIdleConnsPerHost = idleConnections
	return &transport{base: base, userAgent: userAgent, previewPath: host.previewPath()}
}

func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("User-Agent", t.userAgent)
	if t.previewPath != "" && strings.HasPrefix(request.URL.Path, t.previewPath) {
		request.Header.Add("Accept", previews)
	}
	response, err := t.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxBody)
	return response, nil
}

// sameOrigin follows redirects of GET and HEAD within the same origin only: each request
// of a client carries the token, which no other host may receive.
func sameOrigin(request *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead,
		request.URL.Scheme != first.URL.Scheme,
		request.URL.Host != first.URL.Host:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects:
		return errors.New("github: too many redirects")
	}
	return nil
}
