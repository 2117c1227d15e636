package github

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// How long GitHub may take.
const (
	connectTimeout     = 5 * time.Second
	headerTimeout      = 20 * time.Second
	interactiveTimeout = 10 * time.Second // a whole request that somebody waits for
	backgroundTimeout  = 60 * time.Second // a whole page of a long list
)

// idleConnections are kept for the next requests: those of some users at once.
const idleConnections = 4 * Parallel

// maxBody is more than any page of a hundred repositories comes to, in bytes.
const maxBody = 16 << 20

// maxRedirects is as many as a renamed repository's address may take.
const maxRedirects = 5

// transport is what every request to GitHub goes through.
type transport struct {
	base      http.RoundTripper
	userAgent string
	// previewPath begins the paths of an API whose server may insist on previews;
	// empty for none.
	previewPath string
}

// previews are media types that older Enterprise Servers hide operations and fields
// behind: those of Apps, topics, and the visibility of repositories. Others ignore them
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

// sameOrigin follows redirects of GET and HEAD, to where the request went in
// the first place: the token goes along with every request of a client, and
// nobody else may have it.
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
