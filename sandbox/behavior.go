package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Behavior is GitHub's behavior during faults, on old servers, and with bodies that its description doesn't promise. The
// zero value is the documented behavior without faults.
type Behavior struct {
	// Replicas respond 401 "Bad credentials" to a user's or an installation's token that is younger than TokenDelay by the
	// server's clock, and to the first TokenRefusals requests with each token.
	TokenDelay    time.Duration
	TokenRefusals int

	// How long access tokens and installation tokens are valid; 0: 8 hours and 1 hour.
	AccessTokenLifetime       time.Duration
	InstallationTokenLifetime time.Duration
	TokensDontExpire          bool // the App opted out of expiring user tokens: no expires_in, no refresh token

	// How many tokens an App may request in an hour at /login/oauth/access_token; 0: any number.
	TokenRequestLimit int

	// The OAuth error codes with which GitHub redirects from the authorize page, answers a code, and answers a refresh token;
	// "" is success. A redirect without state is what GitHub sends when it can't trust the request.
	AuthorizeError             string
	AuthorizeErrorWithoutState bool
	CodeError                  string
	RefreshError               string

	// The version of Enterprise Server; "": 3.19.0. Operations in Missing don't exist there ("PUT
	// /app/installations/{id}/suspended", with the names of apiRoutes' parameters): 404. With RequirePreviews those about
	// Apps respond 415 without the media type machine-man-preview, and repositories have topics only with
	// mercy-preview and a visibility only with nebula-preview.
	Version         string
	Missing         []string
	RequirePreviews bool

	// Lists have no Link header, or a total_count that isn't the number of their items; negative is null.
	NoLinkHeader bool
	TotalCount   func(path string, total int) int

	// Rewrite changes a row of a list, a single object or a webhook's payload before it is sent; nil sends null.
	Rewrite func(kind Row, id int64, body map[string]any) any

	// How many webhooks are sent at the same time; 0: one at a time.
	DeliveryWorkers int
}

// Row identifies the object that a body describes.
type Row string

// The kinds of rows that Behavior.Rewrite is called for. Row has GitHub's id; for a webhook, its installation's.
const (
	RowApp                 Row = "app"
	RowDelivery            Row = "delivery"
	RowInstallation        Row = "installation"
	RowInstallationRequest Row = "installation_request"
	RowRepository          Row = "repository"
	RowUser                Row = "user"
	RowWebhook             Row = "webhook"
)

// OldServer is an Enterprise Server from before the Apps API left its preview: 2.22.
func OldServer() Behavior {
	return Behavior{
		Version:         "2.22.0",
		RequirePreviews: true,
		Missing: []string{
			"GET /app/hook/config", "PATCH /app/hook/config", "GET /app/hook/deliveries", "GET /app/hook/deliveries/{id}",
			"POST /app/hook/deliveries/{id}/attempts", "GET /app/installation-requests", "POST /applications/{client_id}/token/scoped",
		},
	}
}

// SetBehavior replaces the server's behavior.
func (s *Server) SetBehavior(b Behavior) {
	s.auth.configure(b.AccessTokenLifetime, b.TokensDontExpire)
	s.behavior.Store(&b)
}

// rewrite applies Behavior.Rewrite to the body.
func (b *Behavior) rewrite(kind Row, id int64, body object) any {
	if b.Rewrite == nil {
		return body
	}
	if changed := b.Rewrite(kind, id, body); changed != nil {
		return changed
	}
	return raw("null")
}

func (b *Behavior) total(c *call, total int) any {
	if b.TotalCount == nil {
		return total
	}
	if total = b.TotalCount(c.URL.Path, total); total < 0 {
		return raw("null")
	}
	return total
}

func (b *Behavior) version() string {
	if b.Version == "" {
		return enterpriseServer
	}
	return b.Version
}

const (
	appsPreview       = "application/vnd.github.machine-man-preview+json"
	topicsPreview     = "application/vnd.github.mercy-preview+json"
	visibilityPreview = "application/vnd.github.nebula-preview+json"
)

// check rejects operations that the server lacks, and preview operations without their media type.
func (b *Behavior) check(c *call, pattern string) error {
	operation := strings.Replace(pattern, apiPrefix, "", 1)
	if slices.Contains(b.Missing, operation) {
		return &apiError{status: http.StatusNotFound, message: "Not Found", docs: docsREST}
	}
	_, path, _ := strings.Cut(operation, " ")
	aboutApps := strings.HasPrefix(path, "/app") && !strings.HasPrefix(path, "/app-manifests") && !strings.HasPrefix(path, "/applications") ||
		strings.HasPrefix(path, "/installation") || strings.HasPrefix(path, "/user/installations") || strings.HasSuffix(path, "/installation")
	if b.RequirePreviews && aboutApps && !asksFor(c.Header.Values("Accept"), appsPreview) {
		return noPreview("GitHub Apps")
	}
	return nil
}

// hidePreviews removes a repository's preview fields without their media types.
func (b *Behavior) hidePreviews(c *call, repository object) {
	if !b.RequirePreviews {
		return
	}
	accept := c.Header.Values("Accept")
	if !asksFor(accept, topicsPreview) {
		delete(repository, "topics")
	}
	if !asksFor(accept, visibilityPreview) {
		delete(repository, "visibility")
	}
}

// noPreview is the response to a request without the media type of a preview API.
func noPreview(api string) *apiError {
	return &apiError{
		status: http.StatusUnsupportedMediaType,
		message: "If you would like to help us test the " + api + " API during its preview period, you must specify a custom media type " +
			"in the 'Accept' header. Please see the docs for full details.",
	}
}
